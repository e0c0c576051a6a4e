#!/usr/bin/env bash
# The ledger's functions where several sessions meet, and through a random life of which mutants of them show that its
# checks bite. SEED=0.5 repeats a life, STEPS=5000 makes it longer.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/ledger/sessions.sh
. "$(dirname "$0")/ledger/sessions.sh"

restart() {
  "$root/dev/cluster" stop "$tmp"
  "$root/dev/cluster" start --throwaway "$tmp" || die "no PostgreSQL"
}
createdb -T tollgate unused || die "no copy of the database"

# What the roll-up took: events and their units.
roll_up() { psql -XqAt -U tollgate_meter -c 'SELECT events, trim_scale(units) FROM tollgate.roll_up()'; }
hour=$(sql "SELECT tollgate.hour_of(now() - interval '2 hours')")
# insert QUANTITY [CUSTOMER]: a statement
insert() {
  echo "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
    VALUES (${2:-1}, 'a', $1, '$hour');"
}
freeze="SELECT records, units FROM tollgate.freeze_hours('$hour', '$hour', '24 hours', '0', '10 minutes', 2147483647, 'r')"
sql "INSERT INTO tollgate.product (product_code, name) VALUES ('p', 'P');
  INSERT INTO tollgate.dimension (product_code, dimension) VALUES ('p', 'a');
  INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by)
    SELECT 'p', 'i' || n, 'customer_identifier' FROM generate_series(1, 20) n" || die "no customers"

# ---- transactions that stay open ----

session one
session two
say one "BEGIN; $(insert 1)"
sql "$(insert 2)"
is "an open transaction delays its own rows only" "$(roll_up)" "1|2"
say two "BEGIN; $(insert 4) SAVEPOINT s; $(insert 8) ROLLBACK TO s; $(insert 16) RELEASE s;"
sql "$(insert 32)"
is "through every roll-up" "$(roll_up)" "1|32"
say one 'COMMIT;'
is "usage whose transaction was open during two roll-ups is billed once" "$(roll_up) $(roll_up)" "1|1 0|0"
say two "SAVEPOINT t; $(insert 64) ROLLBACK TO t; $(insert 128) COMMIT;"
is "what savepoints undid is not billed, what they kept is" "$(roll_up)" "3|148"
say one "BEGIN; $(insert 256) ROLLBACK;"
is "what a transaction undid is not billed" "$(roll_up)" "0|0"
say one "BEGIN; $(insert 512) PREPARE TRANSACTION 'forgotten';"
sql "$(insert 1024)"
is "a forgotten prepared transaction delays its own rows only" "$(roll_up)" "1|1024"
restart
sql "$(insert 2048)"
is "also over a restart of the server" "$(roll_up)" "1|2048"
sql "COMMIT PREPARED 'forgotten'"
is "and is billed once when it is remembered" "$(roll_up) $(roll_up)" "1|512 0|0"
is "nothing is missed and nothing doubled" "$(audit)" ""

# ---- at once ----

rm "$tmp/one.in" "$tmp/two.in"
session one
session two
pid_of two
say one "BEGIN; $freeze;"
start two "$freeze;"
waits two
say one 'COMMIT;'
finished two
is "two freezes at once: the second one waits, and finds the hour frozen" \
  "$(cat "$tmp/one.answer") $(cat "$tmp/two.answer")" " 0|0"
