#!/usr/bin/env bash
# dev/cluster: a private PostgreSQL that can be started and stopped at any time, whatever happened before.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

cluster() { "$root/dev/cluster" "$@"; }
# Whether no process of the server is left: each has the data folder as its working directory.
# shellcheck disable=SC2317 # called by until_true
gone() { ! readlink /proc/[0-9]*/cwd 2>/dev/null | grep -Fxq "$dir/pgdata"; }
# A name that a shell or PostgreSQL's settings could misread.
dir="$tmp/it's a \$folder"
at_exit cluster stop "$dir"
in_psql() { psql -XAtq -h "$dir/pgsocket" -p 5432 -U tollgate -d "$1" -c "$2" 2>&1; }
server() { head -n 1 "$dir/pgdata/postmaster.pid"; }
unset PGPORT PGOPTIONS PGSERVICE PGHOST PGUSER PGDATABASE

is "the first start is silent" "$(cluster start --throwaway "$dir" 2>&1)" ""
first=$(server)
is "both databases are there, in UTF-8" \
  "$(in_psql postgres "SELECT datname FROM pg_database WHERE datname LIKE 'tollgate%'
    AND pg_encoding_to_char(encoding) = 'UTF8' AND datcollate = 'C.UTF-8' ORDER BY 1")" "tollgate
tollgate_sandbox"
is "it listens on its socket alone" "$(in_psql tollgate 'SHOW listen_addresses')" ""
is "a throwaway one does not wait for the disk" "$(in_psql tollgate 'SHOW fsync')" off
is "a log does not show the values of a refused row" "$(in_psql tollgate 'SHOW log_error_verbosity')" terse
is "its folders are closed to others" "$(stat -c %a "$dir/pgdata" "$dir/pgsocket" | tr '\n' ' ')" "700 700 "
is "it has a process group of its own" \
  "$([ "$(ps -o pgid= "$first" | tr -d ' ')" = "$(ps -o pgid= $$ | tr -d ' ')" ] || echo yes)" yes

in_psql tollgate 'CREATE TABLE kept ()'
is "the second start is silent" "$(cluster start --throwaway "$dir" 2>&1)" ""
is "and leaves the server alone" "$(server)" "$first"
is "a stop is silent" "$(cluster stop "$dir" 2>&1)" ""
ok "and the server is gone" gone
is "a second stop does nothing" "$(cluster stop "$dir" 2>&1; echo $?)" 0
is "nor does one where nothing ever was" "$(cluster stop "$tmp/nowhere" 2>&1; echo $?)" 0

cluster start "$dir"
is "what was stored is there after a restart" "$(in_psql tollgate "SELECT to_regclass('kept')")" kept
is "one that is kept waits for the disk" "$(in_psql tollgate 'SHOW fsync')" on
kill -KILL "$(server)"
until_true 10 gone
is "it starts after a crash" "$(cluster start "$dir" 2>&1; in_psql tollgate "SELECT to_regclass('kept')")" kept
cluster stop "$dir"

# After a reboot another process may have the number in the lock file; here, this test itself.
if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups sleep 60 & else sleep 60 & fi
other=$!
printf '%s\n%s\n1\n5432\n%s\n\n1 1\nready\n' "$other" "$dir/pgdata" "$dir/pgsocket" >"$dir/pgdata/postmaster.pid"
printf '%s\n' "$other" >"$dir/pgsocket/.s.PGSQL.5432.lock"
[ "$(id -u)" != 0 ] || chown postgres "$dir/pgdata/postmaster.pid" "$dir/pgsocket/.s.PGSQL.5432.lock"
is "a lock file that names another process is not believed" \
  "$(cluster start --throwaway "$dir" 2>&1; in_psql tollgate 'SELECT 1')" 1
ok "and that process is left alone" kill -0 "$other"
kill "$other"
cluster stop "$dir"

rm -rf "$dir/pgdata"
mkdir -p "$dir/pgdata.new/half"
is "an initdb that was cut short is done again" \
  "$(cluster start --throwaway "$dir" 2>&1; in_psql tollgate 'SELECT 1')" 1
cluster stop "$dir"
for _ in 1 2 3; do cluster start --throwaway "$dir" >>"$tmp/at-once" 2>&1 & done
wait
is "three starts at once are one" "$(cat "$tmp/at-once"; in_psql tollgate 'SELECT 1')" 1
cluster stop "$dir"

long=$tmp/$(printf 'x%.0s' $(seq 90))
said=$(cluster start "$long" 2>&1)
like "a path too long for a socket is refused" "$? $said" '^73 .*may have 107; use a folder with a shorter name'
ok "and nothing is made there" test ! -e "$long/pgdata"
for wrong in 'start' 'begin /tmp' 'start --fast /tmp' 'start a b' ''; do
  # shellcheck disable=SC2086 # words
  said=$(cluster $wrong 2>&1)
  like "usage: $wrong" "$? $said" '^64 .*usage'
done
said=$(PGBIN=/nonexistent cluster start "$tmp/no" 2>&1)
like "without PostgreSQL it says what to install" "$? $said" '^69 .*install postgresql-15'
echo nonsense >>"$dir/pgdata/postgresql.conf"
said=$(cluster start "$dir" 2>&1)
like "a server that does not start shows its log" "$? $said" '^1 .*syntax error in file'
like "and says where" "$said" "did not start in $tmp"
if [ "$(id -u)" = 0 ]; then
  mkdir -m 700 "$tmp/closed"
  said=$(cluster start "$tmp/closed/dir" 2>&1)
  like "root learns that postgres cannot enter a folder" "$? $said" '^73 .*the user postgres cannot enter'
else
  skip "root learns that postgres cannot enter a folder" "not root"
fi
done_testing
