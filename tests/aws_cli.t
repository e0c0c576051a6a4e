#!/usr/bin/env bash
# Debian's AWS CLI, as it is, against the sandbox. It is older than LicenseArn and than AWS_ENDPOINT_URL_*, so it has
# the identity of 2019 and --endpoint-url. Each of its starts takes a second or so: few runs, and tests/sdk.t has the rest.
# shellcheck source=tests/e2e/buyer.sh
. "$(dirname "$0")/e2e/buyer.sh"
stack_up

# cli ACTION… [-- NAME=VALUE…]: sets status; what it says in $tmp/said, its error in said. Nothing of the caller's own
# set-up reaches it.
cli() {
  local words=() settings=()
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    words+=("$1")
    shift
  done
  [ $# = 0 ] || settings=("${@:2}")
  env -i PATH=/usr/bin:/bin HOME="$tmp" LANG=C.UTF-8 AWS_EC2_METADATA_DISABLED=true AWS_PAGER= AWS_REGION=us-east-1 \
    AWS_ACCESS_KEY_ID="$AWS_ACCESS_KEY_ID" AWS_SECRET_ACCESS_KEY="$AWS_SECRET_ACCESS_KEY" "${settings[@]}" \
    /usr/bin/aws --endpoint-url "$SANDBOX_URL" --output json meteringmarketplace "${words[@]}" >"$tmp/said" 2>"$tmp/error"
  status=$?
  said=$(tr -d '\n' <"$tmp/error")
}
say() { json "$1" <"$tmp/said"; }
# refused NAME ERROR ACTION: 254 is the CLI's status for an answer that is an error
refused() { like "$1" "$status $said" "^254 .*An error occurred \($2\) when calling the $3 operation"; }
id='^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'

is "the CLI is Debian's" "$(dpkg-query -S /usr/bin/aws)" "awscli: /usr/bin/aws"

# ---- ResolveCustomer ----

mint '{"ProductCode":"prod-legacy"}'
customer=$(minted CustomerIdentifier)
cli resolve-customer --registration-token "$token"
is "resolve-customer: the identity of 2019" "$status $said $(say '{CustomerIdentifier}') $(say '{ProductCode}') $(say '{CustomerAWSAccountId}')" \
  "0  $customer prod-legacy $(minted CustomerAWSAccountId)"
cli resolve-customer --registration-token nobody-made-this
refused "a token that nobody made" InvalidTokenException ResolveCustomer

# ---- BatchMeterUsage ----

now=$(date +%s)
record="{\"Timestamp\":$((now - 600)),\"CustomerIdentifier\":\"$customer\",\"Dimension\":\"%s\",\"Quantity\":%s}"
# shellcheck disable=SC2059 # the record is the format
records="[$(printf "$record" users 3),$(printf "$record" gigabytes 5)]"
fault '{"Action":"BatchMeterUsage","Fault":"ThrottlingException","Count":1}'
fault '{"Action":"BatchMeterUsage","Fault":"lost","Count":1}'
before=$(calls)
cli batch-meter-usage --product-code prod-legacy --usage-records "$records" -- AWS_RETRY_MODE=standard
is "batch-meter-usage, throttled and then without its answer: three attempts" "$status $said $(($(calls) - before))" "0  3"
is "both records are honoured" "$(say '{Results}[0]{Status}') $(say '{Results}[1]{Status}') $(say '{Results}[1]{UsageRecord}{Quantity}')" "Success Success 5"
like "each with its id" "$(say '{Results}[0]{MeteringRecordId}')" "$id"
is "once" "$(control records | grep -o MeteringRecordId | wc -l)" 2
is "the time, as the CLI writes it" "$(date -d "$(say '{Results}[0]{UsageRecord}{Timestamp}')" +%s)" $((now - 600))
fault '{"Action":"BatchMeterUsage","Fault":"partial","Count":1}'
cli batch-meter-usage --product-code prod-legacy --usage-records "$records"
is "a part that was not processed comes back" "$status $(say '{Results}[0]{Status}') $(say '{UnprocessedRecords}[0]{CustomerIdentifier}')" "0 Success $customer"

# ---- MeterUsage, RegisterUsage ----

meter=(meter-usage --product-code prod-legacy --timestamp $((now - 600)) --usage-dimension users --usage-quantity 4)
cli "${meter[@]}"
like "meter-usage" "$status $(say '{MeteringRecordId}')" "^0 ${id#^}"
cli "${meter[@]}" --dry-run
refused "with --dry-run: it may" DryRunOperation MeterUsage
control callers '{"SessionToken":"cli-on-ec2","CustomerAWSAccountId":"444455556666","Platform":"ec2","Region":"us-east-1"}' >/dev/null
cli register-usage --product-code prod-legacy --public-key-version 1 -- AWS_SESSION_TOKEN=cli-on-ec2
refused "register-usage on EC2, by its session token" PlatformNotSupportedException RegisterUsage
cli register-usage --product-code prod-legacy --public-key-version 1 --nonce 2ead20e4
say '{Signature}' >"$tmp/jwt"
web "$SANDBOX_URL/control/keys/1" >"$tmp/key"
perl -MMIME::Base64=decode_base64url -ne 'chomp; print decode_base64url((split /\./)[2])' "$tmp/jwt" >"$tmp/signature"
is "register-usage: a signature that openssl verifies" \
  "$status $(cut -d. -f1-2 "$tmp/jwt" | tr -d '\n' | openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -verify "$tmp/key" -signature "$tmp/signature" 2>&1)" \
  "0 Verified OK"

# ---- keys and clocks ----

before=$(calls)
cli resolve-customer --registration-token "$token" -- AWS_SECRET_ACCESS_KEY=sandbox/secret/that+could/never+be/real1
refused "a wrong secret" InvalidSignatureException ResolveCustomer
like "for which the log blames the secret" "$(grep event=wrong_signature "$tmp/run/sandbox.log")" 'stage=signing_key detail="none of the known mistakes'
control clock "{\"Now\":$((now + 7200))}" >/dev/null
cli resolve-customer --registration-token "$token"
refused "a clock two hours off, which this CLI does not correct" InvalidSignatureException ResolveCustomer
is "neither was tried again" "$(calls)" "$before"
no_crash "no crash and no sanitizer's report" '' "$tmp/run/sandbox.log" "$tmp/run"
done_testing
