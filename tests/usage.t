#!/usr/bin/env bash
# What the seller's app reports, where several sessions do so at once: each event and each reading counts once.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/ledger/sessions.sh
. "$(dirname "$0")/ledger/sessions.sh"

sql "INSERT INTO tollgate.product (product_code, name) VALUES ('p', 'P');
  INSERT INTO tollgate.dimension (product_code, dimension) VALUES ('p', 'a');
  INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by)
    SELECT 'p', 'i' || n, 'customer_identifier' FROM generate_series(1, 20) n" || die "no customers"
app() { psql -XqAt -U tollgate_app -c "$1" 2>&1; }
roll_up() { psql -XqAt -U tollgate_meter -c 'SELECT events FROM tollgate.roll_up()'; }
for name in one two three; do
  PGUSER=tollgate_app session $name
  pid_of $name
done
# What a session printed of its last statement, and its newest error.
answer() { cat "$tmp/$1.answer"; }
error() { grep ERROR "$tmp/$1.out" | tail -n 1; }

# ---- the same key in two sessions ----

record() { echo "SELECT tollgate.record_usage(1, 'a', $2, idempotency_key => '$1');"; }
# meet FIRST SECOND END: the first session has recorded, the second one waits for it, the first one ends
meet() {
  say one "BEGIN; $1"
  start two "$2"
  ok "the second session waits for the first one" waits two
  say one "$3;"
  finished two
}
kept() { sql "SELECT string_agg(trim_scale(quantity)::text, ' ') FROM tollgate.usage_event WHERE idempotency_key = '$1'"; }
meet "$(record k1 5)" "$(record k1 5)" COMMIT
is "the same key in two sessions: one event, and the second one is told" "$(answer two) $(kept k1)" "f 5"
meet "$(record k2 5)" "$(record k2 5)" ROLLBACK
is "what was undone does not count: the second one is new" "$(answer two) $(kept k2)" "t 5"
meet "$(record k3 5)" "$(record k3 6)" COMMIT
is "other content is refused" "$(error two | sed 's/.*ERROR: *//') $(kept k3)" \
  'the idempotency key "k3" of customer 1 was used for usage of another quantity 5'
meet "$(record k4 5)" "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, idempotency_key)
  VALUES (1, 'a', 5, now(), 'k4');" COMMIT
like "of a plain INSERT any content is" "$(error two) $(kept k4)" 'violates unique constraint "usage_event_key" 5$'
say two "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;"
app "$(record k5 5)" >"$tmp/first"
say two "$(record k5 5) ROLLBACK;"
like "an older snapshot is told to try again" "$(error two) $(kept k5)" 'could not serialize access.* 5$'

say three "BEGIN; $(record x 1)"
start one "SELECT tollgate.record_usage('[{\"customer_id\": 1, \"dimension\": \"a\", \"quantity\": 1, \"idempotency_key\": \"y\"},
  {\"customer_id\": 1, \"dimension\": \"a\", \"quantity\": 1, \"idempotency_key\": \"x\"}]');"
waits one
is "who waits for a key holds none that comes after it, so arrays do not deadlock" \
  "$(app "SET statement_timeout = '10s'; $(record y 1)")" t
say three 'ROLLBACK;'
finished one
is "and gets both right in the end" "$(answer one) $(kept x) $(kept y)" "1 1 1"

# Each sends arrays of up to 30 of 300 keys, in any order, some twice, and now and then undoes it.
sender() {
  awk -v seed="$1" 'BEGIN {
    srand(seed)
    for (t = 0; t < 60; t++) {
      printf "BEGIN; SELECT tollgate.record_usage('\''["
      for (n = 1 + int(rand() * 30); n > 0; n--) {
        key = int(rand() * 300)
        printf "{\"customer_id\": %d, \"dimension\": \"a\", \"quantity\": %d, \"idempotency_key\": \"s%d\"}%s",
          2 + key % 3, key, key, (n > 1 ? "," : "")
      }
      print "]'\''); " (rand() < 0.8 ? "COMMIT;" : "ROLLBACK;")
    }
  }' | psql -XqAt -U tollgate_app -v ON_ERROR_STOP=1 -f - >/dev/null
}
senders=()
for n in 1 2 3 4; do
  sender "$n" &
  senders+=($!)
done
failed=0
for pid in "${senders[@]}"; do
  roll_up >"$tmp/rolled"
  wait "$pid" || failed=$((failed + 1))
done
roll_up >"$tmp/rolled"
is "four senders of the same keys: none fails, each key is there once" \
  "$failed $(sql "SELECT count(*) - count(DISTINCT idempotency_key), bool_and(quantity = substr(idempotency_key, 2)::int)
    FROM tollgate.usage_event WHERE idempotency_key LIKE 's%'")" "0 0|t"
like "nearly all keys" "$(sql "SELECT count(*) FROM tollgate.usage_event WHERE idempotency_key LIKE 's%'")" '^(2[5-9].|300)$'
is "nothing is missed and nothing doubled" "$(audit)" ""

