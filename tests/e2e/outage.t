#!/usr/bin/env bash
# tollgate-meter after hours in which AWS, PostgreSQL or the meter itself were away, by a clock that is moved: what AWS
# still takes is billed in the hour it was used in, all else in a later one, and nothing twice. Each scenario has a
# product of its own and goes on where the one before left the clock.
# shellcheck source=tests/e2e/metered.sh
. "$(dirname "$0")/metered.sh"

# A run in which AWS cannot be reached, and one whose pauses are short.
gone=(AWS_MAX_ATTEMPTS=1 AWS_ENDPOINT_URL_MARKETPLACE_METERING="http://127.0.0.1:$(free_port)")
hasty() { PACE=100 run_meter "$kill_at" AWS_MAX_ATTEMPTS=1 "$@"; }
killed() { KILL_AT=$1 run_meter "$kill_at" 2>/dev/null; }

# used NAME QUANTITY MOMENT
used() {
  app "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES (${id[$1]}, 'd01', $2, '$3 UTC')" ||
    die "usage was refused"
}
# hours NAME FROM N [command…]: N hours, in the first of which NAME uses 1 unit at minute 20, in the second 2, and so on;
# at minute 5 after each the command is run. Sets codes, of all runs.
hours() {
  local n at
  codes=
  for ((n = 1; n <= $3; n++)); do
    at=$(date -u -d "$2 UTC + $((n - 1)) hours" '+%F %H')
    clock "$at:00 UTC + 65 minutes"
    used "$1" "$n" "$at:20"
    [ $# = 3 ] || { "${@:4}"; codes+="$code "; }
  done
}
# bill NAME: what was billed, "day hour:units" in their order
bill() {
  sql "SELECT string_agg(to_char(hour AT TIME ZONE 'UTC', 'DD HH24:') || quantity, ', ' ORDER BY hour) FROM tollgate.record_state
    WHERE customer_id = ${id[$1]} AND state = 'billed'"
}
# own FROM FIRST N: the same, of N hours that were billed as they were used: FIRST units, FIRST + 1, …
own() {
  local n hours=
  for ((n = 0; n < $3; n++)); do hours+=", $(date -u -d "$1 UTC + $n hours" '+%d %H'):$((n + $2))"; done
  echo "${hours#, }"
}

clock '2035-03-10 08:00 UTC'
scenarios=(aws5 aws23 aws26 frozen26 busy26 early late old off5 off23 off30 database notsub error bad open prepared)
products "${scenarios[@]/#/p-}"
pairs=(othererror=p-error other=p-bad free=p-open free2=p-prepared)
for name in "${scenarios[@]}"; do pairs+=("$name=p-$name"); done
buyers "${pairs[@]}"

# ---- AWS cannot be reached ----

hours aws5 '2035-03-10 08:00' 5 meter "${gone[@]}"
is "AWS is away for 5 hours: each run leaves all for the next one" "$codes" "75 75 75 75 75 "
meter
is "then all is billed, each hour as it was used" "$code $(bill aws5)" "0 $(own '2035-03-10 08:00' 1 5)"
agree "5 hours"

hours aws23 '2035-03-10 13:00' 23 meter "${gone[@]}"
is "AWS is away for 23 hours: each run leaves all for the next one" "$(wc -w <<<"$codes") $(tr ' ' '\n' <<<"$codes" | sort -u | xargs)" "23 75"
meter
is "then all is billed, each hour as it was used" "$code $(bill aws23)" "0 $(own '2035-03-10 13:00' 1 23)"
agree "23 hours"

hours aws26 '2035-03-11 12:00' 26 meter "${gone[@]}"
meter
# At 14:05 AWS takes what is younger than 14:05 of the day before, and the meter keeps ten minutes off that.
is "AWS is away for 26 hours: what it does not take any more goes into the first hour that it does, nothing is lost" \
  "$code $(bill aws26)" "0 11 14:6, $(own '2035-03-11 15:00' 4 23)"
like "and the run says how much that is" "$(cat "$tmp/said")" 'event=late units=3 '
agree "26 hours"

# What was frozen when it began has an hour of its own, which passes.
clock '2035-03-12 16:05 UTC'
used frozen26 7 '2035-03-12 15:20'
used frozen26 0.5 '2035-03-12 15:30'
killed frozen
is "a record is frozen when AWS goes away" "$(states frozen26)" "1 frozen"
for hour in '2035-03-12 20:05' '2035-03-13 00:05' '2035-03-13 12:05'; do
  clock "$hour UTC"
  hasty "${gone[@]}"
done
is "it is tried all the time" "$code $(calls_of frozen26 | wc -w | sed 's/[1-9][0-9]*/often/') $(states frozen26 | sed 's/ [A-Z].*//')" "75 often 1 frozen"
clock '2035-03-13 17:05 UTC'
used frozen26 2.5 '2035-03-13 16:20'
meter
is "when it is back and does not take the record any more, its units go into the first free hour that it does" \
  "$code $(bill frozen26); $(states frozen26)" "0 12 17:7, 13 16:3; 1 moved, 2 billed Success"
like "and the run says what it moved" "$(cat "$tmp/said")" 'event=out_of_time moved=1 moved_units=7 unknown=0'
agree "26 hours, frozen before"

# ---- AWS says that it is busy: each attempt may have been honoured ----

clock '2035-03-13 18:05 UTC'
used busy26 7 '2035-03-13 17:20'
meets busy26 html503 1000
for hour in '2035-03-13 18:05' '2035-03-14 06:05' '2035-03-14 16:05'; do
  clock "$hour UTC"
  hasty
done
is "AWS answers 503 for 26 hours: the record stays, uncertain" "$code $(states busy26)" "75 1 uncertain"
sandbox_sql 'DELETE FROM sandbox.fault'
clock '2035-03-14 19:05 UTC'
used busy26 3 '2035-03-14 18:20'
meter
is "when AWS does not take it any more, nobody guesses: unknown, 65" "$code $(states busy26 | sed 's/unknown.*/unknown/')" "65 1 billed Success, 1 unknown"
like "and the run says so" "$(cat "$tmp/said")" 'event=out_of_time moved=0 moved_units=0 unknown=1'
agree "26 hours of 503"
sql "SELECT tollgate.settle_record(record_id, 0, 'not in the report') FROM tollgate.record_state WHERE customer_id = ${id[busy26]} AND state = 'unknown'" >/dev/null
clock '2035-03-14 20:05 UTC'
meter
is "a person finds that AWS has nothing of it: it is billed in the first free hour" "$code $(bill busy26)" "0 13 20:7, 14 18:3"
agree "an unknown record that is settled"

# ---- over the end of a month: AWS takes the last one until 06:00 UTC on the 1st ----

hours early '2035-03-31 20:00' 9 meter "${gone[@]}"
meter
is "an outage over a month's end, until 05:05: each hour is billed as it was used, in its month" \
  "$code $(bill early)" "0 $(own '2035-03-31 20:00' 1 9)"
agree "a month's end, in time"
hours late '2035-04-30 20:00' 11 meter "${gone[@]}"
meter
is "until 07:05: what was used in the month before is billed in the first hour of this one" \
  "$code $(bill late)" "0 01 00:15, $(own '2035-05-01 01:00' 6 6)"
agree "a month's end, too late"
clock '2035-05-31 23:30 UTC'
used late 100 '2035-05-31 22:10'
clock '2035-06-01 05:55 UTC'
meter
is "ten minutes before AWS closes the month nothing of it is tried any more" "$code $(bill late | sed 's/.*, //')" "0 01 00:100"
agree "a month's end, within the margin"

# ---- the meter itself does not run ----

for n in 5 23; do
  clock '2035-06-02 00:00 UTC'
  hours "off$n" '2035-06-02 00:00' "$n"
  meter
  is "the meter is off for $n hours: then all is billed, each hour as it was used" "$code $(bill "off$n")" "0 $(own '2035-06-02 00:00' 1 "$n")"
done
hours off30 '2035-06-03 00:00' 30
meter
is "for 30 hours: the first six go into the first hour that AWS takes" "$code $(bill off30)" "0 03 06:28, $(own '2035-06-03 07:00' 8 23)"
agree "the meter was off"

# ---- PostgreSQL is away ----

hours database '2035-06-05 00:00' 3
stop_database
meter
is "PostgreSQL is away: 75" "$code $(grep -c event=not_started "$tmp/said")" "75 1"
start_database
meter
is "when it is back, all is billed, each hour as it was used" "$code $(bill database)" "0 $(own '2035-06-05 00:00' 1 3)"
agree "PostgreSQL was away"

# ---- an answer is lost, and then AWS refuses ----

control settings '{"GraceSeconds":0}' >/dev/null
clock '2035-06-06 10:05 UTC'
used notsub 3 '2035-06-06 08:20'
meter
used notsub 4 '2035-06-06 09:20'
killed called
control subscriptions/end "{\"CustomerAWSAccountId\":\"${account[notsub]}\",\"ProductCode\":\"p-notsub\"}" >/dev/null
meter
is "CustomerNotSubscribed after an answer was lost: unknown, not refused, for AWS may have it" \
  "$code $(states notsub)" "65 1 billed Success, 1 unknown CustomerNotSubscribed"
explained=$(sandbox_sql "SELECT string_agg(metering_record_id::text, ',') FROM sandbox.usage_record WHERE product_code = 'p-notsub' AND quantity = 4")
is "and AWS has it" "${explained:+yes}" yes
agree "lost, then not subscribed"
used error 4 '2035-06-06 09:20'
killed called
clock '2035-06-06 11:05 UTC'
used othererror 5 '2035-06-06 10:20'
meets error InvalidUsageDimensionException 100
hasty
is "an error of the record after an answer was lost: unknown, though the others of its product pass" \
  "$code $(states error othererror)" "65 1 billed Success, 1 unknown InvalidUsageDimensionException"
explained+=,$(sandbox_sql "SELECT metering_record_id FROM sandbox.usage_record WHERE product_code = 'p-error' AND quantity = 4")
agree "lost, then an error"
sandbox_sql 'DELETE FROM sandbox.fault'

# ---- a Timestamp that AWS does not take, in a call with others ----

clock '2035-06-07 10:05 UTC'
app "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  SELECT ${id[other]}, 'd' || to_char(n, 'FM00'), n, '2035-06-07 09:20 UTC' FROM generate_series(1, 24) n"
used bad 3 '2035-06-07 09:20'
meets bad TimestampOutOfBoundsException 100
hasty
is "a bad timestamp among 25: the other 24 are billed, the one waits, for the clocks disagree" \
  "$code $(states other) $(states bad)" "75 24 billed Success 1 frozen TimestampOutOfBoundsException"
sandbox_sql 'DELETE FROM sandbox.fault'
meter
is "it is billed once AWS takes it" "$code $(bill bad)" "0 07 09:3"
agree "a bad timestamp"

# ---- transactions that stay open ----

mkfifo "$tmp/open.in"
psql -XqAt -f - <"$tmp/open.in" >"$tmp/open.out" 2>&1 &
exec {into}>"$tmp/open.in"
insert() { echo "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES (${id[$1]}, 'd01', $2, '$3 UTC');"; }
clock '2035-06-08 10:05 UTC'
echo "BEGIN; $(insert open 50 '2035-06-08 09:20') \\o $tmp/open.begun
SELECT 1;
\\o" >&"$into"
until_true 20 test -s "$tmp/open.begun" || die "no open transaction: $(cat "$tmp/open.out")"
sql "BEGIN; $(insert prepared 70 '2035-06-08 09:20') PREPARE TRANSACTION 'forgotten'"
hours free '2035-06-08 09:00' 4 meter
is "a session is open for hours, and a prepared transaction forgotten: all other usage is billed on time, each hour by the run after it" \
  "$codes $(bill free)" "0 0 0 0  $(own '2035-06-08 09:00' 1 4)"
used free2 9 '2035-06-08 12:20'
meter
is "also of the next customer" "$code $(bill free2)" "0 08 12:9"
is "of theirs nothing is billed" "$(bill open)$(bill prepared)" ""
echo "COMMIT; \\q" >&"$into"
wait $!
sql "COMMIT PREPARED 'forgotten'"
clock '2035-06-08 14:05 UTC'
meter
meter
is "an event whose transaction was open during five roll-ups is billed once" "$code $(bill open) $(bill prepared)" "0 08 09:50 08 09:70"
agree "open transactions"

# ---- the edition of 2019, in which AWS takes an hour ----

edition 2019
meter2019() { meter TOLLGATE_API_EDITION=2019; }
hours old '2035-06-10 09:00' 3 meter2019
is "edition 2019: by the hour, each hour is billed as it was used" "$codes$(bill old)" "0 0 0 $(own '2035-06-10 09:00' 1 3)"
hours old '2035-06-10 12:00' 3 meter TOLLGATE_API_EDITION=2019 "${gone[@]}"
clock '2035-06-10 15:30 UTC'
used old 10 '2035-06-10 15:20'
meter2019
is "an outage of 3 hours: all of it goes into the hour that AWS still takes" "$code $(bill old)" "0 $(own '2035-06-10 09:00' 1 3), 10 14:6"
clock '2035-06-10 16:05 UTC'
meter2019
is "and the next hour is as ever" "$code $(bill old | sed 's/.*, //')" "0 10 15:10"
agree "edition 2019"

no_crash "no crash, and no sanitizer's report" '' "$log" "$tmp/run"
done_testing
