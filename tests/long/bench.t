#!/usr/bin/env bash
# The benchmark, with very little data: it runs, loses nothing and reports each target. How fast anything is does not matter.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

[ -x "$root/build/out/tests/bench/mock" ] || die "the benchmark's programs are not built: make all bench_programs"
out=$tmp/out
mkdir "$tmp/work"
lost() { sed -n 's/^ "lost": \(.*\),$/\1/p' "$out/$1.json"; }

ok "all parts run" env REST=0 SCALE=0.0005 SECONDS=0.2 REPS=1 REPORT="$out" TMPDIR="$tmp/work" "$root/tests/bench/run"
for part in register meter copy rollup views pages start; do
  is "$part loses nothing" "$(lost $part)" 0
done
while read -r target; do
  like "the report has: $target" "$(grep -F "| $target" "$out/report.md")" '\| (reached|\*\*not reached\*\*) \|$'
done <<'END'
registrations, 256 connections, 0 ms | requests per CPU second of the handler |
registrations, 256 connections, 0 ms | requests/s |
registrations, 256 connections, 0 ms | peak memory of the handler, MiB |
registrations, 256 connections, 0 ms | PostgreSQL's CPU s/1000 |
registrations, 64 connections, 50 ms | requests/s |
registrations, 64 connections, 50 ms | p99, ms |
registrations, all cells | errors and lost rows |
metering, 0 ms, no rate limit | records/s |
metering, 0 ms, no rate limit | CPU s of the program |
metering, 50 ms, 16 calls in flight | records/s |
metering, 50 ms, default rate limit | records/s |
memory of tollgate-meter,
metering, all cells | records lost or sent twice | 0 | 0 |
COPY of 1,000 usage events | rows/s, without keys |
COPY of 1,000 usage events | rows/s, with keys |
rolling up 10,000 events into 100 lines | seconds |
rolling up 10,000 events into 100 lines | seconds, every hour frozen |
rolling up 10,000 events into 100 lines | seconds, 50,000 old ones there |
rolling up | lines lost or added | 0 | 0 |
:balance, 2,000 records, 200 open |
:refused, 2,000 records, 200 open |
:atrisk, 2,000 records, 200 open |
:runs, 2,000 records, 200 open |
:waiting, 2,000 records, 200 open |
all of them | scans of usage events | 0 | 0 |
`GET /` | time a request |
`GET /healthz` | time a request |
start to ready, database up | ms |
END
for chart in registrations records events; do
  like "the chart of $chart has its lines" "$(grep -c '<polyline' "$out/$chart.svg")" '^[24]$'
  unlike "and no number that is none" "$(cat "$out/$chart.svg" "$out/report.md")" 'NaN|undefined|Infinity'
done
ok "docs/performance.md has a place for the report" grep -q '^<!-- measured: ' "$root/docs/performance.md"
is "nothing is left" "$(ls "$tmp/work")" ""
done_testing
