# Shared by the shell tests (bash): TAP, a folder that goes away, polling, a whole stack.
#
#   . "$(dirname "$0")/lib.sh"          from tests/; sets root (the checkout) and tmp (a folder of this test)
#   ok "a status is enough" test -e x   runs a command
#   is "equal" "$got" "$wanted"         like, unlike: an extended regular expression; unlike fails on an empty text
#   done_testing                        last
set -u
umask 022 # nginx's workers and PostgreSQL are other users where the tests run as root

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
tmp=$(mktemp -d /var/tmp/tollgate-test.XXXXXX)
chmod 755 "$tmp"
tests_run=0
tests_failed=0
planned=
cleanups=()

diag() { printf '%s\n' "$@" | sed 's/^/# /' >&2; }

pass() {
  tests_run=$((tests_run + 1))
  printf 'ok %d - %s\n' "$tests_run" "$1"
}

# fail NAME detail…
fail() {
  tests_run=$((tests_run + 1))
  tests_failed=$((tests_failed + 1))
  printf 'not ok %d - %s\n' "$tests_run" "$1"
  diag "failed: $1" "${@:2}"
  return 1
}

ok() {
  local name=$1 said
  shift
  if said=$("$@" 2>&1); then pass "$name"; else fail "$name" "$* returned $?" "$said"; fi
}

is() {
  if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "got:    $2" "wanted: $3"; fi
}

like() {
  if printf %s "$2" | grep -Eq -- "$3"; then pass "$1"; else fail "$1" "got:    $2" "wanted: $3"; fi
}

unlike() {
  if [ ! "$2" ]; then fail "$1" "got:      nothing, in which there is nothing either" "unwanted: $3"
  elif printf %s "$2" | grep -Eq -- "$3"; then fail "$1" "got:      $2" "unwanted: $3"; else pass "$1"; fi
}

# no_crash NAME PATTERN PATH…: logs, or folders of them, without a crash, a sanitizer's report, and PATTERN where that is not
# empty. Each path must be there: what was not written says nothing.
no_crash() {
  is "$1" "$(grep -rhE --include='*.log' --exclude-dir=pgdata -- "Sanitizer|runtime error|stack smashing${2:+|$2}" "${@:3}" 2>&1 | head -n 5)" ""
}

# skip NAME reason
skip() {
  tests_run=$((tests_run + 1))
  printf 'ok %d - %s # SKIP %s\n' "$tests_run" "$1" "$2"
}

skip_all() {
  echo "1..0 # SKIP $1"
  planned=yes
  exit 0
}

die() {
  diag "$@"
  exit 1
}

done_testing() {
  echo "1..$tests_run"
  planned=yes
  exit $((tests_failed > 0))
}

# at_exit command…: when the test ends, however; the last one first
at_exit() { cleanups=("$(printf '%q ' "$@")" "${cleanups[@]}"); }

on_exit() {
  local status=$? cleanup
  trap '' INT TERM HUP
  if [ "$tests_failed" != 0 ] || [ -z "$planned" ]; then show_logs; fi
  for cleanup in "${cleanups[@]}"; do eval "$cleanup"; done
  rm -rf "$tmp"
  [ -n "$planned" ] || diag "ended before its last test, status $status"
}
trap on_exit EXIT
trap 'exit 130' INT TERM HUP

show_logs() {
  local log
  while read -r log; do
    diag "" "the end of $log:" "$(tail -n 15 "$log")"
  done < <(find "$tmp" -name '*.log' -size +0 2>/dev/null)
}

# until_true SECONDS command…: polls; false when the time is over
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.1
  done
}

# Ends a process that this test started, and waits for it: stop PID [SIGNAL]
stop() {
  kill -s "${2:-TERM}" "$1" 2>/dev/null || return 0
  until_true 30 eval "! kill -0 $1" || kill -s KILL "$1"
}

free_port() {
  local try=$((20000 + RANDOM % 10000))
  while (exec 3<>"/dev/tcp/127.0.0.1/$try") 2>/dev/null; do try=$((try + 1)); done
  echo "$try"
}

# curl without the caller's proxy and configuration
web() { curl -q --noproxy '*' --silent --show-error --max-time 60 "$@"; }

# The Node in tests/sdk, of this machine's kind: AWS's packages want a newer one than Debian's.
sdk_node() {
  local node
  for node in "$root"/tests/sdk/node_modules/node-linux-*/bin/node; do
    [ ! -x "$node" ] || { echo "$node"; return; }
  done
  return 1
}

# A database of this test's own, migrated, with the caller's settings forgotten.
database_up() {
  unset PGPORT PGOPTIONS PGSERVICE PSQLRC
  export PGHOST=$tmp/pgsocket PGUSER=tollgate PGDATABASE=tollgate
  "$root/dev/cluster" start --throwaway "$tmp" || die "no PostgreSQL"
  at_exit "$root/dev/cluster" stop "$tmp"
  "$root/sql/migrate" >"$tmp/migrate.out" || die "sql/migrate failed"
}

# A whole stack in $tmp/run, with BIN's programs; its settings (LANDING_URL, SANDBOX_URL, PG*, AWS_*) are set.
stack_up() {
  "$root/dev/stack" up "$tmp/run" >&2 || die "dev/stack up failed"
  at_exit "$root/dev/stack" down "$tmp/run"
  # shellcheck disable=SC1091 # made at run time
  . "$tmp/run/env"
}
