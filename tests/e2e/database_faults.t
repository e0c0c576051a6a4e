#!/usr/bin/env bash
# PostgreSQL and the handler at their worst: nothing that AWS resolved is lost.
. "$(dirname "$0")/buyer.sh"
stack_up

# The handler's database in a cluster of its own: the sandbox must go on when it stops.
own=$tmp/own
stop_db() { "$root/dev/cluster" stop "$own" >/dev/null; }
start_db() { "$root/dev/cluster" start --throwaway "$own" >/dev/null || die "PostgreSQL does not start"; }
start_handler() { # NAME SOCKET [VARIABLE=VALUE…]
  env "${@:3}" PGUSER=tollgate_web TOLLGATE_LISTEN="$2" TOLLGATE_STATE_DIR="$tmp/run/state" TOLLGATE_PUBLIC_URL="$LANDING_URL" \
    TOLLGATE_TEMPLATES="$root/templates" "$BIN/tollgate-fcgi" >>"$tmp/run/$1.log" 2>&1 &
  eval "$1=$!"
  at_exit stop "$!"
  until_true 20 grep -q event=started "$tmp/run/$1.log" || die "handler $1 does not start: $(cat "$tmp/run/$1.log")"
}
start_db
at_exit stop_db
export PGHOST=$own/pgsocket
"$root/sql/migrate" >/dev/null || die "no schema"
psql -Xq -v sandbox_url="$SANDBOX_URL" -f "$root/dev/products.sql" || die "no products"
stop "$(cat "$tmp/run/fcgi.pid")"
start_handler zero "$tmp/run/fcgi.sock"

resolved() { sql "SELECT count(*) FROM tollgate.registration WHERE outcome = 'resolved'"; }
stored() { [ "$(sql "SELECT count(*) FROM tollgate.registration WHERE token_sha256 = sha256('$1'::bytea)")" -gt 0 ]; }

# PostgreSQL goes away and comes back.
mint '{"ProductCode":"prod-license"}'
first=$token
mint '{"ProductCode":"prod-legacy"}'
second=$token
stop_db
new_browser
land "$first"
is "the database is down: the buyer goes on all the same" "$status $(header Location)" "303 /signup"
ask /signup
is "the form is there" "$status" 200
sign_up offline@example.com --data-urlencode 'field_company=Offline Ltd'
is "what cannot be saved is said" "$status" 503
ok "and what was typed is kept" shows offline@example.com
ok "in all fields" shows 'Offline Ltd'
ask /readyz
is "/readyz tells" "$status" 503
ask /healthz
is "/healthz does not mind" "$status" 200
new_browser
land "$second"
is "the next buyer too" "$status" 303
like "the journal has a line each" "$(cat "$tmp"/run/state/journal/*.journal | wc -l)" '^2$'
unlike "without contact data" "$(cat "$tmp"/run/state/journal/*.journal)" 'offline'
is "readable by its owner only" "$(stat -c %a "$tmp"/run/state/journal/*.journal | sort -u)" 600

# The handler is killed with lines in its journal; two others take over.
kill -9 "$zero"
wait "$zero" 2>/dev/null
printf 'tg1\t00000000\tcut' >>"$(ls "$tmp"/run/state/journal/*.journal | head -n 1)"
start_handler one "$tmp/run/fcgi.sock"
start_handler two "$tmp/run/second.sock"
mint '{"ProductCode":"prod-license"}'
new_browser
land "$token"
is "a handler that never saw the database has no products: try again" "$status" 503
is "but the visit is kept" "$(cat "$tmp"/run/state/journal/*.journal | grep -c "$(printf %s "$token" | sha256sum | cut -d' ' -f1)")" 1
start_db
for t in "$first" "$second" "$token"; do
  ok "a visit from the outage is stored, by whichever handler" until_true 20 stored "$t"
