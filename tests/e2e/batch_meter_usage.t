#!/usr/bin/env bash
# BatchMeterUsage in the sandbox: what is honoured once, what spoils a request or a record, and every fault.
# shellcheck source=tests/e2e/caller.sh
# shellcheck disable=SC2154 # NAME_account, NAME_license and NAME_identifier: set by buyer
. "$(dirname "$0")/caller.sh"

# Half past twelve in the middle of a month, by the sandbox's clock and by every signature.
move() {
  export TIME=$1 TIME_SINCE=$EPOCHSECONDS
  control clock "{\"Now\":$1}" >/dev/null
}
noon=$(date -u -d '2026-11-15 12:30' +%s)
move "$noon"

# buyer NAME ORDER: sets NAME_account, NAME_license, NAME_identifier
buyer() {
  mint "$2"
  eval "$(printf "%s_account=%s %s_license=%s %s_identifier=%s" "$1" "$(minted CustomerAWSAccountId)" "$1" "$(minted LicenseArn)" "$1" "$(minted CustomerIdentifier)")"
}
buyer old '{"ProductCode":"prod-legacy"}'
buyer new '{"ProductCode":"prod-license"}'
old="\"CustomerIdentifier\":\"$old_identifier\"" new="\"CustomerAWSAccountId\":\"$new_account\",\"LicenseArn\":\"$new_license\""

