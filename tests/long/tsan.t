#!/usr/bin/env bash
# ThreadSanitizer (make SAN=thread): the unit programs that can start a thread; and a crowd of buyers and long runs of the
# meter, of which the handler, the sandbox and the meter have all threads at work. A race is a failure, also where all that
# was asked came out right.
build=$(cd "$(dirname "$0")/../.." && pwd -P)/build/tsan

# gcc 12's runtime cannot take a kernel that lays programs out more randomly than it expects (vm.mmap_rnd_bits over 28).
if [ -x "$build/tollgate" ] && "$build/tollgate" --version 2>&1 | grep -q 'unexpected memory mapping'; then
  [ -z "${TSAN_ALIKE-}" ] || { echo "# ThreadSanitizer does not run here: sysctl vm.mmap_rnd_bits=28" >&2; exit 1; }
  TSAN_ALIKE=1 exec setarch -R "$0"
fi

# Each report is a file, and the exit status of its program. That a thread reads from a socket or pipe is not taken for order
# with whoever wrote to any before (io_sync): nearly all would be in order so. The unit programs' servers do count on it.
BIN=$build
races=$(mktemp -d /var/tmp/tollgate-races.XXXXXX)
units="exitcode=66 halt_on_error=0 log_exe_name=1 log_path=$races/of"
export TSAN_OPTIONS="$units io_sync=0"
# shellcheck source=tests/e2e/metered.sh
. "$(dirname "$0")/../e2e/metered.sh"
at_exit rm -rf "$races"

# reports: a line for each race since the last time; all of it to whoever looks
reports() {
  find "$races" -type f -exec sed -n 's/^SUMMARY: ThreadSanitizer: //p' {} + | sort -u
  [ -z "$(ls "$races")" ] || diag "$(cat "$races"/* | head -n 300)"
  rm -f "$races"/*
}

"${CC:-cc}" -fsanitize=thread -pthread -o "$tmp/racy" -xc - <<'END' || die "no ThreadSanitizer: dev/packages build"
#include <pthread.h>
static int n;
static void *count(void *self) { n++; return self; }
int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, count, NULL);
	n++;
	pthread_join(thread, NULL);
	return 0;
}
END
"$tmp/racy"
is "a race is found: status, report" "$? $(reports 2>/dev/null | grep -c 'data race')" "66 1"

# ---- units ----

programs=()
for unit in "$build"/tests/unit/test_*; do
  case $unit in *.[do]) continue ;; esac
  if nm -D "$unit" | grep -q 'U pthread_create'; then programs+=("$unit"); fi
done
is "the unit programs" "$(TSAN_OPTIONS=$units "$root/tests/run" -j 2 "${programs[@]}" 2>&1 | tee "$tmp/units.log" | tail -n 1 | sed 's/^[1-9][0-9]*/all/')" \
  "all passed, 0 failed"
is "… without a race" "$(reports)" ""

# ---- the handler ----

# posts FILE PATH: what curl is to do: each line's token, posted there
posts() {
  sed 's|[\\"]|\\&|g; s|.*|next\nurl = "'"$LANDING_URL$2"'"\ndata-urlencode = "x-amzn-marketplace-token=&"\noutput = /dev/null\nwrite-out = "%{http_code}\\n"\nsilent\nnoproxy = "*"|' "$1"
}
# crowd: does it, 40 at a time; the statuses, counted
crowd() { sed 1d | curl -q -s -Z --parallel-max 40 -K - | sort | uniq -c | xargs; }
# buyer N: registers and fills in the form
buyer() {
  local tmp=$tmp/buyer$1 # for headers and page
  mkdir "$tmp"
  new_browser
  land "${tokens[$1]}"
  sign_up "buyer$1@example.com" -d field_company=Example
  echo "$status"
}

# A product of another region has a client of its own, which the first who come by its address make.
sql "UPDATE tollgate.product SET aws_region = 'eu-west-1' WHERE product_code = 'prod-license'"
mint_many 60 '{"ProductCode":"prod-legacy"}' >"$tmp/legacy"
mint_many 60 '{"ProductCode":"prod-license"}' >"$tmp/license"
mapfile -t tokens <"$tmp/legacy"
seq 100 | sed 's/.*/bad &/' >"$tmp/bad"
sleep 6 # until the handler has read its products again
fault '{"Action":"ResolveCustomer","Fault":"ThrottlingException","Count":2}' # nobody meets three
fault '{"Action":"ResolveCustomer","Fault":"slow","Count":40,"DelayMs":100}'
is "a crowd of buyers, each token posted twice, and of bad tokens" \
  "$( (posts "$tmp/legacy" /register; posts "$tmp/bad" /register; posts "$tmp/license" /register/prod-license
    posts "$tmp/legacy" /register; posts "$tmp/bad" /register; posts "$tmp/license" /register/prod-license) | crowd)" "240 303 200 400"
for ((n = 0; n < 30; n++)); do buyer "$n" & done >"$tmp/signed"
wait
is "thirty forms at once" "$(sort "$tmp/signed" | uniq -c | xargs)" "30 303"
# PostgreSQL lets the handler in no more, and the sandbox all the time.
sql "ALTER DATABASE tollgate CONNECTION LIMIT 0; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tollgate_web'" >/dev/null
is "a crowd while PostgreSQL is away" "$(posts "$tmp/license" /register | crowd)" "60 303"
(posts "$tmp/legacy" /register | crowd >"$tmp/back") &
crowd=$!
sql "ALTER DATABASE tollgate CONNECTION LIMIT -1"
wait "$crowd"
is "and while it comes back" "$(cat "$tmp/back")" "60 303"
no_journal() { ! ls "$tmp"/run/state/journal/*.journal >/dev/null 2>&1; }
ok "the journal is replayed" until_true 30 no_journal

# ---- the meter ----

products p-{1..4}
buyers a=p-1 b=p-2 c=p-3 d=p-4
all_use() { for name in a b c d; do for hour in {2..6}; do use_many "$name" 1 30 "$hour"; done; done; }
all_use
meets a slow 4 500
meets b ThrottlingException 3
meets c partial 2
meets d lost 1
PGUSER=tollgate_meter TERM=xterm script -qec "exec '$BIN/tollgate-meter'" /dev/null >"$tmp/said" </dev/null
is "a run, on a terminal" "$? $(states a b c d)" "0 600 billed Success"
clock '2035-01-18 12:20 UTC'
this_hour='2035-01-18 12:00:00Z'
all_use
for name in a b c d; do meets "$name" slow 100 2000; done
start_meter TOLLGATE_METER_CALLS_PER_SECOND=0
ok "a run begins" until_true 30 begun 4
kill -TERM "$meter_pid"
end_meter
is "and ends at a signal" "$code" 75
sandbox_sql "DELETE FROM sandbox.fault"
meter TOLLGATE_METER_CALLS_PER_SECOND=0
is "the next one does what was left" "$code $(states a b c d)" "0 1200 billed Success"
agree "all of it"
"$root/dev/stack" down "$tmp/run"
is "handler, sandbox and meter: no race" "$(reports)" ""
done_testing
