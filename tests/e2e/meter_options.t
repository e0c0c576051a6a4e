#!/usr/bin/env bash
# tollgate-meter's options, its line of progress and its summary, against the sandbox.
# shellcheck source=tests/e2e/metered.sh
. "$(dirname "$0")/metered.sh"

# killed POINT [OPTION…]: a run that is killed there
killed() { KILL_AT=$1 run_meter "$kill_at" "${@:2}" 2>/dev/null; }

# hour_end HOURS: of the hour that began so many hours ago, as --until takes it
hour_end() { sql "SELECT to_char(timestamptz '$this_hour' AT TIME ZONE 'UTC' - interval '$(($1 - 1)) hours', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"; }
# said EVENT PATTERN: how many such lines the last run's log has
said() { grep "event=$1 " "$tmp/said" | grep -Ec -- "$2"; }
# out EXPRESSION: of the JSON that the last run printed; a wrong document is named
out() {
  perl -MJSON::PP -0777 -e 'my $j = eval { decode_json(<STDIN>) } or print("no JSON"), exit; my $v = $j->'"$1"'; print ref $v ? JSON::PP->new->canonical->encode($v) : $v // ""' <"$tmp/out"
}
# AWS's part of records, each as a line: shown (by a dry run), honoured (by the sandbox)
as_aws() {
  perl -MJSON::PP -0777 -e 'my $j = decode_json(<STDIN>); my $json = JSON::PP->new->canonical;
    sub drop { my $v = shift; if (ref $v eq "HASH") { defined $v->{$_} or delete $v->{$_} for keys %$v } drop($_) for ref $v eq "HASH" ? values %$v : ref $v eq "ARRAY" ? @$v : () }
    for my $r (@{$j->{$ARGV[0]}}) { drop($r); my %k = map { exists $r->{$_} ? ($_ => $r->{$_}) : () } qw(Timestamp CustomerIdentifier CustomerAWSAccountId LicenseArn Dimension Quantity UsageAllocations ProductCode Region);
      $k{$_} += 0 for qw(Timestamp Quantity); print $json->encode(\%k), "\n" }' "$1" | sort
}
shown() { as_aws UsageRecords <"$tmp/out"; }
honoured() { control records | as_aws Records; }
# All rows of all tables, as a number; $tmp/dump has them. Sequences may move; each dump has another \restrict.
dump() {
  pg_dump --data-only --schema=tollgate | grep -Ev '^\\(un)?restrict|setval' >"$tmp/dump"
  grep -q '^COPY tollgate.usage_event' "$tmp/dump" || die "no dump"
  md5sum <"$tmp/dump"
}
locks() { sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"; }
no_locks() { [ "$(locks)" = 0 ]; }

buyers a=prod-legacy b=prod-legacy l=prod-license

# ---- wrong usage ----

before=$(dump)
# wrong NAME MESSAGE OPTION…
wrong() {
  meter "${@:3}"
  is "$1: 64" "$code $(grep -cF -- "$2" "$tmp/said") $(wc -c <"$tmp/out")" "64 1 0"
}
wrong "an option that there is not" '"--nope" is no option; --help lists them' --nope
wrong "a word too many" '"rest" is no option' --json rest
wrong "a value that is missing" '--until needs a value: --until TIME' --until
wrong "a value too many" '--quiet takes no value' --quiet=1
wrong "--until that is no time" '--until "2h" is no time; it takes one of this form, in UTC: 2026-11-25T06:00:00Z' --until 2h
wrong "--until in the future" '2100-01-01T00:00:00Z is in the future' --until 2100-01-01T00:00:00Z
wrong "--product that is empty" '--product is empty' --product ''
wrong "--product that is none" 'there is no product \"p-dneied\"' --product p-dneied
wrong "so too with --dry-run, before anything else" 'there is no product \"p-dneied\"' --product p-dneied --dry-run
is "nothing was changed by them" "$(dump)" "$before"
meter --help
is "--help names each option" "$code $(grep -Ec -- '^  --(dry-run|product CODE|final CUSTOMER|until TIME|no-rollup|json|quiet|help|version) ' "$tmp/out")" "0 9"
is "… in 80 columns" "$(LC_ALL=C.UTF-8 grep -E '.{81}' "$tmp/out")" ""
PGPORT=5999 meter
is "no database: 75, and what to do, which is not to look into it" \
  "$code $(said not_started ' exit=75 todo="start PostgreSQL, or set PGHOST, PGPORT and PGDATABASE') $(grep -c psql "$tmp/said")" "75 1 0"
PGSSLMODE=requird meter
is "a setting that libpq refuses: 78" "$code $(said not_started 'invalid sslmode value.* exit=78 todo="mend what')" "78 1"

# ---- --dry-run ----

meter --dry-run
is "a dry run with nothing to send says so" "$code $(cat "$tmp/out")" "0 nothing would be sent"
meter TOLLGATE_STATE_DIR="$tmp/none" --dry-run
is "and makes neither a state folder nor a file in it" "$code $(find "$tmp/none" "$TOLLGATE_STATE_DIR/ledger" 2>&1 | grep -c 'No such file')" "0 2"
meter --dry-run --json
is "--dry-run --json: a document all the same" "$code $(out '{UsageRecords}') $(out '{records}') $(out '{held_back}')" "0 [] 0 []"
# Records that are open, some that AWS does not take any more, some that may have been honoured; then new usage, late usage too.
use "a users 5 4" "a users 2.5 3" "b users 1 4" 'b gigabytes 3 4 {"team":"blue"}' 'b gigabytes 4 4'
killed frozen
use "l users 7 4" "l requests 8 3"
killed calling --product prod-license
sql "UPDATE tollgate.open_record SET deadline = tollgate.ledger_time() WHERE record_id IN (SELECT id FROM tollgate.metering_record
  WHERE (customer_id, dimension) IN ((${id[b]}, 'gigabytes'), (${id[l]}, 'users')))"
