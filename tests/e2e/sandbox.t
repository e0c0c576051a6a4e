#!/usr/bin/env bash
# The sandbox behind nginx: the real protocol with a signer that is not ours, every fault, the shop, and its state.
# shellcheck source=tests/e2e/buyer.sh
. "$(dirname "$0")/buyer.sh"
stack_up

program=$BIN/tollgate-sandbox
export HOST=${SANDBOX_URL#http://}

# call BODY [NAME=VALUE…]: a signed call, with settings of tests/e2e/sign. Sets status; answer in $tmp/answer, its
# headers in $tmp/answer.headers. Where curl fails, status is its exit status.
call() {
  printf %s "$1" >"$tmp/body"
  env "${@:2}" "$root/tests/e2e/sign" "$tmp/body" >"$tmp/signed"
  send -H @"$tmp/signed" --data-binary @"$tmp/body"
}
send() {
  : >"$tmp/answer"
  status=$(web -D "$tmp/answer.headers" -o "$tmp/answer" -w '%{http_code}' "$@" "$SANDBOX_URL/" 2>"$tmp/curl.said") ||
    status="curl $?"
}
resolve() { call "{\"RegistrationToken\":\"$1\"}" "${@:2}"; }
answer() { printf %s "$(<"$tmp/answer")"; }
# member NAME [FILE]: a text of the last answer. A JSON parser would take longer to load than a call takes.
member() { [[ $(<"$tmp/${2:-answer}") =~ \"$1\":\"([^\"]*)\" ]] && printf %s "${BASH_REMATCH[1]}"; }
minted() { member "$1" minted; }
mint() {
  control tokens "$1" >"$tmp/minted"
  token=$(minted RegistrationToken)
  [ -n "$token" ] || die "no token: $(cat "$tmp/minted")"
  echo "$token" >>"$secrets"
}
answered() { tr -d '\r' <"$tmp/answer.headers" | sed -n "s/^$1: //Ip"; }
calls() { control calls | sed -n 's/.*"Count":\([0-9]*\).*/\1/p'; }
# refused NAME STATUS ERROR: what the last call met
refused() {
  local error=
  [[ $(<"$tmp/answer") =~ ^\{\"__type\":\"([A-Za-z]+)\" ]] && error=${BASH_REMATCH[1]}
  is "$1" "$status $error" "$2 $3"
}
# message PATH JSON: what a control call refuses with, after its status
message() { printf '%s %s' "$(web -o "$tmp/said" -w '%{http_code}' --json "$2" "$SANDBOX_URL/control/$1")" "$(said)"; }
said() { sed 's/^{"message":"\(.*\)"}$/\1/; s/\\"/"/g' "$tmp/said"; }

# ---- both identities ----

mint '{"ProductCode":"prod-legacy"}'
legacy=$token
resolve "$legacy"
is "a legacy buyer: CustomerIdentifier, product and account" "$status $(answer)" \
  "200 {\"CustomerIdentifier\":\"$(minted CustomerIdentifier)\",\"ProductCode\":\"prod-legacy\",\"CustomerAWSAccountId\":\"$(minted CustomerAWSAccountId)\"}"
first=$(answer)
resolve "$legacy"
is "the same token again: the same answer" "$(answer)" "$first"
like "AWS's request id" "$(answered x-amzn-RequestId)" '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
is "AWS's content type" "$(answered Content-Type)" application/x-amz-json-1.1
like "the time" "$(answered Date)" '^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} 20[0-9]{2} [0-9:]{8} GMT$'
is "no header for browsers" "$(answered Content-Security-Policy)" ""
mint '{"ProductCode":"prod-license","OfferType":"free-trial"}'
licensed=$token
resolve "$licensed"
is "a buyer of today: product, account and license" "$status $(answer)" \
  "200 {\"ProductCode\":\"prod-license\",\"CustomerAWSAccountId\":\"$(minted CustomerAWSAccountId)\",\"LicenseArn\":\"$(minted LicenseArn)\"}"
is "who has no CustomerIdentifier" "$(minted CustomerIdentifier)" ""
account=$(minted CustomerAWSAccountId)
license=$(minted LicenseArn)
like "the account has twelve digits" "$account" '^[0-9]{12}$'
like "the license is an ARN" "$license" "^arn:aws:license-manager::$account:license:l-[0-9a-f]{32}$"
like "a token has + / = and %" "$token" '^[-_A-Za-z0-9]+[+][-_A-Za-z0-9]+/[-_A-Za-z0-9]+%2B[-_A-Za-z0-9]+==$'
is "and 200 characters" ${#token} 200

# ---- a buyer met before ----

mint "{\"ProductCode\":\"prod-license\",\"LicenseArn\":\"$license\"}"
is "a license met before: the same buyer" "$(minted CustomerAWSAccountId) $(minted LicenseArn)" "$account $license"
mint "{\"ProductCode\":\"prod-license\",\"CustomerAWSAccountId\":\"$account\"}"
is "an account met before" "$(minted CustomerAWSAccountId)" "$account"
ok "with a new license" test "$(minted LicenseArn)" != "$license"
other="arn:aws:license-manager:us-east-1:$account:${license##*:}"
mint "{\"ProductCode\":\"prod-license\",\"LicenseArn\":\"$other\"}"
resolve "$token"
is "another spelling of a license: the same buyer, spelled so" "$(member CustomerAWSAccountId) $(member LicenseArn)" "$account $other"
like "a license of another product" "$(message tokens "{\"ProductCode\":\"prod-legacy\",\"LicenseArn\":\"$license\"}")" '^400 .*prod-license'
like "a license of another account" "$(message tokens "{\"ProductCode\":\"prod-license\",\"CustomerAWSAccountId\":\"000000000000\",\"LicenseArn\":\"$license\"}")" "^400 .*$account"
mint '{"ProductCode":"prod-license","CustomerAWSAccountId":"000000000042"}'
resolve "$token"
is "an account may be chosen, and keeps its zeros" "$(member CustomerAWSAccountId)" 000000000042
mint '{"ProductCode":"prod-of-somebody-else"}'
resolve "$token"
is "a product that the shop does not sell resolves like one of today" "$(member ProductCode) $(member CustomerIdentifier)" "prod-of-somebody-else "
mint '{"ProductCode":"prod-legacy"}'
legacy_buyer=$(minted CustomerAWSAccountId)
mint "{\"ProductCode\":\"prod-legacy\",\"CustomerAWSAccountId\":\"$legacy_buyer\"}"
before=$(minted CustomerIdentifier)
mint "{\"ProductCode\":\"prod-legacy\",\"CustomerAWSAccountId\":\"$legacy_buyer\"}"
is "a legacy buyer keeps the CustomerIdentifier" "$(minted CustomerIdentifier)" "$before"

# ---- what ResolveCustomer shows ----

shape() {
  mint "{\"ProductCode\":\"prod-legacy\",\"ResolveShape\":{$1}}"
  resolve "$token"
  answer | sed -E 's/"(cust-[0-9a-f]+|[0-9]{12}|arn:[^"]+)"/"…"/g'
}
is "absent" "$(shape '"CustomerIdentifier":"absent"')" '{"ProductCode":"prod-legacy","CustomerAWSAccountId":"…"}'
is "null" "$(shape '"CustomerIdentifier":"null"')" '{"CustomerIdentifier":null,"ProductCode":"prod-legacy","CustomerAWSAccountId":"…"}'
is "empty" "$(shape '"CustomerIdentifier":"empty","CustomerAWSAccountId":"absent"')" '{"CustomerIdentifier":"","ProductCode":"prod-legacy"}'
is "set" "$(shape '"LicenseArn":"set"')" '{"CustomerIdentifier":"…","ProductCode":"prod-legacy","CustomerAWSAccountId":"…","LicenseArn":"…"}'
mint '{"ProductCode":"prod-license","ResolveShape":{"CustomerIdentifier":"set"}}'
resolve "$token"
is "a CustomerIdentifier that is shown is in the control call's answer too" "$(member CustomerIdentifier)" "$(minted CustomerIdentifier)"

# ---- bad and old tokens, and the clock ----

resolve no-such-token
refused "a token that nobody made" 400 InvalidTokenException
mint '{"ProductCode":"prod-license","Kind":"expired"}'
resolve "$token"
refused "an expired one" 400 ExpiredTokenException
mint '{"ProductCode":"prod-license","Length":8192}'
resolve "$token"
is "one of 8 KiB" "${#token} $status" "8192 200"
now=$(date +%s)
control clock "{\"Now\":$((now + 4 * 3600 - 120))}" >/dev/null
resolve "$licensed" "TIME=$((now + 4 * 3600 - 120))"
is "a token is good for almost four hours" "$status" 200
control clock "{\"Now\":$((now + 4 * 3600 + 60))}" >/dev/null
resolve "$licensed" "TIME=$((now + 4 * 3600 + 60))"
refused "and then expires" 400 ExpiredTokenException
like "the answer has the sandbox's time" "$(answered Date)" "$(date -u -d "@$((now + 4 * 3600 + 60))" '+%a, %d %b %Y %H:%M')"
resolve "$licensed"
refused "by which signatures are judged too" 403 InvalidSignatureException
like "null is the real time again" "$(control clock '{"Now":null}')" "\"Now\":${now:0:7}"
resolve "$licensed"
is "in which the token is still good" "$status" 200

# ---- signatures ----

send -H 'Content-Type: application/x-amz-json-1.1' -H 'X-Amz-Target: AWSMPMeteringService.ResolveCustomer' -d '{}'
refused "not signed" 403 MissingAuthenticationTokenException
send -H 'Content-Type: application/x-amz-json-1.1' -H 'X-Amz-Target: AWSMPMeteringService.ResolveCustomer' -H 'Authorization: Bearer x' -d '{}'
refused "signed some other way" 403 IncompleteSignature
resolve "$licensed" SECRET=sandbox/secret/that+could/never+be/real1
refused "another secret" 403 InvalidSignatureException
# logged: what the log says of the last wrong signature
logged() { sed -n 's/.* event=wrong_signature .* \(stage=.*\) canonical_request_sha256=[0-9a-f]\{64\}$/\1/p' "$tmp/run/sandbox.log" | tail -n 1; }
is "the log has nothing else to blame" "$(logged)" 'stage=signing_key detail="none of the known mistakes in the request: most likely the secret key"'
resolve "$licensed" "HOST=${HOST%:*}" SESSION=a-session-token-that-stays-secret
refused "a host without its port" 403 InvalidSignatureException
is "the log names that stage" "$(logged)" 'stage=canonical_request detail="host: its port was left out"'
is "and no session token" "$(grep -c a-session-token "$tmp/run/sandbox.log")" 0
resolve "$licensed" KEY=AKIAIOSFODNN7EXAMPLE
refused "another access key" 403 UnrecognizedClientException
resolve "$licensed" SERVICE=metering.marketplace
refused "the service's host name instead of its signing name" 403 InvalidSignatureException
resolve "$licensed" REGION=nowhere-1
refused "a region that there is not" 403 InvalidSignatureException
resolve "$licensed" TERMINATOR=aws4
refused "another end of the scope" 403 InvalidSignatureException
resolve "$licensed" SCOPE_DATE=20200101
refused "a scope of another day" 403 InvalidSignatureException
for header in content-type host x-amz-date x-amz-target; do
  signed=content-type\;host\;x-amz-date\;x-amz-target
  signed=${signed/$header;/}
  resolve "$licensed" "SIGNED=${signed%;x-amz-target}$([ $header = x-amz-target ] || echo ';x-amz-target')"
  refused "$header is not signed" 403 InvalidSignatureException
  like "and the message names it" "$(answer)" "'$header' must be"
done
resolve "$licensed" SESSION=abc 'SIGNED=content-type;host;x-amz-date;x-amz-target'
refused "a session token that is not signed" 403 InvalidSignatureException
resolve "$licensed" SESSION=abc
is "one that is" "$status" 200
resolve "$licensed" "TIME=$(($(date +%s) - 320))"
refused "over five minutes late" 403 InvalidSignatureException
like "and the message says so" "$(answer)" 'Signature expired'
resolve "$licensed" "TIME=$(($(date +%s) + 320))"
refused "over five minutes early" 403 InvalidSignatureException
resolve "$licensed" "TIME=$(($(date +%s) - 260))"
is "four minutes late" "$status" 200
resolve "$licensed" REGION=eu-central-1
is "another region of the service" "$status" 200
send --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" --aws-sigv4 aws:amz:us-east-1:aws-marketplace -H 'X-Amz-Target: AWSMPMeteringService.ResolveCustomer' \
  -H 'Content-Type: application/x-amz-json-1.1' -d "{\"RegistrationToken\":\"$licensed\"}"
is "curl's own signature" "$status" 200

# ---- requests that are none ----

call '{"RegistrationToken":"x"}' TARGET=AWSMPMeteringService.NoSuchAction
refused "an unknown action" 404 UnknownOperationException
call '{"RegistrationToken":"x"}' TARGET=AWSMPEntitlementService.ResolveCustomer
refused "another service's target" 404 UnknownOperationException
call '{"RegistrationToken":"x"}' TYPE=application/x-www-form-urlencoded
refused "another protocol" 404 UnknownOperationException
for body in '' '{}' '{"RegistrationToken":null}' '{"RegistrationToken":""}' '{"registrationtoken":"x"}'; do
  call "$body"
  refused "no token: $body" 400 ValidationException
done
for body in '{' '[]' '{"RegistrationToken":5}' '{"RegistrationToken":"a\u0000b"}' "{\"RegistrationToken\":\"$(printf '\377')\"}"; do
  call "$body"
  refused "not what JSON has to be: $(printf %s "$body" | tr -d '\377')" 400 SerializationException
done
call "{\"Unknown\":{\"a\":[1]},\"RegistrationToken\":\"$licensed\"}"
is "unknown members are ignored" "$status" 200
head -c 1000000 /dev/zero | tr '\0' ' ' >"$tmp/big"
send --data-binary @"$tmp/big"
refused "a megabyte" 413 RequestEntityTooLargeException
head -c 5000000 /dev/zero | tr '\0' ' ' >"$tmp/big"
send --data-binary @"$tmp/big"
refused "five megabytes" 413 RequestEntityTooLargeException
like "with a request id" "$(answered x-amzn-RequestId)" '^[0-9a-f-]{36}$'

# ---- faults ----

control reset '{}' >/dev/null
mint '{"ProductCode":"prod-legacy"}'
for error in "ThrottlingException 400" "InternalServiceErrorException 500" "ServiceUnavailable 503" "DisabledApiException 400" "MalformedQueryString 404" \
  "AccessDeniedException 403" "InvalidUsageDimensionException 400" "TimestampOutOfBoundsException 400"; do
  fault "{\"Action\":\"ResolveCustomer\",\"Fault\":\"${error% *}\",\"Count\":1}"
  resolve "$token"
  refused "the fault ${error% *}" "${error#* }" "${error% *}"
done
resolve "$token"
is "Count calls meet it, no more" "$status" 200
is "all are counted" "$(calls)" 9
fault '{"Action":"ResolveCustomer","Fault":"html503","Count":1}'
resolve "$token"
like "html503" "$status $(answered Content-Type) $(answer | tr -d '\r\n')" '^503 text/html.*<h1>503'
fault '{"Action":"ResolveCustomer","Fault":"reset","Count":1}'
resolve "$token"
is "reset: not a byte" "$status" "curl 52"
fault '{"Action":"ResolveCustomer","Fault":"lost","Count":1}'
resolve "$token"
is "lost: not a byte" "$status" "curl 52"
fault '{"Action":"ResolveCustomer","Fault":"cut","Count":1}'
resolve "$token"
is "cut: fewer bytes than declared" "$status" "curl 18"
ok "but some" test "$(answered Content-Length)" -gt "$(wc -c <"$tmp/answer")" -a -s "$tmp/answer"
fault '{"Action":"ResolveCustomer","Fault":"extra","Count":1}'
resolve "$token"
is "extra: members that nobody knows" "$status $(member CustomerIdentifier) $(member FutureText)" \
  "200 $(minted CustomerIdentifier) A member that no reference names."
fault '{"Action":"ResolveCustomer","Fault":"ThrottlingException","Count":1}'
resolve "$token" SECRET=wrong
refused "a call that is not authentic does not use it up" 403 InvalidSignatureException
call '{}'
refused "nor does one without a token" 400 ValidationException
resolve "$token"
refused "the next good one meets it" 400 ThrottlingException
fault "{\"Action\":\"ResolveCustomer\",\"Fault\":\"ThrottlingException\",\"Count\":1,\"Match\":{\"CustomerIdentifier\":\"$(minted CustomerIdentifier)\"}}"
fault "{\"Action\":\"ResolveCustomer\",\"Fault\":\"ServiceUnavailable\",\"Count\":1,\"Match\":{\"LicenseArn\":\"$(minted LicenseArn)\"}}"
matched=$token
mint '{"ProductCode":"prod-legacy"}'
resolve "$token"
is "a fault for one customer leaves the others alone" "$status" 200
resolve "$matched"
refused "and meets that one" 400 ThrottlingException
resolve "$matched"
refused "by license as well" 503 ServiceUnavailable

# Twenty at once and faults for seven: exactly seven.
for count in 1 1 1 2 1 1; do fault "{\"Action\":\"ResolveCustomer\",\"Fault\":\"ThrottlingException\",\"Count\":$count}"; done
printf '{"RegistrationToken":"%s"}' "$token" >"$tmp/body"
"$root/tests/e2e/sign" "$tmp/body" >"$tmp/signed"
crowd() { seq "$1" | xargs -P "$1" -I{} curl -q --noproxy '*' -s -o /dev/null -w '%{http_code}\n' -H @"$tmp/signed" --data-binary @"$tmp/body" "$SANDBOX_URL/" | sort | uniq -c | tr -s ' \n' ' '; }
is "a fault is consumed exactly" "$(crowd 20)" " 13 200 7 400 "

# And where two calls meet at the last one, which the crowd may miss: the second waits for the first's commit.
state() { PGDATABASE=tollgate_sandbox sql "$1"; }
begin="SELECT 'met ' || fault FROM sandbox.begin_call"
fault '{"Action":"ResolveCustomer","Fault":"ThrottlingException","Count":1}'
psql -XAtqd tollgate_sandbox -c BEGIN -c "$begin('first', 'ResolveCustomer', 'us-east-1', NULL, NULL, NULL)" -c 'SELECT pg_sleep(1)' -c COMMIT >"$tmp/first" &
holds() { [ "$(state "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")" = 1 ]; }
until_true 10 holds
second=$(state "$begin('second', 'ResolveCustomer', 'us-east-1', NULL, NULL, NULL)")
wait $!
is "one of two takes the last" "$(grep met "$tmp/first"),$second" "met ThrottlingException,"
is "the same call again, after a lost connection, meets the same" "$(state "$begin('first', 'ResolveCustomer', 'us-east-1', NULL, NULL, NULL)")" "met ThrottlingException"

# Slow ones wait in their own threads.
none_left() { [ "$(state 'SELECT count(*) FROM sandbox.fault')" = 0 ]; }
fault '{"Action":"ResolveCustomer","Fault":"slow","DelayMs":60000,"Count":20}'
setsid xargs -P 20 -I{} curl -q --noproxy '*' -s -o /dev/null -H @"$tmp/signed" --data-binary @"$tmp/body" "$SANDBOX_URL/" < <(seq 20) &
crowd=$!
ok "twenty wait" until_true 30 none_left
resolve "$token"
is "others are answered meanwhile" "$status" 200
kill -- "-$crowd"
fault '{"Action":"ResolveCustomer","Fault":"slow","DelayMs":500,"Count":1}'
began=$(date +%s%N)
resolve "$token"
ok "a slow answer comes after its delay" test "$status $((($(date +%s%N) - began) / 500000000 > 0))" = "200 1"

# ---- the rate ----

sleep 1.1 # the last call was in the second before
control rate '{"CallsPerSecond":2}' >/dev/null
like "over the rate calls are throttled" "$(crowd 10)" ' [0-9]+ 200 [1-9][0-9]* 400 '
control rate '{"CallsPerSecond":1}' >/dev/null
throttled="SELECT throttled FROM sandbox.begin_call"
is "it is counted for each region" "$(for region in eu-west-1 eu-west-1 eu-west-3; do state "$throttled('$region $RANDOM', 'ResolveCustomer', '$region', NULL, NULL, NULL)"; done | xargs)" "f t f"
control rate '{"CallsPerSecond":0}' >/dev/null
is "without one they are not" "$(crowd 10)" " 10 200 "

# ---- control calls that are refused ----

like "an unknown fault: the list" "$(message faults '{"Action":"ResolveCustomer","Fault":"nope","Count":1}')" '^400 .*slow, html503, reset, lost, cut, extra, unprocessed, partial, shuffled, drop, AccessDeniedException.*ValidationException'
like "an unknown action: the list" "$(message faults '{"Action":"Nope","Fault":"slow","Count":1}')" '^400 .*ResolveCustomer'
like "Count of nothing" "$(message faults '{"Action":"ResolveCustomer","Fault":"slow","Count":0}')" '^400 Count'
like "an unknown member: the list" "$(message tokens '{"ProductCode":"prod-legacy","Kid":"x"}')" '^400 .*"Kid" is not known.*Kind \(text\)'
like "a member that is missing" "$(message tokens '{}')" '^400 .*"ProductCode" is missing'
like "an unknown Kind" "$(message tokens '{"ProductCode":"prod-legacy","Kind":"x"}')" '^400 Kind.*"valid".*"expired"'
like "an unknown shape" "$(message tokens '{"ProductCode":"p","ResolveShape":{"LicenseArn":"x"}}')" '^400 .*"absent"'
like "an unknown member of ResolveShape" "$(message tokens '{"ProductCode":"p","ResolveShape":{"License":"set"}}')" '^400 ResolveShape: "License".*LicenseArn'
like "no JSON" "$(message tokens 'x')" '^400 .*not JSON'
like "a time in milliseconds" "$(message clock '{"Now":1767225600000}')" '^400 Now'
like "a negative rate" "$(message rate '{"CallsPerSecond":-1}')" '^400 CallsPerSecond'
like "an unknown call: the list" "$(message nope '{}')" '^404 .*/control/tokens'
is "another method" "$(web -o "$tmp/said" -w '%{http_code}' "$SANDBOX_URL/control/tokens")" 405
like "and the list" "$(said)" 'POST /control/tokens'

# ---- the shop ----

shop() { web -D "$tmp/headers" "$@"; }
shop "$SANDBOX_URL/" >"$tmp/page"
ok "the shop has both products" shows "Orchard Analytics"
ok "… this one too" shows "Orchard Vault"
ok "and says that it is none" shows "No real purchase is made"
like "its forms stay here" "$(header Content-Security-Policy)" "form-action 'self';"
buy() {
  shop "$@" "$SANDBOX_URL/shop/subscribe" >"$tmp/page"
  token=$(sed -n 's/.*name="x-amzn-marketplace-token" value="\([^"]*\)".*/\1/p' "$tmp/page")
  echo "${token:-no-token}" >>"$secrets"
}
buy -d product=prod-license -d buyer= -d free_trial=yes
ok "after Subscribe: a form for the landing page" shows "<form method=\"post\" action=\"$LANDING_URL/register\">"
ok "with the free trial" shows 'name="x-amzn-marketplace-offer-type" value="free-trial"'
is "and the policy lets it go there" "$(header Content-Security-Policy | grep -o "form-action [^;]*")" "form-action 'self' $LANDING_URL"
resolve "$token"
bought=$(answer)
is "its token resolves" "$(member ProductCode)" prod-license
land "$token"
is "and the landing page takes it" "$status" 303
buyer=$(member CustomerAWSAccountId)
shop "$SANDBOX_URL/" >"$tmp/page"
ok "the shop then offers that buyer" shows "<option value=\"$buyer\">"
buy -d product=prod-license --data-urlencode "buyer=$(member LicenseArn)"
resolve "$token"
is "the same subscription, set up again" "$(answer)" "$bought"
ok "without a free trial" test "$(grep -c offer-type "$tmp/page")" = 0
buy -d product=prod-license -d "buyer=$buyer"
resolve "$token"
is "one more of the same buyer" "$(member CustomerAWSAccountId)" "$buyer"
ok "has another license" test "$(answer)" != "$bought"
is "no product" "$(web -o /dev/null -w '%{http_code}' -d x=1 "$SANDBOX_URL/shop/subscribe")" 400
is "markup in the product's place" "$(web -w '%{http_code}' -d 'product=<b>' "$SANDBOX_URL/shop/subscribe" | grep -cE '<b>|^200')" 0
is "an unknown page" "$(web -o /dev/null -w '%{http_code}' "$SANDBOX_URL/nope")" 404
shop "$SANDBOX_URL/app/handoff?code=never-show-this" >"$tmp/page"
ok "the seller's app: the code came" shows "The app got a code."
ok "and is not shown" eval '! shows never-show-this'
shop "$SANDBOX_URL/app/handoff" >"$tmp/page"
ok "no code came" shows "No code came."

# ---- its state ----

mint '{"ProductCode":"prod-license"}'
fault '{"Action":"ResolveCustomer","Fault":"ServiceUnavailable","Count":1}'
fault '{"Action":"ResolveCustomer","Fault":"slow","DelayMs":60000,"Count":1}'
resolve "$token"
refused "before a restart" 503 ServiceUnavailable
resolve "$token" &
until_true 10 none_left
began=$SECONDS
stop "$(cat "$tmp/run/sandbox.pid")"
ok "a stop does not wait for a slow answer" test $((SECONDS - began)) -le 5
wait $!
env PGUSER=tollgate_sandbox PGDATABASE=tollgate_sandbox TOLLGATE_LISTEN="$tmp/run/sandbox.sock" TOLLGATE_TEMPLATES="$root/templates" "$program" \
  --landing-url "$LANDING_URL/register" >>"$tmp/run/sandbox.log" 2>&1 &
at_exit stop $!
until_true 20 eval "web -o /dev/null -f '$SANDBOX_URL/'"
resolve "$token"
is "a token outlives a restart" "$status" 200
"$root/dev/cluster" stop "$tmp/run"
resolve "$token"
refused "without its database" 503 ServiceUnavailable
like "control calls" "$(message reset '{}')" '^503 .*database'
is "and the shop say so" "$(web -o /dev/null -w '%{http_code}' "$SANDBOX_URL/")" 503
"$root/dev/cluster" start --throwaway "$tmp/run" || die "PostgreSQL does not start"
works() { resolve "$token"; [ "$status" = 200 ]; }
ok "it finds it again" until_true 15 works
control rate '{"CallsPerSecond":1}' >/dev/null
control clock "{\"Now\":$(($(date +%s) + 100000))}" >/dev/null
fault '{"Action":"ResolveCustomer","Fault":"slow","Count":9}'
is "reset answers" "$(control reset '{}')" '{}'
is "forgets the calls" "$(calls)" 0
resolve "$token"
refused "the tokens, the clock, the rate and the faults" 400 InvalidTokenException
shop "$SANDBOX_URL/" >"$tmp/page"
ok "but not the products" shows "Orchard Vault"

# ---- rights, command line ----

as_sandbox() { PGUSER=tollgate_sandbox psql -XAtqd "$1" -c "$2" 2>&1; }
like "its role may not change the products" "$(as_sandbox tollgate_sandbox "UPDATE sandbox.product SET title = 'x'")" 'permission denied'
like "nor make tables" "$(as_sandbox tollgate_sandbox 'CREATE TABLE sandbox.x ()')" 'permission denied'
like "nor see Tollgate's customers" "$(as_sandbox tollgate 'SELECT * FROM tollgate.customer')" 'permission denied'
like "nobody else may see its tokens" "$(PGUSER=tollgate_web psql -XAtqd tollgate_sandbox -c 'SELECT * FROM sandbox.token' 2>&1)" 'permission denied'
run() {
  said=$(env -u TOLLGATE_LISTEN TOLLGATE_TEMPLATES="$root/templates" "$@" 2>&1)
  status=$?
}
run "$program" --version
like "--version" "$status $said" '^0 tollgate-sandbox [0-9]'
run "$program" --help
like "--help has the key pair" "$status $(printf %s "$said" | tr '\n' ' ')" "^0 .*$AWS_ACCESS_KEY_ID.*--landing-url|^0 .*--landing-url.*$AWS_ACCESS_KEY_ID"
like "and the control calls" "$said" '  GET  /control/keys/\*'
run "$program" -n
is "-n with good settings" "$status $said" "0 settings and templates are fine"
run "$program" --nope
is "an unknown option" "$status" 64
run "$program" -n --landing-url 'javascript:alert(1)'
like "a landing URL that is none" "$status $said" '^78 .*--landing-url'
run env TOLLGATE_NOPE=1 "$program" -n
like "an unknown setting" "$status $said" '^78 .*TOLLGATE_NOPE'
run env TOLLGATE_TEMPLATES=/nonexistent "$program" -n
like "no templates" "$status $said" '^78 .*/nonexistent'

run env PGSSLMODE=requird "$program" -n
like "a setting that libpq refuses" "$status $said" '^78 .*invalid sslmode value: ."requird'
# A start looks at its database, too.
start() { run timeout 10 env PGUSER=tollgate_sandbox PGDATABASE=tollgate_sandbox "$@" TOLLGATE_LISTEN="$tmp/run/other.sock" "$program"; }
start PGSSLMODE=requird
like "a start with a setting that libpq refuses" "$status $said" '^78 .*event=not_started .*invalid sslmode value: ."requird'
is "which is told once" "$(printf '%s\n' "$said" | wc -l)" 1
start PGDATABASE=tollgate
like "… with a database that lacks its schema" "$status $said" '^78 .*migrate --sandbox'
ok "neither makes a socket" test ! -e "$tmp/run/other.sock"
start PGHOST=/nonexistent
is "… with a database that is away: it serves until it is stopped" "$status" 124
like "and says so" "$said" 'event=database_away .*/nonexistent'

# No token in its tables or its log, no crash.
pg_dump -d tollgate_sandbox --data-only >"$tmp/dump.sandbox"
is "no token in the sandbox's database or log" "$(grep -laF -f "$secrets" "$tmp/dump.sandbox" "$tmp"/run/*.log)" ""
no_crash "no crash and no sanitizer's report" '' "$tmp/run/sandbox.log" "$tmp/run"
done_testing
