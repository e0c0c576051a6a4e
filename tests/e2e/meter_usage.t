#!/usr/bin/env bash
# MeterUsage in the sandbox: who may, what is refused, and that usage is honoured once.
# shellcheck source=tests/e2e/caller.sh
. "$(dirname "$0")/caller.sh"

now=$(date +%s)
hour=$((now / 3600 * 3600))
usage() { control usage; }
# honoured: how many records there are
honoured() { usage | grep -o MeteringRecordId | wc -l; }
# meter MEMBERS [NAME=VALUE…]: with the usual ones of those that are needed
meter() {
  local input=$1 usual
  for usual in '"ProductCode":"prod-legacy"' '"UsageDimension":"users"' "\"Timestamp\":$((hour - 3600))"; do
    [[ $input == *"${usual%%:*}:"* ]] || input+="${input:+,}$usual"
  done
  call MeterUsage "{$input}" "${@:2}"
}

# ---- once ----

meter '"UsageQuantity":5'
like "usage is honoured" "$status $(answer)" '^200 \{"MeteringRecordId":"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"\}$'
first=$(member MeteringRecordId)
is "and can be seen" "$(usage)" "{\"Usage\":[{\"ProductCode\":\"prod-legacy\",\"UsageDimension\":\"users\",\"UsageQuantity\":5,\"Timestamp\":$((hour - 3600)),\"CustomerAWSAccountId\":\"123456789012\",\"Platform\":\"ecs\",\"Region\":\"us-east-1\",\"MeteringRecordId\":\"$first\"}]}"
meter '"UsageQuantity":5'
is "the same again: the same id" "$status $(member MeteringRecordId)" "200 $first"
meter "\"UsageQuantity\":5,\"Timestamp\":$((hour - 1)).5"
is "anywhere in the hour" "$status $(member MeteringRecordId)" "200 $first"
meter '"UsageQuantity":6'
refused "another quantity" 400 DuplicateRequestException
meter ''
refused "none, which is zero" 400 DuplicateRequestException
meter "\"Timestamp\":$((hour - 7200))"
zero=$(member MeteringRecordId)
meter "\"Timestamp\":$((hour - 7200)),\"UsageQuantity\":0"
is "an absent quantity is zero" "$status $(member MeteringRecordId)" "200 $zero"
meter "\"Timestamp\":$((hour - 7200)),\"UsageQuantity\":null"
is "and so is null" "$status $(member MeteringRecordId)" "200 $zero"
ok "another hour has another id" test "$zero" != "$first"
meter '"UsageQuantity":6,"UsageDimension":"requests"'
is "another dimension has its own quantity" "$status" 200
meter '"UsageQuantity":6,"ProductCode":"prod-license"'
is "another product too" "$status" 200
meter '"UsageQuantity":6' REGION=eu-west-1
is "the default caller runs in all regions, which do not know of each other" "$status $(usage | grep -o '"Region":"[^"]*"' | sort | uniq -c | tr -s ' \n' ' ')" \
  '200  1 "Region":"eu-west-1" 4 "Region":"us-east-1" '
is "so far five were honoured" "$(honoured)" 5

# ---- callers ----

caller session-of-one 111111111111 ec2 eu-west-1
caller session-of-two 111111111111 eks eu-west-1
caller session-of-none 111111111111 none eu-west-1
as() { meter "$2" SESSION="session-of-$1" REGION=eu-west-1 "${@:3}"; }
as one '"UsageQuantity":1'
refused "a caller whose account has not subscribed" 400 CustomerNotEntitledException
mint '{"ProductCode":"prod-legacy","CustomerAWSAccountId":"111111111111"}'
as one '"UsageQuantity":1'
is "one whose account has" "$status" 200
one=$(member MeteringRecordId)
is "whose account, platform and region can be seen" "$(usage | grep -o "\"CustomerAWSAccountId\":\"111111111111\".*$one")" \
  "\"CustomerAWSAccountId\":\"111111111111\",\"Platform\":\"ec2\",\"Region\":\"eu-west-1\",\"MeteringRecordId\":\"$one"
