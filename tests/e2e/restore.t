#!/usr/bin/env bash
# What may be a copy of the ledger bills nothing until it is adopted: restored dumps, physical copies, standbys, a lost
# state folder. The original goes on. Each scenario has a buyer of its own, so that all of them share one sandbox.
unset CLUSTER_TEMPLATE # each server has a system identifier of its own
# shellcheck source=tests/e2e/metered.sh
. "$(dirname "$0")/metered.sh"
home=$PGHOST
state=$TOLLGATE_STATE_DIR
tools=${PGBIN:-/usr/lib/postgresql/15/bin}

sandbox_sql() { PGHOST=$home PGDATABASE=tollgate_sandbox sql "$1"; }
# use NAME QUANTITY [HOURS]: in the hour that began so many hours ago, 2 if not said; false if it was refused
use() {
  app "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
    VALUES (${id[$1]}, 'users', $2, timestamptz '$this_hour' - interval '${3:-2} hours' + interval '10 minutes')" 2>"$tmp/refused"
}
# billed NAME…: units, by AWS
billed() {
  local name
  for name; do
    sandbox_sql "SELECT coalesce(sum((record->>'Quantity')::bigint), 0) FROM sandbox.usage_record WHERE record->>'CustomerIdentifier' = '${who[$name]}'"
  done | xargs
}
audit() { sql 'SELECT tollgate.audit_ledger()'; }
all_data() { pg_dump --data-only --schema=tollgate | grep -v '^\\\(un\)\?restrict' | sha256sum; }
in_file() { sed -n "s/^$1=//p" "${2:-$TOLLGATE_STATE_DIR}/ledger"; }
last_call() { sql 'SELECT coalesce(max(id), 0) FROM tollgate.metering_call'; }

said() { grep -Ec "$1" "$tmp/said"; }
# tollgate ARGUMENT…: sets code and out
tollgate() {
  out=$(PGUSER=tollgate_admin "$BIN/tollgate" "$@" 2>&1)
  code=$?
}
flat() { printf '%s\n' "$out" | tr -s ' \n' ' '; }

# stopped NAME PATTERN: a run says so, ends with 78 and leaves no trace
stopped() {
  local data asked
  data=$(all_data)
  asked=$(calls)
  meter
  is "$1: 78, and it says why" "$code $(said "event=not_started.*$2")" "78 1"
  is "… nothing is changed, nobody is called" "$([ "$data" = "$(all_data)" ] || echo changed) $(calls)" " $asked"
  tollgate ledger status
  like "… tollgate ledger status says so too" "$code $(flat)" "^78 .*$2"
}
# adopted NAME PATTERN OPTION…: it is, and then fits
adopted() {
  tollgate ledger adopt --reason "test of $1" "${@:3}"
  like "$1: adopted" "$code $(flat)" "^0 .*$2"
  tollgate ledger status
  like "… and it fits" "$code $(flat)" "^0 .* is this ledger's"
  is "… every unit is somewhere" "$(audit)" ""
}
# goes_on NAME UNITS: usage from now on is billed, and no more than that
goes_on() {
  ok "$1: usage is taken in" use "$1" "$2" 1
  meter
  is "… and billed" "$code" 0
  is "… every unit is somewhere then" "$(audit)" ""
}

# cluster NAME: an empty one of its own; here NAME: from now on all goes there, with a state folder of its own
cluster() {
  "$root/dev/cluster" start --throwaway "$tmp/$1" || die "no cluster $1"
  at_exit "$root/dev/cluster" stop "$tmp/$1"
}
here() {
  export PGHOST=$tmp/$1/pgsocket TOLLGATE_STATE_DIR=$tmp/$1/state
  mkdir -p "$TOLLGATE_STATE_DIR"
}
at_home() { export PGHOST=$home TOLLGATE_STATE_DIR=$state PGDATABASE=tollgate; }
restore() {
  psql -Xq -v ON_ERROR_STOP=1 -c 'SET client_min_messages = warning' -f "$root/sql/roles.sql" -f "$1" >"$tmp/restored" 2>&1 ||
    die "the dump was not restored: $(tail -n 3 "$tmp/restored")"
}
# burn N: transaction ids
burn() {
  sql "CREATE TEMP TABLE burnt (n int); DO \$\$ BEGIN FOR n IN 1..$1 LOOP
    BEGIN INSERT INTO burnt VALUES (n); EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END \$\$"
}
# copy NAME OPTION…: a physical one
copy() {
  mkdir -p "$tmp/$1"
  "$tools/pg_basebackup" -h "$home" -U tollgate -D "$tmp/$1/pgdata" --checkpoint=fast "${@:2}" >&2 || die "no copy $1"
  rm -f "$tmp/$1/pgdata/private.conf"
  [ "$(id -u)" != 0 ] || chown -R postgres: "$tmp/$1/pgdata"
  at_exit "$root/dev/cluster" stop "$tmp/$1"
}
# dev/cluster asks for databases, which a standby can't make; it has them.
start_copy() { "$root/dev/cluster" start --throwaway "$tmp/$1" || die "the copy $1 does not start"; }

