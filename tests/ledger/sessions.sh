# shellcheck shell=bash
# A database of the test's own, migrated, and sessions that stay, for tests of what happens where several meet:
# . "$(dirname "$0")/ledger/sessions.sh" after lib.sh.
database_up

sql() { psql -XqAt -v ON_ERROR_STOP=1 -c "$1"; }
audit() { sql 'SELECT tollgate.audit_ledger()'; }

# A session that stays: session NAME; say NAME STATEMENT waits for its end; answer NAME is what it printed last.
declare -A into
session() {
  local fd
  mkfifo "$tmp/$1.in"
  psql -XqAt -f - <"$tmp/$1.in" >"$tmp/$1.out" 2>&1 &
  exec {fd}>"$tmp/$1.in"
  into[$1]=$fd
}
start() { printf '\\o %s\n%s\n' "$tmp/$1.answer" "$2" >&"${into[$1]}"; }
finished() {
  printf '\\o %s\nSELECT 1;\n\\o\n' "$tmp/$1.done" >&"${into[$1]}"
  until_true 20 test -s "$tmp/$1.done" || die "the session $1 hangs" "$(cat "$tmp/$1.out")"
  rm "$tmp/$1.done"
}
say() {
  start "$1" "$2"
  finished "$1"
}
# waits NAME: until the session waits for a lock
waits() {
  until_true 20 sql "SELECT 1 / count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND pid = $(cat "$tmp/$1.pid")"
}
pid_of() { say "$1" 'SELECT pg_backend_pid();' && cp "$tmp/$1.answer" "$tmp/$1.pid"; }

any_alive() {
  local pid
  for pid; do ! kill -0 "$pid" 2>/dev/null || return 0; done
  return 1
}