as two '"UsageQuantity":2'
ok "two callers are two records" test "$status $(member MeteringRecordId)" != "200 $one"
as one '"UsageQuantity":1'
is "each finds its own again" "$(member MeteringRecordId)" "$one"
as one '"UsageQuantity":1,"ProductCode":"prod-license"'
refused "a subscription is to one product" 400 CustomerNotEntitledException
mint "{\"ProductCode\":\"prod-license\",\"CustomerAWSAccountId\":\"111111111111\",\"SubscribedAt\":$((now + 1000))}"
as one '"UsageQuantity":1,"ProductCode":"prod-license"'
refused "and must have begun" 400 CustomerNotEntitledException
meter '"UsageQuantity":1' SESSION=session-of-one REGION=us-east-1
refused "another region than the caller's" 400 InvalidEndpointRegionException
meter '"UsageQuantity":5' SESSION=session-of-nobody
is "a session token that nobody registered is the default caller's" "$status $(member MeteringRecordId)" "200 $first"
call BatchMeterUsage '{"UsageRecords":[]}' SESSION=session-of-none REGION=us-east-1
is "other actions ask for no caller" "$status" 200
as none '"UsageQuantity":1'
refused "a caller that may not" 403 AccessDeniedException
caller session-of-none 111111111111 ecs eu-west-1
as none '"UsageQuantity":1'
is "a caller may become another" "$status" 200
end_subscriptions 111111111111 prod-legacy
as two '"UsageQuantity":2'
refused "after the end of the subscription" 400 CustomerNotEntitledException
mint '{"ProductCode":"prod-legacy","CustomerAWSAccountId":"111111111111"}'
as two '"UsageQuantity":2'
is "and with a new one" "$status" 200
caller session-of-none 111111111111 none eu-west-1

# ---- DryRun ----

before=$(usage)
meter '"DryRun":true,"UsageQuantity":99'
refused "DryRun of a caller that may" 400 DryRunOperation
meter '"DryRun":true,"ProductCode":"no-such"' SESSION=session-of-one
refused "asks for nothing but the permission" 400 DryRunOperation
as none '"DryRun":true'
refused "DryRun of one that may not" 400 UnauthorizedException
is "and stores nothing" "$(usage)" "$before"
meter '"DryRun":false,"UsageQuantity":5'
is "DryRun that is false" "$status $(member MeteringRecordId)" "200 $first"

# ---- what is asked for ----

meter '"ProductCode":"no-such"'
refused "an unknown product" 400 InvalidProductCodeException
meter '"UsageDimension":"no-such"'
refused "an unknown dimension" 400 InvalidUsageDimensionException
meter '"UsageDimension":"Users"'
refused "one in other letters" 400 InvalidUsageDimensionException
meter "\"Timestamp\":$((now + 60))"
refused "a time to come" 400 TimestampOutOfBoundsException
meter "\"Timestamp\":$((now - 6 * 3600 - 60))"
refused "one over six hours ago" 400 TimestampOutOfBoundsException
meter '"Timestamp":1e300'
refused "one that no calendar has" 400 TimestampOutOfBoundsException
meter "\"Timestamp\":$((now - 6 * 3600 + 60))"
is "one of almost six hours ago" "$status" 200
meter '"UsageQuantity":2147483648'
refused "over the model's limit" 400 ValidationException
meter '"UsageDimension":""'
refused "under it" 400 ValidationException

# ---- allocations ----

