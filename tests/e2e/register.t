#!/usr/bin/env bash
# From AWS's POST to the thank-you page: both identities, every answer of AWS, every shape of the form.
. "$(dirname "$0")/buyer.sh"
stack_up

# The whole path, as a buyer of a product of 2019.
mint '{"ProductCode":"prod-legacy"}'
land "$token"
is "a resolved token goes on" "$status" 303
is "to a clean URL" "$(header Location)" /signup
like "with a cookie that scripts and other sites cannot use" "$(header Set-Cookie)" \
  '^tollgate=[A-Za-z0-9_-]+; Path=/; Max-Age=7200; HttpOnly; SameSite=Lax$'
is "the landing's answer is not stored" "$(header Cache-Control)" no-store
is "the buyer is stored" "$(sql "SELECT customer_identifier || ' ' || customer_aws_account_id || ' ' || metered_by FROM tollgate.customer")" \
  "$(minted CustomerIdentifier) $(minted CustomerAWSAccountId) customer_identifier"
is "the visit is stored with the token's hash" "$(sql "SELECT encode(token_sha256, 'hex') || ' ' || outcome FROM tollgate.registration")" \
  "$(printf %s "$token" | sha256sum | cut -d' ' -f1) resolved"
is "and AWS's request id" "$(sql "SELECT count(*) FROM tollgate.registration WHERE aws_request_id ~ '^[0-9a-f-]{36}$'")" 1
ask /thanks
is "thanks before the form leads to the form" "$status $(header Location)" "303 /signup"
ask /signup
is "the form is there" "$status" 200
account=$(minted CustomerAWSAccountId)
ok "and tells the browser what it can fill in" shows 'autocomplete="organization"'
sql "UPDATE tollgate.product SET form_fields = form_fields || '[{\"name\": \"mobile\", \"label\": \"Mobile\", \"type\": \"tel\"}]'::jsonb
  WHERE product_code = 'prod-legacy'"
asks_for_mobile() { ask /signup; tr '\n' ' ' <"$tmp/page" | grep -Eq '<input[^>]*name="field_mobile"[^>]*autocomplete="tel"'; }
ok "… by a field's type, too, where its name says nothing" until_true 15 asks_for_mobile
sql "UPDATE tollgate.product SET form_fields = form_fields - 3 WHERE product_code = 'prod-legacy'"
no_mobile() { ask /signup; ! shows field_mobile; }
ok "the form changes with its product" until_true 15 no_mobile
ok "and names the account's last four digits, no more" shows "AWS account ending in ${account: -4}<"
unlike "but not the whole account" "$(page)" "$account"
sign_up buyer@example.com --data-urlencode 'field_company=Example Ltd'
is "a filled-in form goes on" "$status $(header Location)" "303 /thanks"
ask /thanks
is "thanks" "$status" 200
ok "and says where mail goes" shows buyer@example.com
is "the contact is stored apart" "$(sql "SELECT email || ' ' || (fields->>'company') FROM tollgate.contact JOIN tollgate.customer c ON c.id = customer_id WHERE c.product_code = 'prod-legacy'")" \
  "buyer@example.com Example Ltd"

# A product of today: no CustomerIdentifier.
new_browser
mint '{"ProductCode":"prod-license","OfferType":"free-trial"}'
land "$token" -d x-amzn-marketplace-offer-type=free-trial -d x-amzn-marketplace-agreement-id=agmt-1
is "a licensed buyer registers" "$status" 303
is "by license, with the claim of a free trial" "$(sql "SELECT license_arn || ' ' || customer_aws_account_id || ' ' || metered_by || ' ' || offer_type_claimed FROM tollgate.customer WHERE product_code = 'prod-license'")" \
  "$(minted LicenseArn) $(minted CustomerAWSAccountId) license free-trial"
for claim in 'free <b>trial</b>' "$(printf 'a%.0s' {1..41})"; do
  land "$token" --data-urlencode "x-amzn-marketplace-offer-type=$claim"
done
is "a claim that is no word is not kept, and keeps nobody out" \
  "$status $(sql "SELECT count(*), count(offer_type_claimed) FROM tollgate.registration WHERE product_code = 'prod-license'")" "303 3|1"

# A claim that would not fit.
new_browser
mint '{"ProductCode":"prod-license"}'
land "$token" -d "x-amzn-marketplace-offer-type=$(printf 'a%.0s' {1..41})"
is "a claim that is too long is not kept, and the buyer is" "$status $(sql "SELECT count(*) || ' ' || count(offer_type_claimed) FROM tollgate.customer WHERE customer_aws_account_id = '$(minted CustomerAWSAccountId)'")" \
  "303 1 0"

# The fulfilment URL with a slash at its end.
new_browser
ask --data-urlencode "x-amzn-marketplace-token=$token" /register/
is "a slash at the end of the fulfilment URL keeps nobody out" "$status $(header Location)" "303 /signup"

