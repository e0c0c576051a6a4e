#!/usr/bin/env bash
# Both sites in nginx/, with a stand-in for the programs behind them.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

nginx=$(PATH=$PATH:/usr/sbin command -v nginx) || die "nginx is not installed: dev/packages run"
user=
[ "$(id -u)" != 0 ] || user='user www-data;'
${CC:-cc} -std=c11 -o "$tmp/stand_in" "$root/tests/stand_in.c" -lfcgi || die "the stand-in does not compile"
head -c 131072 /dev/zero | tr '\0' x >"$tmp/128k"
head -c 131073 /dev/zero | tr '\0' x >"$tmp/128k_and_1"

# start_stand_in SOCKET: its process number is then in $stand_in
start_stand_in() {
  "$tmp/stand_in" "$1" 2>"$tmp/stand_in.log" &
  stand_in=$!
  at_exit stop "$stand_in"
  until_true 10 test -S "$1"
}

# start_nginx FOLDER: with the nginx.conf there; its process number is then in $nginx_pid
start_nginx() {
  "$nginx" -p "$1" -e "$1/nginx-error.log" -c "$1/nginx.conf" 2>"$1/nginx-start.log" &
  nginx_pid=$!
  at_exit stop "$nginx_pid" QUIT
  until_true 10 eval "test -s $1/*temp/pid" || die "nginx did not start: $(cat "$1"/nginx-*.log)"
}

# What a server says on one connection to the bytes given (as printf has them), until it closes it: raw PORT BYTES
raw() {
  local connection
  exec {connection}<>"/dev/tcp/127.0.0.1/$1" || return 1
  printf '%b' "$2" >&"$connection"
  timeout 30 cat <&"$connection"
  exec {connection}>&-
}

# A reader that lets the page pile up in nginx first.
slowly() {
  sleep 0.5
  "$@"
}

status() { web -o /dev/null -w '%{http_code}' "$@"; }
headers() { web -o /dev/null -D - "$@" | tr -d '\r'; }

# header NAME …: each time it is there
header() {
  local name=$1
  shift
  headers "$@" | grep -i "^$name:"
}

# ---- the site of `make run` ----

site=$tmp/run
port=$(free_port)
sandbox_port=$(free_port)
url=http://127.0.0.1:$port
sandbox_url=http://127.0.0.1:$sandbox_port
mkdir -p "$site/nginx-temp"
cp -r "$root/templates/static" "$site/static"
sed -e "s|@DIR@|$site|g; s|@PORT@|$port|; s|@SANDBOX_PORT@|$sandbox_port|; s|@USER@|$user|" \
  -e 's/timeout 10s/timeout 1s/' "$root/nginx/run.conf.in" >"$site/nginx.conf"

ok "nginx accepts the site of make run" "$nginx" -t -q -e stderr -p "$site" -c "$site/nginx.conf"
start_stand_in "$site/sandbox.sock"
start_stand_in "$site/fcgi.sock"
start_nginx "$site"

told='REQUEST_METHOD REQUEST_ID SCRIPT_NAME CONTENT_TYPE CONTENT_LENGTH'
said=$(web -H 'Proxy: http://evil.example' -H 'Cookie: a=b' "$url/register?x=1")
like "a request reaches the program with its path" "$said" 'path=/register bytes=0'
like "nginx's request id reaches the program" "$said" 'id=[0-9a-f]{32} '
like "of the headers the cookie alone reaches it, and nothing of a query string" "$said" "told: $told HTTP_COOKIE\$"
is "the answer names nginx without its version" "$(header Server "$url/")" "Server: nginx"
like "static files have their type" "$(header Content-Type "$url/static/style.css")" 'text/css'
like "static files may be kept for a short time" "$(header Cache-Control "$url/static/style.css")" 'public, max-age=60'
is "a missing static file is 404" "$(status "$url/static/none.css")" 404

# Without the folders that nginx would spool to, anything but memory is an error.
mv "$site/nginx-temp" "$site/aside"
like "128 KiB reach the program, and no file on the way" "$(web --data-binary "@$tmp/128k" "$url/register")" bytes=131072
is "a page longer than nginx's buffers arrives whole, and no file on the way" \
  "$(web "$url/long" | slowly grep -c 'holds a token')" 400000
mv "$site/aside" "$site/nginx-temp"
said=$(web -i --data-binary "@$tmp/128k_and_1" "$url/register")
like "over 128 KiB is 413" "$said" '^HTTP/1.1 413'
like "… with the page that says what to do" "$said" 'Your answers are too long'
like "… which is not kept" "$said" 'Cache-Control: no-store'
like "the program's own 413 passes as it is" "$(web -i "$url/own413")" 'the program: path=/own413'
is "a form in chunks is refused" "$(status -H 'Transfer-Encoding: chunked' -d a=b "$url/register")" 411

