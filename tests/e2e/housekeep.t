#!/usr/bin/env bash
# What tollgate-meter does when its bills are done: old usage is dropped, and once a day all is counted.
# shellcheck source=tests/e2e/caller.sh
. "$(dirname "$0")/caller.sh"
export TOLLGATE_METER_CALLS_PER_SECOND=0 AWS_EC2_METADATA_DISABLED=true
kill_at=$BIN/tests/e2e/kill_at
[ -x "$kill_at" ] || kill_at=$BIN/out/tests/e2e/kill_at
[ -x "$kill_at" ] || die "$kill_at is not there: make units"

# meter [PROGRAM]: a run; sets code; what it said is in $tmp/said
meter() {
  PGUSER=tollgate_meter "${1:-$BIN/tollgate-meter}" 2>"$tmp/said"
  code=$?
  cat "$tmp/said" >>"$tmp/run/meter.log"
}
# said EVENT: its fields, without time and level
said() { sed -n "s/.* event=$1 \\?//p" "$tmp/said"; }
# As a person who may do everything, without the triggers that refuse it.
damage() { sql "SET session_replication_role = replica; $1"; }
clock() { sql "CREATE OR REPLACE FUNCTION tollgate.ledger_time() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
  RETURN statement_timestamp() $1"; }
# bill_old QUANTITY: usage of long ago, rolled up and frozen then; its record
bill_old() {
  sql "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
    VALUES ($customer, 'users', $1, tollgate.hour_of(tollgate.ledger_time()) - interval '90 minutes')"
  sql 'SELECT tollgate.roll_up()' >"$tmp/rolled"
  sql "SELECT tollgate.freeze_hour(tollgate.hour_of(tollgate.ledger_time()) - interval '2 hours', '24 hours', '0', '10 minutes', 100, 'r')" >"$tmp/frozen"
  sql 'SELECT max(id) FROM tollgate.metering_record'
}
settle() { sql "INSERT INTO tollgate.metering_result (record_id, outcome, settled_at) VALUES ($1, '$2', tollgate.ledger_time())"; }

# The audit is due once a day, of UTC.
[ "$(date -u +%H%M)" -lt 2358 ] || sleep 120

customer=$(sql "INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by)
  VALUES ('prod-legacy', 'nobody', 'customer_identifier') RETURNING id")
clock "- interval '80 days'"
first=$(bill_old 5)
settle "$first" billed
clock "- interval '70 days'"
second=$(bill_old 7)
clock "- interval '65 days'"
third=$(bill_old 9)
settle "$third" billed
clock ''
settle "$second" unknown
counts() { sql "SELECT (SELECT count(*) FROM tollgate.usage_event), (SELECT count(*) FROM tollgate.rollup_dropped)"; }
is "three old roll-ups" "$(counts)" "3|0"

meter
is "the first one is dropped: 0" "$code $(said dropped)" "0 rollups=1 events=1 readings=0"
is "and no other, as it is not known what became of the second one" "$(counts)" "2|1"
like "which is said" "$(said usage_kept)" "roll-up 2 has usage of customer $customer, .*that is not settled: record $second is unknown"
is "the ledger is audited" "$(said audited)" "problems=0"
meter
is "another run drops nothing, and audits no more that day: 0" "$code $(said dropped) $(grep -c event=audit "$tmp/said")" "0  0"

sql "SELECT tollgate.settle_record($second, 7, 'it is in the report')" >"$tmp/settled"
KILL_AT=dropped meter "$kill_at" 2>/dev/null
is "killed when the rest was dropped" "$code $(counts)" "137 0|3"
meter
is "the next run goes on: 0" "$code $(said dropped)" "0 "

sql "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES ($customer, 'users', 0.5, now())"
meter
damage "CREATE TABLE gone AS SELECT * FROM tollgate.usage_event; DELETE FROM tollgate.usage_event"
damage "DELETE FROM tollgate.ledger_audit"
meter
is "an event is gone: 70" "$code" 70
like "the log says what is wrong, and what to do" "$(said audit_failed)" \
  "problems=2 first=\"customer $customer, .*users.* -0.5 units are nowhere\" todo=\".*audit_ledger"
like "and the last line has it" "$(tail -n 1 "$tmp/said")" 'event=finished exit=70'
meter
is "each run says so" "$code $(grep -c event=audit_failed "$tmp/said")" "70 1"
damage "INSERT INTO tollgate.usage_event SELECT * FROM gone"
meter
is "until it is right: 0" "$code $(said audited)" "0 problems=0"

damage "DELETE FROM tollgate.rollup_dropped; CREATE TABLE lost AS SELECT * FROM tollgate.usage_event; DELETE FROM tollgate.usage_event"
meter
is "a roll-up whose events are not there is not dropped: 70" \
  "$code $(said not_dropped | grep -c 'roll-up 1 took 1 events of 5 units, and 0 of 0 would be dropped')" "70 1"
is "and nothing is noted of it" "$(counts)" "0|0"
no_crash "no crash and no sanitizer's report" '' "$tmp/run/meter.log" "$tmp/run"
done_testing
