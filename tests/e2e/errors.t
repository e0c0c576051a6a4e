#!/usr/bin/env bash
# Every error of the two API references, met by our own client through the command `tollgate`: its name, its HTTP status
# in each edition, and the exit status that its class gives. A name of the sandbox that is in no row fails the test.
# What can be met as it would be with AWS is; the rest is ordered as a fault.
# shellcheck source=tests/e2e/buyer.sh
. "$(dirname "$0")/buyer.sh"
stack_up
export AWS_MAX_ATTEMPTS=1
now=$(date +%s)

tollgate() { said=$("$BIN/tollgate" "$@" 2>&1); exited=$?; }
batch() { tollgate batch-meter-usage "${@:2}" --usage-records "$1"; }
record() { printf '[{"Timestamp":%s,"CustomerIdentifier":"%s","Dimension":"%s","Quantity":1}]' "$1" "$2" "$3"; }
# meter QUANTITY options…; register VERSION
meter() { tollgate meter-usage --product-code prod-legacy --timestamp "$now" --usage-dimension users --usage-quantity "$@"; }
register() { tollgate register-usage --no-verify --product-code prod-legacy --nonce n --public-key-version "$1"; }
# as PLATFORM REGION command…: called from such a host of the buyer
as() {
  control callers "{\"SessionToken\":\"session-of-errors-$1-$2\",\"CustomerAWSAccountId\":\"$account\",\"Platform\":\"$1\",\"Region\":\"$2\"}" >/dev/null
  echo "session-of-errors-$1-$2" >>"$secrets"
  AWS_SESSION_TOKEN=session-of-errors-$1-$2 "${@:3}"
}

# How an error is met by itself: each sets said and exited.
meet_InvalidTokenException() { tollgate resolve-customer nobody-made-this; }
meet_ExpiredTokenException() { mint '{"ProductCode":"prod-legacy","Kind":"expired"}' && tollgate resolve-customer "$token"; }
meet_InvalidProductCodeException() { batch "$(record "$now" "$customer" users)" --product-code prod-of-others; }
meet_InvalidUsageDimensionException() { batch "$(record "$now" "$customer" nothing)" --product-code prod-legacy; }
meet_InvalidCustomerIdentifierException() { batch "$(record "$now" cust-of-others users)" --product-code prod-legacy; }
meet_TimestampOutOfBoundsException() { batch "$(record $((now - 90000)) "$customer" users)" --product-code prod-legacy; }
meet_InvalidLicenseException() {
  batch "[{\"Timestamp\":$now,\"CustomerAWSAccountId\":\"$account\",\"LicenseArn\":\"arn:aws:license-manager::1:license:l-0\",\"Dimension\":\"users\",\"Quantity\":1}]"
}
meet_DisabledApiException() { AWS_REGION=mx-central-1 tollgate resolve-customer nobody-made-this; }
meet_AccessDeniedException() { as none us-east-1 meter 1; }
meet_UnauthorizedException() { as none us-east-1 meter 1 --dry-run; }
meet_DryRunOperation() { as ec2 us-east-1 meter 1 --dry-run; }
meet_InvalidEndpointRegionException() { as ec2 eu-west-1 meter 1; }
meet_DuplicateRequestException() { as ec2 us-east-1 meter 1 && as ec2 us-east-1 meter 2; }
meet_InvalidRegionException() { as ecs eu-west-1 register 1; }
meet_PlatformNotSupportedException() { as ec2 us-east-1 register 1; }
meet_InvalidPublicKeyVersionException() { register 7; }
meet_CustomerNotEntitledException() { account=999999999999 as ecs us-east-1 register 1; }
meet_IdempotencyConflictException() { as ec2 us-east-1 meter 1 --client-token once && as ec2 us-east-1 meter 2 --client-token once; }
meet_ThrottlingException() {
  control rate '{"CallsPerSecond":1}' >/dev/null
  tollgate resolve-customer nobody-made-this
  tollgate resolve-customer nobody-made-this
}
meet_InvalidClientTokenId() { AWS_ACCESS_KEY_ID=AKIAOFOTHERS tollgate resolve-customer nobody-made-this; }
meet_UnrecognizedClientException() { meet_InvalidClientTokenId; }
meet_InvalidSignatureException() { AWS_SECRET_ACCESS_KEY=wrong tollgate resolve-customer nobody-made-this; }