# ---- the same counter in two sessions ----

# reading COUNTER NUMBER MINUTES_AGO
reading() { echo "SELECT trim_scale(tollgate.record_reading(20, 'a', '$1', $2, '$hour'::timestamptz - interval '$3 minutes'));"; }
grown() { sql "SELECT coalesce(sum(trim_scale(quantity)), 0) FROM tollgate.usage_event WHERE customer_id = 20"; }
hour=$(sql 'SELECT tollgate.hour_of(now())')
is "a counter's first reading" "$(app "$(reading c 100 60)")" 0
meet "$(reading c 110 50)" "$(reading c 125 40)" COMMIT
is "two readings at once: the second one grows from the first one" "$(answer two) $(grown)" "15 25"
meet "$(reading c 130 30)" "$(reading c 135 20)" ROLLBACK
is "or from the one before, if that was undone" "$(answer two) $(grown)" "10 35"
meet "$(reading c 140 10)" "$(reading c 140 10)" COMMIT
is "the same reading in two sessions grows once" "$(answer two) $(grown)" "5 40"
meet "$(reading c 150 5)" "$(reading c 151 5)" COMMIT
like "two readings of one time: the second one is refused" "$(error two) $(grown)" 'another reading, .* is there for this time 50$'
meet "$(reading new 7 50)" "$(reading new 9 40)" COMMIT
is "two first readings: one of them is the first" "$(answer two) $(grown)" "2 52"
say two "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;"
app "$(reading c 160 3)" >"$tmp/first"
say two "$(reading c 170 2) ROLLBACK;"
like "an older snapshot is told to try again" "$(error two) $(grown)" 'could not serialize access.* 62$'
say two "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;"
app "$(reading other 1 3)" >"$tmp/first"
say two "$(reading other 2 2) ROLLBACK;"
like "also at the first reading" "$(error two) $(grown)" 'could not serialize access.* 62$'

# Each reports the same counter, which grows by three a second, of any second, often repeated, and sometimes undoes it.
app "SELECT tollgate.record_reading(19, 'a', 'shared', 0, '$hour'::timestamptz - interval '1 hour')" >"$tmp/first"
reporter() {
  awk -v seed="$1" -v hour="$hour" 'BEGIN {
    srand(seed)
    for (t = 0; t < 200; t++) {
      second = t * 10 + int(rand() * 40)
      printf "BEGIN; SELECT tollgate.record_reading(19, '\''a'\'', '\''shared'\'', %d, ", 3 * second
      printf "'\''%s'\''::timestamptz - interval '\''1 hour'\'' + interval '\''%d seconds'\''); ", hour, second
      print (rand() < 0.8 ? "COMMIT;" : "ROLLBACK;")
    }
  }' | psql -XqAt -U tollgate_app -v ON_ERROR_STOP=1 -f - >/dev/null
}
reporters=()
for n in 1 2 3 4; do
  reporter "$n" &
  reporters+=($!)
done
failed=0
for pid in "${reporters[@]}"; do wait "$pid" || failed=$((failed + 1)); done
is "four reporters of one counter: what grew is what the last of them says" "$failed $(sql "SELECT sum(quantity) = max(last_reading)
  FROM tollgate.usage_event, tollgate.counter c WHERE c.counter = 'shared' AND usage_event.customer_id = 19")" "0 t"
like "many readings came late, or twice" "$(sql "SELECT count(*) || ' ' || count(*) FILTER (WHERE growth = 0) FROM tollgate.counter_reading
  WHERE counter = 'shared'")" '^[2-7].. [1-9][0-9]+$'
roll_up >"$tmp/rolled"
is "nothing is missed and nothing doubled" "$(audit)" ""

# ---- COPY while roll-ups run ----

# copy NAME ROWS [LAST_ROW]: rows with keys of that name, or none if it is -, of customers 1 to 15; then a last row
copy() {
  {
    echo "COPY tollgate.usage_event (customer_id, dimension, quantity, used_at, idempotency_key) FROM stdin;"
    awk -v name="$1" -v rows="$2" -v hour="$hour" 'BEGIN { for (n = 1; n <= rows; n++)
      printf "%d\ta\t%d\t%s\t%s\n", 1 + n % 15, 1 + n % 3, hour, (name == "-" ? "\\N" : name n) }'
    [ -z "${3-}" ] || printf '%b\n' "$3"
    echo '\.'
  } | psql -XqAt -U tollgate_app -v ON_ERROR_STOP=1 -f - 2>&1
}
before=$(sql 'SELECT count(*) FROM tollgate.rollup')
events=$(sql 'SELECT count(*) FROM tollgate.usage_event')
app "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, idempotency_key) VALUES (1, 'a', 1, '$hour', 'known')"
copies=()
for n in 1 2; do
  copy "c$n-" 60000 >"$tmp/copy$n" &
  copies+=($!)
  copy - 60000 >"$tmp/copy$n" &
  copies+=($!)
