#!/usr/bin/env bash
# Each attack that a landing page meets: fixation, login CSRF, another visitor's data, forged cookies and codes, markup.
. "$(dirname "$0")/buyer.sh"
stack_up

cookie() { awk '$6 == "tollgate" { print $7 }' "$jar"; }
set_cookie() { printf '#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t0\ttollgate\t%s\n' "$1" >"$jar"; }

# Fixation: a cookie that an attacker planted is worth nothing after the buyer's own landing.
new_browser
mint '{"ProductCode":"prod-license"}'
land "$token"
sign_up attacker@example.com --data-urlencode 'field_company=Attacker'
planted=$(cookie)
new_browser
set_cookie "$planted"
mint '{"ProductCode":"prod-license"}'
victim=$(minted CustomerAWSAccountId)
land "$token"
ok "a landing gives another cookie than the planted one" test -n "$(cookie)" -a "$(cookie)" != "$planted"
sign_up victim@example.com --data-urlencode 'field_company=Victim'
is "the victim signs up" "$status" 303
attacker=$tmp/jar.attacker
jar=$attacker
set_cookie "$planted"
ask /thanks
is "the planted cookie is still good for its own visit" "$status" 200
unlike "who planted the cookie does not see what the victim typed" "$(page)" victim@example.com
ask /signup
unlike "not on the form either" "$(page)" "victim@example.com|$victim"

# Login CSRF: an attacker's token is posted by the victim's browser. The page says whose account it is, and lets go.
new_browser
mint '{"ProductCode":"prod-license"}'
land "$token"
ask /signup
tail4=$(minted CustomerAWSAccountId)
tail4=${tail4: -4}
ok "the form shows the account before the first field" \
  perl -0777 -ne "exit !(/ending.{0,40}$tail4.*type=\"email\"/s)" "$tmp/page"
ok "and a way out" shows 'action="/not-my-account"'
token_of_form=$(csrf)
ask -d csrf=wrong /not-my-account
is "which no other site can press" "$status" 403
ask --data-urlencode "csrf=$token_of_form" /not-my-account
is "this is not my account: the visit is forgotten" "$status $(cookie)" "200 "
like "the browser is told to" "$(header Set-Cookie)" '^tollgate=; Path=/; Max-Age=0'
ask /signup
is "and the form is gone" "$status" 403

# CSRF.
new_browser
mint '{"ProductCode":"prod-license"}'
land "$token"
ask /signup
first_csrf=$(csrf)
ask -d email=x@example.com -d field_region=x -d field_company=x /signup
is "a form without its CSRF token" "$status" 403
ask --data-urlencode "csrf=$(printf %s "$first_csrf" | tr 'A-Za-z' 'B-ZAb-za')" -d email=x@example.com -d field_region=x -d field_company=x /signup
is "a form with a wrong one" "$status" 403
mint '{"ProductCode":"prod-license"}'
land "$token"
ask --data-urlencode "csrf=$first_csrf" -d email=x@example.com -d field_region=x -d field_company=x /signup
is "a form with that of an earlier visit" "$status" 403
is "none of them was stored" "$(sql "SELECT count(*) FROM tollgate.contact WHERE email = 'x@example.com'")" 0

# Cookies that are not ours.
good=$(cookie)
for bad in "${good%?}" "${good}A" "B${good#?}" "$(printf %s "$good" | rev)" x '' "$(head -c 3000 /dev/zero | tr '\0' A)"; do
  set_cookie "$bad"
  ask /signup
  is "a forged cookie of ${#bad} characters" "$status" 403
done
stack_key=$(cat "$tmp/run/state/session.key")
like "the key is a random one" "$stack_key" '^[0-9a-f]{64}$'
echo "$stack_key" >>"$secrets.keys"

# Another visitor's contact data: two people of one buyer.
new_browser
mint '{"ProductCode":"prod-license"}'
land "$token"
sign_up first@example.com --data-urlencode 'field_company=First'
ask /signup
ok "the session that typed it may correct it" shows first@example.com
new_browser
land "$token"
ask /signup
unlike "a later visit starts empty" "$(page)" 'first@example.com|First'
sign_up second@example.com --data-urlencode 'field_company=Second'
is "and adds a contact, it overwrites none" \
  "$(sql "SELECT string_agg(email, ' ' ORDER BY created_at) FROM tollgate.contact WHERE customer_id = (SELECT id FROM tollgate.customer WHERE license_arn = '$(minted LicenseArn)')")" \
  "first@example.com second@example.com"
sign_up third@example.com --data-urlencode 'field_company=Second'
is "the same session replaces its own" \
  "$(sql "SELECT string_agg(email, ' ' ORDER BY created_at) FROM tollgate.contact WHERE customer_id = (SELECT id FROM tollgate.customer WHERE license_arn = '$(minted LicenseArn)')")" \
  "first@example.com third@example.com"

# Markup in every field is text.
evil='"><script>alert(1)</script>'\''&amp;'
ask /signup
ask --data-urlencode "csrf=$(csrf)" --data-urlencode "email=$evil@example.com" -d field_region=x --data-urlencode "field_company=$evil" /signup
is "markup in a bad address comes back with a message" "$status" 422
unlike "as text" "$(page)" '<script|alert\(1\)<'
ok "still there for the person who typed it" shows '&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;amp;'
like "with a summary of what to mend" "$(page)" 'There is a problem'
sign_up ok@example.com --data-urlencode "field_company=$evil"
is "markup in a free field is stored as it is" "$status $(sql "SELECT count(*) FROM tollgate.contact WHERE fields->>'company' = '${evil//\'/\'\'}'")" "303 1"
ask /signup
unlike "and shown as text" "$(page)" '<script'

