#!/usr/bin/env bash
# tollgate, the operator's command: AWS's four actions in the AWS CLI's words, and what a script sees when they fail.
# shellcheck source=tests/e2e/buyer.sh
. "$(dirname "$0")/buyer.sh"
stack_up
export AWS_MAX_ATTEMPTS=1
cd "$tmp" || exit

# run ARGUMENT…: its exit status is then in $status, what it says in $out and $err
run() {
  "$BIN/tollgate" "$@" >"$tmp/out" 2>"$tmp/err"
  status=$?
  out=$(cat "$tmp/out")
  err=$(cat "$tmp/err")
}
flat() { tr '\n' ' ' <"$tmp/out"; } # for patterns over several lines
# refused NAME STATUS PATTERN ARGUMENT…: one line on standard error, nothing on standard output
refused() {
  run "${@:4}"
  is "$1: exit status" "$status" "$2"
  like "$1: why" "$err" "^tollgate: $3"
  is "$1: in one line, and no answer" "$(wc -l <"$tmp/err") $(wc -c <"$tmp/out")" "1 0"
}
answered='\(HTTP [0-9]+, request id [0-9a-f-]{36}\)'

# ---- resolve-customer ----

mint '{"ProductCode":"prod-legacy"}'
legacy=$(minted CustomerIdentifier) account=$(minted CustomerAWSAccountId)
wanted="{
    \"CustomerIdentifier\": \"$legacy\",
    \"ProductCode\": \"prod-legacy\",
    \"CustomerAWSAccountId\": \"$account\"
}"
run resolve-customer <<<"$token"
is "a token from standard input: status" "$status" 0
is "… and who it is, as the AWS CLI shows it" "$out" "$wanted"
is "… without a word" "$err" ""
run resolve-customer "$token"
is "a token as argument" "$status $out" "0 $wanted"
run resolve-customer --registration-token "$token"
is "a token as the AWS CLI has it" "$status $out" "0 $wanted"
printf '%s\n' "$token" >"$tmp/run/token" # found by check_secrets if it stays
run resolve-customer "file://$tmp/run/token"
rm "$tmp/run/token"
is "a token in a file" "$status $out" "0 $wanted"
run resolve-customer --cli-input-json - <<<"{\"RegistrationToken\":\"$token\"}"
is "a token in JSON" "$status $out" "0 $wanted"

mint '{"ProductCode":"prod-license","Kind":"expired"}'
refused "an expired token" 65 "ExpiredTokenException: .*press \"Set up your account\".* $answered\$" resolve-customer "$token"
refused "a token that is none" 65 "InvalidTokenException: .*press \"Set up your account\".* $answered\$" resolve-customer made-up
fault '{"Action":"ResolveCustomer","Fault":"ThrottlingException","Count":1}'
refused "throttling" 75 "ThrottlingException: .* $answered; try again later\$" resolve-customer made-up
fault '{"Action":"ResolveCustomer","Fault":"AccessDeniedException","Count":1}'
refused "a right that lacks" 78 "AccessDeniedException: .*Allow this action .* $answered\$" resolve-customer made-up
AWS_SECRET_ACCESS_KEY=wrong refused "a wrong secret" 78 "InvalidSignatureException: Check the access key.* $answered\$" resolve-customer made-up
refused "nobody at the endpoint" 75 "ResolveCustomer: no whole answer from 127.0.0.1:1: .*; try again later\$" \
  resolve-customer made-up --endpoint-url http://127.0.0.1:1
refused "plain http to another machine" 78 "AWS_ENDPOINT_URL_MARKETPLACE_METERING is http://192.0.2.1.*use https\$" \
  resolve-customer made-up --endpoint-url http://192.0.2.1
refused "no region" 78 "AWS_REGION is \"no region\"" resolve-customer made-up --region 'no region'
TOLLGATE_API_EDITON=2019 refused "a setting that there is not" 78 "TOLLGATE_API_EDITON is not a setting" resolve-customer made-up
printf '[profile shop]\naws_access_key_id = %s\naws_secret_access_key = %s\n' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" >"$tmp/config"
AWS_CONFIG_FILE=$tmp/config AWS_SECRET_ACCESS_KEY=wrong refused "--profile comes before the environment's keys" 65 \
  "InvalidTokenException" resolve-customer made-up --profile shop