done
is "once" "$(sql "SELECT max(n) FROM (SELECT count(*) n FROM tollgate.registration GROUP BY request_id) x")" 1
no_journal() { ! ls "$tmp"/run/state/journal/*.journal >/dev/null 2>&1; }
ok "the journal files are removed" until_true 10 no_journal
is "the line that was cut short is set aside" "$(cat "$tmp/run/state/journal/damaged")" "$(printf 'tg1\t00000000\tcut')"
is "with the time of the visit, not of the replay" "$(sql "SELECT count(*) FROM tollgate.registration WHERE token_sha256 = sha256('$first'::bytea) AND visited_at < now() - interval '1 second'")" 1
new_browser
land "$token"
is "and all is well again" "$status" 303
sign_up online@example.com --data-urlencode 'field_company=Online Ltd'
is "the form too" "$status" 303

# The connection is lost under a request: no failed request.
for i in 1 2 3; do
  sql "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'tollgate_web'" >/dev/null
  land "$token"
  is "a lost connection is replaced unseen ($i)" "$status" 303
  ask /signup
  is "for reads as well ($i)" "$status" 200
done
is "and nothing went to the journal" "$(no_journal && echo none)" none

# One bad row in a shared commit fails alone, in a crowd of good ones.
mint_many 19 '{"ProductCode":"prod-license"}' >"$tmp/tokens20"
mint '{"ProductCode":"prod-license"}'
printf '%s\n' "$token" >>"$tmp/tokens20"
before=$(resolved)
sql "ALTER TABLE tollgate.customer ADD CONSTRAINT not_this_one CHECK (customer_aws_account_id <> '$(minted CustomerAWSAccountId)')"
land_all "$tmp/tokens20" 20 >"$tmp/statuses"
is "all twenty go on, and nineteen are stored" "$(grep -c 303 "$tmp/statuses") $(($(resolved) - before))" "20 19"
bad=$(printf %s "$token" | sha256sum | cut -d' ' -f1)
ok "the one that the database does not take is set aside" until_true 10 grep -q "$bad" "$tmp/run/state/journal/damaged"
sql "ALTER TABLE tollgate.customer DROP CONSTRAINT not_this_one"
mv "$tmp/run/state/journal/damaged" "$tmp/run/state/journal/again.journal"
ok "and stored when it takes it" until_true 10 stored "$token"
is "while what is cut short goes on lying aside" "$(wc -l <"$tmp/run/state/journal/damaged")" 1

# PostgreSQL stops in the middle of a crowd: each of them is stored or in the journal.
mint_many 60 '{"ProductCode":"prod-license"}' >"$tmp/tokens60"
land_all "$tmp/tokens60" 8 >"$tmp/statuses" &
crowd=$!
stop_db
wait "$crowd"
is "all sixty go on" "$(sort "$tmp/statuses" | uniq -c | tr -s ' ')" " 60 303"
start_db
hashes=$(while read -r t; do printf "'%s'," "$(printf %s "$t" | sha256sum | cut -d' ' -f1)"; done <"$tmp/tokens60")
all_stored() { [ "$(sql "SELECT count(DISTINCT token_sha256) FROM tollgate.registration WHERE encode(token_sha256, 'hex') IN (${hashes%,})")" = 60 ]; }
ok "and all sixty are stored in the end" until_true 30 all_stored

# A stop finishes what it has in hand, and the next handler takes what comes.
mint '{"ProductCode":"prod-license"}'
fault '{"Action":"ResolveCustomer","Fault":"slow","DelayMs":1500,"Count":1}'
new_browser
asked=$(calls)
(land "$token"; echo "$status" >"$tmp/slow.status") &
slow=$!
in_hand() { [ "$(calls)" -gt "$asked" ]; }
until_true 10 in_hand
start_handler three "$tmp/run/fcgi.sock"
kill -TERM "$one"
mint '{"ProductCode":"prod-license"}'
new_browser
land "$token"
is "the next handler serves at once" "$status" 303
wait "$slow"
is "the request in hand was finished" "$(cat "$tmp/slow.status")" 303
wait "$one"
is "and the handler ended by itself, with 0" "$?" 0
ok "having said so" grep -q event=stopped "$tmp/run/one.log"

# So it does with those that no thread was free for.
stop "$three"
start_handler four "$tmp/run/fcgi.sock" TOLLGATE_THREADS=4
mint_many 5 '{"ProductCode":"prod-license"}' >"$tmp/tokens5"
mapfile -t tokens <"$tmp/tokens5"
new_browser
land "${tokens[4]}" # by a connection that stands still from then on, for six seconds at most
mapfile -t backends < <(sql "SELECT pid FROM pg_stat_activity WHERE usename = 'tollgate_web'")
go_on() { kill -CONT "${backends[@]}" 2>/dev/null; }
at_exit go_on
kill -STOP "${backends[@]}"
waiting=()
for n in 1 2 3 4; do
  asked=$(calls)
  (land "${tokens[n - 1]}" -D /dev/null -o /dev/null; echo "$status" >"$tmp/busy$n.status") &
  waiting+=($!)
  until_true 10 in_hand
done
for n in 1 2 3 4 5 6 7 8; do
  web -o /dev/null -w '%{http_code}\n' "$LANDING_URL/" >"$tmp/free$n.status" &
  waiting+=($!)
done
# The socket itself, the four, and those that wait.
in_backlog() { [ "$(grep -cF "$tmp/run/fcgi.sock" /proc/net/unix)" = 13 ]; }
ok "eight wait to be accepted" until_true 10 in_backlog
is "while all threads wait, nobody is served" "$(cat "$tmp"/busy*.status "$tmp"/free*.status)" ""
kill -TERM "$four"
until_true 10 grep -q event=stopping "$tmp/run/four.log"
go_on
wait "${waiting[@]}"
is "those in hand go on" "$(cat "$tmp"/busy*.status | uniq -c | tr -s ' ')" " 4 303"
is "those in the backlog are served" "$(cat "$tmp"/free*.status | uniq -c | tr -s ' ')" " 8 200"
wait "$four"
is "before the handler ends" "$?" 0

# Nobody can say whether a product is the seller's that was not read before: it is not refused for good.
start_handler five "$tmp/run/fcgi.sock"
mint '{"ProductCode":"prod-nowhere"}'
new_browser
land "$token"
is "a product that is not the seller's is refused" "$status" 403
mint '{"ProductCode":"prod-nowhere"}'
new_browser
stop_db
land "$token"
is "the database is down: try again, as it may be there by then" "$status" 503
is "with the token in the page" "$(grep -oF 'name="x-amzn-marketplace-token"' "$tmp/page" | wc -l)" 1

stop "$two" # which would replay the journal, too

# One registration that can't be stored yet does not hold up those behind it, nor a stop, nor a start.
mint '{"ProductCode":"prod-license"}'
held=$(minted LicenseArn)
new_browser
land "$token"
mint_many 5 '{"ProductCode":"prod-license"}' >"$tmp/tokens5"
land_all "$tmp/tokens5" 1 >"$tmp/statuses"
is "six go to the journal" "$status $(grep -c 303 "$tmp/statuses")" "303 5"
kill "$five"
wait "$five"
start_db
psql -Xq -o /dev/null <<END &
BEGIN;
INSERT INTO tollgate.customer (product_code, license_arn, metered_by) VALUES ('prod-license', '$held', 'license');
\\! touch $tmp/locked; until [ -e $tmp/unlock ]; do sleep 0.1; done
ROLLBACK;
END
lock=$!
until_true 10 test -e "$tmp/locked"
start_handler six "$tmp/run/fcgi.sock"
others=$(while read -r t; do printf "'%s'," "$(printf %s "$t" | sha256sum | cut -d' ' -f1)"; done <"$tmp/tokens5")
are_stored() { [ "$(sql "SELECT count(*) FROM tollgate.registration WHERE encode(token_sha256, 'hex') IN ($1)")" = "$2" ]; }
ok "what waits for another's transaction does not hold up the others" until_true 60 are_stored "${others%,}" 5
held_hash="'$(printf %s "$token" | sha256sum | cut -d' ' -f1)'"
ok "and is not stored yet" are_stored "$held_hash" 0
touch "$tmp/unlock"
wait "$lock"
ok "but after it" until_true 30 are_stored "$held_hash" 1
kill "$six"
wait "$six"
is "the handler ends with 0" "$?" 0

# A journal that cannot be written: nothing is promised, and the token is kept in the page.
(
  trap '' XFSZ
  ulimit -f 0
  exec env PGUSER=tollgate_web TOLLGATE_LISTEN="$tmp/run/fcgi.sock" TOLLGATE_STATE_DIR="$tmp/run/state" "$BIN/tollgate-fcgi"
) 2> >(cat >"$tmp/run/full.log") &
full=$!
at_exit stop "$full"
until_true 20 grep -q event=started "$tmp/run/full.log" || die "the handler with a full disk does not start"
mint '{"ProductCode":"prod-license"}'
new_browser
stop_db
land "$token"
is "database down, disk full: try again" "$status" 503
is "with the token in the page" "$(grep -oF 'name="x-amzn-marketplace-token"' "$tmp/page" | wc -l)" 1
start_db
# The handler looks for a lost database once a second.
is_taken() { land "$token"; [ "$status" = 303 ]; }
ok "which works when the database is back" until_true 10 is_taken
stop "$full"
check_secrets
done_testing
