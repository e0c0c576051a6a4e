#!/usr/bin/env bash
# The systemd units, without a running systemd; and what they rely on: a socket that outlives its programs.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL # of the `make test` that runs this

BIN=$(realpath -m "${BIN:-$root/build}")
program=$BIN/tollgate-fcgi
[ -x "$program" ] || die "$program is not there: make"
nginx=$(PATH=$PATH:/usr/sbin command -v nginx) || die "nginx is not installed: dev/packages run"

# ---- the units, as installed, with the program where it lies here ----

mkdir "$tmp/units"
ln -s "$BIN" "$tmp/units/sbin" # a path without a blank, whatever this checkout's is
for unit in "$root"/nginx/*.{service,socket,timer}; do
  sed "s|/usr/local/sbin/|$tmp/units/sbin/|" "$unit" >"$tmp/units/${unit##*/}"
done
is "systemd accepts the units without a word" \
  "$(cd "$tmp/units" && SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no ./*.service ./*.socket ./*.timer 2>&1)" ""
ok "the manual pages that they name are there" test -s "$root/fcgi/tollgate-fcgi.8" -a -s "$root/meter/tollgate-meter.8"
setting() { sed -n "s/^$2=//p" "$tmp/units/$1"; }
for service in tollgate-fcgi tollgate-meter; do
  level=$(systemd-analyze security --offline=true "$tmp/units/$service.service" 2>/dev/null |
    sed -n 's/.*Overall exposure level for [^:]*: \([0-9.]*\).*/\1/p')
  ok "$service: the exposure level, $level, is at most 2.0" awk "BEGIN { exit !(\"$level\" != \"\" && $level <= 2.0) }"
  is "$service: no core file" "$(setting $service.service LimitCORE)" 0
  is "$service: its user, and the state folder that they share" \
    "$(setting $service.service User) $(setting $service.service StateDirectory)" "tollgate tollgate"
done
is "nginx's group alone may connect" \
  "$(setting tollgate-fcgi.socket SocketGroup) $(setting tollgate-fcgi.socket SocketMode)" "www-data 0660"
is "nginx's site and the socket unit name the same path" \
  "$(sed -n 's/.*fastcgi_pass unix:\(.*\);/\1/p' "$root/nginx/tollgate.conf" | sort -u)" \
  "$(setting tollgate-fcgi.socket ListenStream)"
mkdir -p "$tmp/sysroot/etc" "$tmp/sysroot/usr/lib/sysusers.d"
cp "$root/nginx/tollgate.sysusers" "$tmp/sysroot/usr/lib/sysusers.d/tollgate.conf"
if [ "$(id -u)" = 0 ]; then
  ok "systemd-sysusers makes the user" systemd-sysusers --root="$tmp/sysroot"
  like "… that the service runs as" "$(cat "$tmp/sysroot/etc/passwd")" "^$(setting tollgate-fcgi.service User):"
else
  skip "systemd-sysusers makes the user" "not root"
  skip "… that the service runs as" "not root"
fi

# ---- the timers ----

# next_times TIMER AFTER N: of a timer, in UTC
next_times() {
  systemd-analyze calendar --base-time="$2" --iterations="$3" "$(setting "tollgate-meter-$1.timer" OnCalendar)" |
    grep -Eo '[0-9-]{10} [0-9:]{8} UTC' | awk '!seen[$0]++ { printf "%s%s", sep, $1 " " substr($2, 1, 5); sep = ", " }'
}
is "nightly: at 00:10 and 12:10 UTC, also where the clocks change" \
  "$(TZ=Pacific/Chatham next_times nightly '2026-04-04 11:00 UTC' 4)" \
  "2026-04-04 12:10, 2026-04-05 00:10, 2026-04-05 12:10, 2026-04-06 00:10"
is "hourly: five minutes after each of AWS's hours, also where hours begin in the middle of them" \
  "$(TZ=Asia/Kolkata next_times hourly '2026-03-10 22:30 UTC' 3)" "2026-03-10 23:05, 2026-03-11 00:05, 2026-03-11 01:05"
