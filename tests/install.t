#!/usr/bin/env bash
# make install: what it puts where, that it works from there, and that it touches nothing else; and make uninstall.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL # of the `make test` that runs this

# install PREFIX: below $dest; uninstall likewise
install() { make -s -C "$root" "${2:-install}" "DESTDIR=$dest" "PREFIX=$1" ${BIN:+"BIN=$BIN"} ${OUT:+"OUT=$OUT"}; }
uninstall() { install "$1" uninstall; }

# All files below a folder, with the mode of each.
files() { (cd "$1" && find . ! -type d -printf '%m %P\n' | LC_ALL=C sort -k 2); }

dest="$tmp/a root"
touch "$tmp/before"
ok "make install" install /usr/local
is "it puts each file in its place" "$(files "$dest")" "$({
  echo '644 etc/tollgate/tollgate.env.example'
  printf '755 usr/local/bin/%s\n' tollgate{,-sandbox}
  printf '644 usr/local/lib/%s\n' systemd/system/tollgate-{fcgi.s{ervice,ocket},meter{.service,-hourly.timer,-nightly.timer}} \
    sysusers.d/tollgate.conf
  printf '755 usr/local/sbin/%s\n' tollgate-{fcgi,meter,migrate}
  printf '644 usr/local/share/doc/tollgate/%s\n' LICENSE README.md nginx-site.conf
  (cd "$root" && find docs -type f -printf '644 usr/local/share/doc/tollgate/%p\n')
  for page in "$root"/*/*.[18]; do echo "644 usr/local/share/man/man${page##*.}/${page##*/}"; done
  (cd "$root" && find templates sql -type f ! -path 'sql/queries/*' ! -name migrate ! -name embed.awk ! -name '*.8' \
    -printf '644 usr/local/share/tollgate/%p\n')
} | LC_ALL=C sort -k 2)"
is "nothing outside DESTDIR" "$(find /etc /usr/local /usr/lib/systemd -newer "$tmp/before" \( -path '*tollgate*' \) 2>/dev/null)" ""
is "folders can be entered by everybody" "$(find "$dest" -type d ! -perm 755)" ""

# Links of README and of what it leads to, and the documents that man pages and hints name.
doc=$dest/usr/local/share/doc/tollgate
is "documents that are linked or named are there" "$(cd "$doc" && {
  grep -oE '\]\([^)#]+' README.md | cut -c3-
  for page in restore usage ledger; do grep -oE '\]\([^)#]+' "docs/$page.md" | sed 's|^](|docs/|'; done
  grep -ohE '(/usr/local/share/doc/tollgate/)?docs/[a-z-]+\.md' -r "$dest/usr/local/share/man" "$dest/usr/local/share/tollgate/sql" |
    sed 's|^/usr/local/share/doc/tollgate/||'
} | sort -u | while read -r link; do [ -e "$link" ] || echo "$link"; done)" ""

# What an administrator wrote, and what an older version left.
echo 'TOLLGATE_PUBLIC_URL=https://mine.example' >"$dest/etc/tollgate/tollgate.env"
echo 'old' >"$dest/usr/local/share/tollgate/sql/functions/gone.sql"
ok "make install over an installation" install /usr/local
is "leaves settings as they are" "$(cat "$dest/etc/tollgate/tollgate.env")" 'TOLLGATE_PUBLIC_URL=https://mine.example'
ok "takes away functions of an older version" test ! -e "$dest/usr/local/share/tollgate/sql/functions/gone.sql"

fcgi=$dest/usr/local/sbin/tollgate-fcgi
sandbox=$dest/usr/local/bin/tollgate-sandbox
mkdir "$tmp/empty"
settings=(env -i PATH="$PATH" PGHOST="$tmp/db/pgsocket" PGDATABASE=tollgate AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y
  AWS_REGION=us-east-1 TOLLGATE_LISTEN="$tmp/fcgi.sock" TOLLGATE_STATE_DIR="$tmp/state")
cd "$tmp/empty" || exit
like "the installed tollgate-fcgi finds its templates" "$("${settings[@]}" "$fcgi" -n 2>&1)" 'settings and templates are fine'
mv "$dest/usr/local/share/tollgate/templates/thanks.html" "$tmp"
like "… those that were installed" "$("${settings[@]}" "$fcgi" -n 2>&1)" 'thanks'
mv "$tmp/thanks.html" "$dest/usr/local/share/tollgate/templates"
like "the installed tollgate-sandbox finds its templates" "$("${settings[@]}" "$sandbox" -n 2>&1)" 'settings and templates are fine'

"$root/dev/cluster" start --throwaway "$tmp/db" >&2 || die "no PostgreSQL"
at_exit "$root/dev/cluster" stop "$tmp/db"
like "the installed tollgate-migrate makes a schema" \
  "$("${settings[@]}" PGUSER=tollgate "$dest/usr/local/sbin/tollgate-migrate" 2>&1)" 'database tollgate is at [0-9]{4}'