is "it is frozen once" "$(sql 'SELECT count(*), sum(quantity) FROM tollgate.metering_record')" "1|3767"
say one "BEGIN; SELECT events FROM tollgate.roll_up();"
start two "SELECT events FROM tollgate.roll_up();"
waits two
sql "$(insert 3 2)"
is "usage is written while a roll-up runs" "$(sql 'SELECT count(*) FROM tollgate.usage_event WHERE customer_id = 2')" 1
say one 'COMMIT;'
finished two
is "two roll-ups at once: the second one sees what the first one took" "$(cat "$tmp/two.answer") $(roll_up)" "1 0|0"
# Two of these at once could put a unit into two places: written off and into a record, moved and into a call.
say one "BEGIN; SELECT tollgate.lock_ledger();"
is "whatever changes the ledger waits for who has its lock" "$(sql "SET lock_timeout = '1ms'; DO \$\$
  DECLARE
    call text;
  BEGIN
    FOREACH call IN ARRAY ARRAY['roll_up()', 'freeze_hour(now(), ''1 h'', ''0'', ''0'', 9, ''r'')',
      'freeze_hours(now(), now(), ''1 h'', ''0'', ''0'', 9, ''r'')', 'freeze_ending(''1 h'', ''0'', ''0'', 9, ''r'')',
      'expire_records(''0'')', 'close_customers()', 'begin_run()', 'begin_calls(1, ''[]'')', 'settle_calls(''[]'')',
      'refuse_record(1, 1, ''x'')', 'begin_ending(1)', 'end_customer(1, NULL, ''x'')', 'resume_customer(1, ''x'')',
      'retry_record(1, ''x'')', 'remap_record(9, ''a'', ''x'')', 'book_shortfall(1, 0, ''x'')', 'settle_record(1, 0, ''x'')',
      'write_off_record(1, ''x'')', 'write_off_waiting(1, ''a'', ''x'')', 'change_metered_by(1, ''account'', ''x'')',
      'change_region(1, ''r'', ''x'')', 'redirect_records(1, ''x'')'] LOOP
      BEGIN
        EXECUTE 'SELECT tollgate.' || call;
        RAISE EXCEPTION '% does not wait', call;
      EXCEPTION WHEN lock_not_available THEN
        NULL;
      END;
    END LOOP;
  END \$\$" 2>&1)" ""
say one 'COMMIT;'
# These have a lock_timeout of their own.
for call in "drop_old_usage()" "adopt_ledger(NULL, false, 'x')"; do
  say one "BEGIN; SELECT tollgate.lock_ledger();"
  start two "SELECT tollgate.$call;"
  ok "so does $call" waits two
  say one 'COMMIT;'
  finished two
done
say one "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM tollgate.metering_record; $freeze; ROLLBACK;"
like "an older snapshot freezes nothing" "$(cat "$tmp/one.out")" 'changes in READ COMMITTED only'
is "nothing is missed and nothing doubled" "$(audit)" ""

say one "SELECT pg_advisory_lock(hashtextextended('tollgate meter', 0));"
like "what is open is not redirected while a run has it" "$(psql -XqAtc "SELECT tollgate.redirect_records(1, 'x')" 2>&1)" \
  'a run of tollgate-meter is under way'
say one 'SELECT pg_advisory_unlock_all();'

# A person repairs a record whose answer is just being noted: what they may do depends on it.
sql "$(insert 5 3) $(insert 5 4) $(insert 5 5)"
roll_up >"$tmp/rest"
sql "$freeze" >"$tmp/rest"
record_of() { sql "SELECT id FROM tollgate.metering_record WHERE customer_id = $1"; }
# repaired CUSTOMER CODE FUNCTION: what the function says of the customer's record, which AWS refuses meanwhile
repaired() {
  say one "BEGIN; SELECT tollgate.lock_ledger(); INSERT INTO tollgate.metering_result (record_id, outcome, code, settled_at)
    VALUES ($(record_of "$1"), 'refused', '$2', now());"
  start two "SELECT tollgate.$3;"
  waits two
  say one 'COMMIT;'
  finished two
  cat "$tmp/two.out"
}
sql "INSERT INTO tollgate.dimension (product_code, dimension) VALUES ('p', 'b')"
like "a retry that waits sees that the record was just refused as a duplicate" \
  "$(repaired 3 DuplicateRecord "retry_record($(record_of 3), 'x')")" "AWS has another quantity .* record $(record_of 3),"
like "so does a re-map" "$(repaired 4 DuplicateRecord "remap_record($(record_of 4), 'b', 'x')")" \
  "AWS has another quantity .* record $(record_of 4),"
like "and a shortfall, that it was not" \
  "$(repaired 5 InvalidTagException "book_shortfall($(record_of 5), 1, 'x')")" "record $(record_of 5), it was not refused as a duplicate"