for name in first killed{1..4} second dumped behind ahead copied lagging standby lagged lost torn full template; do
  list+=("$name=prod-legacy")
done
buyers "${list[@]}"

# ---- the file ----

ok "there is no state file before the first run" test ! -e "$state/ledger"
tollgate ledger status
like "a new ledger" "$code $(flat)" "^0 .*The ledger is new"
KILL_AT=state_checked run_meter "$kill_at" 2>/dev/null
is "killed when the file was made, before anything else" "$code $(in_file last_call) $(sql 'SELECT count(*) FROM tollgate.metering_run')" "137 0 0"
use first 3
meter
is "the first run goes on" "$code $(billed first)" "0 3"
is "the file is at its call" "$(in_file last_call) $(in_file generation) $(in_file database_name)" "$(last_call) 1 tollgate"
is "and its user's alone" "$(stat -c %a "$state/ledger") $(find "$state" -name 'ledger.*')" "600 "
n=0
for point in begun state_written calling called; do
  n=$((n + 1))
  before=$(in_file last_call)
  use "killed$n" 5
  KILL_AT=$point run_meter "$kill_at" 2>/dev/null
  if [ $point = begun ]; then wanted=$before; else wanted=$(last_call); fi
  is "killed at $point: what the file knows" "$code $(in_file last_call)" "137 $wanted"
  meter
  is "the next run bills it once" "$code $(billed "killed$n") $(in_file last_call)" "0 5 $(last_call)"
done
cp -r "$state" "$tmp/second"
use second 2
meter
use second 4 1
meter TOLLGATE_STATE_DIR="$tmp/second"
is "another machine of the same ledger: its file is older, which is no danger" "$code $(billed second)" "0 6"
use second 1 3
meter
is "and the first one goes on" "$code $(billed second)" "0 7"
tollgate ledger adopt --reason x
like "there is nothing to adopt" "$code $(flat)" "^0 .*There is nothing to adopt"
tollgate ledger adopt
like "adopt wants a reason" "$code $out" "^64 .*--reason is needed"
is "generation 1 still" "$(sql 'SELECT generation FROM tollgate.ledger')" 1

# ---- a file that is none ----

for damage in 'truncate -s 100' 'sed -i s/generation=1/generation=2/' 'truncate -s 0' "sed -i \$a\\x"; do
  cp "$state/ledger" "$tmp/kept"
  $damage "$state/ledger"
  use torn 1
  stopped "a file after \"${damage%% *}\"" "the state file $state/ledger is damaged"
  mv "$tmp/kept" "$state/ledger"
done
mkdir "$state/ledger.new"
meter
is "a file that cannot be written: 78, before anything else" "$code $(said "cannot write the state file $state/ledger: Is a directory")" "78 1"
rmdir "$state/ledger.new"
mv "$state/ledger" "$tmp/kept"
mkdir "$state/ledger"
meter
is "a file that cannot be read: 78" "$code $(said "cannot read the state file $state/ledger")" "78 1"
rmdir "$state/ledger"
mv "$tmp/kept" "$state/ledger"
meter TOLLGATE_STATE_DIR="$tmp/secrets/state"
is "a folder that cannot be made: 78" "$code $(said 'cannot make the state folder')" "78 1"
is "nothing of that was billed" "$(billed torn)" 0
meter
is "when it is mended, all is" "$code $(billed torn)" "0 4"

