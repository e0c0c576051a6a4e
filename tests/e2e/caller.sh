# shellcheck shell=bash
# A program that calls the API with a signer that is not ours, for the end-to-end tests of the sandbox:
# . "$(dirname "$0")/caller.sh" starts a stack, too.
. "$(dirname "${BASH_SOURCE[0]}")/buyer.sh"
stack_up
export HOST=${SANDBOX_URL#http://}

# call ACTION BODY [NAME=VALUE…]: a signed call, with settings of tests/e2e/sign. Sets status; answer in $tmp/answer,
# its headers in $tmp/answer.headers. Where curl fails, status is its exit status.
call() {
  sign "$@"
  : >"$tmp/answer"
  status=$(web -D "$tmp/answer.headers" -o "$tmp/answer" -w '%{http_code}' -H @"$tmp/signed" --data-binary @"$tmp/body" "$SANDBOX_URL/" 2>"$tmp/curl.said") ||
    status="curl $?"
}
sign() {
  printf %s "$2" >"$tmp/body"
  env TARGET="AWSMPMeteringService.$1" "${@:3}" "$root/tests/e2e/sign" "$tmp/body" >"$tmp/signed"
}
answer() { printf %s "$(<"$tmp/answer")"; }
# member NAME: a text or a number of the last answer. A JSON parser would take longer to load than a call takes.
member() { [[ $(<"$tmp/answer") =~ \"$1\":\"?([^\",}]*) ]] && printf %s "${BASH_REMATCH[1]}"; }

# refused NAME STATUS ERROR: what the last call met
refused() {
  local error=
  [[ $(<"$tmp/answer") =~ ^\{\"__type\":\"([A-Za-z]+)\" ]] && error=${BASH_REMATCH[1]}
  is "$1" "$status $error" "$2 $3"
}

# message PATH JSON: what a control call refuses with, after its status
message() {
  printf '%s ' "$(web -o "$tmp/said" -w '%{http_code}' --json "$2" "$SANDBOX_URL/control/$1")"
  sed 's/^{"message":"\(.*\)"}$/\1/; s/\\"/"/g' "$tmp/said"
}

# caller TOKEN ACCOUNT PLATFORM REGION
caller() {
  echo "$1" >>"$secrets"
  is "a caller in $4 on $3" "$(control callers "{\"SessionToken\":\"$1\",\"CustomerAWSAccountId\":\"$2\",\"Platform\":\"$3\",\"Region\":\"$4\"}")" '{}'
}
edition() { like "the edition is $1" "$(control settings "{\"Edition\":\"$1\"}")" "\"Edition\":\"$1\""; }
# end_subscriptions ACCOUNT PRODUCT
end_subscriptions() { like "a subscription ends" "$(control subscriptions/end "{\"CustomerAWSAccountId\":\"$1\",\"ProductCode\":\"$2\"}")" EndedAt; }

# No session token in the sandbox's tables or a log, no crash.
check_callers() {
  pg_dump -d tollgate_sandbox --data-only >"$tmp/dump.sandbox"
  grep -qF 'COPY sandbox.caller' "$tmp/dump.sandbox" || die "no dump to look into"
  is "no session token in the sandbox's database or log" "$(grep -laF -f "$secrets" "$tmp/dump.sandbox" "$tmp"/run/*.log)" ""
  no_crash "no crash and no sanitizer's report" '' "$tmp/run/sandbox.log" "$tmp/run"
}