# record MEMBERS: with a Timestamp ten minutes ago and a Dimension if they have none
record() {
  local record=$1 usual
  for usual in "\"Timestamp\":$((TIME - 600))" '"Dimension":"users"'; do
    [[ $record == *"${usual%%:*}:"* ]] || record+=",$usual"
  done
  printf '{%s}' "$record"
}
# list MEMBERS…: of records
list() {
  local one list=
  for one; do list+="${list:+,}$(record "$one")"; done
  printf '[%s]' "$list"
}
# legacy MEMBERS…: a call for prod-legacy with these records; licensed: one without a product
legacy() { call BatchMeterUsage "{\"ProductCode\":\"prod-legacy\",\"UsageRecords\":$(list "$@")}"; }
licensed() { call BatchMeterUsage "{\"UsageRecords\":$(list "$@")}"; }
# found PATTERN TEXT: what its group matches, all of it
found() {
  local rest=$2 all=
  while [[ $rest =~ $1 ]]; do
    all+="${all:+ }${BASH_REMATCH[1]}"
    rest=${rest#*"${BASH_REMATCH[0]}"}
  done
  printf %s "$all"
}
statuses() { found '"Status":"([A-Za-z]+)"' "$(answer)"; }
# quantities: of the answer's results, then of those that were not processed
quantities() {
  local all
  all=$(answer)
  printf '%s|%s' "$(found '"Quantity":([0-9]+)' "${all%%\"UnprocessedRecords\"*}")" "$(found '"Quantity":([0-9]+)' "${all#*\"UnprocessedRecords\"}")"
}
records() { control records; }
honoured() {
  local ids
  read -ra ids < <(found '"MeteringRecordId": "([0-9a-f-]+)"' "$(records)"; echo)
  echo ${#ids[@]}
}
settings() { control settings "$1" >/dev/null; }
fresh() {
  control reset '{}' >/dev/null
  move "$noon"
  buyer old '{"ProductCode":"prod-legacy"}'
  buyer new '{"ProductCode":"prod-license"}'
  old="\"CustomerIdentifier\":\"$old_identifier\"" new="\"CustomerAWSAccountId\":\"$new_account\",\"LicenseArn\":\"$new_license\""
}

# ---- honoured, once ----

at=$((noon - 700))
legacy "$old,\"Quantity\":5,\"Timestamp\":$at"
like "usage is honoured" "$status $(answer)" "^200 \{\"Results\":\[\{\"UsageRecord\":\{$old,\"Quantity\":5,\"Timestamp\":$at,\"Dimension\":\"users\"\},\"MeteringRecordId\":\"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\",\"Status\":\"Success\"\}\],\"UnprocessedRecords\":\[\]\}\$"
first=$(member MeteringRecordId)
like "and can be seen" "$(records)" "^\{\"Records\":\[\{.*\"MeteringRecordId\": \"$first\".*\}\]\}\$"
shown=$(records)
for part in '"Quantity": 5' '"Dimension": "users"' '"Region": "us-east-1"' '"ProductCode": "prod-legacy"' "\"CustomerIdentifier\": \"$old_identifier\"" "\"Timestamp\": $at" "\"Hour\": $((noon - 1800))"; do
  ok "with ${part%%:*}" test "${shown/"$part"/}" != "$shown"
done
legacy "$old,\"Quantity\":5,\"Timestamp\":$at"
is "the same again: Success, the same id" "$(statuses) $(member MeteringRecordId)" "Success $first"
legacy "$old,\"Quantity\":5,\"Timestamp\":$((noon - 1800)).25"
is "anywhere in the hour" "$(statuses) $(member MeteringRecordId)" "Success $first"
legacy "$old,\"Quantity\":6"
is "another quantity: DuplicateRecord without an id" "$status $(statuses) $(member MeteringRecordId)" "200 DuplicateRecord "
legacy "\"CustomerAWSAccountId\":\"$old_account\",\"Quantity\":5"
is "named by the account: the same customer" "$(statuses) $(member MeteringRecordId)" "Success $first"
legacy "$old,\"Quantity\":1" "$old,\"Quantity\":7,\"Dimension\":\"requests\"" "$old,\"Quantity\":8,\"Timestamp\":$((noon - 3600))" "$old,\"Quantity\":7,\"Dimension\":\"requests\""
is "other hours and dimensions have quantities of their own; a record of the batch does not hold up the others" "$(statuses)" "DuplicateRecord Success Success Success"
legacy "$old,\"Quantity\":3,\"Dimension\":\"gigabytes\"" "$old,\"Quantity\":4,\"Dimension\":\"gigabytes\"" "$old,\"Quantity\":3,\"Dimension\":\"gigabytes\""
is "of two records of one key the first wins" "$(statuses)" "Success DuplicateRecord Success"
is "records are shown in the order received" "$(found '"Quantity": ([0-9]+)' "$(records)")" "5 7 8 3"
REGION=eu-west-1 legacy "$old,\"Quantity\":6"
is "another region does not know of it" "$(statuses) $(records | grep -c '"Region": "eu-west-1"')" "Success 1"
legacy "$old,\"Timestamp\":$((noon - 7200))"
zero=$(member MeteringRecordId)
unlike "an absent Quantity is not added to the answer" "$(answer)" Quantity
legacy "$old,\"Timestamp\":$((noon - 7200)),\"Quantity\":0"
is "and is zero" "$(statuses) $(member MeteringRecordId)" "Success $zero"
legacy "$old,\"Timestamp\":$((noon - 7200)),\"Quantity\":null"
is "as null is" "$(statuses) $(member MeteringRecordId)" "Success $zero"
legacy "$old,\"Timestamp\":1.79474E9,\"Quantity\":5.0,\"Unknown\":[1]"
like "numbers are repeated as they were written, and unknown members are not" "$(answer)" "\"UsageRecord\":\{$old,\"Timestamp\":1\.79474E9,\"Quantity\":5\.0,\"Dimension\":\"users\"\}"
settings '{"Repeat":"DuplicateRecord"}'
legacy "$old,\"Quantity\":5"
is "where a repeat is a DuplicateRecord" "$(statuses) $(member MeteringRecordId)" "DuplicateRecord "
settings '{"Repeat":"Success"}'
legacy
is "no record at all is a good call" "$status $(answer)" '200 {"Results":[],"UnprocessedRecords":[]}'
call BatchMeterUsage '{"UsageRecords":[]}'
is "without a product too" "$status" 200

# ---- licenses ----

licensed "$new,\"Quantity\":5"
is "usage of a license" "$status $(statuses) $(records | grep -c "\"LicenseArn\": \"$new_license\"")" "200 Success 1"
licensed "\"CustomerAWSAccountId\":\"$new_account\",\"LicenseArn\":\"arn:aws:license-manager:us-east-1:$new_account:${new_license##*:}\",\"Quantity\":5"
is "another spelling of it is the same license" "$(statuses)" Success
call BatchMeterUsage "{\"ProductCode\":\"prod-license\",\"UsageRecords\":$(list "\"CustomerAWSAccountId\":\"$new_account\",\"Quantity\":9")}"
is "the account alone has quantities of its own: billed twice" "$(statuses) $(records | grep -o '"ProductCode": "prod-license"' | wc -l)" "Success 2"
buyer more "{\"ProductCode\":\"prod-license\",\"CustomerAWSAccountId\":\"$new_account\"}"
licensed "\"CustomerAWSAccountId\":\"$new_account\",\"LicenseArn\":\"$more_license\",\"Quantity\":6"
is "so has another license of the account" "$(statuses)" Success

