#!/usr/bin/env bash
# Each fuzz target: its seeds, then a short bounded search. FUZZ_SECONDS a target (default 4), for a longer one.
. "$(dirname "$0")/lib.sh"

for source in "$root"/tests/fuzz/fuzz_*.c; do
  name=$(basename "$source" .c)
  program=$root/build/fuzz/$name
  seeds=$root/tests/fuzz/seeds/${name#fuzz_}
  mkdir "$tmp/$name"
  ok "$name has seeds" test -n "$(ls "$seeds" 2>/dev/null)"
  # What it finds is kept for the next run of the same machine, never in the seeds: those are chosen.
  if "$program" -max_total_time="${FUZZ_SECONDS:-4}" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="$tmp/$name-" "$tmp/$name" "$seeds" >"$tmp/$name.log" 2>&1; then
    pass "$name finds nothing in $(sed -n 's/^stat::number_of_executed_units: *//p' "$tmp/$name.log") runs"
  else
    fail "$name" "$(tail -n 30 "$tmp/$name.log")" "the input, in base64:" "$(base64 "$tmp/$name-"* 2>/dev/null | head -c 4000)"
  fi
done
done_testing