allocate() { meter "\"UsageDimension\":\"gigabytes\",\"UsageQuantity\":5,\"UsageAllocations\":[$1]"; }
tagged() { # tagged QUANTITY [KEY VALUE]…
  local tags='' n=$1
  while [ $# -gt 1 ]; do
    tags+="${tags:+,}{\"Key\":\"$2\",\"Value\":\"$3\"}"
    shift 2
  done
  printf '{"AllocatedUsageQuantity":%s,"Tags":[%s]}' "$n" "$tags"
}
before=$(usage)
allocate "$(tagged 3 team a),{\"AllocatedUsageQuantity\":1}"
refused "allocations that do not add up" 400 InvalidUsageAllocationsException
allocate "$(tagged 3 team a site b),$(tagged 2 site b team a)"
refused "two with the same tags" 400 InvalidUsageAllocationsException
allocate '{"AllocatedUsageQuantity":3},{"AllocatedUsageQuantity":2,"Tags":null}'
refused "two without" 400 InvalidUsageAllocationsException
allocate "$(tagged 5 team a team b)"
refused "a key that stands twice" 400 InvalidTagException
allocate "$(tagged 3 a x b x c x),$(tagged 2 d x e x f x)"
refused "six keys" 400 InvalidTagException
allocate "$(tagged 5 'team!' a)"
refused "a character that AWS's pattern lets through and its prose does not" 400 InvalidTagException
allocate "$(tagged 5 'tëam' a)"
refused "one that neither does" 400 ValidationException
is "nothing is stored of all these" "$(usage)" "$before"
allocate "$(tagged 3 team a),$(tagged 1 team b),{\"AllocatedUsageQuantity\":1}"
is "shares for two tags and the rest" "$status" 200
like "can be seen" "$(usage)" "$(member MeteringRecordId)\",\"UsageAllocations\":\[\{.*\"AllocatedUsageQuantity\": ?1\}\]\}\]\}$"

# ---- ClientToken ----

token() { meter "\"ClientToken\":\"$1\",\"UsageDimension\":\"requests\"${2:+,$2}" "${@:3}"; }
token t1 "\"Timestamp\":$((hour - 7200)),\"UsageQuantity\":1"
first=$(member MeteringRecordId)
token t1 "\"UsageQuantity\":1,\"Timestamp\":$((hour - 7200)).0,\"Unknown\":1"
is "the same token and parameters: the same id" "$status $(member MeteringRecordId)" "200 $first"
token t2 "\"Timestamp\":$((hour - 7199)),\"UsageQuantity\":1"
is "another token finds what was honoured" "$status $(member MeteringRecordId)" "200 $first"
token t1 "\"Timestamp\":$((hour - 7199)),\"UsageQuantity\":1"
refused "a token with another time" 400 IdempotencyConflictException
token t1 "\"Timestamp\":$((hour - 7200)),\"UsageQuantity\":2"
refused "with another quantity" 400 IdempotencyConflictException
token t1 "\"Timestamp\":$((hour - 7200)),\"UsageQuantity\":1,\"UsageAllocations\":[{\"AllocatedUsageQuantity\":1}]"
refused "with allocations" 400 IdempotencyConflictException
token t3 "\"Timestamp\":$((hour - 7200)),\"UsageQuantity\":9"
refused "a new token does not change what was honoured" 400 DuplicateRequestException
token t3 "\"Timestamp\":$((hour - 10800))"
is "and is still free" "$status" 200
token t3 "\"Timestamp\":$((hour - 10800)),\"UsageQuantity\":0"
is "an absent quantity is the same as zero" "$status" 200
token t1 '"UsageQuantity":7' SESSION=session-of-one REGION=eu-west-1
is "callers do not share tokens" "$status" 200

# ---- at once ----

# crowd BODY…: all of these calls at once; how often each status came
crowd() {
  local i=0 body
  rm -f "$tmp"/crowd.*
  for body; do
    sign MeterUsage "$body"
    mv "$tmp/signed" "$tmp/crowd.signed$i"
    printf 'next\nurl = "%s/"\nheader = "@%s"\n' "$SANDBOX_URL" "$tmp/crowd.signed$i"
    printf 'data-binary = "%s"\noutput = "%s"\nwrite-out = "%%{http_code}\\n"\n' "${body//\"/\\\"}" "$tmp/crowd.answer$i"
    i=$((i + 1))
  done | sed 1d >"$tmp/crowd"
  web --parallel --parallel-immediate --parallel-max 20 -K "$tmp/crowd" 2>"$tmp/crowd.said" | sort | uniq -c | tr -s ' \n' ' '
}
# body DIMENSION QUANTITY SECONDS-AGO [MEMBERS]
body() { printf '{"ProductCode":"prod-license","UsageDimension":"%s","UsageQuantity":%s,"Timestamp":%s%s}' "$1" "$2" $((hour - $3)) "${4-}"; }

same=$(body users 3 0)
before=$(honoured)
is "eight of the same" "$(crowd "$same" "$same" "$same" "$same" "$same" "$same" "$same" "$same")" " 8 200 "
is "are one record" "$(sort -u "$tmp"/crowd.answer* | wc -l) $(honoured)" "1 $((before + 1))"
is "of five quantities one counts" "$(crowd "$(body requests 1 0)" "$(body requests 2 0)" "$(body requests 3 0)" "$(body requests 4 0)" "$(body requests 5 0)")" " 1 200 4 400 "
token=',"ClientToken":"crowd"'
is "of five uses of a token one counts" \
  "$(crowd "$(body gigabytes 1 0 "$token")" "$(body gigabytes 1 3600 "$token")" "$(body gigabytes 1 7200 "$token")" "$(body gigabytes 1 10800 "$token")" "$(body gigabytes 1 14400 "$token")")" " 1 200 4 400 "
is "and nothing is left of the others" "$(honoured)" $((before + 3))

# ---- faults ----

hour=$((hour - 7200)) # so that the usual Timestamp is one of which nothing was metered in this dimension
fault '{"Action":"MeterUsage","Fault":"lost","Count":1}'
meter '"UsageQuantity":8'
is "lost: not a byte" "$status" "curl 52"
lost=$(usage | grep -o '"UsageQuantity":8.*"MeteringRecordId":"[^"]*' | grep -o '[^"]*$')
meter '"UsageQuantity":8'
is "but it was honoured, as the next try shows" "$status $(member MeteringRecordId)" "200 $lost"
fault '{"Action":"MeterUsage","Fault":"ThrottlingException","Count":1}'
meter '"UsageQuantity":8'
refused "an ordered error" 400 ThrottlingException
fault '{"Action":"MeterUsage","Fault":"ThrottlingException","Count":1,"Match":{"Dimension":"requests"}}'
meter '"UsageQuantity":8'
is "one for another dimension" "$status" 200
meter '"UsageQuantity":8,"UsageDimension":"requests"'
refused "waits for that" 400 ThrottlingException
fault '{"Action":"MeterUsage","Fault":"InternalServiceErrorException","Count":1}'
meter '"UsageQuantity":9,"UsageDimension":"gigabytes"'
refused "comes before the action" 500 InternalServiceErrorException
is "which leaves nothing behind" "$(usage | grep -c '"UsageQuantity":9')" 0

# ---- the edition of 2019 ----

edition 2019
caller session-of-2019 222222222222 ec2 us-east-1
meter '"UsageQuantity":1' SESSION=session-of-2019
is "2019: no subscription is asked for" "$status" 200
meter '"UsageQuantity":1000001' SESSION=session-of-2019
refused "2019: a million at most" 400 ValidationException
as none '"UsageQuantity":1'
refused "2019: a caller that may not has another status" 400 AccessDeniedException
as none '"DryRun":true'
refused "2019: DryRun knows UnauthorizedException" 400 UnauthorizedException
meter '"DryRun":true'
refused "2019: and DryRunOperation" 400 DryRunOperation
meter '"UsageQuantity":1,"ClientToken":"t1","UsageAllocations":[{"AllocatedUsageQuantity":7}]' SESSION=session-of-2019
is "2019: ClientToken and UsageAllocations are not known, and so ignored" "$status" 200
edition today

# ---- control calls ----

good='"SessionToken":"session-x","CustomerAWSAccountId":"111111111111","Platform":"ec2","Region":"us-east-1"'
for member in SessionToken CustomerAWSAccountId Platform Region; do
  like "a caller without $member" "$(message callers "{$(sed -E "s/\"$member\":\"[^\"]*\",?//; s/,$//" <<<"$good")}")" "^400 .*\"$member\" is missing"
done
like "a session token with a blank" "$(message callers "{${good/session-x/session x}}")" '^400 SessionToken'
like "an empty one" "$(message callers "{${good/session-x/}}")" '^400 SessionToken'
like "an account that is none" "$(message callers "{${good/111111111111/11111111111}}")" '^400 CustomerAWSAccountId.*12'
like "an unknown platform" "$(message callers "{${good/ec2/lambda}}")" '^400 Platform.*"ec2", "ecs", "eks".*"none"'
like "an unknown region" "$(message callers "{${good/us-east-1/nowhere-1}}")" '^400 Region'
control reset '{}' >/dev/null
is "reset forgets usage" "$(usage)" '{"Usage":[]}'
meter '"UsageQuantity":7' SESSION=session-of-none REGION=ap-south-1
is "and the callers, but for the default one" "$status" 200
check_callers
done_testing
