#!/usr/bin/env bash
# What the hot paths cost, without a clock: instructions under callgrind, and what the statements' plans read. Both are compared
# with tests/cost/*.expected: a cost may be a tenth over what is recorded, a plan has to be the same. UPDATE=1 records anew.
# Instructions are those of Debian 12's libraries on x86-64; what one unit costs is the difference of two runs.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
command -v valgrind >/dev/null || die "no valgrind: dev/packages long"
bin=$root/build
bench=$bin/out/tests/bench
[ -x "$bench/mock" ] || die "$bench/mock is not there: make bench_programs"
[ "$(uname -m)" = x86_64 ] || skip_all "the counts are of x86-64"
readonly TOLERANCE=10 # per cent
pg=/usr/lib/postgresql/15/bin

export PGHOST=$tmp/pgsocket PGPORT=5432 PGUSER=tollgate PGDATABASE=tollgate PGOPTIONS='-c client_min_messages=warning'
export AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=s AWS_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true
at_exit "$root/dev/cluster" stop "$tmp"
start_database() { "$root/dev/cluster" start --throwaway "$tmp" || die "no PostgreSQL"; }
stop_database() { "$root/dev/cluster" stop "$tmp" || die "PostgreSQL does not stop"; }
sql() { psql -XAtq -v ON_ERROR_STOP=1 -c "$1"; }
start_database
"$root/sql/migrate" >"$tmp/migrate.out" || die "sql/migrate failed"
psql -Xq -v ON_ERROR_STOP=1 -f "$root/tests/cost/ledger.sql" >"$tmp/ledger.out" || die "no ledger"
stop_database
cp -a "$tmp/pgdata" "$tmp/pgdata.full"
# Each measurement begins with the same database.
fresh_database() {
  rm -rf "$tmp/pgdata"
  cp -a "$tmp/pgdata.full" "$tmp/pgdata"
}

# ---- instructions ----

: >"$tmp/costs"
# cost NAME UNITS LESS MORE: the instructions of one unit, by which two runs differ
cost() {
  [ "$3" ] && [ "$4" ] || die "$1: nothing was counted"
  echo "$1|$((($4 - $3) / $2))" >>"$tmp/costs"
}
counted() { sed -n 's/^==.*Collected : \([0-9]*\).*/\1/p' "$1"; }
grind=(valgrind --tool=callgrind --callgrind-out-file=/dev/null)

# statements FILE: of one session, a line each
statements() {
  fresh_database
  (
    as=() # the server refuses to run as root
    [ "$(id -u)" != 0 ] || as=(setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/)
    "${as[@]}" "${grind[@]}" "$pg/postgres" --single -D "$tmp/pgdata" tollgate
  ) <"$1" >"$tmp/single.out" 2>"$tmp/single.err"
  ! grep -q 'ERROR' "$tmp/single.err" || die "$(grep -A3 ERROR "$tmp/single.err")"
  counted "$tmp/single.err"
}
# repeat FROM TO STATEMENT, with @ for the number
repeat() {
  local n
  for ((n = $1; n <= $2; n++)); do echo "${3//@/$n}"; done
}
# statement_cost NAME UNITS STATEMENT [STATEMENT]: each time UNITS of it
statement_cost() {
  local times
  for times in 4 12; do
    # The statements of one time come together.
    for ((n = 1; n <= times; n++)); do
      repeat "$n" "$n" "$3"
      [ -z "${4-}" ] || repeat "$n" "$n" "$4"
    done >"$tmp/$times.sql"
  done
  cost "$1" $((8 * $2)) "$(statements "$tmp/4.sql")" "$(statements "$tmp/12.sql")"
}
visits() {
  echo "SELECT count(*) FROM (SELECT array_agg('r@-' || n) AS r, array_agg(NULL::float8) AS v, array_agg('prod-bench'::text) AS p," \
    "array_agg('i@-' || n) AS i, array_agg('123456789012'::text) AS a, array_agg('arn:aws:license:l-@-' || n) AS l," \
    "array_agg(repeat('ab', 32)) AS t, array_agg(''::text) AS o FROM generate_series(1, $1) n) x," \
    "LATERAL tollgate.register_visits(r, v, p, i, a, l, t, o, r)"
}
statement_cost "register_visits(): a visit by itself" 1 "$(visits 1)"
statement_cost "register_visits(): a visit among 16" 16 "$(visits 16)"
begin="SELECT count(*) FROM (SELECT jsonb_agg(records) AS calls FROM (SELECT jsonb_agg(record_id) AS records FROM (SELECT record_id,
  (row_number() OVER (ORDER BY deadline, record_id) - 1) / 25 AS call FROM tollgate.open_record
  ORDER BY deadline, record_id LIMIT 200) r GROUP BY call) c) x, LATERAL tollgate.begin_calls(1, calls)"
