#!/usr/bin/env bash
# TOLLGATE_METER_COALESCE: where not all records would be sent in time, several hours become one; all units are billed, once,
# in their own month. By a clock that is moved; how many records AWS takes an hour, kill_at is told.
# shellcheck source=tests/e2e/metered.sh
. "$(dirname "$0")/metered.sh"

late=TOLLGATE_METER_COALESCE=when_late
# at RECORDS_AN_HOUR [NAME=VALUE…] [OPTION…]: a run that takes that for AWS's quota
at() { RECORDS_AN_HOUR=$1 run_meter "$kill_at" "${@:2}" 2>/dev/null; }
# used NAME DIMENSIONS FROM HOURS: two units at minute 20 of each hour, of so many dimensions
used() {
  app "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
    SELECT ${id[$1]}, 'd' || to_char(d, 'FM00'), 2, '$3 UTC'::timestamptz + make_interval(hours => h, mins => 20)
    FROM generate_series(1, $2) d, generate_series(0, $4 - 1) h" || die "usage was refused"
}
# bill NAME: what was billed, "day hour:records:units" in their order
bill() {
  sql "SELECT string_agg(x, ', ') FROM (SELECT to_char(hour AT TIME ZONE 'UTC', 'DD HH24:') || count(*) || ':' || sum(quantity) AS x
    FROM tollgate.record_state WHERE customer_id = ${id[$1]} AND state = 'billed' GROUP BY hour ORDER BY hour) h"
}
# out MEMBER: of the JSON that the last run printed
out() { perl -MJSON::PP -0777 -e 'print decode_json(<STDIN>)->{$ARGV[0]} // "none"' "$1" <"$tmp/out"; }
records() { sql 'SELECT count(*) FROM tollgate.metering_record'; }

clock '2035-03-10 20:05 UTC'
products p-late
buyers outage=p-late never=p-late until=p-late month=p-late

# ---- an outage of 20 hours ----

used outage 10 '2035-03-10 00:00' 20
at 7 --dry-run --json
is "never, which is the default: a record an hour" "$code $(out records) $(out hours_a_record)" "0 200 0"
meter "$late" --dry-run --json
is "when_late, and all fits: the same" "$code $(out records) $(out hours_a_record)" "0 200 0"
at 7 "$late" --dry-run --json
is "when_late, and 200 records do not fit: three hours a record, as a dry run says" \
  "$code $(out records) $(out units) $(out hours_a_record) $(out records_saved)" "0 70 400 3 130"
is "which changes nothing" "$(records)" 0
KILL_AT='after freeze_hours:3' at 7 "$late"
is "killed after three of seven groups" "$code $(records)" "137 30"
at 7 "$late" --json
is "the next run freezes the others and sends all" "$code $(out frozen) $(out billed) $(out billed_units) $(out left) $(out waiting_units)" "0 40 70 400 0 0"
is "each of the last hour of its three" "$(bill outage)" "$(for hour in 1:10:40 4:10:60 7:10:60 10:10:60 13:10:60 16:10:60 19:10:60; do
  printf ', 10 %02d:%s' "${hour%%:*}" "${hour#*:}"; done | cut -c 3-)"
like "and it says so" "$(cat "$tmp/said")" 'level=warn program=tollgate-meter event=coalesced hours_a_record=3 records_saved=80$'
is "in the ledger too" "$(sql "SELECT summary->>'hours_a_record' FROM tollgate.metering_run ORDER BY id DESC LIMIT 1")" 3
agree "an outage of 20 hours"
is "the audit finds nothing wrong" "$(sql 'SELECT tollgate.audit_ledger()')" ""

used never 2 '2035-03-10 17:00' 3
at 1
is "never: each hour is billed by itself, be it late or not" "$code $(bill never)" "0 10 17:2:4, 10 18:2:4, 10 19:2:4"

# ---- --until, a month's end ----

clock '2035-03-20 20:05 UTC'
used until 12 '2035-03-20 12:00' 8
at 1 "$late" --until 2035-03-20T16:00:00Z
is "--until: only hours that end by then are coalesced" "$code $(bill until)" "0 20 15:12:96"
at 1 "$late"
is "the others by the run after it" "$code $(bill until)" "0 20 15:12:96, 20 19:12:96"

clock '2035-04-01 05:05 UTC'
used month 3 '2035-03-31 12:00' 17
at 1 "$late"
is "the month that ended has records of its own" "$code $(bill month)" "0 31 23:3:72, 01 04:3:30"
used month 3 '2035-03-31 20:00' 3
at 1 "$late"
is "its late usage too, though its last hour is billed" "$code $(bill month)" "0 31 20:3:6, 31 21:3:6, 31 22:3:6, 31 23:3:72, 01 04:3:30"
agree "all of it"
is "the audit finds nothing wrong" "$(sql 'SELECT tollgate.audit_ledger()')" ""
no_crash "no crash, and no sanitizer's report" '' "$log" "$tmp/run"
done_testing