use "a users 1.75 4" "a requests 9 2" 'b users 6 2 {"team":"red","a b":"x=1"}' "b users 1.5 2" "a users 0.75 1"
before=$(dump) called=$(calls) sent_before=$(honoured)
meter --dry-run
is "a dry run shows a table" "$code $(grep -c . "$tmp/out") $(tail -n 1 "$tmp/out")" \
  "0 11 9 records of 42 units would be sent"
like "with a row for each record" "$(cat "$tmp/out")" "prod-legacy +${id[b]} +users +[-0-9T]{13} [:0-9]{8}Z +7 [-0-9T:]{16} 1, 6 a b=x=1 team=red"
is "and says what a run would do before" "$(said out_of_time 'moved=1 moved_units=7 unknown=1 unknown_units=7') $(said frozen .)" "1 3"
meter --dry-run --json
is "--json: the same as a document" "$code $(out '{records}') $(out '{units}') $(out '{moved}') $(out '{expired}') $(out '{rolled_up}') $(out '{carried_units}')" "0 9 42 1 1 5 0.5"
is "no row of any table was changed" "$(dump)" "$before"
is "no lock is left" "$(locks)" 0
is "AWS was only asked for the time, and got no record" "$(($(calls) - called)) $(honoured)" "2 $sent_before"
shown >"$tmp/shown"
for point in rolled_up expired frozen; do
  killed $point --dry-run
  is "killed at $point, a dry run has changed nothing" "$code $(until_true 10 no_locks; dump)" "137 $before"
  is "and shown nothing" "$(cat "$tmp/out")" ""