# A fresh token later, a reload, fifty at once: one customer.
count() { sql "SELECT count(*) FROM tollgate.customer"; }
before=$(count)
land "$token"
is "a reload registers again" "$status" 303
mint "{\"ProductCode\":\"prod-license\",\"CustomerAWSAccountId\":\"$(minted CustomerAWSAccountId)\",\"LicenseArn\":\"$(minted LicenseArn)\"}"
land "$token"
is "so does a fresh token of the same buyer" "$status" 303
is "and it is the same customer" "$(count)" "$before"
mint '{"ProductCode":"prod-license"}'
before=$(count)
seq 50 | xargs -P 50 -I{} curl -q --noproxy '*' -s -o /dev/null -w '%{http_code}\n' --data-urlencode "x-amzn-marketplace-token=$token" "$LANDING_URL/register" >"$tmp/fifty"
is "fifty posts of one token at once all go on" "$(sort "$tmp/fifty" | uniq -c | tr -s ' ')" " 50 303"
is "as one customer" "$(($(count) - before))" 1

# Identities (design §3.4).
new_browser
mint '{"ProductCode":"prod-legacy"}'
land "$token"
legacy_buyer=$(minted CustomerAWSAccountId) identifier=$(minted CustomerIdentifier)
mine() { sql "SELECT count(*) FROM tollgate.customer WHERE customer_identifier = '$identifier'"; }
mint "{\"ProductCode\":\"prod-legacy\",\"CustomerAWSAccountId\":\"$legacy_buyer\",\"ResolveShape\":{\"LicenseArn\":\"set\"}}"
land "$token"
license=$(minted LicenseArn)
is "a legacy buyer who comes back with a license is the same customer" "$(mine) $(sql "SELECT count(*) FROM tollgate.customer WHERE license_arn = '$license'")" "1 1"
is "still metered as before" "$(sql "SELECT metered_by FROM tollgate.customer WHERE license_arn = '$license'")" customer_identifier
mint "{\"ProductCode\":\"prod-legacy\",\"CustomerAWSAccountId\":\"$legacy_buyer\",\"LicenseArn\":\"arn:aws:license-manager::$legacy_buyer:license:l-0123456789abcdef0123456789abcdef\",\"ResolveShape\":{\"LicenseArn\":\"set\"}}"
land "$token"
is "a second license of one buyer is a second customer" "$status $(mine)" "303 2"
mint "{\"ProductCode\":\"prod-legacy\",\"CustomerAWSAccountId\":\"$legacy_buyer\",\"LicenseArn\":\"arn:aws:license-manager:us-east-1:$legacy_buyer:l-0123456789abcdef0123456789abcdef\",\"ResolveShape\":{\"LicenseArn\":\"set\"}}"
land "$token"
is "the other spelling of an ARN is the same license" "$status $(mine)" "303 2"

# Every shape of AWS's answer.
for shape in absent null empty; do
  new_browser
  mint "{\"ProductCode\":\"prod-legacy\",\"ResolveShape\":{\"CustomerIdentifier\":\"$shape\",\"LicenseArn\":\"absent\"}}"
  land "$token"
  is "CustomerIdentifier $shape, no license: by account" "$status $(sql "SELECT metered_by || coalesce(customer_identifier, ' none') FROM tollgate.customer WHERE customer_aws_account_id = '$(minted CustomerAWSAccountId)'")" "303 account none"
  mint "{\"ProductCode\":\"prod-license\",\"ResolveShape\":{\"CustomerIdentifier\":\"$shape\",\"LicenseArn\":\"set\"}}"
  land "$token"
  is "CustomerIdentifier $shape, with a license" "$status $(sql "SELECT metered_by || coalesce(customer_identifier, ' none') FROM tollgate.customer WHERE license_arn = '$(minted LicenseArn)'")" "303 license none"
  mint "{\"ProductCode\":\"prod-legacy\",\"ResolveShape\":{\"LicenseArn\":\"$shape\"}}"
  land "$token"
  is "LicenseArn $shape" "$status $(sql "SELECT metered_by FROM tollgate.customer WHERE customer_identifier = '$(minted CustomerIdentifier)'")" "303 customer_identifier"
done
mint '{"ProductCode":"prod-legacy","ResolveShape":{"CustomerIdentifier":"absent","CustomerAWSAccountId":"null","LicenseArn":"empty"}}'
land "$token"
is "no identity at all: try again" "$status $(grep -oF 'name="x-amzn-marketplace-token"' "$tmp/page" | wc -l)" "503 1"
fault '{"Action":"ResolveCustomer","Fault":"extra","Count":1}'
mint '{"ProductCode":"prod-license"}'
land "$token"
is "members that nobody knows yet are ignored" "$status" 303

# What the form may look like.
for kind in valid expired; do
  mint "{\"ProductCode\":\"prod-license\",\"Kind\":\"$kind\",\"Length\":8192}"
  land "$token"
  is "an 8 KiB token, $kind" "${#token} $status" "8192 $([ $kind = valid ] && echo 303 || echo 400)"