for timer in tollgate-meter-{hourly,nightly}.timer; do
  is "$timer starts the meter, makes up for what was missed, and does not call AWS with everybody else" \
    "$(setting $timer Unit) $(setting $timer Persistent) $(setting $timer RandomizedDelaySec | grep -c '^[1-9].*min$') $(setting $timer WantedBy)" \
    "tollgate-meter.service true 1 timers.target"
done
service=tollgate-meter.service
is "a run is not taken for a success or started again but when all is settled, and starts are not limited" \
  "$(grep -Ec '^(SuccessExitStatus|RestartForceExitStatus|Restart)=' "$tmp/units/$service") $(setting $service StartLimitIntervalSec)" "0 0"
# The command of the unit, with the web program's role in the environment, as its file has it.
command=$(setting $service ExecStart)
printf '#!/bin/sh\necho "$PGUSER"\n' >"$tmp/whoami"
chmod 755 "$tmp/whoami"
is "the meter has a role of its own in PostgreSQL" \
  "$(PGUSER=tollgate_web sh -c "${command/"$tmp/units/sbin/tollgate-meter"/"$tmp/whoami"}")" tollgate_meter

# The same without systemd: the line for cron in the manual, which runs here as cron would run it.
mkdir "$tmp/cron"
sed -n '/^5 \* \* \* \* /,/^\.Ed/p' "$root/meter/tollgate-meter.8" | sed '/^\.Ed/d; s/\\e$//' | tr -d '\n' |
  sed "s|.* tollgate set|set|; s|/etc/tollgate/tollgate.env|$tmp/cron/env|; s|/var/lib/tollgate|$tmp/cron|g; s|/usr/local/sbin/tollgate-meter|$tmp/cron/meter|" >"$tmp/cron/line"
printf 'PGHOST=h\nPGUSER=tollgate_web\n' >"$tmp/cron/env"
printf '#!/bin/sh\nprintf "begun\\nended %%s %%s %%s\\n" "$1" $PGHOST $PGUSER >&2\nexit $(cat code)\n' >"$tmp/cron/meter"
chmod 755 "$tmp/cron/meter"
cron() { echo "$1" >"$tmp/cron/code" && (cd / && env -i PATH=/usr/bin:/bin sh -c "$(cat "$tmp/cron/line")"); }
is "cron's line says nothing of a run that settled all, and the last line of one that failed, as the meter's role" \
  "$(cron 0; cron 65; wc -l <"$tmp/cron/meter.log")" "$(printf 'ended  h tollgate_meter\n4')"

# ---- credentials ----

# What LoadCredential= hands over: a file of the service's user, by a path in the environment.
mkdir -m 700 "$tmp/credentials"
(umask 077 && openssl rand -hex 32 >"$tmp/credentials/session.key")
chmod 440 "$tmp/credentials/session.key" # systemd's access list for the user looks like group rights
printf '[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = never/used\n' >"$tmp/credentials/aws"
settings=(env -i PATH="$PATH" HOME="$tmp" PGHOST="$tmp/nowhere" PGDATABASE=tollgate PGUSER=tollgate_web AWS_REGION=us-east-1
  AWS_SHARED_CREDENTIALS_FILE="$tmp/credentials/aws"
  TOLLGATE_SESSION_KEY_FILE="$tmp/credentials/session.key" STATE_DIRECTORY="$tmp/state" TOLLGATE_TEMPLATES="$root/templates")
like "with credentials by files the settings are fine" \
  "$("${settings[@]}" TOLLGATE_LISTEN=./x "$program" -n 2>&1)" 'settings and templates are fine'

# ---- one socket, program after program ----

# Like systemd: holds the socket, and starts a program whenever a file says so, with the LISTEN_PID of that one.
cat >"$tmp/holder" <<'END'
#!/bin/sh
cd "$1" || exit
start() {
  LOG="$1.log" PROGRAM="$2" sh -c 'LISTEN_PID=$$ exec "$PROGRAM" >>"$LOG" 2>&1' &
  echo $! >"$1.new" && mv "$1.new" "$1.pid"
}
while [ ! -e over ]; do
  for wanted in *.start; do
    [ -e "$wanted" ] && rm "$wanted" && start "${wanted%.start}" "$2"
  done
  sleep 0.02