# ---- what spoils a request leaves nothing behind ----

before=$(honoured)
good="$old,\"Quantity\":1,\"Timestamp\":$((noon - 20000))"
both="\"CustomerAWSAccountId\":\"$old_account\""
# spoilt NAME ERROR MEMBERS: beside a good record
spoilt() {
  legacy "$good" "$3"
  refused "$1" 400 "$2"
}
spoilt "CustomerIdentifier and account" ValidationException "$old,$both"
spoilt "neither" ValidationException '"Quantity":1'
spoilt "an empty CustomerIdentifier names nobody" ValidationException '"CustomerIdentifier":""'
spoilt "LicenseArn beside ProductCode" ValidationException "$new"
licensed "$new,$old"
refused "LicenseArn and CustomerIdentifier" 400 ValidationException
licensed "\"LicenseArn\":\"$new_license\""
refused "LicenseArn without an account" 400 ValidationException
licensed "$both"
refused "no product" 400 ValidationException
like "and the message says which record" "$(answer)" '"message":"Record 1: LicenseArn, or the request'
call BatchMeterUsage "{\"ProductCode\":\"prod-nope\",\"UsageRecords\":$(list "$old")}"
refused "an unknown product" 400 InvalidProductCodeException
call BatchMeterUsage '{"ProductCode":"prod-nope","UsageRecords":[]}'
refused "even without records" 400 InvalidProductCodeException
spoilt "an unknown CustomerIdentifier" InvalidCustomerIdentifierException '"CustomerIdentifier":"cust-nope"'
mint '{"ProductCode":"prod-license","ResolveShape":{"CustomerIdentifier":"set"}}'
call BatchMeterUsage "{\"ProductCode\":\"prod-license\",\"UsageRecords\":$(list "\"CustomerIdentifier\":\"$(minted CustomerIdentifier)\"")}"
refused "a CustomerIdentifier of a product that has none" 400 InvalidCustomerIdentifierException
legacy "\"CustomerIdentifier\":\"$(minted CustomerIdentifier)\"" "\"CustomerIdentifier\":\"$(minted CustomerIdentifier)\",\"Dimension\":\"requests\""
is "that of another product's buyer spoils nothing: they are not subscribed" "$status $(statuses)" "200 CustomerNotSubscribed CustomerNotSubscribed"
licensed "$new,\"Quantity\":1" '"CustomerAWSAccountId":"'"$new_account"'","LicenseArn":"arn:aws:license-manager::1:license:l-0"'
refused "an unknown license" 400 InvalidLicenseException
licensed "\"CustomerAWSAccountId\":\"$old_account\",\"LicenseArn\":\"$new_license\""
refused "another account's" 400 InvalidLicenseException
licensed "$new,\"Dimension\":\"requests\"" "\"CustomerAWSAccountId\":\"$old_account\",\"LicenseArn\":\"$old_license\""
refused "licenses of two products" 400 InvalidLicenseException
spoilt "an unknown dimension" InvalidUsageDimensionException "$old,\"Dimension\":\"Users\""
spoilt "the future" TimestampOutOfBoundsException "$old,\"Timestamp\":$((noon + 120))"
spoilt "24 hours ago" TimestampOutOfBoundsException "$old,\"Timestamp\":$((noon - 86400))"
spoilt "milliseconds" TimestampOutOfBoundsException "$old,\"Timestamp\":${noon}000"
spoilt "a time that none is" TimestampOutOfBoundsException "$old,\"Timestamp\":-1e300"
legacy "$old,\"Timestamp\":$((noon - 86300))"
is "almost 24 hours are fine" "$(statuses)" Success
buyer late "{\"ProductCode\":\"prod-legacy\",\"SubscribedAt\":$((noon - 900))}"
spoilt "before the subscription" TimestampOutOfBoundsException "\"CustomerIdentifier\":\"$late_identifier\",\"Timestamp\":$((noon - 901))"
legacy "\"CustomerIdentifier\":\"$late_identifier\",\"Timestamp\":$((noon - 900))"
is "from its start on" "$(statuses)" Success
spoilt "the model's limits: no Dimension" ValidationException "$old,\"Dimension\":\"\""
like "and where" "$(answer)" "Value '' at 'usageRecords.2.member.dimension' failed to satisfy constraint: Member must have length greater"
spoilt "a quantity over 2^31-1" ValidationException "$old,\"Quantity\":2147483648"
spoilt "a text for a number" SerializationException "$old,\"Quantity\":\"5\""
is "nothing of all that was honoured" "$(honoured)" $((before + 2))
legacy "$good"
is "nor was its good record, which still can be" "$(statuses)" Success