settle="SELECT count(*) FROM (SELECT jsonb_agg(jsonb_build_object('call', id, 'status', 200, 'uncertain', false, 'records', records,
  'said', (SELECT jsonb_agg('success'::text) FROM unnest(records)), 'ids', (SELECT jsonb_agg('m' || r) FROM unnest(records) r))) AS answers
  FROM (SELECT * FROM tollgate.metering_call ORDER BY id DESC LIMIT 8) c) x, LATERAL tollgate.settle_calls(answers)"
statement_cost "begin_calls(), settle_calls(): a record" 200 "${begin//$'\n'/ }" "${settle//$'\n'/ }"
events="INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, idempotency_key)
  SELECT 1 + n % 1000, 'a', 1.5, now() - interval '20 minutes', 'k@-' || n FROM generate_series(1, 1000) n"
statement_cost "usage_event: an event by itself" 1 "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES (@, 'a', 1.5, now())"
statement_cost "usage_event: an event with a key" 1000 "${events//$'\n'/ }"
statement_cost "roll_up(): an event, with its INSERT" 1000 "${events//$'\n'/ }" "SELECT * FROM tollgate.roll_up()"

# ---- the programs ----

mock_port=$(free_port)
"$bench/mock" "$mock_port" 0 >"$tmp/mock.log" 2>&1 &
at_exit stop $!
export AWS_ENDPOINT_URL_MARKETPLACE_METERING=http://127.0.0.1:$mock_port
http_port=$(free_port)
mkdir "$tmp/nginx"
user=
[ "$(id -u)" != 0 ] || user='user root;'
told=$(sed -n '/fastcgi_pass_request_headers/,/HTTP_COOKIE/p' "$root/nginx/run.conf.in") # what the program is told of a request
[ "$told" ] || die "no parameters in nginx/run.conf.in"
cat >"$tmp/nginx.conf" <<END2
$user daemon off; pid $tmp/nginx/pid; error_log $tmp/nginx/error.log; worker_processes 1;
events {}
http {
  access_log off; keepalive_requests 100000;
  client_body_temp_path $tmp/nginx; fastcgi_temp_path $tmp/nginx; proxy_temp_path $tmp/nginx; scgi_temp_path $tmp/nginx; uwsgi_temp_path $tmp/nginx;
  server { listen 127.0.0.1:$http_port; location / { $told
    fastcgi_read_timeout 100s; fastcgi_pass unix:$tmp/fcgi.sock; } }
}
END2
"$(PATH=$PATH:/usr/sbin command -v nginx)" -e "$tmp/nginx/error.log" -c "$tmp/nginx.conf" &
at_exit stop $!

# handler PATH REQUESTS: one connection, so that each is a batch by itself
handler() {
  fresh_database
  start_database
  rm -rf "$tmp/state" "$tmp/fcgi.sock"
  PGUSER=tollgate_web TOLLGATE_LISTEN=$tmp/fcgi.sock TOLLGATE_STATE_DIR=$tmp/state TOLLGATE_TEMPLATES=$root/templates \
    TOLLGATE_PUBLIC_URL=http://127.0.0.1:$http_port TOLLGATE_THREADS=8 \
    "${grind[@]}" "$bin/tollgate-fcgi" 2>"$tmp/fcgi.log" &
  local pid=$! bad
  until_true 60 web -f -o /dev/null "http://127.0.0.1:$http_port/readyz" || die "the handler does not answer"
  bad=$("$bench/load" "$http_port" "$1" 1 100 "$2" | sed -n 's/.*"bad": *\([0-9]*\).*/\1/p')
  [ "${bad:-0}" = 0 ] || die "$bad bad answers"
  kill "$pid"
  wait "$pid"
  stop_database
  counted "$tmp/fcgi.log"
}
for path in /register / /healthz; do
  cost "tollgate-fcgi: $([ $path = /register ] && echo POST || echo GET) $path" 300 "$(handler $path 100)" "$(handler $path 400)"