said=$(headers "$url/register?a=b&x-amzn-marketplace-token=TOKEN-IN-URL")
like "a token in the URL is put off at once" "$said" '^HTTP/1.1 303'
like "… to the clean URL" "$said" '^Location: .*/register$'

( exec 3<>"/dev/tcp/127.0.0.1/$port" && printf 'POST /register HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\na' >&3 &&
  touch "$tmp/half_sent" && timeout 30 cat <&3 >/dev/null 2>&1; touch "$tmp/half_ended" ) &
until_true 10 test -e "$tmp/half_sent"
is "while one client is slow, the program serves others" "$(status "$url/")" 200
ok "the slow client is cut off" until_true 10 test -e "$tmp/half_ended"

is "a drop ends the connection without a byte" "$(raw "$sandbox_port" 'GET /drop HTTP/1.1\r\nHost: x\r\n\r\n')" ""
said=$(raw "$sandbox_port" 'GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /drop HTTP/1.1\r\nHost: x\r\n\r\n')
is "… after an answer on a connection that is kept alive, too" "$(printf %s "$said" | grep -c '^HTTP/1.1')" 1
like "… and that answer came" "$said" 'path=/a '
is "… and after a POST" "$(web -o /dev/null -d a=b "$sandbox_url/drop" 2>/dev/null; echo $?)" 52
is "nobody outside can ask for a drop" "$(status "$sandbox_url/_drop")" 404
is "the landing page's program cannot send nginx elsewhere" "$(status "$url/drop") $(web "$url/drop")" "200 "
head -c 9000000 /dev/zero >"$tmp/9m"
like "the sandbox takes 9 MB" "$(web --data-binary "@$tmp/9m" "$sandbox_url/")" 'bytes=9000000'

stop "$stand_in"
said=$(web -i -e 'https://example.com/?x-amzn-marketplace-token=TOKEN-IN-REFERRER' -d 'x-amzn-marketplace-token=TOKEN-IN-BODY' \
  "$url/register?q=QUERY")
like "while the program is away: 502" "$said" '^HTTP/1.1 502'
like "… with a page that says what to do" "$said" 'this page is away for a moment'
like "… and when to come again" "$said" 'Retry-After: 5'
like "… which is not kept" "$said" 'Cache-Control: no-store'
like "… and may load its style sheet, no more" "$said" "Content-Security-Policy: default-src 'none'; style-src 'self'"

stop "$nginx_pid" QUIT
like "the access log has path and status" "$(cat "$site/nginx-access.log")" 'POST /register HTTP/1.1 status=502 '
unlike "… and no query string, referrer or body" "$(cat "$site/nginx-access.log")" 'QUERY|TOKEN-IN|x=1|example.com'
unlike "the error log has no body and no token of a URL" "$(cat "$site/nginx-error.log")" 'TOKEN-IN-(BODY|URL)'
unlike "nothing is amiss in the error log" "$(cat "$site/nginx-error.log")" '\[(alert|emerg|crit)\]'

# ---- the production example, inside an nginx.conf like Debian's ----

site=$tmp/production
http_port=$(free_port)
https_port=$(free_port)
url=https://marketplace.example.com:$https_port
mkdir -p "$site/temp" "$site/templates"
cp -r "$root/templates/static" "$site/templates/static"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=marketplace.example.com \
  -addext subjectAltName=DNS:marketplace.example.com -keyout "$site/key.pem" -out "$site/cert.pem" 2>/dev/null ||
  die "openssl made no certificate"
sed -e "s|/etc/letsencrypt/live/marketplace.example.com/fullchain.pem|$site/cert.pem|" \
  -e "s|/etc/letsencrypt/live/marketplace.example.com/privkey.pem|$site/key.pem|" \
  -e "s|/usr/local/share/tollgate|$site|; s|/run/tollgate/fcgi.sock|$site/fcgi.sock|; s|/var/log/nginx|$site|" \
  -e "s|listen 80;|listen 127.0.0.1:$http_port;|; s|listen 443 |listen 127.0.0.1:$https_port |; /listen \[::\]/d" \
  -e 's/timeout 10s/timeout 1s/' "$root/nginx/tollgate.conf" >"$site/tollgate.conf"
is "nothing but the listening addresses is left out of the example for this test" \
  "$(grep -c 'listen \[::\]' "$root/nginx/tollgate.conf")" 2
cat >"$site/nginx.conf" <<END
$user
daemon off;
worker_processes 1;
pid $site/temp/pid;
error_log $site/nginx-error.log;
events { }
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
  access_log $site/nginx-access.log;
  gzip on;
  client_body_temp_path $site/temp/body;
  fastcgi_temp_path $site/temp/fastcgi;
  proxy_temp_path $site/temp/proxy;
  scgi_temp_path $site/temp/scgi;
  uwsgi_temp_path $site/temp/uwsgi;
  include $site/tollgate.conf;
}
END