# ---- allocations ----

# shares QUANTITY ALLOCATIONS
shares() { legacy "$old,\"Timestamp\":$((noon - 30000)),\"Quantity\":$1,\"UsageAllocations\":[$2]"; }
tagged() { printf '{"AllocatedUsageQuantity":%s,"Tags":[%s]}' "$1" "$2"; }
tag() { printf '{"Key":"%s","Value":"%s"}' "$1" "$2"; }
shares 5 "$(tagged 2 "$(tag team a)"),$(tagged 2 "$(tag team b)")"
refused "a sum that is not the quantity" 400 InvalidUsageAllocationsException
shares 4 "$(tagged 2 "$(tag team a),$(tag env x)"),$(tagged 2 "$(tag env x),$(tag team a)")"
refused "one set of tags twice, in another order" 400 InvalidUsageAllocationsException
shares 4 '{"AllocatedUsageQuantity":2},{"AllocatedUsageQuantity":2}'
refused "no tags, twice" 400 InvalidUsageAllocationsException
shares 2 "$(tagged 2 "$(tag team 'a!')")"
refused "a character that the pattern lets through by mistake" 400 InvalidTagException
shares 2 "$(tagged 2 "$(tag team 'a>')")"
refused "one that it does not" 400 ValidationException
shares 6 "$(tagged 1 "$(tag a 1)"),$(tagged 1 "$(tag b 1)"),$(tagged 1 "$(tag c 1)"),$(tagged 1 "$(tag d 1)"),$(tagged 1 "$(tag e 1)"),$(tagged 1 "$(tag f 1)")"
refused "six keys in a record" 400 InvalidTagException
shares 6 "$(tagged 1 "$(tag a 1)"),$(tagged 1.0 "$(tag a 2),$(tag 'b c' '+-=._:/@')"),{\"AllocatedUsageQuantity\":4,\"Tags\":null}"
like "shares that add up are honoured, and repeated" "$(statuses) $(answer)" '^Success .*"UsageAllocations":\[\{"AllocatedUsageQuantity":1,"Tags":\[\{"Key":"a","Value":"1"\}\]\},\{"AllocatedUsageQuantity":1\.0,.*\},\{"AllocatedUsageQuantity":4\}\]'

# ---- the end of a subscription ----

