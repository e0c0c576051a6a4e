#!/usr/bin/env bash
# tollgate doctor: all is well on a healthy stack; each thing that is broken has its line, what to do, and its exit status.
# shellcheck source=tests/e2e/buyer.sh
. "$(dirname "$0")/buyer.sh"
stack_up
export AWS_MAX_ATTEMPTS=1
checks=19
program=$BIN/tollgate

# doctor SETTING…: its exit status is then in $status, what it says in $out
doctor() {
  out=$(env "$@" "$program" doctor 2>&1)
  status=$?
}
# line NAME: the check's line, and those that go on with it, as one
line() { printf '%s\n' "$out" | awk -v name="$1" 'substr($0, 7, length(name)) == name && /^(ok|--|FAIL)/ { on = 1; print; next } /^(ok|--|FAIL|$)/ { on = 0 } on' | tr -s ' \n' ' '; }
# broken STATUS N SETTING…: N checks fail, which ends with that status, and none hides another
broken() {
  doctor "${@:3}"
  is "$2 failed: exit status" "$status" "$1"
  is "… and the lines that fail, of all there are" \
    "$(printf '%s\n' "$out" | grep -c '^FAIL') of $(printf '%s\n' "$out" | grep -cE '^(ok|--|FAIL)')" "$2 of $checks"
}
# ill NAME PATTERN: the line of a check that failed
ill() { like "… $1" "$(line "$1")" "^FAIL $1 .*$2"; }

# ---- a healthy stack ----

doctor
is "nothing is wrong: exit status" "$status" 0
is "a line a check, each without a fault" "$(printf '%s\n' "$out" | cut -c 1-4 | sort | uniq -c | tr -s ' ' | tr '\n' ,)" " 1 , 3 -- , 1 Noth, 16 ok ,"
like "it sums up" "$out" "^Nothing is wrong: 16 of $checks checks are fine; 3 found nothing to look at\.$"
is "no line is wider than 100 columns" "$(printf '%s\n' "$out" | LC_ALL=C.UTF-8 awk 'length > 100')" ""
like "settings" "$(line settings)" 'edition today'
like "templates" "$(line templates)" '^ok templates tollgate-fcgi -n compiles all'
like "state folder" "$(line 'state folder')" "$tmp/run/state, of $(id -un)"
like "session key" "$(line 'session key')" 'session.key, one key'
like "database" "$(line database)" 'PostgreSQL 15\.[0-9]+, tollgate as tollgate, by a local socket'
newest=$(find "$root/sql/migrations" -name '*.sql' -printf '%f\n' | sort | tail -n 1 | cut -c 1-4)
like "schema" "$(line schema)" "migration $newest, the newest"
like "rights" "$(line rights)" 'tollgate_admin, tollgate_app, tollgate_meter, tollgate_web'
granted() {
  perl -0777 -ne 'while (/GRANT EXECUTE ON FUNCTION([^;]*?)\sTO ([^;]*);/g) { my ($names, $roles) = ($1, $2);
    for my $role ($roles =~ /tollgate_(?:web|meter|app|admin)\b/g) { print "$role $_\n" for $names =~ /tollgate\.(\w+)\(/g } }' "$root/sql/grants.sql"
}
needed() {
  perl -0777 -ne 'while (/\(\x27(\w+)\x27, \x27function\x27,([^)]*)\)/g) { my ($role, $names) = ($1, $2);
    $names =~ s/\x27\s*\x27//g; print "$role $_\n" for $names =~ /\w+/g }' "$root/sql/queries/cli/rights.sql"
}
is "… of all that grants.sql gives" "$(comm -23 <(granted | sort -u) <(needed | sort -u)); $(needed | grep -c redeem_handoff)" "; 1"
like "products" "$(line products)" '2, prod-legacy among them'
like "dimensions" "$(line dimensions)" '^ok dimensions 6; each product has one'
like "ledger" "$(line ledger)" '^-- ledger it is new; tollgate-meter makes its state file'
like "region" "$(line region)" "us-east-1 at $SANDBOX_URL/"
like "credentials: their source, and no secret" "$(line credentials)" '^ok credentials [^A]*AWS_ACCESS_KEY_ID'
like "TLS: there is none to a sandbox" "$(line TLS)" '^-- TLS to AWS plain http to this machine'
like "clock" "$(line clock)" "within [0-9] s of AWS's"
like "database clock" "$(line 'database clock')" "within [0-9] s of AWS's"
like "registration" "$(line registration)" 'InvalidTokenException to a made-up token'
like "metering" "$(line metering)" 'it took an empty list'
like "accounts" "$(line accounts)" '^-- accounts no product names a role or a region of its own'
like "web" "$(line web)" "answer at $LANDING_URL/readyz"
unlike "no secret is shown" "$out" "$AWS_SECRET_ACCESS_KEY|$(head -c 20 "$tmp/run/state/session.key")"
doctor TOLLGATE_API_EDITION=2019 PGUSER=tollgate_web TMPDIR="$tmp"
is "the edition of 2019, and the handler's role: exit status" "$status" 0
like "… asks with a product" "$(line metering)" '^ok'
like "… says whose rights it has" "$(line rights)" '^ok .*tollgate_web \(connected\)'
like "… may not look at dimensions" "$(line dimensions)" '^-- dimensions not looked at: this role may not read them -> .*PGUSER=tollgate_admin'
like "… may not look at the ledger" "$(line ledger)" '^-- ledger not looked at: this role may not -> run it again with PGUSER=tollgate_meter'
doctor PGUSER=tollgate_app
like "a role that may not read the products" "$status $(line products)" '^0 -- products .*this role may not read them'
is "no temporary folder is left" "$(find "$tmp" -maxdepth 1 -name 'tollgate-doctor*')" ""