done

# meter RECORDS: a run that sends so many
meter() {
  fresh_database
  start_database
  rm -rf "$tmp/state"
  sql "INSERT INTO tollgate.metering_result (record_id, call_id, outcome, settled_at)
    SELECT record_id, 1, 'billed', now() FROM tollgate.open_record ORDER BY record_id OFFSET $1"
  sql 'TRUNCATE tollgate.metering_call, tollgate.open_call CASCADE'
  PGUSER=tollgate_meter TOLLGATE_STATE_DIR=$tmp/state TOLLGATE_METER_CALLS_PER_SECOND=0 \
    "${grind[@]}" "$bin/tollgate-meter" --no-rollup 2>"$tmp/meter.log"
  grep -q " event=sent .*billed=$1 " "$tmp/meter.log" || die "a run that sends $1 records: $(tail -n 3 "$tmp/meter.log")"
  stop_database
  counted "$tmp/meter.log"
}
cost "tollgate-meter: a record" 5000 "$(meter 1000)" "$(meter 6000)"

# ---- plans: which tables each statement reads, and how ----

# reads NAME: what the plans on standard input read: a table from end to end, or by which index; whether row after row or by a
# bitmap is for the planner, to which the two are often alike.
reads() {
  grep -oE '(Seq|Tid) Scan on (tollgate\.)?[a-z_]+|Index (Only )?Scan( Backward)? (using|on) [a-z_]+' |
    sed -E 's/tollgate\.//; s/^Index .* /by the index /' | LC_ALL=C sort -u | sed "s/^/$1: /"
}
explained() { psql -XAtq -v ON_ERROR_STOP=1 -c "SET jit = off; $1"; }
# All statements within a function, as the session of a program runs them.
nested() {
  psql -XAtq -v ON_ERROR_STOP=1 <<END2 2>&1
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0;
SET auto_explain.log_nested_statements = on;
SET client_min_messages = log;
$1;
END2
}
fresh_database
start_database
{
  for view in balance waiting at_risk refused runs customers; do
    explained "EXPLAIN (COSTS OFF) SELECT * FROM tollgate.$view" | reads "$view"
  done
  explained "EXPLAIN (COSTS OFF) SELECT * FROM tollgate.balance WHERE customer_id = 7" | reads "balance of one customer"
  for query in next_records sum_up count_records; do
    case $query in
      next_records) values="'2024-01-01', 1, 1000, NULL, 600, 10000, false, NULL, NULL" ;;
      sum_up) values=3600 ;;
      count_records) values="NULL, NULL, 600" ;;
    esac
    explained "PREPARE q AS $(cat "$root/sql/queries/meter/$query.sql"); EXPLAIN (COSTS OFF) EXECUTE q ($values)" | reads "$query"
  done
  nested "$(visits 3 | sed 's/@/0/g')" | reads "register_visits()"
  nested "${begin//$'\n'/ }; ${settle//$'\n'/ }" | reads "begin_calls(), settle_calls()"
  nested "${events//@/0}; SELECT * FROM tollgate.roll_up()" | reads "usage_event, roll_up()"
} >"$tmp/plans"
stop_database

# ---- compared ----

plans=$root/tests/cost/plans.expected
[ -z "${UPDATE-}" ] || cp "$tmp/plans" "$plans"
ok "the plans read what they did" diff "$plans" "$tmp/plans"
unlike "no view reads usage" "$(cat "$tmp/plans")" '^(balance|waiting|at_risk|refused|runs|customers).* usage_event'

expected=$root/tests/cost/instructions.expected
[ -z "${UPDATE-}" ] || cp "$tmp/costs" "$expected"
while IFS='|' read -r name instructions; do
  was=$(awk -F'|' -v name="$name" '$1 == name { print $2 }' "$expected")
  if [ -z "$was" ]; then
    fail "$name" "$instructions instructions, and $expected does not have it: UPDATE=1"
  elif [ $((instructions * 100)) -gt $((was * (100 + TOLERANCE))) ]; then
    fail "$name costs no more than it did" "$instructions instructions; recorded are $was"
  else
    pass "$name costs no more than it did"
    [ $((instructions * 100)) -gt $((was * (100 - TOLERANCE))) ] || diag "$name: $instructions instructions, recorded are $was; UPDATE=1 keeps that"
  fi
done <"$tmp/costs"
done_testing
