#!/usr/bin/env bash
# tollgate-meter and the unit tests of meter/ under valgrind: no read of what was never written, no use after free, no leak.
# shellcheck source=tests/e2e/metered.sh
. "$(dirname "$0")/../e2e/metered.sh"
command -v valgrind >/dev/null || die "no valgrind: dev/packages long"

# What it complains about makes the exit status 99. The threads of a run that is killed are "possibly lost".
watch=(valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite
  --log-file="$tmp/run/valgrind.%p.log")
# watched [NAME=VALUE…]: a run under it
watched() {
  local settings=()
  while [[ ${1-} == [A-Z]*=* ]]; do
    settings+=("$1")
    shift
  done
  run_meter valgrind "${settings[@]}" "${watch[@]:1}" "$kill_at" "$@"
}
complaints() { cat "$tmp"/run/valgrind.*.log 2>/dev/null | head -n 40; }

for test in "${kill_at%/e2e/kill_at}"/unit/test_meter_*; do
  [ -x "$test" ] || continue
  case $test in *.[do]) continue ;; esac
  ok "$(basename "$test")" "${watch[@]}" "$test"
done

products p-plain p-lost p-drop p-partial p-bad p-throttled p-kill
buyers plain=p-plain lost=p-lost drop=p-drop partial=p-partial good=p-bad throttled=p-throttled killed=p-kill
id[bad]=$(sql "INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by) VALUES ('p-bad', 'nobody', 'customer_identifier') RETURNING id")
use 'plain d01 5 2 {"team":"blue","cost":"x"}' 'plain d01 2.5 2 {"team":"red"}' "plain d02 3000000000.5 3"
for name in lost drop partial good throttled; do use_many "$name" 1 30 2; done
use "bad d01 1 2"
meets lost lost 1
meets drop drop 1
meets partial partial 1
meets throttled ThrottlingException 2
watched
is "a run with faults, halves and a refusal" "$code $(states lost drop partial throttled good) $(states bad)" \
  "65 150 billed Success 1 refused InvalidCustomerIdentifierException"
agree "faults"
for point in 'after begin_calls' called settled; do
  use_many killed 1 30 "$((RANDOM % 3 + 2))"
  watched KILL_AT="$point" 2>/dev/null
  is "a run that is killed $point" "$code" 137
  watched
  is "the run after it" "$code" 0
done
agree "kills"
use "plain d01 1 2"
watched PGHOST="$tmp/nowhere"
is "no PostgreSQL" "$code" 75
watched AWS_ENDPOINT_URL_MARKETPLACE_METERING="http://127.0.0.1:$(free_port)" AWS_MAX_ATTEMPTS=1
is "no AWS" "$code" 75
watched AWS_ACCESS_KEY_ID= AWS_SECRET_ACCESS_KEY= HOME="$tmp"
is "no credentials" "$code" 78
watched TOLLGATE_NOPE=1
is "a wrong setting" "$code" 78
watched --nope
is "a wrong option" "$code" 64
watched --help >/dev/null
is "--help" "$code" 0
is "valgrind does not complain" "$(complaints)" ""
done_testing