done
{ copy bad- 30000 "1\ta\t1\t$hour\tknown" >"$tmp/known"; copy bad- 30000 "1\tnone\t1\t$hour\t\\\\N" >"$tmp/unknown"; } &
copies+=($!)
while any_alive "${copies[@]}"; do roll_up >"$tmp/rolled"; done
failed=0
for pid in "${copies[@]}"; do wait "$pid" || failed=$((failed + 1)); done
roll_up >"$tmp/rolled"
is "COPY of 60000 rows, two with keys and two without, at once: each row is there" "$(sql "SELECT count(*) - $events FROM tollgate.usage_event")" 240001
like "while roll-ups ran" "$(($(sql 'SELECT count(*) FROM tollgate.rollup') - before))" '^([2-9]|[1-9][0-9]+)$'
like "one with a known key is refused whole" "$(cat "$tmp/known")" 'duplicate key value violates unique constraint "usage_event_key"'
like "as is one with a dimension that is not there; its row is named" "$(cat "$tmp/unknown")" 'row 30001 \(customer_id 1, dimension "none"'
is "again, all of it is known" "$(copy c1- 10 | grep -c 'duplicate key')" 1
is "nothing is missed and nothing doubled" "$(audit)" ""
is "to the last event" "$(sql 'SELECT sum(events), sum(quantity) FROM tollgate.rollup_line')" \
  "$(sql 'SELECT count(*), sum(quantity) FROM tollgate.usage_event')"

# ---- retention, of transactions that were open during roll-ups ----

clock() { sql "CREATE OR REPLACE FUNCTION tollgate.ledger_time() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
  RETURN statement_timestamp() + interval '$1'"; }
drop() { psql -XqAt -U tollgate_meter -c 'SELECT rollups, events, kept FROM tollgate.drop_old_usage()'; }
insert() { echo "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES (18, 'a', $1, '$hour');"; }
rollups=$(sql 'SELECT count(*) FROM tollgate.rollup')
say one "BEGIN; $(insert 1)"
say two "BEGIN; $(insert 2)"
app "$(insert 3)"
is "roll-ups while two transactions are open" "$(roll_up) $(roll_up)" "1 0"
say one "$(insert 4) COMMIT;"
is "of which one ends" "$(roll_up)" 2
app "$(insert 5)"
say two 'COMMIT;'
is "and the other" "$(roll_up)" 2
say one "BEGIN; $(insert 6)"
clock '5 days'
roll_up >"$tmp/rolled"
clock '64 days'
sql "SELECT tollgate.freeze_hour(tollgate.hour_of(tollgate.ledger_time()) - interval '2 hours', '24 hours', '0', '10 minutes', 2147483647, 'r')" \
  >"$tmp/frozen"
sql "INSERT INTO tollgate.metering_result (record_id, outcome, settled_at) SELECT record_id, 'billed', now() FROM tollgate.open_record"
balance=$(sql 'SELECT customer_id, dimension, accepted FROM tollgate.audit_balance() ORDER BY 1, 2')
is "each roll-up of that time goes whole, whatever was open then" "$(drop)" \
  "$((rollups + 4))|$(sql "SELECT sum(events) FROM tollgate.rollup_line WHERE kind = 'usage'")|"
is "nothing that is committed is left" "$(sql 'SELECT count(*) FROM tollgate.usage_event')" 0
is "what was accepted is known still" "$(sql 'SELECT customer_id, dimension, accepted FROM tollgate.audit_balance() ORDER BY 1, 2')" "$balance"
say one 'COMMIT;'
is "what ends now is rolled up" "$(roll_up) $(audit)" "1 "
is "and is too new to be dropped" "$(drop)" "0|0|"
like "usage of the time that was dropped is refused" "$(app "$(insert 7)")" "it is older than the product's horizon"

# A transaction that began before the horizon was moved, and so does not see what was dropped since.
clock '64 days 3 hours'
again() { echo "SELECT tollgate.record_usage(19, 'a', 5, '$at', 'again');"; }
at=$(sql "SELECT tollgate.ledger_time() - interval '3 hours'")
app "$(again)" >"$tmp/recorded"
roll_up >"$tmp/rolled"
sql "SELECT tollgate.freeze_hour(tollgate.hour_of(tollgate.ledger_time()) - interval '2 hours', '24 hours', '0', '10 minutes', 2147483647, 'r')" \
  >"$tmp/frozen"
sql "INSERT INTO tollgate.metering_result (record_id, outcome, settled_at) SELECT record_id, 'billed', now() FROM tollgate.open_record"
clock '68 days'
say two "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;"
sql "UPDATE tollgate.product SET horizon = '1 day'"
drop >"$tmp/dropped"
is "an event with a key is dropped" "$(kept again)" ""
refusals() { grep -c 'could not serialize access' "$tmp/two.out"; }
before=$(refusals)
say two "$(again) COMMIT;"
is "and does not come back by a transaction that began before" "$(refusals)" $((before + 1))
is "so the key counts once" "$(kept again)" ""

done_testing