# Name, action, status today and in 2019 ("-": the edition has no such error, and it is not looked for), exit status.
table='
AccessDeniedException              MeterUsage        403 400 78
CustomerNotEntitledException       RegisterUsage     400 400 65
DisabledApiException               ResolveCustomer   400 400 78
DryRunOperation                    MeterUsage        400 400 0
DuplicateRequestException          MeterUsage        400 400 65
ExpiredTokenException              ResolveCustomer   400 400 65
ExpiredTokenException/session      BatchMeterUsage   403 -   78
IdempotencyConflictException       MeterUsage        400 -   65
IncompleteSignature                ResolveCustomer   403 400 78
InternalFailure                    BatchMeterUsage   500 500 75
InternalServerErrorException       RegisterUsage     -   500 75
InternalServiceErrorException      BatchMeterUsage   500 500 75
InvalidAction                      ResolveCustomer   -   400 78
InvalidClientTokenId               ResolveCustomer   -   403 78
InvalidCustomerIdentifierException BatchMeterUsage   400 400 65
InvalidEndpointRegionException     MeterUsage        400 400 78
InvalidLicenseException            BatchMeterUsage   400 -   65
InvalidParameterCombination        BatchMeterUsage   -   400 65
InvalidParameterValue              BatchMeterUsage   -   400 65
InvalidProductCodeException        BatchMeterUsage   400 400 78
InvalidPublicKeyVersionException   RegisterUsage     400 400 78
InvalidQueryParameter              ResolveCustomer   -   400 78
InvalidRegionException             RegisterUsage     400 400 78
InvalidSignatureException          ResolveCustomer   403 400 78
InvalidTagException                BatchMeterUsage   400 -   65
InvalidTokenException              ResolveCustomer   400 400 65
InvalidUsageAllocationsException   BatchMeterUsage   400 -   65
InvalidUsageDimensionException     BatchMeterUsage   400 400 65
MalformedHttpRequestException      BatchMeterUsage   400 -   65
MalformedQueryString               ResolveCustomer   -   404 78
MissingAction                      ResolveCustomer   -   400 78
MissingAuthenticationToken         ResolveCustomer   -   403 78
MissingAuthenticationTokenException ResolveCustomer  403 -   78
MissingParameter                   BatchMeterUsage   -   400 65
NotAuthorized                      BatchMeterUsage   401 -   78
OptInRequired                      ResolveCustomer   403 403 78
PlatformNotSupportedException      RegisterUsage     400 400 78
RequestAbortedException            ResolveCustomer   400 -   75
RequestEntityTooLargeException     BatchMeterUsage   413 -   65
RequestExpired                     ResolveCustomer   -   400 78
RequestTimeoutException            ResolveCustomer   408 -   75
SerializationException             BatchMeterUsage   400 400 65
ServiceUnavailable                 ResolveCustomer   503 503 75
ThrottlingException                ResolveCustomer   400 400 75
TimestampOutOfBoundsException      BatchMeterUsage   400 400 65
UnauthorizedException              MeterUsage        400 400 78
UnknownOperationException          ResolveCustomer   404 400 78
UnrecognizedClientException        ResolveCustomer   403 400 78
ValidationError                    BatchMeterUsage   400 400 65
ValidationException                BatchMeterUsage   400 400 65
'

order() {
  fault "{\"Action\":\"$2\",\"Fault\":\"$1\",\"Count\":1}"
  case $2 in
    ResolveCustomer) tollgate resolve-customer nobody-made-this ;;
    BatchMeterUsage) batch '[]' --product-code prod-legacy ;;
    MeterUsage) meter 1 ;;
    RegisterUsage) register 1 ;;
  esac
}

begin() {
  control reset '{}' >/dev/null
  control settings "{\"Edition\":\"$1\"}" >/dev/null
  [[ $(control tokens '{"ProductCode":"prod-legacy"}') =~ \"CustomerIdentifier\":\"([^\"]*)\".*\"CustomerAWSAccountId\":\"([^\"]*)\" ]]
  customer=${BASH_REMATCH[1]} account=${BASH_REMATCH[2]}
}

declare -A seen
# check NAME ACTION EDITION STATUS EXIT
check() {
  local name=${1%/*} way=ordered
  [ "$4" != - ] || return
  begin "$3"
  export TOLLGATE_API_EDITION=$3
  # What both editions call differently is met by itself in its own alone.
  if [ "$1" = "$name" ] && declare -F "meet_$name" >/dev/null && ! [[ $3:$name =~ ^2019:UnrecognizedClient ]]; then
    way=met
    "meet_$name"
  else
    order "$name" "$2"
  fi
  seen[$name]=yes
  if [ "$name" = DryRunOperation ]; then
    is "$3: $2 $name, $way" "$exited" "$5"
  else
    like "$3: $2 $name, $way: status $4, exit $5" "$exited $said" "^$5 tollgate: $name\\b.*\\(HTTP $4[,)]"
  fi
}
while read -r name action today old exit; do
  [ -n "$name" ] || continue
  check "$name" "$action" today "$today" "$exit"
  check "$name" "$action" 2019 "$old" "$exit"
done <<<"$table"

# All names that there are: what the sandbox allows as a fault, without its own.
web -o "$tmp/names" --json '{"Action":"ResolveCustomer","Fault":"?","Count":1}' "$SANDBOX_URL/control/faults"
missing=
for name in $(sed 's/.*Allowed: //; s/\."}.*//; s/,//g' "$tmp/names"); do
  [[ $name =~ ^[a-z] ]] || [ -n "${seen[$name]-}" ] || missing+=" $name"
done
like "the sandbox lists its errors" "$(<"$tmp/names")" 'Allowed: .*, ValidationException'
is "each error of the references is in the table" "$missing" ""
check_secrets
done_testing