# Colour, on a terminal alone.
on_terminal() { script -qec "$(printf '%q ' "$@")" /dev/null </dev/null; }
like "green on a terminal" "$(TERM=xterm on_terminal "$BIN/tollgate" doctor)" $'^\033\\[32mok  \033\\[0m  settings'
unlike "not with NO_COLOR" "$(TERM=xterm NO_COLOR=1 on_terminal "$BIN/tollgate" doctor)" $'\033'
unlike "not in a file" "$out" $'\033'

# ---- this machine ----

cp -r "$root/templates" "$tmp/templates"
echo '{{emial}}' >>"$tmp/templates/thanks.html"
chmod 770 "$tmp/run/state"
chmod 644 "$tmp/run/state/session.key"
broken 78 4 TOLLGATE_THREDS=8 TOLLGATE_TEMPLATES="$tmp/templates"
ill settings 'TOLLGATE_THREDS is not a setting'
ill templates 'thanks.html:[0-9]+: .*emial'
ill 'state folder' "can be written by others \(mode 770\): chmod 700 $tmp/run/state"
ill 'session key' 'is open to others \(mode 644\): chmod 600'
chmod 700 "$tmp/run/state"
chmod 600 "$tmp/run/state/session.key"
(umask 077 && for i in 1 2 3; do openssl rand -hex 32; done >"$tmp/keys" && head -n 2 "$tmp/keys" >"$tmp/two")
broken 78 1 TOLLGATE_SESSION_KEY_FILE="$tmp/keys"
ill 'session key' 'one or two lines of 64 hex digits'
unlike "… and shows none of them" "$out" "$(head -c 20 "$tmp/keys")"
doctor TOLLGATE_SESSION_KEY_FILE="$tmp/two" TOLLGATE_STATE_DIR="$tmp/not-yet"
like "a state folder that is not there yet is made at the start" "$status $(line 'state folder')" '^0 -- .*not there yet'
ok "… and not by the doctor" test ! -e "$tmp/not-yet"
like "two generations" "$status $(line 'session key')" '^0 ok .*the key in use and the one before it'
broken 78 1 TOLLGATE_SESSION_KEY_FILE="$tmp/nowhere"
ill 'session key' 'cannot read .*/nowhere: No such file'

PGUSER=tollgate_meter "$BIN/tollgate-meter" 2>"$tmp/run/meter.log"
doctor
like "the ledger, after a run" "$status $(line ledger)" "^0 ok ledger it is the state file's; generation 1, last call 0"
sed -i 's/^last_call=0/last_call=1/' "$tmp/run/state/ledger"
broken 78 1
ill ledger "the state file $tmp/run/state/ledger is damaged"
rm "$tmp/run/state/ledger"
sql 'UPDATE tollgate.ledger SET single = true'
broken 78 1
ill ledger 'it may be a copy: the database was restored from a dump -> bill from the original; or see tollgate ledger status'
sql 'UPDATE tollgate.ledger SET written_by = pg_current_xact_id()::xid'

# ---- AWS ----