is "nothing is missed and nothing doubled" "$(audit)" ""

# ---- eight writers ----

# Each writer: transactions of one to five rows, some long, some with savepoints, a quarter undone.
writer() {
  awk -v seed="$1" -v hour="$hour" 'BEGIN {
    srand(seed)
    for (t = 0; t < 300; t++) {
      print "BEGIN;"
      for (n = 1 + int(rand() * 5); n > 0; n--) {
        undone = rand() < 0.2
        if (undone) print "SAVEPOINT s;"
        printf "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) "
        printf "VALUES (%d, '\''a'\'', %d, '\''%s'\'');\n",
          1 + int(rand() * 20), 1 + int(rand() * 9), hour
        if (undone) print "ROLLBACK TO s;"
      }
      if (rand() < 0.1) print "SELECT pg_sleep(0.02);"
      print rand() < 0.75 ? "COMMIT;" : "ROLLBACK;"
    }
  }' | psql -XqAt -U tollgate -v ON_ERROR_STOP=1 -f - >/dev/null
}
before=$(sql 'SELECT count(*) FROM tollgate.rollup')
say one "BEGIN; $(insert 1)"
writers=()
for n in 1 2 3 4 5 6 7 8; do
  writer "$n" &
  writers+=($!)
done
rolled=0
while any_alive "${writers[@]}"; do
  echo "SELECT events FROM tollgate.roll_up() \\g /dev/null"
  echo "$freeze \\g /dev/null"
  sleep 0.01
done | psql -XqAt -U tollgate_meter -v ON_ERROR_STOP=1 -f - || rolled=failed
failed=0
for pid in "${writers[@]}"; do wait "$pid" || failed=$((failed + 1)); done
is "eight writers are served while roll-ups and freezes go on" "$failed $rolled" "0 0"
like "many of them" "$(($(sql 'SELECT count(*) FROM tollgate.rollup') - before))" '^([1-9][0-9]+)$'
say one 'COMMIT;'
roll_up >"$tmp/rest"
is "nothing is missed and nothing doubled" "$(audit)" ""
is "to the last event" "$(sql 'SELECT sum(events), sum(quantity) FROM tollgate.rollup_line')" \
  "$(sql 'SELECT count(*), sum(quantity) FROM tollgate.usage_event')"

# ---- retention ----

PGDATABASE=postgres sql 'CREATE DATABASE old TEMPLATE unused'
export PGDATABASE=old
sql "INSERT INTO tollgate.product (product_code, name) VALUES ('p', 'P');
  INSERT INTO tollgate.dimension (product_code, dimension) VALUES ('p', 'a');
  INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by) VALUES ('p', 'i', 'customer_identifier');
  $(insert 0.5)"
roll_up >"$tmp/rest"
sql "CREATE OR REPLACE FUNCTION tollgate.ledger_time() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
  RETURN statement_timestamp() + interval '70 days'"
drop() {
  psql -XqAt -U tollgate_meter -c "SET statement_timeout = '20s'" -c 'SELECT rollups, events FROM tollgate.drop_old_usage()' 2>&1
}
session three
say three "BEGIN; UPDATE tollgate.product SET name = 'Q';"
like "retention does not keep the ledger's lock for as long as somebody keeps a product" "$(drop)" 'lock timeout'
say three 'COMMIT;'
is "and drops it the next time" "$(drop)" "1|1"
export PGDATABASE=tollgate

# ---- a random life ----