# Fields.
ask --data-urlencode "csrf=$(csrf)" -d email=mass@example.com -d field_region=x -d field_company=x -d status=active -d customer_id=1 -d field_admin=1 /signup
is "fields that nobody asked for are ignored" "$status $(sql "SELECT fields::text FROM tollgate.contact WHERE email = 'mass@example.com'" | grep -c admin)" "303 0"
echo mass@example.com >>"$secrets"
ask /signup
ask --data-urlencode "csrf=$(csrf)" -d email=a%00@example.com -d field_region=x -d field_company=x /signup
is "NUL in a field" "$status" 400
ask --data-urlencode "csrf=$(csrf)" -d email=a@example.com -d field_region=x -d field_company=%c3 /signup
is "bad UTF-8 in a field" "$status" 400
ask /signup
form=$(csrf)
ask --data-urlencode "csrf=$form" -d field_region=x -d field_company=x /signup
is "no address" "$status" 422
ok "says so at the field" shows 'Enter your email address'
ask --data-urlencode "csrf=$form" -d email=a@example.com -d field_region=x --data-urlencode "field_company=$(head -c 3000 /dev/zero | tr '\0' x)" /signup
is "a value that is too long" "$status" 422
# A blank of a Japanese keyboard, a line separator, a control character of ISO 8859.
for blank in %E3%80%80 %E2%80%A8 %C2%85; do
  ask --data-urlencode "csrf=$form" -d "email=b@example.com$blank" -d field_region=x -d field_company=x /signup
  is "blanks of Unicode in an address: $blank" "$status $(shows 'Enter an email address in the correct format' && echo said)" "422 said"
done
sql "ALTER TABLE tollgate.contact ADD CONSTRAINT no_b CHECK (fields->>'company' <> 'b') NOT VALID"
ask --data-urlencode "csrf=$form" -d email=b@example.com -d field_region=x -d field_company=b /signup
is "what the database does not take for another reason is no fault of the address" \
  "$status $(shows 'Enter an email address in the correct format' && echo said)" "503 "
sql "ALTER TABLE tollgate.contact DROP CONSTRAINT no_b"

# The hand-off to the seller's app: a code is good once, for two minutes.
app() { sql "SET log_min_error_statement = panic; SET ROLE tollgate_app; SELECT product_code || ' ' || customer_aws_account_id FROM tollgate.redeem_handoff('$1')" 2>&1 | grep -m 1 -E "ERROR|prod-"; }
hand_off() {
  ask /existing
  ask --data-urlencode "csrf=$(csrf)" /handoff
  code=$(header Location | sed -n 's/.*[?&]code=\([A-Za-z0-9_-]*\)$/\1/p')
  echo "$code" >>"$secrets"
}
sql "UPDATE tollgate.product SET handoff_url = 'https://app.example.com/link?from=aws' WHERE product_code = 'prod-license'"
product_is_read() { ask /existing; shows app.example.com; }
ok "a product's new hand-off address is used soon" until_true 10 product_is_read
like "the hand-off page may go on to the app, and only there" "$(header Content-Security-Policy)" "form-action 'self' https://app\.example\.com;"
ask /signup
like "no other page may" "$(header Content-Security-Policy)" "form-action 'self';"
ask -X POST -d csrf=wrong /handoff
is "a hand-off that the buyer did not press" "$status" 403
ask /handoff
is "nor by a link" "$status" 405
hand_off
like "the buyer goes to the app with a code" "$status $(header Location)" '^303 https://app\.example\.com/link\?from=aws&code=[A-Za-z0-9_-]{43}$'
is "the code itself is stored nowhere" "$(sql "SELECT count(*) FROM tollgate.handoff WHERE code_sha256 = sha256('$code'::bytea)")" 1
is "the app redeems it" "$(app "$code")" "prod-license $(minted CustomerAWSAccountId)"
refusal=$(app "$code")
like "once" "$refusal" ERROR
is "a forged one has the same answer" "$(app "$(printf %s "$code" | rev)")" "$refusal"
is "so has an empty one" "$(app "")" "$refusal"
hand_off
sql "UPDATE tollgate.handoff SET created_at = created_at - interval '2 minutes', expires_at = expires_at - interval '2 minutes' WHERE code_sha256 = sha256('$code'::bytea)"
is "so has a late one" "$(app "$code")" "$refusal"
hand_off
(app "$code" >"$tmp/one" & app "$code" >"$tmp/two" & wait)
is "two at once: one wins" "$(cat "$tmp/one" "$tmp/two" | grep -c prod-license)" 1
like "the web role cannot redeem" "$(sql "SET ROLE tollgate_web; SELECT * FROM tollgate.redeem_handoff('x')" 2>&1)" 'permission denied'

# What a browser counts as 1000 characters it sends as more.
mint '{"ProductCode":"prod-legacy"}'
new_browser
land "$token"
sign_up lines@example.com -d field_company=x --data-urlencode "field_goals=$(printf 'a\r\n%.0s' {1..400})$(printf 'b%.0s' {1..200})"
is "a line break is one character" "$status $(sql "SELECT char_length(fields->>'goals') FROM tollgate.contact WHERE email = 'lines@example.com'")" "303 1000"

is "the handler leaves no core file, which would hold them" "$(awk '/^Max core file size/ { print $5, $6 }' "/proc/$(cat "$tmp/run/fcgi.pid")/limits")" "0 0"
check_secrets
is "nor a key or a cookie" "$(grep -rlF -e "$stack_key" -e "$good" "$tmp/run" --include='*.log')" ""
done_testing
