#!/usr/bin/env bash
# What coalescing hours does to a backlog: days of the meter, by its own SQL, with a moved clock and an AWS that takes a
# quota of records an hour. docs/scaling.md shows the table, docs/scaling-backlog.svg the backlog; UPDATE=1 writes both.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

database_up
psql -Xq -v ON_ERROR_STOP=1 -v list="$(sed 's/;$//' "$root/sql/queries/meter/list_hours.sql")" \
  -f "$root/tests/scaling/simulate.sql" || die "tests/scaling/simulate.sql failed"

# A record here stands for 36,000: AWS takes 900,000 an hour.
quota=25
late=
# name; start; hours; keys used each hour; in the burst; from and to which hour AWS is away
scenarios='
steady; 1.2 x the quota, 6 days;2024-03-04 00:00Z;144;30;30;0;0
outage; 0.6 x the quota, AWS away for 20 hours;2024-03-04 00:00Z;72;15;15;12;32
month; the same, away until 04:00 on the 1st;2024-02-28 20:00Z;72;15;15;12;32
burst; 0.4 x the quota, 6 x for six hours;2024-03-04 00:00Z;72;10;150;0;0
'
# live NAME MODE START HOURS KEYS BURST FROM TO
live() {
  createdb -T tollgate "$1_$2" &&
    psql -XqAt -d "$1_$2" -v ON_ERROR_STOP=1 -c "SET client_min_messages = warning" \
      -c "CALL sim.live('$3', $4, $quota, $([ "$2" = never ] && echo false || echo true), $5, $6, $7, $8)" \
      -c "SELECT sim.summary($quota)" -c "SELECT tollgate.audit_ledger()" >"$tmp/$1.$2" &&
    psql -XqAt -F ' ' -d "$1_$2" -c "SELECT hour, backlog / $quota::float FROM sim.sample ORDER BY hour" >"$tmp/$1.$2.samples"
}
table='| | | records sent | hours late at worst | units that missed their hour | units in another month | largest backlog | backlog at the end |
|---|---|---:|---:|---:|---:|---:|---:|'
while IFS=';' read -r name what start hours keys burst from to; do
  [ "$name" ] || continue
  for mode in never when_late; do live "$name" $mode "$start" "$hours" "$keys" "$burst" "$from" "$to" & done
  wait
  echo "panel$what" >>"$tmp/chart"
  for mode in never when_late; do
    is "$name, $mode: every unit is in one place" "$(sed 1d "$tmp/$name.$mode")" ""
    table+="
|$([ $mode = when_late ] || echo "$what") | \`$mode\` | $(head -n 1 "$tmp/$name.$mode") |"
    { echo "line $mode" && cat "$tmp/$name.$mode.samples"; } >>"$tmp/chart"
  done
  # missed MODE: units that missed their hour
  missed() { head -n 1 "$tmp/$name.$1" | cut -d' ' -f 5; }
  is "$name: with when_late no unit misses its hour" "$(missed when_late)" 0
  late+=" $(missed never)"
done <<<"$scenarios"
like "without, some do" "$late" ' [1-9]'

awk -v table="$table" '/^\| \| \| records sent / { print table; skip = 1 } skip && !/^\|/ { skip = 0 } !skip' \
  "$root/docs/scaling.md" >"$tmp/scaling.md"
awk -f "$root/tests/scaling/chart.awk" "$tmp/chart" >"$tmp/backlog.svg"
[ -z "${UPDATE-}" ] || { cp "$tmp/scaling.md" "$root/docs/scaling.md" && cp "$tmp/backlog.svg" "$root/docs/scaling-backlog.svg"; }
is "docs/scaling.md shows what comes out" "$(diff "$root/docs/scaling.md" "$tmp/scaling.md")" ""
is "docs/scaling-backlog.svg too" "$(diff "$root/docs/scaling-backlog.svg" "$tmp/backlog.svg")" ""
done_testing