# The disk is full in the middle of a run: the next attempt is not made.
use full 6
meets full unprocessed 1000 3000
start_meter AWS_MAX_ATTEMPTS=1
until_true 10 begun 1
tollgate ledger adopt --reason x
like "adopt, while a run is under way: 73" "$code $(flat)" "^73 .*a run of tollgate-meter is under way"
until_true 10 mkdir "$state/ledger.new" # not while the file is being written
end_meter
is "a file that cannot be written any more ends the run: 78" "$code $(said 'event=stopped.*cannot write the state file')" "78 1"
is "its call is known not to have been sent" "$(states full) $(billed full)" "1 frozen not_sent 0"
rmdir "$state/ledger.new"
sandbox_sql 'DELETE FROM sandbox.fault'
meter
is "the next run bills it" "$code $(billed full)" "0 6"

# ---- a lost folder ----

use lost 2
mv "$state/ledger" "$tmp/kept"
stopped "a lost state folder" "there is no state file, and the ledger's last call is $(last_call)"
use lost 0.5
adopted "a lost state folder" "1 records of 2 units are unknown"
goes_on lost 3.25
is "what waited is unknown, what came later is billed" "$(billed lost) $(units lost unknown)" "3 2"
rm "$state/ledger"
use lost 4 3
stopped "lost again" "there is no state file"
adopted "by one who knows that nothing is missing" "0 records of 0 units are unknown" --nothing-lost
meter
is "it goes on as it was" "$code $(billed lost)" "0 7"

# ---- dumps ----

# Before a run, restored after it.
use dumped 5
use dumped 0.75
dump=$tmp/dump
pg_dump >"$dump"
meter
is "the original bills it" "$(billed dumped)" 5
lost_call=$(last_call)
psql -Xq -d postgres -c 'DROP DATABASE tollgate WITH (FORCE)' -c 'CREATE DATABASE tollgate'
restore "$dump"
stopped "a dump, restored after a run on the same server" "the database was restored from a dump; the database .* has the oid [0-9]+, and had [0-9]+; call $lost_call of .* is not in the ledger"
ok "usage is refused" eval '! use dumped 1'
like "with a hint" "$(cat "$tmp/refused")" 'restored from a dump: no usage is taken.*|HINT: .*tollgate ledger adopt'
tollgate ledger adopt --reason x --nothing-lost
like "that nothing was lost is not believed" "$code $out" "^65 .*calls were lost"
adopted "a dump on the same server" "generation 4: .* 1 records of 5 units are unknown"
meter
is "nothing of it is billed again" "$code $(billed dumped) $(units dumped unknown)" "0 5 5"
goes_on dumped 2.25
is "and the fraction waited" "$(billed dumped)" 8
is "calls have new numbers" "$(sql "SELECT min(id) > $lost_call FROM tollgate.metering_call WHERE run_id = (SELECT max(run_id) FROM tollgate.metering_call)")" t

# Another server, which has not come so far. Its state folder is empty, or has the file that came along.
burn 3000
use behind 4
pg_dump >"$dump"
meter
is "the original bills it" "$(billed behind)" 4
cluster behind
here behind
restore "$dump"
is "a server whose transaction ids are lower" "$(sql 'SELECT pg_snapshot_xmax(pg_current_snapshot()) < pg_snapshot_xmax(snapshot) FROM tollgate.rollup ORDER BY id DESC LIMIT 1')" t
stopped "a dump on a server behind, without a file" "restored from a dump; there is no state file"
cp "$state/ledger" "$TOLLGATE_STATE_DIR/"
stopped "a dump on a server behind" "restored from a dump; the server has the system identifier [0-9]+, and had [0-9]+; .*call [0-9]+ of .* is not in the ledger"
ok "usage is refused" eval '! use behind 1'
is_held() { [ "$(sql "SELECT count(*) FROM pg_locks WHERE relation = 'tollgate.usage_event'::regclass")" = 1 ]; }
mkfifo "$tmp/held"
psql -Xq <"$tmp/held" >/dev/null 2>&1 &
exec 8>"$tmp/held"
echo "BEGIN; LOCK TABLE tollgate.usage_event IN ROW EXCLUSIVE MODE;" >&8
until_true 10 is_held
tollgate ledger adopt --reason x
like "while usage is being added: 75, and who does it" "$code $(flat)" "^75 .*usage_event is in use by process [0-9]+ of tollgate"
exec 8>&-
adopted "a dump on a server behind" "1 records of 4 units are unknown"
meter
is "nothing of it is billed again" "$code $(billed behind) $(units behind unknown)" "0 4 4"
goes_on behind 3
is "what came later is" "$(billed behind)" 7
at_home