# life DATABASE SEED STEPS
life() {
  PGOPTIONS='-c client_min_messages=warning' psql -Xq -d "$1" -v ON_ERROR_STOP=1 -c "CALL life.live($2, $3)" 2>&1
}
new_life() {
  PGDATABASE=postgres sql "CREATE DATABASE $1 TEMPLATE unused" &&
    psql -Xq -d "$1" -v ON_ERROR_STOP=1 -v host="$PGHOST" -f "$root/tests/ledger/random.sql" \
      -v list="$(sed 's/;$//' "$root/sql/queries/meter/list_hours.sql")"
}
seed=${SEED:-$(awk -v n="$RANDOM" 'BEGIN { printf "%.5f", n / 32768 }')}
new_life lived || die "no life"
name="a random life, SEED=$seed: every unit is in one place"
if said=$(life lived "$seed" "${STEPS:-500}"); then pass "$name"; else fail "$name" "$said"; fi
is "in which everything happened" "$(psql -XqAt -d lived -c "SELECT string_agg(outcome, ' ' ORDER BY outcome)
  FROM (SELECT DISTINCT outcome::text FROM tollgate.metering_result UNION SELECT DISTINCT action FROM tollgate.metering_repair
    WHERE action IN ('retried', 'settled')) o")" "billed moved refused retried settled unconfirmed unknown"

# mutant NAME FILE EXPRESSION: the life has to find that the function in FILE is wrong. Without the check that each
# freeze makes of itself, which would find some of them first.
mutant() {
  local name=$1 file=$2 expression=$3 said
  perl -0pe "$expression" "$root/sql/functions/$file.sql" >"$tmp/mutant.sql"
  if cmp -s "$tmp/mutant.sql" "$root/sql/functions/$file.sql"; then
    fail "mutant: $name" "the expression changes nothing in $file.sql"
    return
  fi
  new_life mutant || die "no life"
  psql -Xq -d mutant -v ON_ERROR_STOP=1 -f "$tmp/mutant.sql" \
    -c "CREATE OR REPLACE FUNCTION tollgate.check_freeze(first bigint) RETURNS void LANGUAGE sql RETURN NULL" ||
    die "no mutant"
  said=$(life mutant 0.5 1000) # what it says of a mutant that lives to its end is nothing
  like "mutant: $name is found" "$said" "$4"
  PGDATABASE=postgres sql 'DROP DATABASE mutant WITH (FORCE)'
}
mutant 'a roll-up that forgets who was open' take_usage 's/ OR e\.xid = ANY \(was_open\)//' 'units are nowhere'
mutant 'a roll-up from the oldest open transaction on' take_usage \
  's/pg_snapshot_xmax\(last\) OR/pg_snapshot_xmin(last) OR/' 'units are nowhere'
mutant 'a carry that is dropped' freeze_records 's/WHERE p\.units <> p\.quantity/WHERE p.units - p.quantity >= 1/' \
  'units are nowhere'
mutant 'a quantity that is rounded' parts_of_hour 's/floor\(sum/round(sum/' 'whole units of'
mutant 'a record that is refused though an attempt was uncertain' settle_calls \
  "s/CASE WHEN s\\.uncertain THEN 'unconfirmed' ELSE 'refused' END/'refused'/" 'is refused, and AWS has'
mutant 'a lost try that is forgotten' settle_calls 's/o\.uncertain OR a\.uncertain AS/o.uncertain AS/' \
  'and AWS has'
mutant 'an unnamed record that counts as not sent' settle_calls "s/ OR j\\.said = 'unnamed'//" 'and AWS has'
mutant 'a killed run that is forgotten' begin_run 's/uncertain = true, attempts/attempts/' 'and AWS has'
mutant 'an included quantity that is given to each line' take_usage \
  's/coalesce\(\(SELECT m\.accepted.*?, 0\)\s+\+ //s' 'to bill'
mutant 'a record that is moved though AWS may have it' end_records "s/CASE WHEN o\.uncertain THEN 'unknown' ELSE 'moved' END/'moved'/" \
  'is moved, and AWS has'
mutant 'a repair that bills all anew' repair_record 's/p\.quantity - greatest\(0, least.*?END AS rest/p.quantity AS rest/s' \
  'are not its'
mutant 'a sum that is not kept' keep_sums 's/waiting = m\.waiting \+ excluded\.waiting, //' 'the balance says'
mutant 'a retention that drops more than a roll-up took' drop_old_usage 's/ AND pg_visible_in_snapshot\(e\.xid, this\.snapshot\)//' \
  'would be dropped'
done_testing