"${settings[@]}" PGUSER=tollgate_web "$fcgi" 2>"$tmp/fcgi.log" &
fcgi_pid=$!
at_exit stop "$fcgi_pid"
ok "which the installed tollgate-fcgi accepts" until_true 20 grep -q 'event=started' "$tmp/fcgi.log"
ready() {
  env REQUEST_METHOD=GET SCRIPT_NAME=/readyz QUERY_STRING= SERVER_PROTOCOL=HTTP/1.1 CONTENT_LENGTH= \
    cgi-fcgi -bind -connect "$tmp/fcgi.sock" | grep -q ready
}
ok "… and is ready" ready
stop "$fcgi_pid"

# ---- who may be whom in PostgreSQL, by the example's lines, above those of Debian ----

example=$dest/etc/tollgate/tollgate.env.example
super() { env -i PATH="$PATH" PGHOST="$tmp/db/pgsocket" PGUSER=tollgate PGDATABASE=postgres "$@"; }
# As ROLE: SQL
as() { "${settings[@]}" PGUSER="$1" psql -XqAt -c "$2" 2>&1; }
super dropdb tollgate
super psql -Xq -c 'DROP ROLE tollgate_web, tollgate_meter, tollgate_app, tollgate_admin, tollgate_sandbox'
super createuser --createrole tollgate_owner
super createdb --owner=tollgate_owner -E UTF8 -T template0 tollgate
{
  echo 'local all tollgate trust'
  sed -n 's/^#   pg_hba\.conf: *//p' "$example"
  echo 'local all all peer'
} >"$tmp/db/pgdata/pg_hba.conf"
sed -En 's/^# +(pg_ident\.conf: +)?(tollgate +[a-z]+ +tollgate_[a-z]+)$/\2/p' "$example" |
  sed "s/ root / $(id -un) /" >"$tmp/db/pgdata/pg_ident.conf"
super psql -Xq -c 'SELECT pg_reload_conf()' >/dev/null
until_true 5 eval "as tollgate_owner 'SELECT 1' | grep -qx 1"
like "root migrates as the owner of the schema, who makes the roles" \
  "$("${settings[@]}" PGUSER=tollgate_owner "$dest/usr/local/sbin/tollgate-migrate" 2>&1)" 'database tollgate is at [0-9]{4}'
is "root is tollgate_admin" "$(as tollgate_admin 'SELECT count(*) FROM tollgate.product')" 0
for role in web meter app; do
  like "root is not tollgate_$role" "$(as tollgate_$role 'SELECT 1')" "Peer authentication failed for user \"tollgate_$role\""
done
is "users for all five roles" "$(grep -c . "$tmp/db/pgdata/pg_ident.conf")" 5

# Another prefix.
dest=$tmp/opt
ok "make install PREFIX=/opt/tollgate" install /opt/tollgate
is "leaves no /usr/local in any file that it writes" \
  "$(grep -rIl /usr/local "$dest/opt/tollgate/lib" "$dest/opt/tollgate/share/doc" "$dest/opt/tollgate/share/man" "$dest/etc")" ""
like "the unit starts the program from there" "$(cat "$dest/opt/tollgate/lib/systemd/system/tollgate-fcgi.service")" \
  '^ExecStart=/opt/tollgate/sbin/tollgate-fcgi$'
like "so does that of the meter" "$(cat "$dest/opt/tollgate/lib/systemd/system/tollgate-meter.service")" \
  '^ExecStart=.* /opt/tollgate/sbin/tollgate-meter$'
like "nginx finds the static files there" "$(cat "$dest/opt/tollgate/share/doc/tollgate/nginx-site.conf")" \
  'root /opt/tollgate/share/tollgate/templates;'

# What a unit, sed or the shell would read as more than a folder's name.
dest=$tmp/refused
for prefix in '/opt/a b' '/opt/a&b' '/opt/a|b' '/opt/a%b' "/opt/a'b" opt; do
  like "PREFIX=$prefix is refused" "$(install "$prefix" 2>&1)" "absolute paths of letters, digits and ._\+- alone: $prefix"
done
dest="$tmp/refused'"
like "so is a DESTDIR with a quote" "$(install /usr/local 2>&1)" 'DESTDIR may not hold a quote'
is "… before anything is written" "$(ls -d "$tmp"/refused* 2>/dev/null)" ""

# Away again, from folders with other people's files in them.
dest="$tmp/a&root"
ok "make install to a DESTDIR with an ampersand" install /opt/tollgate
uninstall /opt/tollgate >/dev/null
is "make uninstall leaves no file and no folder of Tollgate's own" \
  "$(cd "$dest" && find . ! -type d && find . -path '*/tollgate' ! -path ./opt/tollgate)" ""
install /opt/tollgate
touch "$dest"/{etc/tollgate/tollgate.env,opt/tollgate/{sbin/mine,share/doc/tollgate/mine,lib/systemd/system/mine.service}}
like "it says what it keeps" "$(uninstall /opt/tollgate)" "^Kept: the settings in $dest/etc/tollgate, .*database"
is "… and keeps settings, and what it did not put there" "$(cd "$dest" && find . ! -type d | LC_ALL=C sort)" \
  "$(printf './%s\n' etc/tollgate/tollgate.env opt/tollgate/{lib/systemd/system/mine.service,sbin/mine,share/doc/tollgate/mine})"
ok "a second one has nothing to do" uninstall /opt/tollgate
done_testing
