#!/usr/bin/env bash
# tollgate-meter is killed before and after each of its commits and of its calls, and run again: AWS honours the same as of a
# run that nobody disturbs. The points are those that such a run gets to, so that a new commit is in the test by itself.
# ONLY='after roll_up' tries the points of one kind.
# shellcheck source=tests/e2e/metered.sh
. "$(dirname "$0")/metered.sh"
products p-kill p-other

# usage N: what each trial bills. A record is frozen that leaves AWS's window before it is sent; then usage of two hours,
# with fractions, tags and more than one call holds, and a customer whom AWS does not know.
usage() {
  buyers "many$1=p-kill" "other$1=p-other"
  id[bad$1]=$(sql "INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by) VALUES ('p-kill', 'nobody-$1', 'customer_identifier') RETURNING id")
  clock '2035-03-10 08:05 UTC'
  app "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES (${id[many$1]}, 'd01', 3.5, '2035-03-10 07:20 UTC')"
  KILL_AT=frozen run_meter "$kill_at" 2>/dev/null
  clock '2035-03-11 12:05 UTC'
  app "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, tags)
    SELECT ${id[many$1]}, 'd' || to_char(n, 'FM00'), n + 0.75, '2035-03-11 10:20 UTC'::timestamptz + make_interval(mins => n % 2 * 60),
      CASE WHEN n < 5 THEN jsonb_build_object('team', n::text) END FROM generate_series(1, 30) n
    UNION ALL VALUES (${id[many$1]}, 'd01', 0.5, '2035-03-11 11:30 UTC'::timestamptz, NULL::jsonb), (${id[other$1]}, 'd01', 9, '2035-03-11 11:20 UTC', NULL),
      (${id[bad$1]}, 'd02', 5, '2035-03-11 11:20 UTC', NULL)" || die "usage was refused"
}
# honoured N: what AWS has of it, but for whose it is
honoured() {
  sandbox_sql "SELECT used_hour, dimension, quantity, record->'Timestamp', record->'UsageAllocations' FROM sandbox.usage_record
    WHERE record->>'CustomerIdentifier' IN ('${who[many$1]}', '${who[other$1]}') ORDER BY 1, 2, 3"
}

usage 0
POINTS=$tmp/points run_meter "$kill_at"
is "a run that nobody disturbs: one record is refused" "$code $(states bad0)" "65 1 refused InvalidCustomerIdentifierException"
honoured 0 >"$tmp/undisturbed"
is "the usage that was frozen and fell out of the window is among what is honoured" "$(wc -l <"$tmp/undisturbed") $(states many0)" "32 1 moved, 31 billed Success"
like "it commits and calls" "$(sort -u "$tmp/points" | xargs)" 'after begin_calls .*after expire_records .*after freeze_hours .*after refuse_records .*after settle_calls .*called calling'
agree "undisturbed"

# Of what happens often, the first time and the last, which the next run may not come to: what is settled together differs.
trial=0
while read -r times point; do
  [[ $point == "${ONLY-$point}" ]] || continue
  for n in $(printf '%s\n' 1 "$times" | sort -nu); do
    trial=$((trial + 1))
    usage "$trial"
    KILL_AT=$point:$n run_meter "$kill_at" 2>/dev/null
    [ "$n" = 1 ] || [ "$code" != 65 ] || code=137
    was=$code
    run_meter "$BIN/tollgate-meter"
    honoured "$trial" >"$tmp/disturbed"
    is "killed $point, time $n: AWS honours the same" "$was $(diff "$tmp/undisturbed" "$tmp/disturbed")" "137 "
  done
done < <(grep -vE ' (list_hours|next_records|read_clock|read_in_order|sum_up|try_lock)$' "$tmp/points" | sort | uniq -c)
agree "all of them"

# In the middle of a statement: the server would go on with it, and hold the run's lock meanwhile.
holds() { [ "$(sql "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE $1")" = 1 ]; }
psql -Xq -c 'BEGIN; LOCK TABLE tollgate.rollup; SELECT pg_sleep(300)' >/dev/null 2>&1 &
holder=$!
until_true 20 holds "mode = 'AccessExclusiveLock' AND relation = 'tollgate.rollup'::regclass AND granted" || die "no lock"
start_meter
until_true 20 holds "usename = 'tollgate_meter' AND locktype = 'relation' AND NOT granted" || die "the run does not wait"
kill -s KILL "$meter_pid"
end_meter
is "killed while a statement of it waits, it holds no lock soon" \
  "$code $(until_true 30 eval "! holds \"usename = 'tollgate_meter' AND locktype = 'advisory' AND granted\"" && echo free)" "137 free"
sql "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'tollgate.rollup'::regclass" >/dev/null
wait "$holder"
# That of the unknown customer is only refused while others of its product pass.
is "each record that AWS takes has an end" "$(sql "SELECT count(*) FROM tollgate.open_record JOIN tollgate.metering_record r ON r.id = record_id
  WHERE r.customer_identifier NOT LIKE 'nobody-%'")" 0
no_crash "no crash, and no sanitizer's report" '' "$log" "$tmp/run"
done_testing
