#!/usr/bin/env bash
# Where requests come from: unix socket, TCP, a socket on descriptor 0, plain CGI; wrong settings; help.
. "$(dirname "$0")/buyer.sh"
stack_up
program=$BIN/tollgate-fcgi

export PGUSER=tollgate_web TOLLGATE_STATE_DIR=$tmp/run/state2

# fcgi_get SOCKET PATH: speaks FastCGI to the handler without nginx
fcgi_get() {
  env REQUEST_METHOD=GET SCRIPT_NAME="$2" QUERY_STRING= SERVER_PROTOCOL=HTTP/1.1 CONTENT_LENGTH= \
    cgi-fcgi -bind -connect "$1" 2>/dev/null | tr -d '\r'
}
# start NAME command…: in the background; sets pid
start() {
  "${@:2}" >>"$tmp/run/$1.log" 2>&1 &
  pid=$!
  at_exit stop "$pid"
}
started() { until_true 20 grep -q event=started "$tmp/run/$1.log"; }

# The rest of the environment is bare, and so is the folder.
start bare env -i -C / TOLLGATE_LISTEN="$tmp/run/bare.sock" TOLLGATE_STATE_DIR="$tmp/run/state2" PGHOST="$PGHOST" PGDATABASE="$PGDATABASE" PGUSER=tollgate_web \
  AWS_ACCESS_KEY_ID="$AWS_ACCESS_KEY_ID" AWS_SECRET_ACCESS_KEY="$AWS_SECRET_ACCESS_KEY" AWS_REGION="$AWS_REGION" "$program"
ok "TOLLGATE_LISTEN, PG* and AWS_* are enough, from any folder" started bare
like "a unix socket" "$(fcgi_get "$tmp/run/bare.sock" /readyz)" 'ready'
like "is open to those who may enter its folder" "$(stat -c %a "$tmp/run/bare.sock")" 666
like "a page over it" "$(fcgi_get "$tmp/run/bare.sock" /)" '<h1'
is "its threads do not push each other aside" "$(ps -L -o class= -p "$pid" | sort -u | tr -d ' ')" B

# Who does not speak FastCGI costs a line in the log, not a thread or a descriptor.
descriptors() { ls "/proc/$pid/fd" | wc -l; }
before=$(descriptors)
perl -MIO::Socket::UNIX -e 'for (1 .. 300) { my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die; print $s ($_ % 2 ? "GET / HTTP/1.0\r\n\r\n" : "\1\1\0\1\377\377\377\0") }' "$tmp/run/bare.sock"
like "garbage on the socket" "$(fcgi_get "$tmp/run/bare.sock" /healthz)" alive
no_more() { [ "$(descriptors)" -le $((before + 2)) ]; }
ok "leaves no descriptor open" until_true 10 no_more

# A second process on the same path takes over, the first one finishes.
first=$pid
start second env TOLLGATE_LISTEN="$tmp/run/bare.sock" "$program"
ok "a second handler may have the same path" started second
kill -TERM "$first"
wait "$first"
is "the first one stops with 0" $? 0
ok "and leaves the second one's socket in place" test -S "$tmp/run/bare.sock"
like "which answers" "$(fcgi_get "$tmp/run/bare.sock" /healthz)" alive
kill -INT "$pid"
wait "$pid"
is "SIGINT stops as well" $? 0
ok "and takes its own socket away" test ! -e "$tmp/run/bare.sock"

port=$(free_port)
start tcp env TOLLGATE_LISTEN="127.0.0.1:$port" TOLLGATE_THREADS=4 "$program"
ok "TCP" started tcp
like "answers" "$(fcgi_get "127.0.0.1:$port" /healthz)" alive
# Its address can't be taken away before the end. Twice as many as there are threads hold a connection for a while, and make the next.
touch "$tmp/flood"
for _ in 1 2 3 4 5 6 7 8; do
  perl -MIO::Socket::INET -e 'while (-e $ARGV[1]) { my $s = IO::Socket::INET->new($ARGV[0]); select undef, undef, undef, 0.1 }' "127.0.0.1:$port" "$tmp/flood" &
done
sleep 0.5
kill -TERM "$pid"
ended() { ! kill -0 "$pid" 2>/dev/null; }
ok "it stops, though there is always somebody who waits" until_true 8 ended
rm "$tmp/flood"