legacy "$good" '"CustomerAWSAccountId":"999999999999","Quantity":1'
is "an account that bought nothing" "$status $(statuses)" "200 Success CustomerNotSubscribed"
move "$noon" # so that a minute later is after it, however long all this took
like "a subscription ends" "$(control subscriptions/end "{\"LicenseArn\":\"$new_license\"}")" "^\{\"Subscriptions\":\[\{\"LicenseArn\":\"$new_license\",\"EndedAt\":$((noon / 100))[0-9.]+\}\]\}\$"
licensed "$new,\"Timestamp\":$((noon - 4000))"
is "usage before its end is honoured for an hour" "$(statuses)" Success
move $((noon + 60))
licensed "$new,\"Timestamp\":$((noon + 60))" "$new,\"Timestamp\":$((noon - 7600)),\"Quantity\":1"
is "usage after it is not" "$(statuses)" "CustomerNotSubscribed Success"
unlike "which has no id" "$(answer)" 'MeteringRecordId[^}]*CustomerNotSubscribed'
move $((noon + 3700))
licensed "$new,\"Timestamp\":$((noon - 11000))"
is "then no more" "$(statuses)" CustomerNotSubscribed
settings '{"GraceSeconds":7200}'
licensed "$new,\"Timestamp\":$((noon - 11000))"
is "the hour can be set" "$(statuses)" Success
settings '{"GraceSeconds":0,"AfterEnd":"InvalidLicenseException"}'
licensed "\"CustomerAWSAccountId\":\"$new_account\",\"LicenseArn\":\"$more_license\",\"Dimension\":\"requests\"" "$new,\"Timestamp\":$((noon - 11000))"
refused "and the whole request refused" 400 InvalidLicenseException
is "an account's end" "$(control subscriptions/end "{\"CustomerAWSAccountId\":\"$old_account\",\"ProductCode\":\"prod-legacy\"}" | grep -o EndedAt)" EndedAt
legacy "$old,\"Timestamp\":$((noon + 10))"
is "of a customer without a license, that stays with the record" "$status $(statuses)" "200 CustomerNotSubscribed"
like "no such subscription" "$(message subscriptions/end '{"LicenseArn":"l-nope"}')" '^400 There is no such subscription'
like "half a name" "$(message subscriptions/end '{"ProductCode":"prod-legacy"}')" '^400 Either LicenseArn'

# ---- months ----

fresh
month=$(date -u -d '2026-12-01' +%s)
move $((month + 5 * 3600 + 1800))
legacy "$old,\"Timestamp\":$((month - 3600))" "$old,\"Timestamp\":$month"
is "last month until six o'clock" "$(statuses)" "Success Success"
move $((month + 6 * 3600))
legacy "$old,\"Timestamp\":$((month - 7200))"
refused "not after" 400 TimestampOutOfBoundsException
legacy "$old,\"Timestamp\":$((month + 3600))"
is "this month" "$(statuses)" Success

# ---- regions ----

fresh
for action in BatchMeterUsage ResolveCustomer RegisterUsage; do
  call $action '{"UsageRecords":[],"RegistrationToken":"x","ProductCode":"prod-legacy","PublicKeyVersion":1}' REGION=mx-central-1
  refused "$action where AWS has no such API" 400 DisabledApiException
done
call BatchMeterUsage '{}' REGION=mx-central-1
refused "the model's limits are looked at before" 400 ValidationException

# ---- 2019 ----

settings '{"Edition":"2019"}'
legacy "$old,\"Quantity\":1000000,\"UsageAllocations\":5"
like "of 2019: allocations are unknown, and not repeated" "$(statuses) $(answer)" "^Success .*\"UsageRecord\":\{$old,\"Quantity\":1000000,\"Timestamp\":[0-9]+,\"Dimension\":\"users\"\}"
legacy "$old,\"Quantity\":1000001"
refused "a million is the most" 400 ValidationException
legacy "$old,\"Timestamp\":$((noon - 3500))"
is "almost an hour" "$(statuses)" Success
legacy "$old,\"Timestamp\":$((noon - 3601))"
refused "more than an hour" 400 TimestampOutOfBoundsException
legacy "\"CustomerIdentifier\":\"\""
refused "an empty CustomerIdentifier" 400 ValidationException
licensed "$new,\"Quantity\":5"
is "licenses work too" "$(statuses)" Success
call BatchMeterUsage '{"UsageRecords":[]}'
refused "no product and no license" 400 ValidationException
call BatchMeterUsage '{}' TARGET=AWSMPMeteringService.Nope
refused "its names of errors" 400 InvalidAction

# ---- settings ----

is "all settings are answered" "$(control settings '{}')" '{"Edition":"2019","Repeat":"Success","AfterEnd":"CustomerNotSubscribed","GraceSeconds":3600}'
is "and can be set" "$(control settings '{"Edition":"today","Repeat":"DuplicateRecord","AfterEnd":"InvalidLicenseException","GraceSeconds":5}')" '{"Edition":"today","Repeat":"DuplicateRecord","AfterEnd":"InvalidLicenseException","GraceSeconds":5}'
like "another edition" "$(message settings '{"Edition":"2020"}')" '^400 Edition must be "today" or "2019"'
like "another status" "$(message settings '{"Repeat":"x"}')" '^400 Repeat must be "Success" or "DuplicateRecord"'
like "a time that goes back" "$(message settings '{"GraceSeconds":-1}')" '^400 GraceSeconds'
like "an unknown setting: the list" "$(message settings '{"Grace":1}')" '^400 .*GraceSeconds \(number\)'
fresh
is "reset forgets them and the records" "$(control settings '{}') $(records)" '{"Edition":"today","Repeat":"Success","AfterEnd":"CustomerNotSubscribed","GraceSeconds":3600} {"Records":[]}'

# ---- faults ----

# fails FAULT [MATCH]: for the next call
fails() {
  local order="\"Action\":\"BatchMeterUsage\",\"Fault\":\"$1\",\"Count\":1"
  [ $# = 1 ] || order+=",\"Match\":{$2}"
  [ "$(control faults "{$order}")" = '{}' ] || die "no fault: $order"
}
# five [DIMENSION]: records of one key each, with the quantities 1 to 5; requests is the dimension of 2 and 3
five() {
  legacy "$old,\"Quantity\":1" "$old,\"Quantity\":2,\"Dimension\":\"requests\"" "$old,\"Quantity\":3,\"Dimension\":\"requests\",\"Timestamp\":$((noon - 3600))" \
    "$old,\"Quantity\":4,\"Dimension\":\"gigabytes\"" "$old,\"Quantity\":5,\"Timestamp\":$((noon - 7200))"
}
fails unprocessed
five
is "unprocessed: all are, and nothing is honoured" "$status $(quantities) $(honoured)" "200 |1 2 3 4 5 0"
fails partial
five
is "partial: every second one" "$(quantities) $(honoured)" "1 3 5|2 4 3"
five
is "once only; they can be sent again" "$(quantities) $(statuses)" "1 2 3 4 5| Success Success Success Success Success"
fails shuffled
five
is "shuffled: another order" "$(quantities)" "5 4 3 2 1|"
fails unprocessed '"Dimension":"requests"'
five
is "unprocessed with Match: those that fit" "$(quantities)" "1 4 5|2 3"
fails partial '"Dimension":"requests"'
five
is "partial too" "$(quantities)" "1 4 5|2 3"
fails shuffled '"Dimension":"requests"'
five
is "shuffled among those" "$(quantities)" "1 3 2 4 5|"
fails drop '"Dimension":"gigabytes"'
five
is "drop with Match" "$(quantities)" "1 2 3 5|"
fails ThrottlingException '"Dimension":"nope"'
five
is "a fault for other records waits" "$status" 200
fails ThrottlingException "\"Dimension\":\"requests\",\"CustomerIdentifier\":\"$old_identifier\""
legacy "$old,\"Quantity\":1" "\"CustomerAWSAccountId\":\"$old_account\",\"Dimension\":\"requests\",\"Quantity\":2"
is "as does one that no single record fits in all" "$status" 200
five
refused "and meets the call with one that does" 400 ThrottlingException
fails ServiceUnavailable "\"LicenseArn\":\"${new_license##*:}\""
licensed "$new"
refused "by license" 503 ServiceUnavailable
fresh
fails drop
five
is "drop: the last is in neither list" "$(quantities)" "1 2 3 4|"
is "though it was honoured" "$(honoured)" 5
fails lost
legacy "$old,\"Quantity\":6,\"Dimension\":\"users\",\"Timestamp\":$((noon - 11000))"
is "lost: not a byte" "$status" "curl 52"
like "after the commit" "$(records)" '"Quantity": 6'
legacy "$old,\"Quantity\":6,\"Dimension\":\"users\",\"Timestamp\":$((noon - 11000))"
is "so that it can be repeated" "$(statuses) $(records | grep -c "$(member MeteringRecordId)")" "Success 1"
fails reset
legacy "$old,\"Quantity\":7,\"Timestamp\":$((noon - 14600))"
is "reset: not a byte" "$status" "curl 52"
unlike "before anything is honoured" "$(records)" '"Quantity": 7'
fails extra
five
like "extra: members that nobody knows" "$(answer)" '"UnprocessedRecords":\[\],"FutureText"'
like "the faults of records are BatchMeterUsage's" "$(message faults '{"Action":"ResolveCustomer","Fault":"partial","Count":1}')" '^400 The Fault partial is of the Action BatchMeterUsage alone'

# ---- many at once ----

# at_once NAME: calls whose bodies and headers are in $tmp/NAME.*; answers in $tmp/NAME.*.answer
at_once() {
  local body
  for body in "$tmp/$1".*.body; do
    web -o "${body%.body}.answer" -H @"${body%.body}.signed" --data-binary @"$body" "$SANDBOX_URL/" &
    jobs_of+=($!)
  done
  wait "${jobs_of[@]}"
  jobs_of=()
}
jobs_of=()
# prepare NAME.N MEMBERS…
prepare() {
  sign BatchMeterUsage "{\"ProductCode\":\"prod-legacy\",\"UsageRecords\":$(list "${@:2}")}"
  mv "$tmp/body" "$tmp/$1.body"
  mv "$tmp/signed" "$tmp/$1.signed"
}
fresh
for n in 1 2 3 4 5 6 7 8; do prepare "first.$n" "$old,\"Quantity\":$n"; done
at_once first
is "of eight quantities at once one wins" "$(grep -oh '"Status":"[^"]*"' "$tmp"/first.*.answer | sort | uniq -c | tr -s ' \n' ' ')" ' 7 "Status":"DuplicateRecord" 1 "Status":"Success" '
is "the one that was honoured" "$(records | grep -o '"Quantity": [0-9]' | grep -o '[0-9]')" "$(grep -h Success "$tmp"/first.*.answer | grep -o '"Quantity":[0-9]' | grep -o '[0-9]')"
hours=() back=()
for n in 1 2 3 4 5 6 7 8 9 10; do
  hours+=("$old,\"Quantity\":$n,\"Timestamp\":$((noon - n * 3600))")
  back=("${hours[-1]}" "${back[@]}")
done
for n in 1 3 5; do
  prepare "order.$n" "${hours[@]}"
  prepare "order.$((n + 1))" "${back[@]}"
done
at_once order
is "calls that have the same records in other orders do not block each other" "$(grep -oh '"Status":"[^"]*"' "$tmp"/order.*.answer | sort | uniq -c | tr -s ' \n' ' ')" ' 60 "Status":"Success" '
is "and each is honoured once" "$(honoured)" 11

# The sandbox's own statement again, after a lost connection, is no repeat.
settings '{"Repeat":"DuplicateRecord"}'
legacy "$old,\"Quantity\":2,\"Dimension\":\"requests\""
again="SELECT status || ' ' || record_id FROM sandbox.meter_batch((SELECT request_id FROM sandbox.usage_record WHERE metering_record_id = '$(member MeteringRecordId)'), 'us-east-1', 'prod-legacy', '$(list "$old,\"Quantity\":2,\"Dimension\":\"requests\"")', '0', to_timestamp($noon), 5)"
is "the same request again, after a lost connection, has the same answer" "$(PGDATABASE=tollgate_sandbox sql "$again")" "Success $(member MeteringRecordId)"

check_callers
done_testing