done
meter --dry-run --product prod-license --json
is "--product: its records alone" "$code $(shown)" "0 $(grep prod-license "$tmp/shown")"
meter --dry-run --no-rollup --json
is "--no-rollup: without new usage" "$code $(out '{rolled_up}') $(shown | grep -c '"requests".*"Quantity":9')" "0 0 0"
until=$(hour_end 3)
meter --dry-run --until "$until" --json
is "--until: without the hours after it" "$code $(shown | wc -l) $(perl -MJSON::PP -0777 -e 'print join " ", grep { $_ ge $ARGV[0] } map { $_->{hour} } @{decode_json(<STDIN>)->{UsageRecords}}' "$until" <"$tmp/out")" "0 5 "
meter AWS_MAX_ATTEMPTS=1 AWS_ENDPOINT_URL_MARKETPLACE_METERING="http://127.0.0.1:$(free_port)" --dry-run --json
is "without AWS's clock nothing would be frozen, and it says so: 75" "$code $(out '{frozen}') $(said not_frozen .)" "75 0 1"
port=$(free_port)
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2 -keyout "$tmp/tls.key" -out "$tmp/tls.crt" 2>/dev/null
openssl s_server -accept "127.0.0.1:$port" -key "$tmp/tls.key" -cert "$tmp/tls.crt" -quiet >/dev/null 2>&1 &
tls=$!
at_exit stop "$tls"
until_true 5 eval "(exec 3<>/dev/tcp/127.0.0.1/$port)"
meter AWS_ENDPOINT_URL_MARKETPLACE_METERING="https://localhost:$port" --dry-run --json
is "where a person must mend something before AWS's clock can be asked for: 78" "$code $(said not_frozen 'is not trusted')" "78 1"
stop "$tls"
# Whoever reads it may take long. The pipe is full already.
PGUSER=tollgate_meter perl -e 'pipe my $r, my $w or die; fcntl $w, 1031, 4096 or die; # F_SETPIPE_SZ
  syswrite $w, "\n" x 4096; if (!fork) { open STDOUT, ">&", $w; close $r; exec @ARGV } close $w;
  select undef, undef, undef, 0.1 until -e "'"$tmp/read"'"; print while <$r>; wait; exit $? >> 8' \
  "$BIN/tollgate-meter" --dry-run --json >"$tmp/slow.json" 2>"$tmp/slow.said" &
slow=$!
has_listed() { pgrep -f "^$BIN/tollgate-meter --dry-run --json" >"$tmp/slow.pid" && grep -q pipe_write "/proc/$(cat "$tmp/slow.pid")/wchan"; }
until_true 20 has_listed || sleep 3 # where a kernel does not say what it waits for
is "a slow reader of a dry run keeps no run from the ledger" "$(locks)" 0
touch "$tmp/read"
wait "$slow"
is "and gets all of it" "$? $(json '{records}' <"$tmp/slow.json")" "0 9"
PGUSER=tollgate_meter "$BIN/tollgate-meter" --dry-run --json >"$tmp/out" 2>&-
is "without a log the connection is not taken for it" "$? $(out '{records}')" "0 9"
meter TMPDIR="$tmp/nowhere" --dry-run
is "a place for temporary files is found" "$code" 0
PGUSER=tollgate_meter "$BIN/tollgate-meter" --dry-run >/dev/full 2>"$tmp/said"
is "what cannot be written: 74" "$? $(said no_output 'No space left')" "74 1"
mkfifo "$tmp/other"
psql -Xq -f - <"$tmp/other" >/dev/null 2>&1 &
other=$!
exec 8>"$tmp/other"
at_exit stop "$other"
echo "SELECT pg_advisory_lock(hashtextextended('tollgate meter', 0));" >&8
another_is_there() { [ "$(locks)" = 1 ]; }
until_true 10 another_is_there || die "no other run"
meter --dry-run
is "another run is under way: 73" "$code $(said not_started 'another run')" "73 1"
exec 8>&-
wait "$other"
is "still nothing was changed" "$(dump)" "$before"

meter --json --quiet
is "the run after it sends exactly what was shown, unknown ones aside: 65" "$code $(diff <(echo "$sent_before") <(honoured) | sed -n 's/^> //p')" "65 $(cat "$tmp/shown")"

# ---- the summary ----

is "--quiet: nothing but warnings in the log" "$(grep -vc ' level=warn ' "$tmp/said") $(said finished 'exit=65 billed=9')" "0 1"
is "--json: one object, and nothing else" "$(grep -c . "$tmp/out") $(out '{exit}')" "1 65"
is "what came in" "$(out '{rolled_up}') $(out '{rolled_up_units}') $(out '{moved}') $(out '{moved_units}') $(out '{frozen}') $(out '{frozen_units}')" "5 19 1 7 5 26"
is "what went out" "$(out '{calls}') $(out '{sent}') $(out '{sent_units}') $(out '{billed}') $(out '{billed_units}')" "2 9 42 9 42"
is "what is unknown, and a call of a run that was killed" "$(out '{expired}') $(out '{expired_units}') $(out '{lost_calls}')" "1 7 1"
is "what is carried, waits or is left" "$(out '{carried_units}') $(out '{waiting_units}') $(out '{left}')" "0.5 0 0"
is "the ledger has the same" "$(sql "SELECT summary - 'exit' - 'run' = '$(cat "$tmp/out")'::jsonb - 'exit' - 'run' AND exit_code = 65 FROM tollgate.metering_run ORDER BY id DESC LIMIT 1")" t
is "to the unit" "$(sql 'SELECT tollgate.audit_ledger()')" ""

