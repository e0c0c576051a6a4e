#!/usr/bin/env bash
# RegisterUsage in the sandbox: who may, and a signature that the openssl command verifies.
# shellcheck source=tests/e2e/caller.sh
. "$(dirname "$0")/caller.sh"

# register MEMBERS [NAME=VALUE…]: with the usual ones of those that are needed
register() {
  local input=$1 usual
  for usual in '"ProductCode":"prod-legacy"' '"PublicKeyVersion":1'; do
    [[ $input == *"${usual%%:*}:"* ]] || input+="${input:+,}$usual"
  done
  call RegisterUsage "{$input}" "${@:2}"
}
# part N: what is in that part of the last answer's token
part() { member Signature | cut -d. -f"$1" | perl -MMIME::Base64=decode_base64url -e 'print decode_base64url(<STDIN>)'; }
# verified [KEY-FILE [SALT]]: what openssl says of the last answer's token
verified() {
  local token
  token=$(member Signature)
  printf %s "${token%.*}" >"$tmp/text"
  part 3 >"$tmp/signature"
  openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt "rsa_pss_saltlen:${2-32}" -verify "${1-$tmp/key1}" -signature "$tmp/signature" "$tmp/text" 2>&1 | head -n 1
}
# key N: sets status; the key in $tmp/keyN
key() { status=$(web -D "$tmp/headers" -o "$tmp/key$1" -w '%{http_code}' "${@:2}" "$SANDBOX_URL/control/keys/$1"); }

# ---- the key ----

same=$(for n in 1 2 3; do printf 'next\nurl = "%s/control/keys/1"\noutput = "%s"\n' "$SANDBOX_URL" "$tmp/made$n"; done | sed 1d |
  web --parallel --parallel-immediate -K - 2>/dev/null; cat "$tmp"/made? | grep -c BEGIN; sort -u "$tmp"/made? | grep -vc -e -----)
is "three ask for the key that is not there yet: one is made" "$same" "$(printf '3\n%s' "$(grep -vc -e ----- "$tmp/made1")")"
key 1
is "it is public" "$status $(header Content-Type) $(head -n 1 "$tmp/key1")" "200 application/x-pem-file -----BEGIN PUBLIC KEY-----"
like "RSA with 2048 bits" "$(openssl pkey -pubin -in "$tmp/key1" -noout -text | head -n 1)" '2048 bit'
is "HEAD has its length" "$(web -I "$SANDBOX_URL/control/keys/1" | tr -d '\r' | sed -n 's/^content-length: //Ip')" "$(wc -c <"$tmp/key1")"
for version in 2 0 01x 99999999999; do
  key $version
  like "there is no key $version" "$status $(cat "$tmp/key$version")" '^404 \{"message":"'
done
is "another method" "$(web -D "$tmp/headers" -o /dev/null -w '%{http_code}' -d '{}' "$SANDBOX_URL/control/keys/1") $(header Allow)" "405 GET, HEAD"

# ---- what is signed ----

began=$(date +%s)
register '"Nonce":"2ead20e4-ü"'
like "the answer is a token alone" "$status $(answer)" '^200 \{"Signature":"[-_A-Za-z0-9]+\.[-_A-Za-z0-9]+\.[-_A-Za-z0-9]{342}"\}$'
is "whose signature holds, with a salt of 32 bytes" "$(verified)" "Verified OK"
unlike "and with no other" "$(verified "$tmp/key1" 20)" OK
is "its header" "$(part 1)" '{"alg":"PS256","typ":"JWT"}'
is "its payload" "$(part 2 | sed -E 's/"iat":[0-9]{10}\}$/"iat":…}/')" \
  '{"ProductCode":"prod-legacy","PublicKeyVersion":1,"Nonce":"2ead20e4-ü","PublicKeyRotationTimestamp":null,"iat":…}'