done
mint '{"ProductCode":"prod-license"}'
like "the sandbox's tokens hold the characters that get lost" "$token" '[+].*|/.*|=.*|%.*'
unencoded=${token//%/%25}
ask --data-raw "x-amzn-marketplace-token=${unencoded//+/%2B}" /register
is "a token that is encoded only where it must be" "$status" 303
ask --data-raw "other=1&&x-amzn-marketplace-token=$(perl -e 'print map { sprintf "%%%02x", ord } split //, shift' -- "$token")&x" /register
is "a token of which every byte is encoded" "$status" 303
land "$token" --data-urlencode "x-amzn-marketplace-token=$token"
is "the same token twice" "$status" 303
land "$token" -d x-amzn-marketplace-token=other
is "two different tokens" "$status" 400
ask -d x=1 /register
is "no token" "$status" 400
ok "with a page that says how to come with one" shows "Set up your account"
ask -d x-amzn-marketplace-token= /register
is "an empty token" "$status" 400
ask -d x-amzn-marketplace-token=a%00b /register
is "NUL in the token" "$status" 400
ask -d x=%00 -d "x-amzn-marketplace-token=a" /register
is "NUL in a field that nobody reads" "$status" 400
ask -d x-amzn-marketplace-token=%ff%fe /register
is "a token that is not UTF-8" "$status" 400
ask -H 'Content-Type: application/json' -d '{}' /register
is "another content type" "$status" 415
ask -F x-amzn-marketplace-token=abc /register
is "a multipart form" "$status" 415
head -c 70000 /dev/zero | tr '\0' a >"$tmp/big"
ask --data-binary @"$tmp/big" /register
is "a body over 64 KiB" "$status" 413
ok "is answered by our page" shows Reference
head -c 10000000 /dev/zero | tr '\0' a >"$tmp/big"
ask --data-binary @"$tmp/big" /register
is "a body of 10 MB" "$status" 413
is "whose page is the same for a person" "$(grep -c '<h1' "$tmp/page")" 1
ask /register
is "GET /register says how to subscribe" "$status" 200
ask "/register?x-amzn-marketplace-token=in-the-url"
is "a token in the URL is not looked at, and leaves the address bar" "$status $(header Location)" "303 $LANDING_URL/register"
echo in-the-url >>"$secrets"

# Bad tokens.
land never-minted-by-anybody
is "an invalid token" "$status" 400
echo never-minted-by-anybody >>"$secrets"
ok "says what to press, and that nothing is bought again" shows "Set up your account"
asked=$(calls)
land never-minted-by-anybody
is "the same again is refused without asking AWS" "$status $(calls)" "400 $asked"
is "and both visits are kept" "$(sql "SELECT count(*) FROM tollgate.registration WHERE outcome = 'token_invalid'")" 2
mint '{"ProductCode":"prod-license","Kind":"expired"}'
land "$token"
is "an expired token" "$status" 400
like "says that it expired" "$(page)" '[Ee]xpired'
is "and is noted as such" "$(sql "SELECT count(*) > 0 FROM tollgate.registration WHERE outcome = 'token_expired'")" t
mint '{"ProductCode":"prod-of-somebody-else"}'
before=$(count)
land "$token"
is "a product that is not sold here" "$status" 403
is "makes no customer, only a visit" "$(($(count) - before)) $(sql "SELECT count(*) FROM tollgate.registration WHERE outcome = 'unknown_product' AND product_code = 'prod-of-somebody-else'")" "0 1"
sql "INSERT INTO tollgate.product (product_code, name) VALUES ('prod-of-somebody-else', 'Just added')"
land "$token"
is "a product that was added a moment ago" "$status" 303

# Routes.
new_browser
for path in / /healthz /readyz /signup; do
  ask -I "$path"
  is "HEAD $path has no body" "$(wc -c <"$tmp/page" | tr -d ' ')" "$([ -s "$tmp/page" ] && wc -c <"$tmp/headers" || echo 0)"
done
ask /
is "GET /" "$status" 200
ask /healthz
is "GET /healthz" "$status $(page)" "200 alive"
ask /readyz
is "GET /readyz" "$status $(page)" "200 ready"
ask /nowhere
is "an unknown path" "$status" 404
ask -X DELETE /register
is "an unknown method" "$status $(header Allow)" "405 GET, HEAD, POST"
ask -X PUT -d x=1 /healthz
is "on a page that is only read" "$status $(header Allow)" "405 GET, HEAD"
for path in /signup /thanks /existing; do
  ask "$path"
  is "GET $path without a session" "$status" 403
done
ask /static/style.css
is "the style sheet is there" "$status $(header Content-Type)" "200 text/css"
ask /
like "each page has a strict policy" "$(header Content-Security-Policy)" "^default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$"
is "and sends no referrer to others" "$(header Referrer-Policy)" same-origin

check_secrets
done_testing
