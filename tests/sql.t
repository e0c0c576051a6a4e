#!/usr/bin/env bash
# pgTAP: the files of tests/sql on a database of their own, each in a transaction that is rolled back;
# those of tests/sql/ledger each on a copy of that database.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

database_up
psql -Xq -v ON_ERROR_STOP=1 -f "$root/tests/sql/setup.psql" || die "is postgresql-15-pgtap installed?"

# Which functions are called at all is counted at the end.
psql -Xq -c "ALTER ROLE ALL SET track_functions = 'pl'" || die "functions can't be tracked"

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
# Also those that others call. Trigger functions are counted as well.
called=$(for database in $(psql -XAtqc "SELECT datname FROM pg_database WHERE datallowconn AND datname <> 'template0'"); do
  psql -XAtq -d "$database" -c "SELECT funcname FROM pg_stat_user_functions WHERE schemaname = 'tollgate'"
done | LC_ALL=C sort -u)
is "each function that is written in PL/pgSQL was called" \
  "$(LC_ALL=C comm -13 <(echo "$called") <(PGDATABASE=tollgate psql -XAtqc "SELECT DISTINCT proname COLLATE \"C\" FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
    WHERE pronamespace = 'tollgate'::regnamespace AND lanname = 'plpgsql' ORDER BY 1"))" ""
done_testing