iat=$(part 2 | grep -o '[0-9]*}$' | tr -d '}')
ok "of this time" test "$iat" -ge "$began" -a "$iat" -le "$(date +%s)"
control clock '{"Now":1767225600}' >/dev/null
register '' TIME=1767225600
like "by the sandbox's clock, and without a nonce that was not sent" "$(part 2)" \
  '^\{"ProductCode":"prod-legacy","PublicKeyVersion":1,"PublicKeyRotationTimestamp":null,"iat":17672256[0-9]{2}\}$'
control clock '{"Now":null}' >/dev/null
register '"Nonce":""'
like "an empty nonce is one" "$(part 2)" '"Nonce":"",'
register "\"Nonce\":\"$(printf '\\u0001%.0s' {1..255})\",\"ProductCode\":\"prod-license\""
is "the longest nonce" "$status $(verified)" "200 Verified OK"
register "\"Nonce\":\"$(printf 'x%.0s' {1..256})\""
refused "a longer one" 400 ValidationException
register '"PublicKeyVersion":0'
refused "a version under the model's limit" 400 ValidationException

# ---- who may ----

as() { register "$2" SESSION="session-of-$1" REGION=eu-west-1 "${@:3}"; }
caller session-of-ec2 333333333333 ec2 eu-west-1
caller session-of-none 333333333333 none eu-west-1
caller session-of-ecs 333333333333 ecs eu-west-1
caller session-of-eks 333333333333 eks eu-west-1
as ec2 ''
refused "no container" 400 PlatformNotSupportedException
as none ''
refused "nothing of AWS's" 400 PlatformNotSupportedException
as ecs ''
refused "one whose account has not subscribed" 400 CustomerNotEntitledException
register '' SESSION=session-of-ecs REGION=eu-west-2
refused "another region than the caller's" 400 InvalidRegionException
as ecs '"ProductCode":"no-such"'
refused "an unknown product" 400 InvalidProductCodeException
as ecs '"PublicKeyVersion":2'
refused "an unknown version of the key" 400 InvalidPublicKeyVersionException
mint '{"ProductCode":"prod-legacy","CustomerAWSAccountId":"333333333333"}'
as ecs ''
is "one whose account has subscribed" "$status $(verified)" "200 Verified OK"
as ecs '"ProductCode":"prod-license"'
refused "a subscription is to one product" 400 CustomerNotEntitledException
end_subscriptions 333333333333 prod-legacy
as ecs ''
is "a caller that is registered stays so when the subscription ends" "$status" 200
as eks ''
refused "an initial call is then too late" 400 CustomerNotEntitledException
caller session-of-ecs 333333333333 ec2 eu-west-1
as ecs ''
is "nor is it asked for its platform again" "$status" 200
register '' SESSION=session-of-ecs REGION=eu-west-2
refused "but for its region" 400 InvalidRegionException
register '' SESSION=session-of-nobody REGION=us-west-2
is "a session token that nobody registered is the default caller's" "$status" 200

# ---- faults ----

fault '{"Action":"RegisterUsage","Fault":"ThrottlingException","Count":1}'
register ''
refused "an ordered error" 400 ThrottlingException
mint '{"ProductCode":"prod-license","CustomerAWSAccountId":"333333333333"}'
fault '{"Action":"RegisterUsage","Fault":"lost","Count":1}'
as eks '"ProductCode":"prod-license"'
is "lost: not a byte" "$status" "curl 52"
end_subscriptions 333333333333 prod-license
as eks '"ProductCode":"prod-license"'
is "but the caller was registered" "$status" 200

# ---- the next version ----

