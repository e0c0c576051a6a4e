#!/usr/bin/env bash
# tollgate-meter against the sandbox: usage is billed once, whatever AWS, the network, PostgreSQL or a power cut do.
# Scenarios that need the same run of the program are of products of their own, so that none is in another's call.
# shellcheck source=tests/e2e/metered.sh
. "$(dirname "$0")/metered.sh"

products p-{one,many,page,unprocessed,partial,shuffled,drop,lost,reset,html503,slow,cut,throttled} p-{dimension,license,customer,filled,duplicate,repeat} \
  p-{denied,fine,row,nothing,held,unsubscribed,role} p-{stop,stuck,uncertain,noted,kill,away}
ours p-unknown
sandbox_sql "UPDATE sandbox.product SET identity = 'license' WHERE product_code = 'p-license'"

# ---- the program itself ----

meter --help
is "--help" "$code" 0
meter --version
is "--version" "$code" 0
meter --nope
is "a wrong option: 64" "$code" 64
meter rest
is "a word too many: 64" "$code" 64
meter TOLLGATE_NOPE=1
is "an unknown setting: 78" "$code" 78
like "its last line tells what to do" "$(tail -n 1 "$tmp/said")" 'event=not_started .* exit=78 todo=".*tollgate doctor'
meter PGHOST="$tmp/nowhere"
is "no PostgreSQL: 75" "$code" 75
meter PGUSER=tollgate_app
is "a role without rights: 78" "$code" 78
meter
is "nothing to do: 0" "$code" 0

# ---- what README says to paste, of this stack ----

