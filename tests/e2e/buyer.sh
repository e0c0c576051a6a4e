# A buyer made of curl, for the end-to-end tests: . "$(dirname "$0")/buyer.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

BIN=$(cd "${BIN:-$root/build}" && pwd) || die "no programs: make"
export BIN
secrets=$tmp/secrets # what must be found nowhere afterwards, a line each
: >"$secrets"

sql() { psql -XAtqc "$1"; }

# json EXPRESSION: reads JSON, prints $j->EXPRESSION; nothing if it is not there
json() { perl -MJSON::PP -0777 -e 'my $j = decode_json(<STDIN>); my $v = $j->'"$1"'; print $v // ""'; }

# control PATH [JSON]: the sandbox's answer
control() { web ${2+--json "$2"} "$SANDBOX_URL/control/$1"; }
fault() { control faults "$1" >/dev/null; }
calls() { control calls | perl -MJSON::PP -0777 -e 'my $n = 0; $n += $_->{Count} for @{decode_json(<STDIN>)->{Calls}}; print $n'; }

# mint JSON: sets token, and the answer in $tmp/minted
mint() {
  control tokens "$1" >"$tmp/minted" || die "no token: $(cat "$tmp/minted")"
  token=$(json '{RegistrationToken}' <"$tmp/minted")
  [ -n "$token" ] || die "no token: $(cat "$tmp/minted")"
  echo "$token" >>"$secrets"
}
# mint_many N JSON: prints N tokens, a line each
mint_many() {
  local i
  for ((i = 0; i < $1; i++)); do
    printf 'next\nurl = "%s/control/tokens"\nheader = "Content-Type: application/json"\ndata = "%s"\n' "$SANDBOX_URL" "${2//\"/\\\"}"
  done | sed 1d | web -K - |
    perl -MJSON::PP -0777 -e 'my $p = JSON::PP->new; $p->incr_parse(<STDIN>); while (my $o = $p->incr_parse) { print $o->{RegistrationToken}, "\n" }' |
    tee -a "$secrets"
}
minted() { json "{$1}" <"$tmp/minted"; }

# ask curl-arguments… PATH: sets status; headers in $tmp/headers, page in $tmp/page. Cookies in $jar.
jar=$tmp/jar
ask() {
  local path=${*: -1}
  status=$(web -b "$jar" -c "$jar" -D "$tmp/headers" -o "$tmp/page" -w '%{http_code}' "${@:1:$#-1}" "$LANDING_URL$path") ||
    status="curl said $?"
}
page() { cat "$tmp/page"; }
header() { tr -d '\r' <"$tmp/headers" | sed -n "s/^$1: //Ip"; }

# land TOKEN [curl-arguments…]: what AWS makes the browser do
land() { ask --data-urlencode "x-amzn-marketplace-token=$1" "${@:2}" /register; }
new_browser() { jar=$(mktemp "$tmp/jar.XXXXXX"); }

csrf() { sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' "$tmp/page" | head -n 1; }

# sign_up EMAIL [curl-arguments…]: fills in the form that this session shows
sign_up() {
  ask /signup
  echo "$1" >>"$secrets"
  ask --data-urlencode "csrf=$(csrf)" --data-urlencode "email=$1" -d field_region=Europe "${@:2}" /signup
}

# land_all FILE N: posts each line's token, N at a time; prints the statuses
land_all() {
  xargs -a "$1" -d '\n' -P "$2" -I{} curl -q --noproxy '*' -s -o /dev/null -w '%{http_code}\n' --data-urlencode 'x-amzn-marketplace-token={}' "$LANDING_URL/register"
}

# The sub-shell's exit status tells whether a text is on the page.
shows() { grep -qF -- "$1" "$tmp/page"; }

# No token and no contact data in a log, a file, a cookie or a table that may not hold them; no crash either.
check_secrets() {
  local found=$tmp/found data=${PGHOST%/*}/pgdata
  rm -f "$tmp/dump"
  pg_dump --data-only --exclude-table-data=tollgate.contact >"$tmp/dump" 2>&1
  grep -qF 'COPY tollgate.registration' "$tmp/dump" || die "no dump to look into: $(head -n 3 "$tmp/dump")"
  # PostgreSQL's own files hold the contact table.
  grep -rlaF -f "$secrets" "$tmp/run" --exclude-dir=pgdata --exclude-dir=pgsocket >"$found" 2>/dev/null
  grep -laF -f "$secrets" "$tmp/dump" "$tmp"/jar* >>"$found" 2>/dev/null
  is "no token and no contact data outside the contact table" "$(cat "$found")" ""
  grep -v '@' "$secrets" >"$tmp/tokens"
  is "no token in PostgreSQL's files" "$(grep -rlaF -f "$tmp/tokens" "$data/base" "$data/pg_wal" 2>/dev/null | head -n 3)" ""
  no_crash "no alert, crash or sanitizer report in a log" '\[(alert|emerg)\]|level=error.*event=(bug|accept)' "$tmp/run/fcgi.log" "$tmp/run"
}