# Descriptor 0, as spawn-fcgi hands it down.
cat >"$tmp/on_zero" <<'P'
use Socket;
my ($path, @command) = @ARGV;
my $s;
socket($s, PF_UNIX, SOCK_STREAM, 0) && bind($s, pack_sockaddr_un($path)) && listen($s, 100) or die $!;
open(STDIN, '<&', $s) or die $!;
exec { $command[0] } @command or die $!;
P
start zero perl "$tmp/on_zero" "$tmp/run/zero.sock" "$program"
ok "a socket on descriptor 0" started zero
like "answers, too" "$(fcgi_get "$tmp/run/zero.sock" /healthz)" alive
stop "$pid"
ok "and is not ours to remove" test -S "$tmp/run/zero.sock"

# Plain CGI: a whole registration, a process a request.
mint '{"ProductCode":"prod-license"}'
body="x-amzn-marketplace-token=$(perl -e 'print map { sprintf "%%%02x", ord } split //, shift' -- "$token")"
cgi() { # METHOD PATH [BODY]
  local body=${3-}
  printf %s "$body" | env GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD="$1" SCRIPT_NAME="$2" CONTENT_LENGTH="${#body}" \
    CONTENT_TYPE=application/x-www-form-urlencoded HTTP_COOKIE="${cookie-}" "$program" 2>>"$tmp/run/cgi.log" | tr -d '\r'
}
answer=$(cgi POST /register "$body")
like "one request as plain CGI" "$answer" '^Status: 303'
cookie=$(printf %s "$answer" | sed -n 's/^Set-Cookie: \([^;]*\);.*/\1/p')
like "and the next one, by another process" "$(cgi GET /signup)" 'Orchard Vault'
is "the buyer is stored" "$(PGUSER=tollgate sql "SELECT count(*) FROM tollgate.customer WHERE license_arn = '$(minted LicenseArn)'")" 1

# A slow client holds nobody up: nginx has the whole body before the handler hears of it.
head -c 60000 /dev/zero | tr '\0' a >"$tmp/slow-body"
web --limit-rate 8000 --data-binary @"$tmp/slow-body" -o /dev/null -w '%{http_code}' "$LANDING_URL/register" >"$tmp/slow.status" &
slow=$!
for i in 1 2 3; do
  ask /healthz
  is "served beside a slow client ($i)" "$status" 200
done
unlike "which the handler does not know of yet" "$(cat "$tmp/run/fcgi.log")" 'path=/register'
wait "$slow"
is "and which is served as well" "$(cat "$tmp/slow.status")" 400

# Wrong settings stop the start, with 78 and what to do.
refused() { # NAME pattern command…
  local code
  said=$(timeout 20 "${@:3}" 2>&1 >/dev/null </dev/null)
  code=$?
  is "$1: stops with 78" "$code" 78
  like "$1: says what to do" "$said" "$2"
}
refused "nothing to listen on" 'set TOLLGATE_LISTEN' env -u TOLLGATE_LISTEN "$program"
refused "an unknown setting" 'TOLLGATE_THREDS is not a setting' env TOLLGATE_THREDS=1 "$program" -n
refused "a bad number" 'TOLLGATE_THREADS is .*many.*from 4 to 4096' env TOLLGATE_THREADS=many "$program" -n
refused "a folder that is not there" '/nowhere/sock' env TOLLGATE_LISTEN=/nowhere/sock "$program"
echo kept >"$tmp/run/file"
refused "a file in the socket's place" 'TOLLGATE_LISTEN is .*/file.*, and what is there is no socket' env TOLLGATE_LISTEN="$tmp/run/file" "$program"
is "… which is left alone" "$(cat "$tmp/run/file")" kept
# shellcheck disable=SC2016 # the inner shell expands it
refused "two sockets of systemd" 'systemd passed 2 sockets, and one is served: .*ListenStream=' \
  env -u TOLLGATE_LISTEN LISTEN_FDS=2 sh -c 'LISTEN_PID=$$ exec "$0"' "$program"
