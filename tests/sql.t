#!/usr/bin/env bash
# pgTAP: the files of tests/sql on a database of their own, each in a transaction that is rolled back;
# those of tests/sql/ledger each on a copy of that database.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

unset PGPORT PGOPTIONS PGSERVICE PSQLRC
export PGHOST=$tmp/pgsocket PGUSER=tollgate PGDATABASE=tollgate
"$root/dev/cluster" start --throwaway "$tmp" || die "no PostgreSQL"
at_exit "$root/dev/cluster" stop "$tmp"
"$root/sql/migrate" >"$tmp/migrate.out" || die "sql/migrate failed"
psql -Xq -v ON_ERROR_STOP=1 -f "$root/tests/sql/setup.psql" || die "is postgresql-15-pgtap installed?"

cd "$root/tests/sql" || exit
# The copies first, while no sequence has moved.
for path in ledger/*.sql *.sql; do
  file=${path%.sql}
  run=run.psql
  export PGDATABASE=tollgate
  if [[ $path = ledger/* ]]; then
    run=ledger.psql
    createdb -T tollgate "${file#ledger/}" || die "no database for $file"
    export PGDATABASE=${file#ledger/}
  fi
  psql -XAtq -v ON_ERROR_STOP=1 -v file="$path" -f "$run" >"$tmp/out" 2>"$tmp/err"
  status=$?
  plan=$(sed -n 's/^1\.\.//p' "$tmp/out")
  # Each test of the file becomes one of ours, with the file's name before its own.
  awk -v n="$tests_run" -v file="$file" '
    /^(not )?ok / { n++; sub(/ok [0-9]+( - )?/, "ok " n " - " file ": ") }
    !/^1\.\./ && NF { print }' "$tmp/out"
  ran=$(grep -Ec '^(not )?ok ' "$tmp/out")
  tests_run=$((tests_run + ran))
  tests_failed=$((tests_failed + $(grep -c '^not ok ' "$tmp/out")))
  if [ "$status" = 0 ] && [ "$plan" = "$ran" ]; then
    pass "$file: all $ran tests ran"
  else
    fail "$file: all tests ran" "planned ${plan:-none}, ran $ran, psql ended with $status" "$(cat "$tmp/err")"
  fi
done
done_testing