# From here on without tollgate-fcgi beside it, which is quicker.
mkdir "$tmp/alone" && cp "$program" "$tmp/alone" && program=$tmp/alone/tollgate
broken 78 1 AWS_REGION=Mars
ill region 'AWS_REGION is "Mars"'
like "without tollgate-fcgi nobody looks at the templates" "$(line templates)" '^-- .*neither beside this program nor in ../sbin'
broken 78 1 AWS_SECRET_ACCESS_KEY=
ill credentials 'AWS_SECRET_ACCESS_KEY.* -> put an access key into /etc/tollgate/aws, .* or attach a role'
broken 78 1 AWS_ACCESS_KEY_ID= AWS_SECRET_ACCESS_KEY= AWS_EC2_METADATA_DISABLED=true HOME=/nonexistent
ill credentials 'no credentials for AWS: .* -> put an access key'
broken 78 2 AWS_SECRET_ACCESS_KEY=wrong
ill registration 'ResolveCustomer at .*InvalidSignatureException .*Check the access key'
ill metering 'BatchMeterUsage at .*InvalidSignatureException'
unlike "… without showing it" "$out" 'wrong'
broken 75 2 AWS_ENDPOINT_URL_MARKETPLACE_METERING=http://127.0.0.1:1
for name in registration metering; do
  ill "$name" 'no whole answer from 127.0.0.1:1.* -> can this machine reach it\?'
done
like "… and the clock is not compared" "$(line clock)" '^-- '
fault '{"Action":"ResolveCustomer","Fault":"AccessDeniedException","Count":1}'
fault '{"Action":"BatchMeterUsage","Fault":"AccessDeniedException","Count":1}'
broken 78 2
ill registration 'AccessDeniedException.*"Action": "aws-marketplace:ResolveCustomer"'
ill metering 'AccessDeniedException.*"Action": "aws-marketplace:BatchMeterUsage"'
control clock "{\"Now\":$(($(date +%s) + 600))}" >/dev/null
fault '{"Action":"BatchMeterUsage","Fault":"ThrottlingException","Count":1}'
broken 78 3
ill metering 'ThrottlingException'
ill clock '10 minutes behind AWS.s -> set it: timedatectl set-ntp true'
ill 'database clock' "10 minutes behind AWS.s -> set it on PostgreSQL's machine: timedatectl set-ntp true"
control clock "{\"Now\":$(($(date +%s) - 7200))}" >/dev/null
broken 78 2
ill clock '120 minutes ahead of AWS.s'
control clock '{"Now":null}' >/dev/null
sql "CREATE OR REPLACE FUNCTION tollgate.ledger_time() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
  RETURN statement_timestamp() + interval '5 minutes'"
broken 78 1
ill 'database clock' '5 minutes ahead of AWS.s'
doctor AWS_ENDPOINT_URL_MARKETPLACE_METERING=http://127.0.0.1:1
like "… without AWS, it is compared with this machine's" "$(line 'database clock')" "^FAIL database clock 5 minutes ahead of this machine's"
sql 'CREATE OR REPLACE FUNCTION tollgate.ledger_time() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
  RETURN statement_timestamp()'
doctor AWS_ENDPOINT_URL_STS=http://127.0.0.1:1
like "STS is away: whose the credentials are is not known" "$status $(line credentials)" \
  '^0 -- credentials .*AWS_ACCESS_KEY_ID; whose they are is not known: '

# Products of other accounts and regions.
"$root/tests/e2e/sts" "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" >"$tmp/sts" &
at_exit stop $!
until_true 10 test -s "$tmp/sts" || die "no STS"
own_sts=AWS_ENDPOINT_URL_STS=http://127.0.0.1:$(head -n 1 "$tmp/sts")
sql "UPDATE tollgate.product SET aws_role_arn = 'arn:aws:iam::210987654321:role/tollgate', aws_external_id = 'shop/7',
  aws_region = CASE product_code WHEN 'prod-license' THEN 'eu-west-1' END"