ok "nginx accepts the production example" "$nginx" -t -q -e stderr -p "$site" -c "$site/nginx.conf"
start_stand_in "$site/fcgi.sock"
start_nginx "$site"
tls() { web --cacert "$site/cert.pem" --resolve "marketplace.example.com:$https_port:127.0.0.1" "$@"; }
tls_status() { tls -o /dev/null -w '%{http_code}' "$@"; }
tls_header() { local name=$1; shift; tls -o /dev/null -D - "$@" | tr -d '\r' | grep -i "^$name:"; }
handshake() { openssl s_client -connect "127.0.0.1:$https_port" -cipher 'ALL:@SECLEVEL=0' "$@" </dev/null 2>/dev/null; }

said=$(headers -H 'Host: marketplace.example.com' "http://127.0.0.1:$http_port/register")
like "http leads to https, and a POST stays one" "$said" '^HTTP/1.1 308'
like "… at the same path" "$said" '^Location: https://marketplace.example.com/register$'
is "HTTP/2 is offered" "$(tls -o /dev/null -w '%{http_version}' "$url/")" 2
like "the program is told the same" "$(tls -H 'Proxy: http://evil.example' "$url/register?x=1")" "told: $told\$"
like "TLS 1.2 is spoken" "$(handshake -tls1_2)" 'Protocol *: TLSv1.2'
like "TLS 1.3 is spoken" "$(handshake -tls1_3)" 'New, TLSv1.3'
unlike "TLS 1.1 is not" "$(handshake -tls1_1)" 'Cipher is [A-Z]+[-_]'
is "HSTS on the program's pages, once" "$(tls_header strict-transport-security "$url/")" 'strict-transport-security: max-age=63072000'
is "… and on static files" "$(tls_header strict-transport-security "$url/static/style.css")" 'strict-transport-security: max-age=63072000'
is "the program's Content-Security-Policy stands alone" "$(tls_header content-security-policy "$url/")" \
  "content-security-policy: default-src 'none'"
is "… and its Cache-Control" "$(tls_header cache-control "$url/")" "cache-control: no-store"
is "static files have security headers of their own" "$(tls -o /dev/null -D - "$url/static/style.css" |
  grep -ciE '^(x-content-type-options|x-frame-options|referrer-policy|content-security-policy):')" 4
is "the program's pages are not compressed" "$(tls_header content-encoding -H 'Accept-Encoding: gzip' "$url/")" ""
is "a monitor on this machine may ask whether it is ready" "$(tls_status "$url/readyz")" 200
is "… another address may not" "$(tls_status --interface 127.0.0.2 "$url/readyz")" 403

mv "$site/temp" "$site/aside"
like "128 KiB over HTTP/2 reach the program, and no file on the way" "$(tls --data-binary "@$tmp/128k" "$url/register")" bytes=131072
like "… and over HTTP/1.1" "$(tls --http1.1 --data-binary "@$tmp/128k" "$url/register")" bytes=131072
is "a long page arrives whole, and no file on the way" "$(tls "$url/long" | slowly grep -c 'holds a token')" 400000
mv "$site/aside" "$site/temp"
said=$(tls -i --data-binary "@$tmp/128k_and_1" "$url/register")
like "over 128 KiB is 413 with the page" "$said" '^HTTP/2 413.*'
like "… that says what to do" "$said" 'Your answers are too long'
like "… with HSTS" "$said" 'strict-transport-security'

for _ in {1..40}; do printf 'url="%s/register?q=QUERY"\ndata=x-amzn-marketplace-token=TOKEN-IN-BODY\n' "$url"; done >"$tmp/posts"
said=$(tls -i -K "$tmp/posts")
like "a burst of posts is let through" "$(printf %s "$said" | grep -c 'the program: path=/register')" '^(1[5-9]|2[0-9])$'
like "… what is over it gets 429" "$said" 'HTTP/2 429'
like "… with the page that says what to do" "$said" 'Too many requests from your network'
like "… and when to come again" "$said" 'retry-after: 10'
is "reading pages goes on" "$(tls_status "$url/")" 200

stop "$stand_in"
said=$(tls -i -e 'https://example.com/?TOKEN-IN-REFERRER' "$url/signup?q=QUERY")
like "while the program is away: 502" "$said" '^HTTP/2 502'
like "… with a page that says what to do" "$said" 'this page is away for a moment'
like "… and when to come again" "$said" 'retry-after: 30'
stop "$nginx_pid" QUIT
like "the access log has path and status" "$(cat "$site/tollgate-access.log")" 'POST /register HTTP/2.0 status=429 '
unlike "… and no query string, referrer or body" "$(cat "$site/tollgate-access.log")" 'QUERY|TOKEN-IN|example.com'
unlike "the error log has no body" "$(cat "$site/tollgate-error.log" "$site/nginx-error.log")" 'TOKEN-IN-BODY'

done_testing