before=$(calls)
TOLLGATE_API_EDITION=2019 refused "what the edition's limits forbid" 65 "ResolveCustomer: RegistrationToken: .*white space" resolve-customer 'with a blank'
is "… is not sent" "$(calls)" "$before"

mint '{"ProductCode":"prod-license"}'
fault '{"Action":"ResolveCustomer","Fault":"slow","Count":1,"DelayMs":800}'
"$BIN/tollgate" resolve-customer "$token" >"$tmp/out" &
slow=$!
ok "the token is soon gone from the list of processes" until_true 1 eval "! grep -qF '$token' /proc/$slow/cmdline"
wait "$slow"
like "… while AWS still answers" "$? $(flat)" '^0 .*"LicenseArn"'

# ---- batch-meter-usage ----

hour=$(date -u +%Y-%m-%dT%H:00:00)
usage() { printf 'Timestamp=%sZ,CustomerIdentifier=%s,Dimension=%s,Quantity=%s' "$hour" "$legacy" "$1" "$2"; }
# shown DIMENSION QUANTITY INDENT: a record as it is shown
shown() {
  printf '{\n    "Timestamp": "%s+00:00",\n    "CustomerIdentifier": "%s",\n    "Dimension": "%s",\n    "Quantity": %s\n}' \
    "$hour" "$legacy" "$1" "$2" | sed "2,\$s/^/$3/"
}
batch() { run batch-meter-usage --product-code prod-legacy "$@"; }
uuid='[0-9a-f]{8}-[0-9a-f-]{27}'

batch --usage-records "$(usage users 5)" "{\"Timestamp\":\"${hour}Z\",\"CustomerIdentifier\":\"$legacy\",\"Dimension\":\"requests\"}"
is "two records, in shorthand and in JSON: status" "$status" 0
is "… and the answer as the AWS CLI shows it" "$(sed -E "s/$uuid/UUID/" "$tmp/out")" "{
    \"Results\": [
        {
            \"UsageRecord\": $(shown users 5 '            '),
            \"MeteringRecordId\": \"UUID\",
            \"Status\": \"Success\"
        },
        {
            \"UsageRecord\": $(shown requests 0 '            '),
            \"MeteringRecordId\": \"UUID\",
            \"Status\": \"Success\"
        }
    ],
    \"UnprocessedRecords\": []
}"
honoured() {
  control records | perl -MJSON::PP -0777 -e \
    'print join " ", sort map { "$_->{Dimension}=" . ($_->{Quantity} // 0) } @{decode_json(<STDIN>)->{Records}}'
}
is "… and it is metered" "$(honoured)" "requests=0 users=5"

batch --usage-records "$(usage users 6)"
is "another quantity: status" "$status" 65
like "… is in the answer" "$out" '"Status": "DuplicateRecord"'
like "… and on standard error" "$err" '^tollgate: record 1: DuplicateRecord: .*the first one stays$'
fault '{"Action":"BatchMeterUsage","Fault":"unprocessed","Count":1}'
batch --usage-records "$(usage gigabytes 7)"
is "not processed: status, so that a script sends it again" "$status" 75
is "… and the answer" "$out" "{
    \"Results\": [],
    \"UnprocessedRecords\": [
        $(shown gigabytes 7 '        ')
    ]
}"
batch --usage-records "$(printf %s "$out" | perl -MJSON::PP -0777 -e 'print encode_json(decode_json(<STDIN>)->{UnprocessedRecords})')"
is "… and sent again as it was answered, it is metered" "$status $(honoured)" "0 gigabytes=7 requests=0 users=5"
fault '{"Action":"BatchMeterUsage","Fault":"partial","Count":1}'
batch --usage-records "$(usage users 6)" "$(usage gigabytes 7)"
is "one refused, one not processed: the worse counts" "$status $(wc -l <"$tmp/err")" "65 2"
fault '{"Action":"BatchMeterUsage","Fault":"drop","Count":1}'
batch --usage-records "$(usage gigabytes 7)"
is "a record that AWS does not name: status" "$status" 75
like "… says so" "$err" "record 1: AWS's answer does not name it"
fault '{"Action":"BatchMeterUsage","Fault":"lost","Count":1}'
refused "an answer that is lost" 75 "BatchMeterUsage: no whole answer.*may have been carried out.*nothing is billed twice\$" \
  batch-meter-usage --product-code prod-legacy --usage-records "$(usage users 5)"