# shellcheck disable=SC2317 # called by what is pasted
make() {
  case $* in
    "-s env") cat "$tmp/run/env" ;;
    psql) psql -Xq ;;
    meter) PGUSER=tollgate_meter "$BIN/tollgate-meter" ;;
    *) false ;;
  esac
}
pasted=$(sed -n '/^## Meter your first usage/,/^## Test/s/^    //p' "$root/README.md")
pasted=${pasted//now()/tollgate.ledger_time()}
paste() { (eval "$pasted" 2>>"$log"); }
like "README's first usage is billed" "$(paste)" '"Quantity": ?4'
agree "README"

# ---- what is billed ----

buyers a=p-one many=p-many fraction=p-one hours=p-one huge=p-one tagged=p-one late=p-one new1=prod-license
# Two agreements of one buyer, and one who is metered by the account alone.
control tokens "{\"ProductCode\":\"prod-license\",\"CustomerAWSAccountId\":\"${account[new1]}\"}" >"$tmp/minted"
id[new2]=$(sql "INSERT INTO tollgate.customer (product_code, customer_aws_account_id, license_arn, metered_by)
  VALUES ('prod-license', '${account[new1]}', '$(minted LicenseArn)', 'license') RETURNING id")
control tokens '{"ProductCode":"prod-license"}' >"$tmp/minted"
id[account]=$(sql "INSERT INTO tollgate.customer (product_code, customer_aws_account_id, metered_by)
  VALUES ('prod-license', '$(minted CustomerAWSAccountId)', 'account') RETURNING id")
use "a d01 5 2" "new1 users 7 2" "new2 users 8 2" "account users 9 2" "fraction d01 2 2" "fraction d01 0.5 2" "fraction d01 0.75 2" \
  "huge d01 2147483647 4" "huge d01 10 4" "hours d01 1 5" "hours d01 2 4" "hours d01 3 3" \
  'tagged d01 2 2 {"team":"blue","a b":"x=1"}' 'tagged d01 3 2 {"team":"red"}' "tagged d01 4 2"
use_many many 1 30 2
app "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES (${id[a]}, 'd02', 1, '$(ledger_now)'),
  (${id[late]}, 'd01', 6, timestamptz '$this_hour' - interval '0.4 milliseconds' - interval '1 hour')"
meter
is "the first usage: 0" "$code" 0
is "one customer's usage is billed" "$(states a)" "1 billed Success"
is "and usage of the hour that runs waits" "$(sql "SELECT count(*) FROM tollgate.waiting_line WHERE customer_id = ${id[a]}")" 1
is "two agreements of one buyer are two bills" "$(units new1 billed) $(units new2 billed)" "7 8"
is "a customer who is known by the account alone" "$(units account billed)" 9
is "30 dimensions of an hour: calls of at most 25" "$(calls_of many)" "25 5"
is "the same dimension several times is one record, and a fraction waits" "$(states fraction) $(units fraction billed)" "1 billed Success 3"
is "a quantity over AWS's largest is carried into the next hour" "$(sql "SELECT string_agg(quantity || '', ' ' ORDER BY hour) FROM tollgate.record_state WHERE customer_id = ${id[huge]} AND state = 'billed'")" "2147483647 10"
is "the nightly run freezes all hours that are over" "$(sql "SELECT string_agg(quantity || '', ' ' ORDER BY hour) FROM tollgate.record_state WHERE customer_id = ${id[hours]} AND state = 'billed'")" "1 2 3"
is "tags are sent as allocations" "$(sandbox_sql "SELECT string_agg(a.value->>'AllocatedUsageQuantity' || coalesce(':' || (SELECT string_agg(t->>'Key' || '=' || (t->>'Value'), ',' ORDER BY t->>'Key') FROM jsonb_array_elements(nullif(a.value->'Tags', 'null')) t), ''), ' ' ORDER BY (a.value->>'AllocatedUsageQuantity')::int)
  FROM sandbox.usage_record r, jsonb_array_elements(r.record->'UsageAllocations') a WHERE r.record->>'CustomerIdentifier' = '${who[tagged]}'")" "2:a b=x=1,team=blue 3:team=red 4"
is "the last moment of an hour is sent in that hour" "$(sandbox_sql "SELECT (record->>'Timestamp')::bigint % 3600 FROM sandbox.usage_record WHERE record->>'CustomerIdentifier' = '${who[late]}'")" 3599
agree "all shapes"
before=$(calls)
meter
is "another run has nothing to send: 0, and one empty call compares the clocks" "$code $(calls)" "0 $((before + 1))"
use "hours d01 5 4"
meter
is "usage for an hour that was sent is late: it is billed in the next free one" "$code $(units hours billed)" "0 11"
agree "late usage"


buyers page{1..9}=p-page
app "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  SELECT c, 'd' || to_char(n, 'FM00'), 1, timestamptz '$this_hour' - make_interval(hours => h)
  FROM unnest(ARRAY[$(for n in {1..9}; do printf '%s,' "${id[page$n]}"; done)0]) c, generate_series(1, 30) n, generate_series(2, 5) h WHERE c > 0"
meter
is "more records than a page holds are all sent" "$code $(states page{1..9})" "0 1080 billed Success"
is "in as few calls as can be" "$(sql "SELECT count(*) FROM tollgate.metering_call c WHERE records && ARRAY(SELECT id FROM tollgate.metering_record WHERE product_code = 'p-page')")" 44
agree "pages"

# ---- what AWS does not take at once: all of it in one run ----

faults=(unprocessed partial shuffled drop lost reset html503 slow cut throttled)
for n in "${faults[@]}"; do buyer+=("$n=p-$n"); done
buyers "${buyer[@]}"
for n in "${faults[@]}"; do use_many "$n" 1 5 2; done
meets unprocessed unprocessed 2
meets partial partial 1 0 d02
meets shuffled shuffled 1
meets drop drop 1 0 d05
for n in lost reset html503 cut; do meets $n $n 1; done
meets slow slow 1 1000
meets throttled ThrottlingException 2
meter
is "whatever passes is waited for: 0" "$code" 0
is "only UnprocessedRecords: nothing is billed by that answer, and the identical records go again" "$(states unprocessed); $(calls_of unprocessed)" "5 billed Success; 5 5 5"
is "… each not before half a second" "$(sql "SELECT bool_and(apart >= interval '0.5 seconds') FROM (SELECT c.called_at - lag(c.called_at) OVER (ORDER BY c.id) AS apart
  FROM tollgate.metering_call c JOIN tollgate.metering_record r ON r.id = c.records[1] WHERE r.product_code = 'p-unprocessed') x")" t
is "by the last of them it is billed" "$(sql "SELECT DISTINCT c.id = (SELECT max(c.id) FROM tollgate.metering_call c WHERE c.records @> ARRAY[r.record_id]) FROM tollgate.metering_result r JOIN tollgate.metering_call c ON c.id = r.call_id
  JOIN tollgate.metering_record m ON m.id = r.record_id WHERE m.product_code = 'p-unprocessed'")" t
is "partial: the rest goes again" "$(states partial); $(calls_of partial)" "5 billed Success; 5 1"
is "shuffled: each record has its own answer" "$(states shuffled); $(calls_of shuffled)" "5 billed Success; 5"
is "drop: the record that no list names may have been honoured, and goes again" "$(states drop); $(calls_of drop); $(sql "SELECT sum(cardinality(unnamed)) FROM tollgate.metering_answer")" "5 billed Success; 5 1; 1"
is "lost: honoured, then repeated, is one bill" "$(states lost); $(calls_of lost)" "5 billed Success; 5?"
is "reset: the connection ends before" "$(states reset); $(calls_of reset)" "5 billed Success; 5?"
is "html503: a proxy's page says nothing" "$(states html503); $(calls_of html503)" "5 billed Success; 5?"
is "cut: half an answer is none" "$(states cut); $(calls_of cut)" "5 billed Success; 5?"
is "slow: is waited for" "$(states slow); $(calls_of slow)" "5 billed Success; 5"
is "throttled whole calls: nothing was recorded, and they go again" "$(states throttled); $(calls_of throttled)" "5 billed Success; 5"
agree "faults"

# ---- 75: what may still become good ----

buyers sub=p-unsubscribed held=p-held
id[never]=$(sql "INSERT INTO tollgate.customer (product_code, customer_aws_account_id, metered_by) VALUES ('p-unsubscribed', '999999999999', 'account') RETURNING id")
# bad NAME PRODUCT: a customer whom AWS does not know
bad() { id[$1]=$(sql "INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by) VALUES ('$2', 'nobody-$1', 'customer_identifier') RETURNING id"); }
bad badheld p-held
use "sub d01 1 3" "never d01 2 3" "badheld d01 3 3"
meter
is "something is left: 75" "$code" 75
is "CustomerNotSubscribed of a customer who never had a record honoured: open, not refused" "$(states never)" "1 frozen CustomerNotSubscribed"
is "a record that is refused while none of its product passes: held with its reason, not refused" "$(states badheld)" "1 frozen InvalidCustomerIdentifierException"
like "both count as left" "$(grep event=finished "$tmp/said")" 'exit=75 billed=1 left=2 '
like "the last line tells what to do" "$(tail -n 1 "$tmp/said")" 'event=finished .* todo="nothing, the next run goes on'
agree "what is left"

# ---- 65: refused, the others go on ----

control settings '{"GraceSeconds":0,"Repeat":"DuplicateRecord"}' >/dev/null
control subscriptions/end "{\"CustomerAWSAccountId\":\"${account[sub]}\",\"ProductCode\":\"p-unsubscribed\"}" >/dev/null
buyers dimension=p-dimension license=p-license customer=p-customer filled=p-filled duplicate=p-duplicate repeat=p-repeat
bad badcustomer p-customer
bad badfilled p-filled
id[badlicense]=$(sql "INSERT INTO tollgate.customer (product_code, customer_aws_account_id, license_arn, metered_by)
  VALUES ('p-license', '123456789012', 'arn:aws:license-manager::123456789012:license:l-0', 'license') RETURNING id")
for n in dimension license customer; do use_many $n 1 24 2; done
use_many badfilled 1 30 4
use "dimension nope 1 2" "badlicense d01 1 2" "badcustomer d01 1 2" "filled d01 5 2" "sub d01 2 2" "held d01 4 2" "duplicate d01 7 3" "repeat d01 8 2"
call BatchMeterUsage "{\"ProductCode\":\"p-duplicate\",\"UsageRecords\":[{\"CustomerIdentifier\":\"${who[duplicate]}\",\"Dimension\":\"d01\",\"Quantity\":6,
  \"Timestamp\":$(used_at duplicate)}]}"
explained=$(member MeteringRecordId)
[ "$explained" ] || die "the other quantity was not honoured: $(answer)"
meets repeat lost 1
meter
is "something is refused: 65" "$code" 65
like "… and where to look" "$(tail -n 1 "$tmp/said")" 'event=finished .* todo=".*:refused'
is "one bad dimension among 25: the other 24 are billed" "$(states dimension)" "1 refused InvalidUsageDimensionException, 24 billed Success"
is "one bad license" "$(states license badlicense)" "1 refused InvalidLicenseException, 24 billed Success"
is "one bad customer" "$(states customer badcustomer)" "1 refused InvalidCustomerIdentifierException, 24 billed Success"
# Each of the 16 calls that may be under way can be one of theirs by itself when the first is refused.
few='([1-9]|1[0-6]) refused' most='(1[4-9]|2[0-9]) frozen'
like "a bad customer who fills whole calls does not stop the product; their other records are held" "$(states filled badfilled | sed 's/ InvalidCust[A-Za-z]*//g')" "^1 billed Success, ($few, $most|$most, $few)\$"
is "… and counted as held" "$(grep event=sent "$tmp/said" | sed 's/.* held=//')" \
  "$(sql "SELECT count(*) FROM tollgate.open_record WHERE customer_id = ${id[badfilled]}")"
is "each record that is not billed is named" "$(grep -c event=not_billed "$tmp/said")" \
  "$(grep event=sent "$tmp/said" | sed 's/.* refused=\([0-9]*\) unconfirmed=\([0-9]*\) unknown=\([0-9]*\).*/\1 + \2 + \3/' | xargs expr)"
is "DuplicateRecord, no attempt uncertain: refused" "$(states duplicate)" "1 refused DuplicateRecord"
is "DuplicateRecord after an answer was lost: unconfirmed" "$(states repeat); $(calls_of repeat)" "1 unconfirmed DuplicateRecord; 1?"
explained+=,$(sandbox_sql "SELECT metering_record_id FROM sandbox.usage_record WHERE product_code = 'p-repeat'")
is "CustomerNotSubscribed of one who had a record honoured: refused" "$(states sub)" "1 billed Success, 1 refused CustomerNotSubscribed"
is "what was held is refused once another of the product passes" "$(states badheld held)" "1 billed Success, 1 refused InvalidCustomerIdentifierException"
agree "refusals"

# ---- what people repair ----

# repair NAME FUNCTION ARGUMENTS: of their refused or unconfirmed record
repair() {
  PGUSER=tollgate_admin sql "SELECT trim_scale(tollgate.$2(record_id, $3, 'looked up')) FROM tollgate.record_state
    WHERE customer_id = ${id[$1]} AND state IN ('refused', 'unconfirmed')"
}
is "a wrong dimension is mapped to a right one" "$(repair dimension remap_record "'d30'")" 1
is "AWS has 6 of 7: a shortfall of 1" "$(repair duplicate book_shortfall 6)" 1
is "AWS has all of it" "$(repair repeat settle_record 8)" 0
meter
is "the next run bills what was repaired" "$(units dimension billed) $(states duplicate) $(units repeat billed)" \
  "301 1 billed DuplicateRecord, 1 billed Success 8"
is "the shortfall alone" "$(sql "SELECT quantity FROM tollgate.record_state WHERE customer_id = ${id[duplicate]} AND repair IS NULL")" 1
agree "repairs"
control settings '{"GraceSeconds":3600,"Repeat":"Success"}' >/dev/null

# ---- 78: a setting ----

buyers denied=p-denied fine=p-fine nothing=p-nothing role=p-role
id[unknown]=$(sql "INSERT INTO tollgate.customer (product_code, customer_aws_account_id, metered_by) VALUES ('p-unknown', '888888888888', 'account') RETURNING id")
for n in 1 2 3 4 5 6; do bad "row$n" p-row; use_many "row$n" 1 25 $((n > 3 ? 3 : 2)); done
bad nothing1 p-nothing
bad nothing2 p-nothing
sql "UPDATE tollgate.product SET aws_role_arn = 'arn:aws:iam::210987654321:role/nobody' WHERE product_code = 'p-role'"
for n in denied fine unknown role; do use_many $n 1 5 2; done
use_many nothing 1 25 3
use "nothing1 d01 1 2" "nothing2 d01 1 2"
meets denied AccessDeniedException 1
meter
is "a setting is wrong: 78" "$code" 78
is "access denied: nothing is refused" "$(states denied)" "5 frozen AccessDeniedException"
is "an unknown product code: nothing is refused" "$(states unknown)" "5 frozen InvalidProductCodeException"
is "another product goes on" "$(states fine)" "5 billed Success"
is "a role that cannot be had: its product alone waits, and it is said" \
  "$(states role | sed 's/ [A-Z][A-Za-z]*$//') $(grep -c 'event=product_stopped product=p-role ' "$tmp/said")" "5 frozen 1"
is "five causes in a row: the product stops and nothing is refused" "$(states row{1..6} | tr ',' '\n' | grep -vc frozen) $(grep event=product_stopped "$tmp/said" | grep -c p-row)" "0 1"
is "no record of a bisected call gets through: neither, though others of the product were billed" "$(states nothing nothing1 nothing2)" "2 frozen InvalidCustomerIdentifierException, 25 billed Success"
agree "settings"
sandbox_sql "INSERT INTO sandbox.product VALUES ('p-unknown', 'p', 'p', 'legacy'); INSERT INTO sandbox.dimension SELECT 'p-unknown', d, 1 FROM ($dimensions) d (d)"
control tokens '{"ProductCode":"p-unknown","CustomerAWSAccountId":"888888888888"}' >/dev/null
meter --product p-dneied
is "a product that is not there: 64, and it is named" "$code $(grep -c 'there is no product .*p-dneied' "$tmp/said")" "64 1"
meter --product p-denied
is "when the setting is right, all is billed; of one product alone" "$(states denied) $(states unknown)" "5 billed Success 5 frozen InvalidProductCodeException"
meter
is "and of the other" "$(states unknown)" "5 billed Success"
meter AWS_ACCESS_KEY_ID= AWS_SECRET_ACCESS_KEY= HOME="$tmp"
is "missing credentials: 78, nothing is called billed" "$code $(grep -c billed= "$tmp/said")" "78 0"
# As a person would, so that what is left does not get into the next scenarios.
sql "INSERT INTO tollgate.metering_result (record_id, outcome, code, settled_at) SELECT record_id, 'refused', 'test', now() FROM tollgate.open_record"
agree "settings are mended"

# ---- at any moment ----

buyers stop=p-stop stuck=p-stuck uncertain=p-uncertain
use_many stop 1 5 2
use_many stuck 1 5 2
use "uncertain d01 5 2"
meets stop slow 1 1500
meets stuck ThrottlingException 1000
meets uncertain html503 1000
start_meter AWS_MAX_ATTEMPTS=1
ok "a run is under way" until_true 10 begun 1
is "it leaves no core file, which would hold keys" "$(awk '/^Max core file size/ { print $5, $6 }' "/proc/$meter_pid/limits")" "0 0"
meter
is "a second one says so and ends: 73" "$code $(grep -c 'another run' "$tmp/said")" "73 1"
like "… and that there is nothing to do" "$(tail -n 1 "$tmp/said")" 'event=not_started .* exit=73 todo="nothing, unless'
until_true 10 failed stuck && until_true 10 failed uncertain
kill -TERM "$meter_pid"
end_meter
is "SIGTERM: 75 as something is left" "$code" 75
is "what was under way is settled" "$(states stop)" "5 billed Success"
is "what AWS throttled is left, and surely not honoured" "$(states stuck)" "5 frozen ThrottlingException"
is "what got no answer is left as uncertain" "$(states uncertain)" "1 uncertain"
agree "SIGTERM"
sandbox_sql "DELETE FROM sandbox.fault"
call BatchMeterUsage "{\"ProductCode\":\"p-uncertain\",\"UsageRecords\":[{\"CustomerAWSAccountId\":\"${account[uncertain]}\",\"Dimension\":\"d01\",\"Quantity\":6,
  \"Timestamp\":$(used_at uncertain)}]}"
explained+=,$(member MeteringRecordId)
meter
is "the next run goes on" "$code $(states stuck)" "65 5 billed Success"
is "DuplicateRecord after an attempt that nobody answered: unconfirmed" "$(states uncertain)" "1 unconfirmed DuplicateRecord"
agree "after SIGTERM"

# What is noted already, and waits for a thread, does not begin after the signal: surely not honoured.
buyers noted=p-noted
for hour in {2..21}; do use_many noted 1 30 "$hour"; done
meets noted slow 100 2000
start_meter TOLLGATE_METER_CALLS_PER_SECOND=0
until_true 10 begun 17
kill -TERM "$meter_pid"
end_meter
sandbox_sql "DELETE FROM sandbox.fault"
is "SIGTERM: what was noted and had not begun is left as surely not sent" "$code $(states noted | sed -E 's/[0-9]+ //g')" \
  "75 frozen not_sent, billed Success"
like "… and does not count as a call" "$(tail -n 1 "$tmp/said")" \
  " calls=$(sql "SELECT count(*) FROM tollgate.metering_answer a JOIN tollgate.metering_call c ON c.id = a.call_id
    WHERE a.http_status = 200 AND c.run_id = (SELECT max(id) FROM tollgate.metering_run)") "
meter TOLLGATE_METER_CALLS_PER_SECOND=0
is "the next run bills it" "$code $(states noted)" "0 600 billed Success"
agree "noted calls"

# So it is with those that wait for their turn at the limit of calls a second: a thread has them, and they sent nothing.
buyers turn=p-noted
for hour in {2..16}; do use_many turn 1 30 "$hour"; done
one_went() { [ "$(units turn billed)" -gt 0 ]; }
start_meter TOLLGATE_METER_CALLS_PER_SECOND=1
until_true 10 begun 17
until_true 10 one_went
made=$(calls)
kill -TERM "$meter_pid"
end_meter
made=$(($(calls) - made))
ok "SIGTERM: what waits for its turn does not go out: $made calls did after it" test "$made" -le 2
is "… and is left as surely not sent" "$code $(states turn | sed -E 's/[0-9]+ //g; s/(.*), (frozen.*)/\2, \1/')" "75 frozen not_sent, billed Success"
like "… and does not count as a call" "$(tail -n 1 "$tmp/said")" \
  " calls=$(sql "SELECT count(*) FROM tollgate.metering_answer a JOIN tollgate.metering_call c ON c.id = a.call_id
    WHERE a.http_status = 200 AND c.run_id = (SELECT max(id) FROM tollgate.metering_run)") "
unlike "… nor as a failure" "$(cat "$tmp/said")" 'event=call_failed'
meter
is "the next run bills it" "$code $(states turn)" "0 450 billed Success"
agree "calls that waited for their turn"

# Killed at each point, while AWS is at it too: the next run finds out.
points=(run_begun rolled_up frozen begun calling called settling settled ending slow)
buyer=()
for n in "${points[@]}"; do buyer+=("$n=p-kill"); done
buyers "${buyer[@]}"
for n in "${points[@]}"; do
  use_many "$n" 1 30 2
  if [ "$n" = slow ]; then
    meets slow slow 2 700
    start_meter
    until_true 10 begun 2
    kill -KILL "$meter_pid"
    end_meter 2>/dev/null
    sleep 1 # the sandbox honours it meanwhile
  else
    KILL_AT=$n run_meter "$kill_at" 2>/dev/null
  fi
  is "killed at $n" "$code" 137
  meter
  is "the next run bills all of it once" "$code $(states "$n")" "0 30 billed Success"
done
agree "kills"
buyers refused=p-kill
bad badrefused p-kill
use "refused d01 1 2" "badrefused d01 1 2"
KILL_AT=refused run_meter "$kill_at" 2>/dev/null
meter
is "killed after a refusal: it stands" "$code $(states refused badrefused)" "0 1 billed Success, 1 refused InvalidCustomerIdentifierException"

# The connection is lost, the call goes on.
buyers cutoff=p-kill
use "cutoff d01 5 2"
meets cutoff slow 1 3000
start_meter
until_true 10 begun 1
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tollgate_meter'" >/dev/null
end_meter
is "the connection is lost in the middle: 75, nothing is called billed" "$code $(states cutoff)" "75 1 frozen"
meter
is "the next run marks the call as uncertain, and bills it once" "$code $(states cutoff) $(calls_of cutoff)" "0 1 billed Success 1:lost? 1"
agree "a lost connection"

# An answer is there, and PostgreSQL does not store it at once: somebody holds its record, and the statement that waits for
# that is cancelled.
buyers unstored=p-kill
use "unstored d01 5 2"
KILL_AT=frozen run_meter "$kill_at" 2>/dev/null
mkfifo "$tmp/holder"
psql -Xq <"$tmp/holder" >/dev/null 2>&1 &
at_exit stop $!
exec 8>"$tmp/holder"
echo "BEGIN; SELECT FROM tollgate.open_record FOR UPDATE;" >&8
is_held() { [ "$(sql "SELECT count(*) FROM pg_locks WHERE relation = 'tollgate.open_record'::regclass AND mode = 'RowShareLock'")" = 1 ]; }
cancelled() {
  [ "$(sql "SELECT count(*) FILTER (WHERE pg_cancel_backend(pid)) FROM pg_stat_activity
    WHERE usename = 'tollgate_meter' AND wait_event_type = 'Lock'")" = 1 ]
}
not_settled() { grep -q event=not_settled_yet "$tmp/saying"; }
until_true 10 is_held || die "no record is held"
start_meter
ok "an answer that is not stored" until_true 20 cancelled
ok "is told" until_true 20 not_settled
echo "COMMIT;" >&8
exec 8>&-
end_meter
is "and stored when it can be: 0, and one call" "$code $(states unstored) $(calls_of unstored)" "0 1 billed Success 1"
agree "an answer that waits"

# AWS is away altogether: before usage is frozen, and after it.
buyers away=p-away
use_many away 1 30 2
gone=(AWS_MAX_ATTEMPTS=1 AWS_ENDPOINT_URL_MARKETPLACE_METERING="http://127.0.0.1:$(free_port)")
meter "${gone[@]}"
is "AWS is away: 75, and without its clock nothing is frozen" "$code $(states away)" "75 "
KILL_AT=frozen run_meter "$kill_at" 2>/dev/null
start_meter "${gone[@]}"
until_true 10 failed away
sleep 1.5
kill -TERM "$meter_pid"
end_meter
is "AWS is away: what is frozen stays, and surely was not honoured" "$code $(states away | sed 's/ [A-Z][A-Za-z]*//g')" "75 30 frozen"
paused=$(calls_of away | wc -w)
ok "the run pauses between its calls" test "$paused" -ge 1 -a "$paused" -le 5
meter
is "the next run bills it" "$code $(states away)" "0 30 billed Success"
agree "an outage"

# PostgreSQL is restarted under all of them.
use_many away 1 30 3
meets away slow 2 1000
start_meter
until_true 10 begun 2
stop_database
start_database
end_meter
is "PostgreSQL is restarted in mid-run: 75" "$code" 75
meter
is "the next run bills it" "$code $(states away)" "0 60 billed Success"
agree "a restart"

# The reference of 2019 has no allocations: what has tags is billed without them.
buyers older=p-away
use 'older d01 5 2 {"team":"a"}'
KILL_AT=frozen run_meter "$kill_at" 2>/dev/null
is "usage with tags is frozen" "$(states older)" "1 frozen"
meter TOLLGATE_API_EDITION=2019
is "edition 2019: it is billed" "$(states older)" "1 billed Success"
agree "edition 2019"

# The last, for nothing goes on after it: a server that has not come to the ledger's transactions.
use_many away 1 1 4
calls_before=$(sql "SELECT count(*) FROM tollgate.metering_call")
sql "INSERT INTO tollgate.rollup (generation, snapshot, rolled_up_at, events, units) VALUES (1, '900000000:900000000:', now(), 0, 0)"
meter
is "a restored dump: 78, it says so, and nothing is sent" \
  "$code $(grep -c 'restored from a dump' "$tmp/said") $(sql "SELECT count(*) FROM tollgate.metering_call")" "78 1 $calls_before"

no_crash "no crash, no sanitizer's report, and no key in the log" "$AWS_SECRET_ACCESS_KEY" "$log" "$tmp/run"
done_testing