# Another server, which is ahead, and a dump of after the last run.
use ahead 6
pg_dump >"$dump"
cluster ahead
here ahead
cp "$state/ledger" "$TOLLGATE_STATE_DIR/"
burn 20000
restore "$dump"
is "a server whose transaction ids are higher" "$(sql 'SELECT pg_snapshot_xmax(pg_current_snapshot()) > pg_snapshot_xmax(snapshot) FROM tollgate.rollup ORDER BY id DESC LIMIT 1')" t
stopped "a dump on a server ahead" "restored from a dump; the server has the system identifier"
ok "usage is refused" eval '! use ahead 1'
adopted "a dump of after the last run" "0 records of 0 units are unknown"
meter
is "it goes on where the original was" "$code $(billed ahead)" "0 6"
goes_on ahead 2
is "to the last unit" "$(billed ahead)" 8
at_home

# A copy within the server.
use template 3
# Whoever is connected keeps it from being copied, and connects again.
copy_database() {
  psql -Xq -d postgres -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'tollgate'" -o /dev/null
  psql -Xq -d postgres -c 'CREATE DATABASE staging TEMPLATE tollgate'
}
until_true 60 copy_database || die "no copy of the database"
export PGDATABASE=staging
stopped "a copy by CREATE DATABASE" 'the database .*staging.* has the oid'
export TOLLGATE_STATE_DIR=$tmp/staging
stopped "a copy by CREATE DATABASE, without a file" "there is no state file"
at_home
meter
is "the original goes on" "$code $(billed template)" "0 3"

# ---- physical copies ----

use copied 5
copy copied
start_copy copied
use lagging 1
meter
is "the original bills it" "$code $(billed copied lagging)" "0 5 1"
here copied
stopped "a copy that is started beside the original" "there is no state file, and the ledger's last call is"
cp "$state/ledger" "$TOLLGATE_STATE_DIR/"
stopped "with the file, of which it lags behind" "call [0-9]+ of .* is not in the ledger"
adopted "a copy that lagged" "1 records of 5 units are unknown"
meter
is "nothing of it is billed again" "$code $(billed copied lagging)" "0 5 1"
goes_on copied 2
is "what came later is" "$(billed copied)" 7
at_home

# Standbys: one that has all calls, one that lags.
use standby 3
copy lagged
echo "primary_conninfo = ''" >>"$tmp/lagged/pgdata/postgresql.auto.conf"
touch "$tmp/lagged/pgdata/standby.signal"
[ "$(id -u)" != 0 ] || chown postgres: "$tmp/lagged/pgdata/standby.signal"
meter
use lagged 4
copy standby
touch "$tmp/standby/pgdata/standby.signal"
[ "$(id -u)" != 0 ] || chown postgres: "$tmp/standby/pgdata/standby.signal"
start_copy standby
start_copy lagged
here standby
rmdir "$TOLLGATE_STATE_DIR"
cp -r "$state" "$TOLLGATE_STATE_DIR"
cp -r "$state" "$tmp/lagged/state"
meter
is "a standby: 75, and it says so" "$code $(said 'this server is a standby')" "75 1"
is "promoted" "$(sql 'SELECT pg_promote()')" t
before=$(in_file timeline)
meter
is "a promoted standby that has all calls goes on" "$code $(billed standby lagged) $before $(in_file timeline)" "0 3 4 1 2"
cp "$TOLLGATE_STATE_DIR/ledger" "$tmp/kept"
export PGHOST=$home
mkdir "$tmp/returned"
export TOLLGATE_STATE_DIR=$tmp/returned
cp "$tmp/kept" "$tmp/returned/ledger"
stopped "the old primary comes back" "the server is at timeline 1, and was at 2; call [0-9]+ of .* is not in the ledger"
here lagged
is "promoted" "$(sql 'SELECT pg_promote()')" t
stopped "a standby that lagged" "call [0-9]+ of .* is not in the ledger"
adopted "a standby that lagged" "1 records of 3 units are unknown"
meter
is "nothing of it is billed again" "$code $(billed standby)" "0 3"

no_crash "no crash, no sanitizer's report" '' "$log" "$tmp/run"
done_testing