later=$(($(date +%s) + 1000))
is "a next version, and when this one expires" "$(control keys "{\"RotatedAt\":$later}")" '{"PublicKeyVersion":2}'
register ''
like "until then it has not" "$(answer) $(part 2)" '^\{"Signature":"[^"]*"\} .*"PublicKeyRotationTimestamp":null,'
register '"PublicKeyVersion":2'
key 2
is "the next one signs already" "$(verified "$tmp/key2")" "Verified OK"
unlike "with a key of its own" "$(verified "$tmp/key1")" OK
control clock "{\"Now\":$later}" >/dev/null
register '' TIME="$later"
is "from then on the answer says since when" "$status $(member PublicKeyRotationTimestamp)" "200 $later"
like "and so does the token" "$(part 2)" "\"PublicKeyRotationTimestamp\":$later,"
is "which still holds" "$(verified)" "Verified OK"
register '"PublicKeyVersion":2' TIME="$later"
like "the newest version has not expired" "$(answer)" '^\{"Signature"'
is "without a time it expires now" "$(control keys '{}')" '{"PublicKeyVersion":3}'
register '"PublicKeyVersion":2' TIME="$later"
ok "by the sandbox's clock" test "$(member PublicKeyRotationTimestamp)" -ge "$later"
control clock '{"Now":null}' >/dev/null
is "versions made at once" "$(for n in 1 2; do printf 'next\nurl = "%s/control/keys"\njson = "{}"\n' "$SANDBOX_URL"; done | sed 1d |
  web --parallel --parallel-immediate -K - 2>/dev/null | sort | tr -d '\n')" '{"PublicKeyVersion":4}{"PublicKeyVersion":5}'
like "a time in milliseconds" "$(message keys '{"RotatedAt":1767225600000}')" '^400 RotatedAt'

# ---- the edition of 2019 ----

edition 2019
mint '{"ProductCode":"prod-license","CustomerAWSAccountId":"444444444444"}'
caller session-of-eks-2019 444444444444 eks eu-west-1
caller session-of-ecs-2019 444444444444 ecs eu-west-1
as eks-2019 '"ProductCode":"prod-license"'
refused "2019: ECS alone" 400 PlatformNotSupportedException
as ecs-2019 '"ProductCode":"prod-license"'
is "2019: which is let in" "$status" 200
as ecs-2019 ''
refused "2019: with a subscription" 400 CustomerNotEntitledException
register ''
is "2019: the default caller is one on ECS" "$status $(verified)" "200 Verified OK"
edition today
as eks-2019 '"ProductCode":"prod-license"'
is "today EKS too" "$status" 200

# ---- its state ----

first=$(cat "$tmp/key1")
control reset '{}' >/dev/null
key 1
is "reset leaves the first key" "$(cat "$tmp/key1")" "$first"
register ''
like "which has not expired any more" "$status $(answer)" '^200 \{"Signature"'
key 2
is "and no other" "$status" 404
as ecs-2019 '"ProductCode":"prod-license"'
is "reset forgets the callers" "$status" 200
is "all of them" "$(PGDATABASE=tollgate_sandbox sql 'SELECT count(*) FROM sandbox.caller')" 1
stop "$(cat "$tmp/run/sandbox.pid")"
env PGUSER=tollgate_sandbox PGDATABASE=tollgate_sandbox TOLLGATE_LISTEN="$tmp/run/sandbox.sock" TOLLGATE_TEMPLATES="$root/templates" "$BIN/tollgate-sandbox" \
  >>"$tmp/run/sandbox.log" 2>&1 &
at_exit stop $!
until_true 20 eval "web -o /dev/null -f '$SANDBOX_URL/'"
register ''
is "a restart leaves it too" "$status $(verified)" "200 Verified OK"
private=$(PGDATABASE=tollgate_sandbox PGUSER=tollgate_sandbox sql 'SELECT private_key FROM sandbox.signing_key WHERE version = 1')
like "its private half is in the database" "$private" '^-----BEGIN PRIVATE KEY-----'
for role in tollgate_web tollgate_meter tollgate_app tollgate_admin; do
  like "where $role may not see it" "$(PGUSER=$role psql -XAtqd tollgate_sandbox -c 'SELECT * FROM sandbox.signing_key' 2>&1)" 'permission denied'
done
is "and in no log" "$(grep -laF -e "$(sed -n 2p <<<"$private")" "$tmp"/run/*.log)" ""
check_callers
done_testing
