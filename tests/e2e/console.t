#!/usr/bin/env bash
# The sandbox under many calls at once, a reset among calls, and what its console says of all that.
# shellcheck source=tests/e2e/caller.sh
. "$(dirname "$0")/caller.sh"

# Half past twelve in the middle of a month, by the sandbox's clock and by every signature.
noon=$(date -u -d '2026-11-15 12:30' +%s)
export TIME=$noon TIME_SINCE=$EPOCHSECONDS
control clock "{\"Now\":$noon}" >/dev/null
mint '{"ProductCode":"prod-license"}'
account=$(minted CustomerAWSAccountId)
license=$(minted LicenseArn)
# shown QUERY: what the console reads
shown() { PGDATABASE=tollgate_sandbox psql -XAtq -F ' ' -f "$root/sql/queries/sandbox/$1.sql"; }
record() { call BatchMeterUsage "{\"UsageRecords\":[{\"CustomerAWSAccountId\":\"$account\",\"LicenseArn\":\"$license\",\"Dimension\":\"users\",\"Timestamp\":$((noon - 600)),\"Quantity\":$1}]}"; }

# ---- many at once ----

# The first transaction is under way when the second call comes.
PGDATABASE=tollgate_sandbox psql -Xq -o /dev/null <<END &
BEGIN;
SELECT sandbox.issue_token(repeat('ab', 32), 'prod-license', NULL, 'arn:aws:license-manager::1:license:l-atonce', '999999999999',
  'buyer-first', '', NULL, false, NULL, NULL);
\! touch $tmp/first; until [ -e $tmp/go ]; do sleep 0.1; done
COMMIT;
END
first=$!
until_true 10 test -e "$tmp/first"
control tokens '{"ProductCode":"prod-license","LicenseArn":"arn:aws:license-manager::1:license:l-atonce"}' >"$tmp/second" &
second=$!
waits() { [ "$(PGDATABASE=tollgate_sandbox sql "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = 'tollgate_sandbox'")" = 1 ]; }
until_true 10 waits
touch "$tmp/go"
wait "$first" "$second"
is "tokens for one new license at once are one buyer's" "$(json '{CustomerAWSAccountId}' <"$tmp/second")" 999999999999

# Of callers that nobody registered, who are one.
same_token() {
  local n i
  for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    for i in 1 2 3 4 5 6 7 8; do
      sign MeterUsage "{\"ProductCode\":\"prod-legacy\",\"UsageDimension\":\"users\",\"Timestamp\":$((noon - 600)),\"UsageQuantity\":1,\"ClientToken\":\"t$n\"}" SESSION="nobody-$i"
      mv "$tmp/signed" "$tmp/signed$i"
    done
    for i in 1 2 3 4 5 6 7 8; do
      web -o /dev/null -w '%{http_code}\n' -H @"$tmp/signed$i" --data-binary @"$tmp/body" "$SANDBOX_URL/" &
    done
    wait
  done
}
is "calls with one ClientToken at once are one" "$(same_token | sort | uniq -c | tr -s ' ')" " 120 200"

# ---- requests that are large ----

call BatchMeterUsage "{\"UsageRecords\":[{\"CustomerAWSAccountId\":\"$account\",\"LicenseArn\":\"arn:aws$(printf '%060000d' 0 | tr 0 a):license-manager::1:license:l-1\",\"Dimension\":\"users\",\"Timestamp\":$noon}]}"
refused "a license that is long" 400 InvalidLicenseException
head -c 11000000 /dev/zero >"$tmp/zeros"
status=$(web -D "$tmp/answer.headers" -o "$tmp/answer" -w '%{http_code}' --data-binary @"$tmp/zeros" "$SANDBOX_URL/")
refused "more than AWS takes" 413 RequestEntityTooLargeException
like "has a request id, too" "$(cat "$tmp/answer.headers")" '[Xx]-amzn-[Rr]equest[Ii]d: [0-9a-f]{32}'