refused "a dimension that there is not" 65 "InvalidUsageDimensionException: .*API name.* $answered\$" \
  batch-meter-usage --product-code prod-legacy --usage-records "$(usage seats 5)"
refused "a product that there is not" 78 "InvalidProductCodeException: .* $answered\$" \
  batch-meter-usage --product-code prod-other --usage-records "$(usage users 5)"

"$BIN/tollgate" batch-meter-usage --usage-records '[]' >/dev/full 2>"$tmp/err"
is "an answer that cannot be written: status" "$?" 75
like "… says so" "$(cat "$tmp/err")" 'AWS answered, but it cannot be shown: No space left'

before=$(calls)
refused "a slip in a member's name" 65 'UsageRecords: there is no member "Quanity"; allowed are Timestamp' \
  batch-meter-usage --usage-records 'Timestamp=1,Dimension=users,Quanity=5'
printf '[{"Timestamp":1,"Dimension":"users","quantity":5}]' >"$tmp/usage.json"
refused "a slip in a file" 65 'UsageRecords: item 1: there is no member "quantity"' \
  batch-meter-usage --usage-records file://usage.json
refused "a slip in the whole request" 65 '--cli-input-json: there is no member "Usagerecords"' \
  batch-meter-usage --cli-input-json '{"Usagerecords":[]}'
refused "26 records" 65 'BatchMeterUsage: UsageRecords: has 26 items' \
  batch-meter-usage --product-code prod-legacy --usage-records "$(printf '[%s]' "$(yes '{"Timestamp":1,"Dimension":"d","CustomerIdentifier":"c"}' | head -n 26 | paste -sd,)")"
refused "a time without its zone" 65 'Timestamp: it has to be seconds since 1970, or ISO 8601 with its zone' \
  meter-usage --product-code p --usage-dimension d --timestamp "$hour"
refused "a file that there is not" 65 'UsageRecords: cannot read nowhere: No such file' \
  batch-meter-usage --usage-records file://nowhere
refused "an option that there is not" 64 'batch-meter-usage: there is no option --usage-record; allowed are --usage-records, ' \
  batch-meter-usage --usage-record x
refused "an option that is required" 64 'batch-meter-usage: --usage-records is required' batch-meter-usage
is "none of these is sent" "$(calls)" "$before"

# ---- meter-usage ----

meter() { run meter-usage --product-code prod-legacy --timestamp "$(date +%s)" --usage-dimension users "$@"; }
meter --usage-quantity 3 --dry-run
is "a dry run: status, and no answer" "$status $out" "0 "
like "… says that it was one" "$err" "^tollgate: DryRunOperation: AWS would allow this call; nothing is metered $answered\$"
meter --usage-quantity 3
like "usage of the account: status and answer" "$status $(flat)" "^0 \{     \"MeteringRecordId\": \"$uuid\" \} \$"
first=$out
meter --usage-quantity 3 --no-dry-run
is "the same again has the same id" "$status $out" "0 $first"
meter --usage-quantity 4
like "another quantity is refused" "$status $err" "^65 tollgate: DuplicateRequestException: .*the first one stays $answered\$"
fault '{"Action":"MeterUsage","Fault":"UnauthorizedException","Count":1}'
meter --dry-run
like "a dry run that would not be allowed" "$status $err" '^78 tollgate: UnauthorizedException: .*Allow this action'

# ---- register-usage ----

