#!/usr/bin/env bash
# Products of several seller accounts: a product that names a role and region has a fulfilment URL of its own, and is
# resolved as that role there.
. "$(dirname "$0")/buyer.sh"
stack_up

# The handler once more, with an STS that is ours and base credentials that the sandbox does not know.
"$root/tests/e2e/sts" "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" >"$tmp/sts" &
at_exit stop $!
until_true 10 test -s "$tmp/sts" || die "no STS"
stop "$(cat "$tmp/run/fcgi.pid")"
until_true 10 test ! -e "$tmp/run/fcgi.sock"
env PGUSER=tollgate_web TOLLGATE_LISTEN="$tmp/run/fcgi.sock" TOLLGATE_PUBLIC_URL="$LANDING_URL" TOLLGATE_STATE_DIR="$tmp/run/state" \
  TOLLGATE_TEMPLATES="$root/templates" AWS_ENDPOINT_URL_STS="http://127.0.0.1:$(head -n 1 "$tmp/sts")" AWS_MAX_ATTEMPTS=1 \
  AWS_ACCESS_KEY_ID=AKIABASE AWS_SECRET_ACCESS_KEY=base "$BIN/tollgate-fcgi" >>"$tmp/run/fcgi.log" 2>&1 &
at_exit stop $!
until_true 20 web -f -o /dev/null "$LANDING_URL/readyz" || die "the handler does not start"
asked() { sed 1d "$tmp/sts"; }
# What a role got: by the session token, which the sandbox's log does not show, the calls' regions and answers do.
answers() { PGDATABASE=tollgate_sandbox sql "SELECT coalesce(action, '-') || ' ' || result FROM sandbox.answer ORDER BY answered_at, request_id"; }

sql "UPDATE tollgate.product SET aws_role_arn = 'arn:aws:iam::210987654321:role/tollgate', aws_external_id = 'shop/7', aws_region = 'eu-west-1'
  WHERE product_code = 'prod-license'"
refreshed() { web -o /dev/null -X POST --data-urlencode x-amzn-marketplace-token=x "$LANDING_URL/register/prod-license"; asked | grep -q AssumeRole; }
ok "a row's change is seen without a restart" until_true 70 refreshed
is "the role is assumed with the handler's own credentials" "$(asked | sort -u)" "AssumeRole arn:aws:iam::210987654321:role/tollgate shop/7 AKIABASE"

mint '{"ProductCode":"prod-license"}'
ask --data-urlencode "x-amzn-marketplace-token=$token" /register/prod-license
is "the product's own address resolves as the role" "$status $(header Location)" "303 /signup"
is "and once is enough" "$(asked | grep -c AssumeRole)" 1
is "who came is known" "$(sql "SELECT product_code FROM tollgate.customer WHERE customer_aws_account_id = '$(minted CustomerAWSAccountId)'")" prod-license
control reset '{}' >/dev/null
mint '{"ProductCode":"prod-legacy"}'
land "$token"
is "the common address calls as the handler itself, whom the sandbox does not know" "$status $(answers)" "503 ResolveCustomer UnrecognizedClientException"
ask --data-urlencode "x-amzn-marketplace-token=$token" /register/prod-license
is "a token of another product of ours is taken" "$status" 303

fault '{"Action":"ResolveCustomer","Fault":"InvalidTokenException","Count":1}'
ask --data-urlencode "x-amzn-marketplace-token=$token" /register/prod-license
is "a token that the product's account refuses" "$status" 400
land "$token"
is "is asked about again at the common address" "$status $(answers | tail -n 1)" "503 ResolveCustomer UnrecognizedClientException"

fault '{"Action":"ResolveCustomer","Fault":"ThrottlingException","Count":20}'
mint '{"ProductCode":"prod-license"}'
ask --data-urlencode "x-amzn-marketplace-token=$token" /register/prod-license
is "an outage: the try-again page" "$status" 503
is "whose form goes back to where it came from" "$(grep -o '<form.*' "$tmp/page")" '<form method="post">'
control reset '{}' >/dev/null
mint '{"ProductCode":"prod-license"}'
ask --data-urlencode "x-amzn-marketplace-token=$token" /register/no-such-product
is "a product that is not ours" "$status" 403
is "of which AWS is not asked" "$(answers)" ""
ask --data-urlencode "x-amzn-marketplace-token=$token" /register/a/b
is "no such address" "$status" 404
ask /register/prod-license
is "GET says how to subscribe" "$status" 200
ask -X PUT /register/prod-license
is "other methods are refused" "$status $(header Allow)" "405 GET, HEAD, POST"

sql "UPDATE tollgate.product SET aws_role_arn = 'arn:aws:iam::210987654321:role/nobody' WHERE product_code = 'prod-license'"
refused() { ask --data-urlencode "x-amzn-marketplace-token=$token" /register/prod-license; [ "$status" = 503 ]; }
ok "a role that may not be assumed: the try-again page" until_true 70 refused
like "and the log says what to do" "$(grep not_resolved "$tmp/run/fcgi.log" | tail -n 1)" 'role/nobody.*AccessDenied|AccessDenied.*role/nobody'
echo session-of-the-role >>"$secrets"
check_secrets
done_testing
