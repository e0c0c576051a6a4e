#!/usr/bin/env bash
# The last call: a subscription has ended, AWS takes its usage for an hour more.
# shellcheck source=tests/e2e/metered.sh
. "$(dirname "$0")/metered.sh"

# used NAME DIMENSION QUANTITY [AGO]: usage of just now, or of so long ago
used() {
  app "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
    VALUES (${id[$1]}, '$2', $3, timestamptz '$(ledger_now)' - interval '${4:-0 s}')" || die "usage was refused"
}
# ends NAME: at AWS
ends() {
  control subscriptions/end "{\"CustomerAWSAccountId\":\"${account[$1]}\",\"ProductCode\":\"p-final\"}" >/dev/null
}
# run_of NAME: which run billed their newest record
run_of() {
  sql "SELECT c.run_id FROM tollgate.metering_result s JOIN tollgate.metering_call c ON c.id = s.call_id
    JOIN tollgate.metering_record r ON r.id = s.record_id WHERE r.customer_id = ${id[$1]} ORDER BY r.id DESC LIMIT 1"
}
last_run() { sql 'SELECT max(id) FROM tollgate.metering_run'; }

products p-final p-busy p-wrong
for bad in 0 -1 x 1x '' 99999999999999999999; do
  meter --final "$bad"
  is "--final \"$bad\": 64" "$code $(grep -c -- '--final' "$tmp/said")" "64 1"
done
meter --final 4711
is "a customer who is not there: 64, nothing else happens" "$code $(grep -c '4711' "$tmp/said") $(last_run)" "64 1 "

buyers leaves=p-final stays=p-final
used leaves d01 3
used leaves d02 2.75
used stays d01 7
ends leaves
meter --final "${id[leaves]}"
is "the last call: 0" "$code" 0
is "the running hour is billed too" "$(units leaves billed)" 5
is "of the others it waits" "$(states stays)" ""
is "no Timestamp is after the end" "$(sandbox_sql "SELECT bool_and((r.record->>'Timestamp')::numeric <= extract(epoch FROM l.ended_at)) FROM sandbox.usage_record r
  JOIN sandbox.license l USING (product_code, customer_aws_account_id) WHERE l.ended_at IS NOT NULL")" t
like "the run says by when the next one is needed" "$(grep event=ending "$tmp/said")" "customer=\"?${id[leaves]}\"? run_again_before=20"
agree "the last call"
used leaves d01 4
meter
is "later usage is billed in the nearest free hour before the end, by any run" "$code $(units leaves billed)" "0 9"
agree "usage after the last call"

# Another run is under way, and is busy with others: it serves who is ending.
buyers busy{1..4}=p-busy late=p-final
sql "UPDATE tollgate.product SET aws_region = NULL"
app "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  SELECT c, 'd' || to_char(n, 'FM00'), 1, timestamptz '$this_hour' - make_interval(hours => h) + interval '1 minute'
    FROM generate_series(1, 30) n, generate_series(2, 20) h, unnest(ARRAY[${id[busy1]}, ${id[busy2]}, ${id[busy3]}, ${id[busy4]}]) c"