control keys/1 >"$tmp/key.pem"
openssl genrsa 2048 2>/dev/null | openssl rsa -pubout -out "$tmp/other.pem" 2>/dev/null
register() { run register-usage --product-code prod-legacy --public-key-version 1 "$@"; }
nonce() { json '{Signature}' <"$tmp/out" | cut -d. -f2 | perl -MMIME::Base64=decode_base64url -e 'print decode_base64url(<STDIN>)' | grep -oiE '"nonce": ?"[^"]*"' | cut -d'"' -f4; }
register --public-key key.pem
is "a container is registered, and the answer verified: status" "$status" 0
like "… and the answer" "$(flat)" '^\{     "Signature": "[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+" \} $'
first=$(nonce)
like "… over a nonce that it made" "$first" "^$uuid\$"
register --public-key key.pem
second=$(nonce)
like "… each time" "$second" "^$uuid\$"
ok "… another one" test "$second" != "$first"
register --public-key key.pem --nonce mine
is "a nonce that is given" "$status $(nonce)" "0 mine"
register --public-key other.pem
like "the wrong key" "$status $out$err" '^78 tollgate: RegisterUsage: .*signature'
register
like "no key" "$status $out$err" '^64 tollgate: register-usage: --public-key FILE is required.*--no-verify'
register --no-verify
like "--no-verify" "$status $(flat)" '^0 .*Signature'
register --no-verify --public-key key.pem
is "both" "$status $out" "64 "
register --public-key usage.json
is "a key that is none" "$status $out" "65 "

# ---- ledger: as whom ----

# Before anything is looked at, or made.
export TOLLGATE_STATE_DIR=$tmp/not-yet
may_not="may not look at the ledger: set PGUSER to tollgate_admin or tollgate_meter"
PGUSER=tollgate_web refused "the ledger, as the web program's role" 78 "the role tollgate_web $may_not\$" ledger status
PGUSER=tollgate_sandbox refused "… as one that may not use the schema" 78 "the role tollgate_sandbox $may_not\$" ledger status
PGUSER=tollgate_meter refused "adopting it as the meter's role" 78 \
  "the role tollgate_meter may not adopt the ledger: set PGUSER to tollgate_admin\$" ledger adopt --reason x
ok "… no state folder is made for that" test ! -e "$TOLLGATE_STATE_DIR"
for role in meter admin; do
  PGUSER=tollgate_$role run ledger status
  like "ledger status as tollgate_$role" "$status $(flat)" '^0 .*The ledger is new'
done
PGDATABASE=tollgate_sandbox refused "a database without the schema" 78 '.*has no schema tollgate' ledger status
unset TOLLGATE_STATE_DIR

# ---- help ----

for command in resolve-customer batch-meter-usage meter-usage register-usage doctor 'ledger status' 'ledger adopt'; do
  # shellcheck disable=SC2086 # two words
  run $command --help
  like "$command --help" "$status $out" "^0 usage: tollgate $command"
  is "… fits a terminal, and says nothing on standard error" "$(awk 'length > 100' "$tmp/out")$err" ""
done
run meter-usage --help
like "--help has the options of the API's members" "$out" '--usage-quantity NUMBER .*0 to 2147483647'
TOLLGATE_API_EDITION=2019 run meter-usage --help
like "… with the edition's limits" "$out" '--usage-quantity NUMBER .*0 to 1000000$'
run ledger adopt --help
like "ledger adopt --help has its options" "$out" '--nothing-lost'
unlike "… and none of AWS, which is not called" "$out" '--(region|endpoint-url|profile)'
refused "… as that option is refused" 64 'ledger status: there is no option --region; allowed are --help$' ledger status --region x
for help in --help -h; do
  run ledger $help
  is "ledger $help lists what there is of it" "$status $(grep -o '^usage: tollgate ledger [a-z]*' "$tmp/out")$err" \
    "0 usage: tollgate ledger status
usage: tollgate ledger adopt"
done
run ledger
is "ledger alone" "$status $out$(head -n 1 "$tmp/err")" '64 tollgate: ledger is not a whole command'
like "… lists the same" "$err" 'usage: tollgate ledger adopt --reason TEXT'
run ledger adpot --reason x
is "ledger and another word" "$status $out$(head -n 1 "$tmp/err")" '64 tollgate: there is no command "ledger adpot"'
run --help
like "--help names each exit status" "$(flat)" '73 a run of tollgate-meter is under way'
like "--help lists the commands and settings" "$status $(flat)" '^0 usage: .*batch-meter-usage.*TOLLGATE_API_EDITION'
run --version
like "--version" "$status $out" '^0 tollgate [0-9.]+$'
run batch-meter
like "a command that there is not" "$status $err" '^64 tollgate: there is no command "batch-meter"'
run
is "no command" "$status" 64

check_secrets
done_testing