# ---- a subscription that ended, and began anew ----

control subscriptions/end "{\"LicenseArn\":\"$license\"}" >/dev/null
control tokens "{\"ProductCode\":\"prod-license\",\"LicenseArn\":\"$license\"}" >/dev/null
control clock "{\"Now\":$((noon + 86400))}" >/dev/null
noon=$((noon + 86400)) TIME=$noon TIME_SINCE=$EPOCHSECONDS
record 1
like "after the end" "$status $(answer)" '^200 .*"Status":"CustomerNotSubscribed"'
control tokens "{\"ProductCode\":\"prod-license\",\"LicenseArn\":\"$license\",\"SubscribedAt\":$((noon - 3600))}" >/dev/null
record 1
like "subscribed again" "$status $(answer)" '^200 .*"Status":"Success"'

# ---- a reset among calls ----

fault '{"Action":"BatchMeterUsage","Fault":"slow","DelayMs":1500,"Count":1}'
(record 7; echo "$status $(answer)" >"$tmp/late") &
late=$!
is_slow() { [ "$(PGDATABASE=tollgate_sandbox sql "SELECT count(*) FROM sandbox.call WHERE fault = 'slow'")" = 1 ]; }
until_true 10 is_slow
is "a reset while a call is under way" "$(control reset '{}')" '{}'
control clock "{\"Now\":$noon}" >/dev/null
control tokens "{\"ProductCode\":\"prod-license\",\"CustomerAWSAccountId\":\"$account\",\"LicenseArn\":\"$license\"}" >/dev/null
wait "$late"
like "which is of the time after it" "$(cat "$tmp/late")" '^200 .*"Quantity":7.*"Status":"Success"'

# ---- the console ----

caller session-of-the-buyer "$account" ec2 us-east-1
call MeterUsage "{\"ProductCode\":\"prod-license\",\"UsageDimension\":\"users\",\"Timestamp\":$((noon - 600)),\"UsageQuantity\":2}" SESSION=session-of-the-buyer
is "usage of the buyer's host is another channel, not the license's" "$status $(shown show_bills | grep -c ' t$')" "200 0"
call BatchMeterUsage "{\"ProductCode\":\"prod-license\",\"UsageRecords\":[{\"CustomerAWSAccountId\":\"$account\",\"Dimension\":\"users\",\"Timestamp\":$((noon - 600)),\"Quantity\":5}]}"
is "without and with the license is twice" "$status; $(shown show_bills | grep ' t$' | cut -d' ' -f3-5 | sort)" "200; ${license##*:} 7 \$84.00
product code 5"

control clock "{\"Now\":$((noon + 86400))}" >/dev/null
TIME=$((noon + 86400)) record 1
control clock "{\"Now\":$noon}" >/dev/null
call RegisterUsage '{"ProductCode":"nobody-s","PublicKeyVersion":1}'
like "the newest call is on top, though the clock went back" "$(shown show_answers | head -n 1)" ' RegisterUsage InvalidProductCodeException '

PGDATABASE=tollgate_sandbox sql "INSERT INTO sandbox.call (request_id, action, throttled) VALUES ('many', 'BatchMeterUsage', false);
  INSERT INTO sandbox.usage_record (request_id, place, region, product_code, customer_aws_account_id, license_id, dimension, used_hour,
      quantity, record, received_at)
    SELECT 'many', n, 'us-east-1', 'prod-license', '$account', '${license##*:}', 'users', timestamptz '2000-01-01Z' + n * interval '1 hour',
      2147483647, '{}', now() FROM generate_series(1, 20000) n"
status=$(web -o "$tmp/page" -w '%{http_code}' "$SANDBOX_URL/console?still")
is "with 20,000 records the console opens" "$status" 200
like "and shows what they cost" "$(page)" '\$515,396,075,280,084\.00'
check_callers
done_testing