meets busy1 slow 100 350
start_meter TOLLGATE_METER_CALLS_PER_SECOND=8
ok "calls are noted ahead of the 16 that are under way" until_true 10 begun 20
used late d03 6
meter --final "${id[late]}"
is "another run is under way: the last call waits for it" "$code" 0
end_meter
busy_run=$(sql "SELECT min(c.run_id) FROM tollgate.metering_call c JOIN tollgate.metering_record r ON r.id = ANY (c.records)
  WHERE r.customer_id = ${id[busy1]}")
is "which bills it itself, before what it had to do" "$(run_of late) $(units late billed)" "$busy_run 6"
ok "not as its last call" test "$(sql "SELECT count(*) FROM tollgate.metering_call WHERE run_id = $busy_run AND id > (SELECT s.call_id FROM tollgate.metering_result s
  JOIN tollgate.metering_record r ON r.id = s.record_id WHERE r.customer_id = ${id[late]})")" -gt 0
is "it looks whether somebody ends, and serves nobody twice" "$(grep -c event=served "$tmp/said")" 1
is "all of the others' is billed, once" "$(states busy{1..4})" "2280 billed Success"
agree "two runs"

# Their end was a mistake, and is undone while the run has read them already: their records' deadlines move later, to where
# it comes yet. The page that is asked for when theirs, the second, is taken has them once more.
buyers mistaken=p-final crowd{1..79}=p-busy
# crowd FIRST LAST MINUTE: usage of customers, each of 25 records, that AWS takes until that minute of the next hour
crowd() {
  local n customers=
  for ((n = $1; n <= $2; n++)); do customers+=",${id[crowd$n]}"; done
  app "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
    SELECT c, 'd' || to_char(n, 'FM00'), 1, timestamptz '$this_hour' - interval '23 hours' + interval '$3 minutes'
      FROM generate_series(1, 25) n, unnest(ARRAY[${customers#,}]) c" || die "usage was refused"
}
is_called() { [ "$(calls_of "$1")" ]; }
crowd 1 40 5
crowd 41 79 10
use_many mistaken 1 25 9
sql "INSERT INTO tollgate.customer_event (customer_id, kind, happened_at) VALUES (${id[mistaken]}, 'ending', tollgate.ledger_time())"
control faults '{"Action":"BatchMeterUsage","Fault":"slow","Count":16,"DelayMs":4000}' >/dev/null
start_meter
ok "the first page is under way" until_true 60 is_called crowd1
sql "SELECT tollgate.resume_customer(${id[mistaken]}, 'a mistake')" >/dev/null
end_meter
is "a customer who is resumed in the middle of a run is billed once" "$code $(states mistaken)" "0 25 billed Success"
is "and so are all others" "$(states crowd{1..79})" "1975 billed Success"
agree "a deadline that moves"

# The hour is over.
sql "INSERT INTO tollgate.customer_event (customer_id, kind, happened_at)
  VALUES (${id[stays]}, 'ending', tollgate.ledger_time() - interval '61 minutes')"
used leaves d05 0.5
meter
is "a run closes who has ended" "$(sql "SELECT state FROM tollgate.customer_state WHERE customer_id = ${id[stays]}")" ended
meter --final "${id[stays]}"
is "no last call after that: 65" "$code $(grep -c 'ended at' "$tmp/said")" "65 1"

# What is held is neither tried nor counted again when others end after it.
buyers wrong=p-wrong slow=p-busy ends=p-final
used wrong nope 5
sql "SELECT tollgate.begin_ending(${id[wrong]})" >"$tmp/wrong"
used slow d01 2 '2 hours'
used ends d01 3
meets slow slow 1 4000
start_meter
is_held() { grep -q event=held "$tmp/saying"; }
ok "a record that AWS refuses is held" until_true 20 is_held
sql "SELECT tollgate.begin_ending(${id[ends]})" >"$tmp/ends"
end_meter
like "others who end are served" "$(units ends billed) $(grep event=sent "$tmp/said")" '^3 .* held=1$'
is "and it is in one call" "$(sql "SELECT count(*) FROM tollgate.metering_call c JOIN tollgate.metering_record r ON r.id = ANY (c.records) WHERE r.customer_id = ${id[wrong]}")" 1
agree "the end"

# By a clock that AWS does not agree with, nothing is frozen for them either.
buyers apart=p-final waits=p-busy
used waits d01 2 '2 hours'
KILL_AT=frozen run_meter "$kill_at" 2>/dev/null
used apart d01 3
meets waits slow 1 3000
control clock "{\"Now\":$(($(sql "SELECT floor(extract(epoch FROM tollgate.ledger_time()))") + 600))}" >/dev/null
start_meter
ok "what was frozen is sent" until_true 20 begun 1
sql "SELECT tollgate.begin_ending(${id[apart]})" >"$tmp/apart"
end_meter
is "the clocks are ten minutes apart: 78, and of who ends meanwhile nothing is frozen" "$code $(states waits) $(states apart)" "78 1 billed Success "
done_testing
