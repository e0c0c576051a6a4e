#!/usr/bin/env bash
# dev/stack as `make run` uses it: in a copy of the checkout, from another folder, on free ports.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

BIN=$(cd "${BIN:-$root/build}" && pwd) || die "no programs: make"
PORT=$(free_port)
SANDBOX_PORT=$(free_port)
export BIN PORT SANDBOX_PORT
url=http://127.0.0.1:$PORT
cd / || exit

# copy_checkout FOLDER: what dev/stack needs of it
copy_checkout() {
  mkdir -p "$1/sandbox"
  cp -r "$root"/{dev,nginx,sql,templates} "$1" && cp "$root/sandbox/keypair.h" "$1/sandbox"
}

# start CHECKOUT: its process number is then in $stack, what it says in $tmp/said
start() {
  rm -f "$tmp/said"
  setsid "$1/dev/stack" run >"$tmp/said" 2>&1 &
  stack=$!
  at_exit stop "$stack"
  until_true 60 grep -Eq 'Ctrl-C stops|ended|did not' "$tmp/said"
}

said() { cat "$tmp/said"; }
status() { web -o /dev/null -w '%{http_code}' "$@" 2>/dev/null; }

# finish SIGNAL: to its process group, as the terminal does; its exit status is then in $ended
finish() {
  kill -s "$1" -- "-$stack"
  until_true 60 eval "! kill -0 $stack" || kill -s KILL "$stack"
  wait "$stack"
  ended=$?
}

# Every process whose working directory is the run folder or below it.
left_over() {
  local at
  find /proc -maxdepth 2 -path '/proc/[0-9]*/cwd' -lname "$1*" 2>/dev/null | while read -r at; do
    tr '\0' ' ' 2>/dev/null <"${at%/cwd}/cmdline"
    echo
  done
}

checkout="$tmp/a check\$out" # odd characters
copy_checkout "$checkout"
start "$checkout"
like "it starts in a folder with an odd name, called from another one" "$(said)" 'Ctrl-C stops all of it'
run=$(readlink -f "$checkout/var")/run
like "… where var is a link to a folder below /var/tmp" "$run" '^/var/tmp/tollgate\.[A-Za-z0-9]+/run$'
at_exit rm -rf "${run%/run}"
at_exit "$root/dev/stack" down "$run"
is "the landing page is ready" "$(status "$url/readyz")" 200
is "the sandbox answers" "$(status "http://127.0.0.1:$SANDBOX_PORT/")" 200
is "the style sheet is there" "$(status "$url/static/style.css")" 200
is "nginx runs as the right user" "$(ps -o user= -C nginx --ppid "$(cat "$run/nginx.pid")" | sort -u | tail -n 1 | tr -d ' ')" \
  "$(if [ "$(id -u)" = 0 ]; then echo www-data; else id -un; fi)"

settings=$("$checkout/dev/stack" env)
is "env: what it prints, a shell takes; and psql is in the database" \
  "$(PGHOSTADDR=192.0.2.1 bash -c 'eval "$1" && psql -XAt -c "select product_code from tollgate.product order by 1"' - "$settings")" \
  "$(printf 'prod-legacy\nprod-license')"
like "env: the sandbox's address" "$settings" "AWS_ENDPOINT_URL_MARKETPLACE_METERING=http://127.0.0.1:$SANDBOX_PORT$"
like "env: the key pair is one that AWS cannot have" "$settings" 'AWS_ACCESS_KEY_ID=AKIASANDBOX[A-Z0-9]{9}$'

again=$("$checkout/dev/stack" run 2>&1)
is "a second one in the same checkout is refused" "$?" 1
like "… and says why" "$again" "runs already from this checkout, process $stack"
other=$tmp/other
copy_checkout "$other"
again=$("$other/dev/stack" run 2>&1)
is "one in another checkout is refused, because the port is taken" "$?" 1
like "… and says how to take another" "$again" "Port $PORT is in use .* make run PORT=[0-9]+"
is "… before anything is made" "$(find "$other/var/run" -name pgdata -o -name nginx.conf)" ""
like "a port that is none is refused" "$(PORT=8o "$other/dev/stack" run 2>&1)" 'PORT is "8o"'

finish INT
is "Ctrl-C ends it with status 0" $ended 0
is "… and all it started" "$(left_over "$run")" ""
is "… and frees the port" "$(status "$url/")" 000
is "nothing is amiss in nginx's log" "$(grep -cE '\[(alert|emerg|crit)\]' "$run/nginx-error.log")" 0

start "$checkout"
is "it starts again" "$(status "$url/readyz")" 200
kill -KILL "$(cat "$run/fcgi.pid")"
wait "$stack"
is "when a program dies, it ends with status 1" "$?" 1
like "… says which" "$(said)" 'tollgate-fcgi ended'
like "… and shows its log" "$(said)" 'The last lines of .*/fcgi\.log'
is "… and stops the others" "$(left_over "$run")" ""

start "$checkout"
kill -KILL "$stack"
wait "$stack" 2>/dev/null
ok "killed itself, it leaves processes behind" test -n "$(left_over "$run")"
start "$checkout"
like "… which the next one replaces" "$(said)" 'Ctrl-C stops all of it'
is "… and is ready" "$(status "$url/readyz")" 200
finish TERM
is "SIGTERM ends it too" $ended 0
is "… with all it started" "$(left_over "$run")" ""

done_testing