# Refused by reason, held, left and at risk.
bad() { id[$1]=$(sql "INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by) VALUES ('$2', 'nobody-$1', 'customer_identifier') RETURNING id"); }
bad x prod-legacy
bad y prod-legacy
sql "INSERT INTO tollgate.dimension (product_code, dimension) VALUES ('prod-legacy', 'nope')"
use "x users 3 2" "y users 8 2" "a nope 5 2" "a gigabytes 1 2" "b requests 2.5 0"
meter --json
is "refused by reason: records and units, the worst wins" "$code $(out '{refused}') $(out '{refused_units}') $(out '{billed}')" "65 3 16 1"
is "each code with its own" "$(out '{refused_by}')" \
  '{"InvalidCustomerIdentifierException":{"records":2,"units":11},"InvalidUsageDimensionException":{"records":1,"units":5}}'
is "the log has it too" "$(said finished 'exit=65 billed=1 left=0 .* refused=3 .* refused_by="Invalid[A-Za-z]*: [12] \([0-9]+ units\), Invalid[A-Za-z]*: [12] \([0-9]+ units\)"')" 1
use "x requests 4 2"
meter --json
is "held, as none of its product passed, and left: 75" "$code $(out '{held}') $(out '{held_units}') $(out '{left}') $(out '{left_units}')" "75 1 4 1 4"
is "usage of the running hour waits" "$(out '{waiting_lines}') $(out '{waiting_units}')" "1 2.5"
is "what has time is not at risk" "$(out '{at_risk}')" 0
sql "UPDATE tollgate.open_record SET deadline = date_trunc('second', tollgate.ledger_time()) + interval '12 hours 20 minutes'"
meter --json --product prod-license
is "what may not meet another nightly run is at risk, and by when" "$code $(out '{at_risk}') $(out '{at_risk_units}') $(out '{next_deadline}')" \
  "75 1 4 $(sql "SELECT to_char(deadline AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM tollgate.open_record")"
sql "INSERT INTO tollgate.metering_result (record_id, outcome, code, settled_at) SELECT record_id, 'refused', 'test', now() FROM tollgate.open_record"

# ---- --until ----

use "a users 1 5" "b users 2 3" "b users 3 2"
meter --until "$(hour_end 3)" --json
is "--until bills the hours before it" "$code $(out '{billed}') $(out '{billed_units}') $(out '{waiting_units}')" "0 2 3 5.5"
use "a gigabytes 4 4"
killed frozen
meter --until "$(hour_end 3)" --json
is "and leaves open records of later hours to another run: 75" "$code $(out '{billed_units}') $(out '{left_units}')" "75 4 3"
meter --json
is "which bills them" "$code $(out '{billed_units}') $(out '{left}')" "0 3 0"

# ---- the line of progress ----

# on_terminal COLUMNS OPTION…: a run whose stderr is a terminal; sets code; what came is in $tmp/said, its lines in $tmp/lines
on_terminal() {
  PGUSER=tollgate_meter TERM=xterm script -qec "stty cols $1; exec '$BIN/tollgate-meter' ${*:2}" /dev/null >"$tmp/said" </dev/null
  code=$?
  tr '\r' '\n' <"$tmp/said" >"$tmp/lines"
}
# billed_slowly HOURS COMMAND…: a run that is told the time, and answered, late
billed_slowly() {
  use "l gigabytes 1 $1"
  fault '{"Action":"BatchMeterUsage","Fault":"slow","Count":1,"DelayMs":700,"Match":{"Dimension":"gigabytes"}}'
  fault '{"Action":"BatchMeterUsage","Fault":"slow","Count":1,"DelayMs":700}'
  "${@:2}"
}
erase=$'\r\e\\[K'
billed_slowly 4 on_terminal 80
is "on a terminal: a run as any other" "$code" 0
like "its phase, and how long that has lasted" "$(cat "$tmp/lines")" $'^\e\\[Kcomparing clocks: 0 s$'
like "records, calls, rate, time left, errors so far, on one line" "$(cat "$tmp/lines")" $'^\e\\[Ksending: 0 of 1 records, [01] calls, 0/s, 0 errors$'
is "each line of the log is whole, and the line is gone before it" \
  "$(grep -a 'event=' "$tmp/said" | sed "s/.*$erase//" | grep -cvE '^2[-0-9T:.]+Z level=')" 0
is "and at the end" "$(sed "s/.*$erase//" "$tmp/said" | tr -d '\r' | grep -vcE '^(2[-0-9T:.]+Z level=.*)?$')" 0
billed_slowly 3 on_terminal 30
like "on a narrow one it is cut, and does not go on in the next line" "$(cat "$tmp/lines")" $'^\e\\[Ksending: 0 of 1 records, [01] ca$'
billed_slowly 2 on_terminal 80 --quiet
is "--quiet: there is none, and nothing else" "$code $(cat "$tmp/said")" "0 "
use "l gigabytes 1 1"
meter
is "in a log: there is none" "$code $(grep -c $'\e' "$tmp/said")" "0 0"

# ---- who holds usage back ----

# By this machine's clock, as transactions go by that one, and of a buyer who has subscribed by it: should the hour end
# meanwhile, their usage is billed.
ahead() { sql "CREATE OR REPLACE FUNCTION tollgate.ledger_time() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
  RETURN statement_timestamp() + interval '$1 seconds'"; }
control clock '{"Now":null}' >/dev/null
ahead 0
buyers now=prod-legacy

mkfifo "$tmp/in"
PGUSER=tollgate_app PGAPPNAME='the app' psql -Xq -f - <"$tmp/in" >/dev/null 2>&1 &
session=$!
exec 9>"$tmp/in"
at_exit stop "$session"
event="INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES (${id[now]}, 'users', 1, now())"
echo "BEGIN; $event;" >&9
is_open() { sql "SELECT 1 / count(*) FROM pg_locks WHERE relation = 'tollgate.usage_event'::regclass AND pid IS NOT NULL"; }
until_true 10 is_open || die "no session"
app "BEGIN; $event; PREPARE TRANSACTION 'for''gotten'"
meter --json
is "transactions that are open for a moment are not named" "$code $(out '{held_back}')" "0 []"
control clock "{\"Now\":$(($(date +%s) + 330))}" >/dev/null
ahead 330
meter --json
pid=$(sql "SELECT pid FROM pg_stat_activity WHERE application_name = 'the app'")
is "after five minutes a session is named" "$code $(said usage_held_back "level=warn .* pid=$pid role=tollgate_app application=\"the app\" since=2[-0-9T:]{18}Z held_s=3[0-9][0-9] todo=\"")" "0 1"
is "and a forgotten prepared transaction" "$(said usage_held_back "prepared=for'gotten role=tollgate_app since=2[-0-9T:]{18}Z held_s=3[0-9][0-9] todo=\".*COMMIT PREPARED")" 1
is "in the summary too" "$(out '{held_back}[0]{pid}') $(out '{held_back}[0]{prepared}')$(out '{held_back}[1]{prepared}')" "$pid for'gotten"
echo "COMMIT;" >&9
exec 9>&-
wait "$session"
sql "ROLLBACK PREPARED 'for''gotten'"
meter --json
is "when they are over, nobody is" "$code $(out '{held_back}') $(out '{rolled_up}')" "0 [] 1"

# ---- clocks that are apart ----

control clock '{"Now":null}' >/dev/null
app "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  VALUES (${id[now]}, 'requests', 2, now() - interval '3 hours')"
for apart in '150 ahead' '-150 behind'; do
  ahead "${apart% *}"
  meter --json
  is "the database's clock is over two minutes ${apart#* }: 78, and nothing is frozen" \
    "$code $(out '{frozen}') $(said not_frozen "clock is 1[0-9]* s ${apart#* }")" "78 0 1"
done
ahead 90
meter --json
is "within two minutes all goes on" "$code $(out '{frozen_units}') $(out '{billed_units}')" "0 2 2"

is "to the unit" "$(sql 'SELECT tollgate.audit_ledger()')" ""
no_crash "no crash, no sanitizer's report, and no key in the log" "$AWS_SECRET_ACCESS_KEY" "$log" "$tmp/run"
done_testing