done
END
chmod +x "$tmp/holder"
run=$tmp/run
mkdir -p "$run/nginx-temp" "$run/static"
socket=$run/fcgi.sock
"${settings[@]}" systemd-socket-activate -l "$socket" -E PATH -E HOME -E PGHOST -E PGDATABASE -E PGUSER -E AWS_REGION \
  -E AWS_SHARED_CREDENTIALS_FILE -E TOLLGATE_SESSION_KEY_FILE -E STATE_DIRECTORY -E TOLLGATE_TEMPLATES \
  "$tmp/holder" "$run" "$program" 2>"$tmp/activate.log" &
holder=$!
at_exit stop "$holder"
at_exit touch "$run/over"
until_true 10 test -S "$socket" || die "no socket"
chmod 666 "$socket"

port=$(free_port)
user=
[ "$(id -u)" != 0 ] || user='user www-data;'
sed -e "s|@DIR@|$run|g; s|@PORT@|$port|; s|@SANDBOX_PORT@|$(free_port)|; s|@USER@|$user|" "$root/nginx/run.conf.in" >"$run/nginx.conf"
"$nginx" -p "$run" -e "$run/nginx-error.log" -c "$run/nginx.conf" 2>"$run/nginx.log" &
nginx_pid=$!
at_exit stop "$nginx_pid" QUIT
until_true 10 test -s "$run/nginx-temp/pid" || die "nginx did not start"
url=http://127.0.0.1:$port/healthz

# start NAME, end NAME: a program on the socket
start() {
  touch "$run/$1.start"
  until_true 10 test -s "$run/$1.pid" || die "$1 was not started"
  until_true 20 is_started "$1" || die "$1 did not start: $(tail -n 3 "$run/$1.log")"
}
end() {
  stop "$(cat "$run/$1.pid")"
}
is_started() { grep -q event=started "$run/$1.log"; }
answered() { cat "$tmp"/answers.* 2>/dev/null | wc -l; }
has_answered() { [ "$(answered)" -ge "$1" ]; }

# A buyer's request comes before the program is there: the first connection makes systemd start it.
web -o /dev/null -w '%{http_code}' "$url" >"$tmp/first" &
first=$!
start one
like "the program takes systemd's socket" "$(cat "$run/one.log")" 'listen=inherited'
wait "$first"
is "who came before it was there is answered" "$(cat "$tmp/first")" 200

# Restarts under load: eight callers all along, each waiting for its answer before it asks again.
yes "url = $url" | head -n 20 | sed 'a\output = /dev/null' >"$tmp/requests"
call() {
  while [ ! -e "$tmp/enough" ]; do
    web -w '%{http_code}\n' -K "$tmp/requests" >>"$tmp/answers.$1" 2>>"$tmp/call.log"
  done
}
at_exit touch "$tmp/enough"
callers=()
for n in {1..8}; do
  call "$n" &
  callers+=($!)
done
until_true 20 has_answered 50
start two
like "a second program joins on the same socket" "$(cat "$run/two.log")" 'listen=inherited'
count=$(answered)
until_true 20 has_answered $((count + 200))
end one
before=$(wc -l <"$run/two.log")
count=$(answered)
until_true 20 has_answered $((count + 100))
ok "when the first has ended, the second serves" test "$(wc -l <"$run/two.log")" -gt "$before"
for _ in 1 2 3; do
  end two
  rm "$run/two.pid" "$run/two.log"
  start two
  count=$(answered)
  until_true 20 has_answered $((count + 50))
done
touch "$tmp/enough"
wait "${callers[@]}"
ok "the load went on all the time, $(answered) answers" has_answered 550
is "over all these restarts, nobody was refused" "$(sort -u "$tmp"/answers.*)" 200
like "each program finished what it had in hand" "$(cat "$run/one.log")" 'event=stopped'
is "nginx never saw a refusal" "$(cat "$run/nginx-error.log")" ""
ok "the socket is still there" test -S "$socket"
end two
done_testing