start holder perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 1, ReuseAddr => 1, LocalAddr => "127.0.0.1:$ARGV[0]") or die; sleep 60' "$port"
is_held() { (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }
until_true 10 is_held
refused "a busy port" "port $port: Address already in use" env TOLLGATE_LISTEN="127.0.0.1:$port" "$program"
stop "$pid"
for address in 8080 localhost foo:bar 127.0.0.1:http; do
  for check in -n ''; do
    # shellcheck disable=SC2086 # one word, or none
    refused "TOLLGATE_LISTEN=$address ${check:-started}" "TOLLGATE_LISTEN is .*$address.*; allowed is a unix socket's path .with a /. or host:port" \
      env -C "$tmp/run" TOLLGATE_LISTEN=$address "$program" $check
  done
done
ok "which leaves no socket" test ! -e "$tmp/run/8080"
(cd "$tmp/run" && exec env TOLLGATE_LISTEN=./relative.sock "$program") >"$tmp/run/relative.log" 2>&1 &
pid=$!
at_exit stop "$pid"
ok "a path may be relative" started relative
like "and is of the folder that the handler is in" "$(fcgi_get "$tmp/run/relative.sock" /healthz)" alive
stop "$pid"
refused "a state folder that cannot be made" 'TOLLGATE_STATE_DIR' env TOLLGATE_STATE_DIR=/proc/no "$program" -n
refused "a mode of TLS that there is not" 'cannot connect to PostgreSQL: invalid sslmode value: ."requird' env PGSSLMODE=requird "$program" -n
refused "a port that is none" 'invalid port number: ."99999' env PGPORT=99999 "$program" -n
refused "no region" 'AWS_REGION' env -u AWS_REGION -u AWS_DEFAULT_REGION HOME=/nowhere "$program" -n
refused "no credentials" '[Cc]redentials' env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY AWS_EC2_METADATA_DISABLED=true HOME=/nowhere "$program" -n
refused "plain http to another machine" 'http' env AWS_ENDPOINT_URL_MARKETPLACE_METERING=http://192.0.2.1 "$program" -n
cp -r "$root/templates" "$tmp/templates"
printf '<p>{{emial}}</p>\n' >>"$tmp/templates/thanks.html"
refused "a typo in a template" "thanks.html:[0-9]+: .*emial" env TOLLGATE_TEMPLATES="$tmp/templates" "$program" -n
rm "$tmp/templates/thanks.html"
refused "a template that is missing" "TOLLGATE_TEMPLATES: .*thanks.html" env TOLLGATE_TEMPLATES="$tmp/templates" "$program" -n
refused "no folder of templates" 'TOLLGATE_TEMPLATES is .*/nope.*; allowed is a folder .*: No such file' env TOLLGATE_TEMPLATES=/nope "$program" -n
refused "a file in place of the folder" 'TOLLGATE_TEMPLATES is .*: Not a directory' env TOLLGATE_TEMPLATES="$root/README.md" "$program" -n
is "-n checks and exits" "$("$program" -n)" "settings and templates are fine"
is "and connects to nobody" "$(PGHOST=/nowhere "$program" -n)" "settings and templates are fine"
TOLLGATE_STATE_DIR=$tmp/run/deep/state3 "$program" -n >/dev/null
is "and makes what a start makes" "$(cd "$tmp/run/deep/state3" && echo ./*)" "./journal ./session.key"
like "which --help says" "$("$program" --help | tr -s ' \n' ' ')" '-n check .*, then exit; makes the state folder'
like "--help lists the settings" "$("$program" --help)" TOLLGATE_STATE_DIR
is "in 80 columns" "$("$program" --help | grep -E '.{81}')" ""
like "--version" "$("$program" --version)" '^tollgate-fcgi [0-9.]+$'
for wrong in --nonsense rest '-n rest'; do
  # shellcheck disable=SC2086 # one word or two
  said=$("$program" $wrong 2>&1)
  is "another argument is 64, and named alone: $wrong" "$? $said" "64 tollgate-fcgi: \"${wrong#-n }\" is no option; --help lists them"
done

# A schema that is too old, or none; a role that may not.
refused "a database without our schema" 'migrate' env PGDATABASE=postgres TOLLGATE_LISTEN="$tmp/run/old.sock" "$program"
unlike "which is told once, and not as a database that is away" "$said" 'database_away'
refused "a role without rights" 'tollgate' env PGUSER=tollgate_sandbox TOLLGATE_LISTEN="$tmp/run/old.sock" "$program"

PGUSER=tollgate check_secrets
done_testing
