#!/usr/bin/env bash
# Each allocation of a hand-off finds no memory, one after the other: nobody is sent on without a code of their own.
. "$(dirname "$0")/buyer.sh"
nm -D "$BIN/tollgate-fcgi" | grep -q __asan_init && skip_all "the sanitizer has an allocator of its own"
cc -O1 -shared -fPIC -D_GNU_SOURCE -o "$tmp/no_memory.so" "$root/tests/e2e/no_memory.c" || die "no library"
left=$tmp/left
printf '\0\0\0\0' >"$left"
stack_up
stop "$(cat "$tmp/run/fcgi.pid")"
env LD_PRELOAD="$tmp/no_memory.so" NO_MEMORY="$left" PGUSER=tollgate_web TOLLGATE_LISTEN="$tmp/run/fcgi.sock" \
  TOLLGATE_THREADS=4 TOLLGATE_TEMPLATES="$root/templates" "$BIN/tollgate-fcgi" >>"$tmp/run/short.log" 2>&1 &
handler=$!
at_exit stop "$handler"
until_true 20 grep -q event=started "$tmp/run/short.log" || die "the handler does not start"

# short_at N: the Nth allocation from now on fails
# shellcheck disable=SC2059 # the escape is the format
short_at() { printf "\\x$(printf %02x "$1")\\0\\0\\0" | dd of="$left" conv=notrunc status=none; }

sql "UPDATE tollgate.product SET handoff_url = 'https://app.example.com/link' WHERE product_code = 'prod-license'"
mint '{"ProductCode":"prod-license"}'
new_browser
land "$token"
product_is_read() { ask /existing; shows app.example.com; }
ok "there is an app" until_true 10 product_is_read
csrf=$(csrf)
hand_off() {
  ask --data-urlencode "csrf=$csrf" /handoff
  [ "$status" = 303 ] && header Location >>"$tmp/locations"
}
for n in {1..20}; do # a hand-off has fourteen
  # A connection to PostgreSQL that found no memory is made anew a second later.
  until_true 10 hand_off || break
  short_at "$n"
  hand_off
  short_at 0
done
is "all were tried" "$n" 20
is "who is sent to the app has a code" "$(grep -cvE '^https://app\.example\.com/link\?code=[A-Za-z0-9_-]{43}$' "$tmp/locations")" 0
is "and no code is one that anybody could guess" "$(sql "SELECT count(*) FROM tollgate.handoff WHERE code_sha256 = pg_catalog.sha256('')")" 0
ok "the handler lives" kill -0 "$handler"
check_secrets
done_testing
