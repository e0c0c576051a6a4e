# shellcheck shell=bash
# tollgate-meter, with products and buyers on both sides, for the end-to-end tests that bill usage:
# . "$(dirname "$0")/metered.sh" starts a stack, too.
# shellcheck source=tests/e2e/caller.sh
. "$(dirname "${BASH_SOURCE[0]}")/caller.sh"
export TOLLGATE_METER_CALLS_PER_SECOND=0 AWS_EC2_METADATA_DISABLED=true AWS_ENDPOINT_URL_STS=$SANDBOX_URL
kill_at=$BIN/tests/e2e/kill_at
[ -x "$kill_at" ] || kill_at=$BIN/out/tests/e2e/kill_at
[ -x "$kill_at" ] || die "$kill_at is not there: make units"
log=$tmp/run/meter.log

sandbox_sql() { PGDATABASE=tollgate_sandbox sql "$1"; }
app() { PGUSER=tollgate_app psql -XAtq -v ON_ERROR_STOP=1 -c "$1"; }

# clock MOMENT: from now on it is that time, UTC, for the ledger and at AWS. All is far ahead of this machine's clock, by
# which customers are registered.
clock() {
  local now
  now=$(date -u -d "$1" +%s) || die "no time: $1"
  export TIME=$now TIME_SINCE=$EPOCHSECONDS # of what the test itself signs
  control clock "{\"Now\":$now}" >/dev/null
  psql -XAtq -v ON_ERROR_STOP=1 <<END || die "the clock stands"
SELECT format('CREATE OR REPLACE FUNCTION tollgate.ledger_time() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
  RETURN statement_timestamp() + %L::interval', to_timestamp($now) - clock_timestamp()) \gexec
END
}

# PostgreSQL is away; it is back, and the sandbox has found it again.
stop_database() { "$root/dev/cluster" stop "$tmp/run" || die "PostgreSQL does not stop"; }
start_database() {
  "$root/dev/cluster" start --throwaway "$tmp/run" && until_true 20 sandbox_is_back || die "PostgreSQL does not start"
}
sandbox_is_back() { control settings '{}' | grep -q Edition; }

# products CODE…: known to both sides, of 2019's identity, with dimensions d01 to d30; and one that only we know
dimensions="SELECT 'd' || to_char(n, 'FM00') FROM generate_series(1, 30) n"
products() {
  local codes
  codes=$(printf ",'%s'" "$@")
  sandbox_sql "INSERT INTO sandbox.product SELECT p, p, p, 'legacy' FROM unnest(ARRAY[${codes#,}]) p;
    INSERT INTO sandbox.dimension SELECT p, d, 1 FROM unnest(ARRAY[${codes#,}]) p, ($dimensions) d (d)"
  ours "$@"
}
ours() {
  local codes
  codes=$(printf ",'%s'" "$@")
  sql "INSERT INTO tollgate.product (product_code, name) SELECT p, p FROM unnest(ARRAY[${codes#,}]) p;
    INSERT INTO tollgate.dimension (product_code, dimension)
      SELECT p, d FROM unnest(ARRAY[${codes#,}]) p, ($dimensions UNION SELECT 'nope') d (d)"
}

# buyers NAME=PRODUCT…: subscribed in the sandbox, customers of ours. Sets id[NAME], who[NAME], account[NAME].
declare -A id who account
buyers() {
  local pair answers name i w a
  for pair; do
    printf 'next\nurl = "%s/control/tokens"\njson = "{\\"ProductCode\\":\\"%s\\"}"\n' "$SANDBOX_URL" "${pair#*=}"
  done | sed 1d | web -K - >"$tmp/buyers" || die "no buyers"
  answers=[$(tr -d '\n' <"$tmp/buyers" | sed 's/}{/},{/g')]
  while IFS='|' read -r name i w a; do
    id[$name]=$i who[$name]=$w account[$name]=$a
  done < <(psql -XAtq -v answers="$answers" -v names="{$(printf ',%s' "$@" | cut -c2-)}" <<'END'
WITH buyer AS (SELECT split_part(n, '=', 1) AS name, split_part(n, '=', 2) AS product,
      nullif(b->>'CustomerIdentifier', '') AS identifier, b->>'CustomerAWSAccountId' AS account, b->>'LicenseArn' AS license
    FROM jsonb_array_elements(:'answers') WITH ORDINALITY b (b, place) JOIN unnest(:'names'::text[]) WITH ORDINALITY n (n, place) USING (place)),
  made AS (INSERT INTO tollgate.customer (product_code, customer_identifier, customer_aws_account_id, license_arn, metered_by, created_at)
    SELECT product, identifier, account, CASE WHEN identifier IS NULL THEN license END,
      CASE WHEN identifier IS NULL THEN 'license' ELSE 'customer_identifier' END, tollgate.ledger_time() - interval '29 days' FROM buyer
    RETURNING id, product_code, customer_aws_account_id)
SELECT name, id, identifier, account FROM buyer JOIN made ON customer_aws_account_id = account AND product_code = product;
END
  )
  for pair; do [ "${id[${pair%%=*}]-}" ] || die "no buyer ${pair%%=*}"; done
}

# In the middle of an hour, a day and a month, whenever the test runs: what waits, what is late and what AWS still takes
# depend on it.
clock '2035-01-17 12:20 UTC'
this_hour='2035-01-17 12:00:00Z'
ledger_now() { sql 'SELECT tollgate.ledger_time()'; }

# use "NAME DIMENSION QUANTITY HOURS [TAGS]"…: usage in the hour that began so many hours ago, as the seller's app; 0: just now
use() {
  local one name dimension quantity hours tags rows= now
  now=$(ledger_now)
  for one; do
    read -r name dimension quantity hours tags <<<"$one"
    [ "$hours" != 0 ] || hours=-1
    rows+=",(${id[$name]}, '$dimension', $quantity, least('$now', timestamptz '$this_hour' - interval '$hours hours' + interval '10 minutes'), $(
      [ "$tags" ] && echo "'$tags'" || echo NULL)::jsonb)"
  done
  app "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, tags) VALUES ${rows#,}" || die "usage was refused"
}
# use_many NAME FIRST LAST HOURS: of the dimensions dFIRST to dLAST
use_many() {
  app "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
    SELECT ${id[$1]}, 'd' || to_char(n, 'FM00'), n, timestamptz '$this_hour' - interval '$4 hours' + interval '10 minutes'
    FROM generate_series($2, $3) n" || die "usage was refused"
}

# meter [NAME=VALUE…] [OPTION…]: a run; sets code; its stdout is in $tmp/out, its stderr in $tmp/said
meter() { run_meter "$BIN/tollgate-meter" "$@"; }
run_meter() {
  local settings=() program=$1
  shift
  while [[ ${1-} == [A-Z]*=* ]]; do
    settings+=("$1")
    shift
  done
  env PGUSER=tollgate_meter "${settings[@]}" "$program" "$@" >"$tmp/out" 2>"$tmp/said"
  code=$?
  cat "$tmp/said" >>"$log"
}
# start_meter [NAME=VALUE…]: one in the background, $meter_pid; end_meter waits for it and sets code. What it says is in
# $tmp/said from then on: before, that is of a run beside it.
start_meter() {
  env PGUSER=tollgate_meter "$@" "$BIN/tollgate-meter" 2>"$tmp/saying" &
  meter_pid=$!
  at_exit stop "$meter_pid"
}
end_meter() {
  wait "$meter_pid"
  code=$?
  mv "$tmp/saying" "$tmp/said"
  cat "$tmp/said" >>"$log"
}

# What became of the records of customers: states NAME…, each as "state units code", counted where alike
states() {
  local ids
  ids=$(for n; do printf ',%s' "${id[$n]}"; done)
  sql "SELECT string_agg(x, ', ') FROM (SELECT count(*) || ' ' || state || coalesce(' ' || nullif(code, ''), '') AS x FROM tollgate.record_state
    WHERE customer_id IN (${ids#,}) GROUP BY state, nullif(code, '') ORDER BY 1) s"
}
units() { sql "SELECT coalesce(sum(quantity), 0) FROM tollgate.record_state WHERE customer_id = ${id[$1]} AND state = '$2'"; }
# calls_of NAME: how many records each call had that has one of theirs, and what its answer was
calls_of() {
  sql "SELECT string_agg(cardinality(c.records) || coalesce(nullif(':' || coalesce(a.code, ''), ':'), '') || CASE WHEN a.uncertain THEN '?' ELSE '' END, ' ' ORDER BY c.id)
    FROM tollgate.metering_call c LEFT JOIN tollgate.metering_answer a ON a.call_id = c.id
    WHERE c.records && ARRAY(SELECT id FROM tollgate.metering_record WHERE customer_id = ${id[$1]})"
}

# used_at NAME: of their only usage, as AWS wants it
used_at() { sql "SELECT floor(extract(epoch FROM used_at))::bigint FROM tollgate.usage_event WHERE customer_id = ${id[$1]}"; }

# What the sandbox honoured and the ledger says otherwise: ids that a scenario explains.
explained=
# agree: the ledger adds up, and says that billed is what the sandbox honoured, each with its Timestamp, nothing twice
agree() {
  is "$1: every unit is somewhere, and what is billed is what AWS honoured" "$(psql -XAtq -v explained="{$explained}" <<END
\set records \`curl -q --noproxy '*' -s $SANDBOX_URL/control/records\`
WITH there AS (SELECT r->>'MeteringRecordId', r->>'ProductCode', coalesce(r->>'CustomerIdentifier', r->>'LicenseArn', r->>'CustomerAWSAccountId'),
      r->>'Dimension', (r->>'Quantity')::bigint, (r->>'Timestamp')::numeric, r->>'Region'
    FROM jsonb_array_elements((:'records')::jsonb->'Records') r WHERE NOT r->>'MeteringRecordId' = ANY (:'explained'::text[])),
  here AS (SELECT s.metering_record_id, r.product_code, coalesce(r.customer_identifier, r.license_arn, r.customer_aws_account_id),
      r.dimension, r.quantity, floor(extract(epoch FROM r.used_at)), r.aws_region
    FROM tollgate.record_state s JOIN tollgate.metering_record r ON r.id = s.record_id WHERE s.state = 'billed' AND s.repair IS NULL)
SELECT (SELECT trim_scale(sum(abs(difference))) FROM tollgate.audit_balance()),
  (SELECT count(*) FROM (TABLE there EXCEPT ALL TABLE here) x), (SELECT count(*) FROM (TABLE here EXCEPT ALL TABLE there) x);
END
  )" "0|0|0"
}
# meets NAME FAULT COUNT [DELAY [DIMENSION]]: calls with a record of theirs
meets() {
  [ "$(control faults "{\"Action\":\"BatchMeterUsage\",\"Fault\":\"$2\",\"Count\":$3,\"DelayMs\":${4:-0},\"Match\":{\"CustomerIdentifier\":\"${who[$1]}\"${5:+,\"Dimension\":\"$5\"}}}")" = '{}' ] ||
    die "no fault $2 for $1"
}

# begun N: calls that are under way
begun() { [ "$(sql "SELECT count(*) FROM tollgate.metering_call c WHERE NOT EXISTS (SELECT FROM tollgate.metering_answer a WHERE a.call_id = c.id)")" -ge "$1" ]; }
# failed NAME: an answer to a call of theirs is known, and was none
failed() { [ "$(sql "SELECT count(*) FROM tollgate.metering_answer a JOIN tollgate.metering_call c ON c.id = a.call_id JOIN tollgate.metering_record r ON r.id = ANY (c.records) WHERE r.customer_id = ${id[$1]}")" -gt 0 ]; }