doctor "$own_sts"
like "roles and regions that may meter" "$status $(line accounts)" '^0 ok accounts BatchMeterUsage is allowed as each role .*: 2 $'
is "… which were assumed" "$(grep -c '^AssumeRole arn:aws:iam::210987654321:role/tollgate shop/7' "$tmp/sts")" 2
doctor "$own_sts" TOLLGATE_API_EDITION=2019
like "… in the edition of 2019, too" "$status $(line accounts)" '^0 ok accounts'
sql "UPDATE tollgate.product SET aws_region = 'mx-central-1' WHERE product_code = 'prod-license'"
broken 78 1 "$own_sts"
ill accounts 'product prod-license, arn:aws:iam::210987654321:role/tollgate in mx-central-1: BatchMeterUsage at .*DisabledApiException'
sql "UPDATE tollgate.product SET aws_role_arn = 'arn:aws:iam::210987654321:role/nobody' WHERE product_code = 'prod-license'"
broken 78 1 "$own_sts"
ill accounts 'product prod-license, .*role/nobody.*AccessDenied.* -> compare the product.s aws_role_arn and aws_external_id'
sql 'UPDATE tollgate.product SET aws_role_arn = NULL, aws_external_id = NULL, aws_region = NULL'

port=$(free_port)
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2 -keyout "$tmp/tls.key" -out "$tmp/tls.crt" 2>/dev/null
openssl s_server -accept "127.0.0.1:$port" -key "$tmp/tls.key" -cert "$tmp/tls.crt" -quiet >/dev/null 2>&1 &
at_exit stop $!
until_true 5 eval "(exec 3<>/dev/tcp/127.0.0.1/$port)"
broken 78 3 AWS_ENDPOINT_URL_MARKETPLACE_METERING="https://localhost:$port" AWS_ENDPOINT_URL_STS=http://127.0.0.1:1
ill 'TLS to AWS' "the certificate of localhost:$port is not trusted"

# ---- database and web ----

broken 78 1 PGDATABASE=nowhere
ill database 'database "nowhere" does not exist.*PGHOST, PGPORT, PGDATABASE, PGUSER say where'
like "… and what is in it is not looked at" "$(line schema) $(line rights) $(line products)" '^-- .* -- .* -- '
broken 78 1 PGDATABASE=postgres
ill schema 'has no schema tollgate: run make migrate'
sql "ALTER ROLE tollgate_app RENAME TO tollgate_app_gone; REVOKE EXECUTE ON FUNCTION tollgate.make_handoff FROM tollgate_web"
sql "CREATE TABLE kept AS SELECT * FROM tollgate.migration; DELETE FROM tollgate.migration WHERE number = $((10#$newest))"
broken 78 2
ill rights 'there is no role tollgate_app; tollgate_web may not use make_handoff -> run tollgate-migrate'
ill schema 'is at migration [0-9]+ and this program needs [0-9]+: run make migrate'
sql "ALTER ROLE tollgate_app_gone RENAME TO tollgate_app; GRANT EXECUTE ON FUNCTION tollgate.make_handoff TO tollgate_web"
sql "INSERT INTO tollgate.migration SELECT * FROM kept ON CONFLICT DO NOTHING"
broken 75 1 TOLLGATE_PUBLIC_URL=http://127.0.0.1:1
ill web 'no whole answer from 127.0.0.1:1'
sql "INSERT INTO tollgate.product (product_code, name) VALUES ('prod-new', 'Orchard Cider')"
doctor PGUSER=tollgate_admin
like "a product without a dimension, whose usage is all refused, is named" "$status $(line dimensions)" \
  '^0 -- dimensions .*: 1, prod-new among them -> .*INSERT INTO tollgate.dimension'
sql 'SET client_min_messages = warning; TRUNCATE tollgate.product CASCADE'
broken 78 2 TOLLGATE_PUBLIC_URL="$SANDBOX_URL"
ill web 'answered by something else'
ill products 'there is none.*INSERT INTO tollgate.product'

doctor PGSSLMODE=requird
is "a setting that libpq refuses: exit status" "$status" 78
ill database 'invalid sslmode value: "requird" -> .*PGSSLMODE'
unlike "… and nobody is asked whether PostgreSQL runs" "$out" 'is it running'

"$root/dev/cluster" stop "$tmp/run" >&2
doctor
is "PostgreSQL is stopped: exit status" "$status" 75
ill database 'cannot connect to PostgreSQL: .*is it running\?'
ill web 'tollgate-fcgi answers at .*, but its database does not'
kill -TERM "$(cat "$tmp/run/fcgi.pid")"
until_true 10 eval "! kill -0 $(cat "$tmp/run/fcgi.pid")"
doctor
is "tollgate-fcgi is stopped: exit status" "$status" 75
ill web 'nginx answers at .*, but tollgate-fcgi behind it does not \(HTTP 50[0-9]\)'
done_testing
