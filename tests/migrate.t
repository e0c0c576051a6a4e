#!/usr/bin/env bash
# sql/migrate: forward only, each once, refused when something does not fit; what people see in psql.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

unset PGPORT PGOPTIONS PGSERVICE PSQLRC
export PGHOST=$tmp/pgsocket PGUSER=tollgate PGDATABASE=tollgate
"$root/dev/cluster" start --throwaway "$tmp" || die "no PostgreSQL"
at_exit "$root/dev/cluster" stop "$tmp"

sql() { psql -XqAt -v ON_ERROR_STOP=1 -c "$1"; }
# migrate [option…]: what it said is in $said, how it ended in $status
migrate() { said=$("$files/migrate" "$@" 2>&1); status=$?; }
# A copy of the files that a test may change.
fresh_files() {
  rm -rf "$tmp/sql"
  cp -r "$root/sql" "$tmp/sql"
}
add_migration() { cat >"$files/migrations/$1.sql"; }
schema_dump() { pg_dump --schema-only --no-comments | grep -v '^\\\(un\)\?restrict'; }

fresh_files
files=$tmp/sql
newest=$(basename "$(printf '%s\n' "$files"/migrations/*.sql | tail -n 1)" .sql)

# ---- as it should be ----

migrate
is "a new database is brought up" "$status" 0
is "with one line a migration and where it is then" "$said" \
  "$(for file in "$files"/migrations/*.sql; do echo "applied $(basename "$file" .sql)"; done)
database tollgate is at ${newest%%_*}"
before=$(schema_dump)
migrate
is "the second time nothing is applied" "$status $said" "0 database tollgate is at ${newest%%_*}"
is "and nothing is other than before" "$(schema_dump)" "$before"
PGDATABASE=tollgate_sandbox migrate --sandbox
is "the sandbox's database too" "$status" 0
like "says where it is" "$said" '^database tollgate_sandbox is at [0-9]{4}$'
is "and has no table of Tollgate's" "$(PGDATABASE=tollgate_sandbox sql "SELECT to_regnamespace('tollgate')")" ""

ln -s "$files/migrate" "$tmp/tollgate-migrate"
is "it finds its files through a link" "$("$tmp/tollgate-migrate" 2>&1)" "database tollgate is at ${newest%%_*}"
mkdir -p "$tmp/prefix/sbin" "$tmp/prefix/share/tollgate"
cp "$files/migrate" "$tmp/prefix/sbin/tollgate-migrate"
cp -r "$files" "$tmp/prefix/share/tollgate/sql"
is "and as installed" "$("$tmp/prefix/sbin/tollgate-migrate" 2>&1)" "database tollgate is at ${newest%%_*}"
is "and where it is told" "$("$tmp/prefix/sbin/tollgate-migrate" --sql "$files" 2>&1)" \
  "database tollgate is at ${newest%%_*}"

# In functions it is the setting of who calls them that counts.
PGDATABASE=postgres sql 'CREATE DATABASE backslashes'
PGDATABASE=postgres sql 'ALTER DATABASE backslashes SET standard_conforming_strings = off'
PGDATABASE=backslashes migrate
is "a database where backslashes escape in strings is brought up" "$status" 0
is "and takes what it has to" "$(PGDATABASE=backslashes sql "INSERT INTO tollgate.product (product_code, name) VALUES ('p', 'P');
  INSERT INTO tollgate.dimension (product_code, dimension) VALUES ('p', 'a');
  INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by) VALUES ('p', 'i', 'customer_identifier');
  SELECT tollgate.record_usage(1, 'a', 1, now(), 'k', '{\"team\": \"blue\"}');
  SELECT tollgate.end_customer(1, NULL, 'gone') > now()" 2>&1)" "t
t"

# ---- what an older release left ----

# The tables as they were then; functions, views and rights are of today and would not fit.
fresh_files
rm "$files"/functions/* "$files"/views/*
: >"$files/grants.sql"
for file in "$files"/migrations/*.sql; do
  number=$(basename "$file")
  [ "${number%%_*}" -le 0003 ] || rm "$file"
done
sql 'CREATE DATABASE older'
export PGDATABASE=older
migrate
is "a database of the first release that had a ledger" "$said" "$(printf 'applied %s\n' 0001_registration 0002_seller_accounts 0003_ledger)
database older is at 0003"
psql -Xq -v ON_ERROR_STOP=1 -f "$root/tests/upgrade/ledger-0003.sql" || die "ledger-0003.sql does not fit"
fresh_files
migrate
is "is brought up with what is in it" "$status $(printf '%s' "$said" | tail -n 1)" "0 database older is at ${newest%%_*}"
is "its ledger adds up" "$(sql 'SELECT tollgate.audit_ledger()')" ""
is "with the same sums" \
  "$(sql 'SELECT customer_id, accepted, waiting, carried, frozen, billed, refused FROM tollgate.balance ORDER BY customer_id')" \
  "1|9.5|0|0.5|4|5|0
2|6|0|0|6|0|0
3|8|1|0|0|0|7"
is "a call without an answer is one still" "$(sql 'SELECT call_id, records FROM tollgate.open_call')" "2|{2}"
is "what is open is open" \
  "$(sql 'SELECT record_id, attempts, customer_id, quantity, allocations FROM tollgate.open_record ORDER BY record_id')" \
  "2|0|1|4|0
3|0|2|6|1"
is "customers have their licenses" "$(sql "SELECT string_agg(coalesce(license_id, '-'), ' ' ORDER BY id) FROM tollgate.customer")" "l-1 - -"
is "and what no roll-up had seen is rolled up" \
  "$(sql 'SELECT events FROM tollgate.roll_up()'; sql 'SELECT waiting FROM tollgate.balance WHERE customer_id = 3'; sql 'SELECT tollgate.audit_ledger()')" \
  "1
3"
is "nothing is other than in a new database" "$(schema_dump)" "$before"
export PGDATABASE=tollgate
sql 'DROP DATABASE older'

# Of a release whose migrations lost their backslashes where the database is set so.
fresh_files
rm "$files"/functions/* "$files"/views/*
: >"$files/grants.sql"
sed -i '/standard_conforming_strings/d' "$files/migrate.sql"
for file in "$files"/migrations/*.sql; do
  number=$(basename "$file")
  [ "${number%%_*}" -le 0015 ] || rm "$file"
done
sql 'CREATE DATABASE escaped'
sql 'ALTER DATABASE escaped SET standard_conforming_strings = off'
export PGDATABASE=escaped
migrate
like "a database whose migrations lost their backslashes" "$(schema_dump)" "name ~ 'S'"
fresh_files
migrate
is "is brought up" "$status $(printf '%s' "$said" | tail -n 1)" "0 database escaped is at ${newest%%_*}"
is "and nothing is other than in a new database" "$(PGOPTIONS='-c standard_conforming_strings=on' schema_dump)" "$before"
export PGDATABASE=tollgate
sql 'DROP DATABASE escaped'

# ---- a new migration ----

add_migration 0500_more <<<'CREATE TABLE tollgate.more (id int);'
migrate
is "a new migration alone is applied" "$said" "applied 0500_more
database tollgate is at 0500"
add_migration 0501_broken <<'END'
CREATE TABLE tollgate.half (id int);
SELECT 1 / 0;
END
migrate
is "a migration that fails ends it" "$status" 1
like "and says where" "$said" 'migrations/0501_broken\.sql:2: ERROR: +division by zero'
is "and leaves no trace" "$(sql "SELECT to_regclass('tollgate.half'), max(number) FROM tollgate.migration")" "|500"
rm "$files/migrations/0501_broken.sql"

echo "CREATE OR REPLACE FUNCTION tollgate.more() RETURNS int LANGUAGE sql RETURN 1;" >"$files/functions/more.sql"
migrate
is "a new function is made without a migration" "$(sql 'SELECT tollgate.more()')" 1
is "and nobody else may call it" \
  "$(sql "SELECT has_function_privilege('tollgate_web', 'tollgate.more()', 'EXECUTE')")" f
echo 'SELECT nothing;' >"$files/functions/zz_broken.sql"
sed -i 's/RETURN 1/RETURN 2/' "$files/functions/more.sql"
migrate
is "of the functions, all or none are renewed" "$status $(sql 'SELECT tollgate.more()')" "1 1"
rm "$files/functions/zz_broken.sql"
sql 'GRANT SELECT ON tollgate.contact TO tollgate_web; GRANT SELECT ON tollgate.more TO PUBLIC'
migrate
is "rights that are not written down are gone" \
  "$(sql "SELECT has_table_privilege('tollgate_web', 'tollgate.contact', 'SELECT')
    OR has_table_privilege('tollgate_app', 'tollgate.more', 'SELECT')")" f

# ---- refused ----

# refused NAME PATTERN: nothing happens but the message
refused() {
  local was
  was=$(sql 'SELECT count(*), max(number) FROM tollgate.migration')
  migrate
  like "$1" "$status $said" "^1 .*$2"
  is "… and nothing is done" "$(sql 'SELECT count(*), max(number) FROM tollgate.migration')" "$was"
}
echo '-- a comment' >>"$files/migrations/0500_more.sql"
refused "a file that changed after it was applied" '0500_more has changed since it was applied on 20..-..-..: restore'
fresh_files
refused "a file that is missing" '0500_more was applied to this database and its file is missing'
add_migration 0500_less <<<'SELECT 1;'
refused "a file with another name" '0500_more has changed'
fresh_files
add_migration 0500_more <<<'CREATE TABLE tollgate.more (id int);'
add_migration 0400_late <<<'SELECT 1;'
refused "a file that comes too late" '0400_late comes before migrations that were applied'
rm "$files/migrations/0400_late.sql"
add_migration 0500_twice <<<'SELECT 1;'
migrate
like "two files of one number" "$status $said" '^65 .*two of number 0500'
rm "$files/migrations/0500_twice.sql"
touch "$files/migrations/501_short.sql"
migrate
like "a file with a name of another kind" "$status $said" "^65 .*501_short.sql is not a migration's name"
rm "$files/migrations/501_short.sql"

# ---- errors say what to do ----

PGHOST=/nonexistent migrate
like "no server" "$status $said" '^75 .*cannot connect to the database "tollgate" at "/nonexistent"'
like "… and what to do" "$said" 'set PGHOST'
PGDATABASE=nowhere migrate
like "no database" "$status $said" '^78 .*"nowhere" does not exist'
like "… and what to do" "$said" 'createdb makes a database'
PGSSLMODE=requird migrate
like "a setting that libpq refuses" "$status $said" '^78 .*invalid sslmode value: "requird"'
PGOPTIONS='-c nothere=1' migrate
like "an option that the server refuses" "$status $said" '^78 .*unrecognized configuration parameter "nothere"'
PGUSER=nobody_here migrate
like "a role that there is not" "$status $said" '^78 .*role "nobody_here" does not exist'
migrate --nonsense
like "an unknown argument" "$status $said" '^64 .*unknown argument "--nonsense"'
migrate --help
like "help" "$status $said" '^0 usage: migrate'
migrate --sql "$tmp/prefix"
like "a folder without SQL files" "$status $said" '^66 .*no SQL files in'
sed -i "s/lock_timeout = '10s'/lock_timeout = '100ms'/" "$files/migrate.sql"
sql "BEGIN; LOCK tollgate.balance IN ACCESS SHARE MODE; PREPARE TRANSACTION 'dump'"
migrate
like "a lock that somebody holds" "$status $said" '^1 .*views/.*lock timeout'
like "… and what to do" "$said" '^SELECT pid, .* FROM pg_stat_activity'
sql "ROLLBACK PREPARED 'dump'"
sql 'CREATE ROLE owner LOGIN' && createdb other
PGDATABASE=other PGUSER=owner migrate
like "a role that may not make the schema" "$status $said" '^77 .*GRANT CREATE ON DATABASE other TO owner'
sql 'GRANT CREATE ON DATABASE other TO owner; DROP OWNED BY tollgate_meter; ALTER ROLE tollgate_meter RENAME TO gone'
PGDATABASE=other PGUSER=owner migrate
like "a role that may not make roles" "$status $said" '^1 .*role tollgate_meter is missing and owner may not create roles'
like "… and what to do" "$said" 'ALTER ROLE owner CREATEROLE'
unlike "… and no line of the script" "$said" 'psql:'
sql 'ALTER ROLE gone RENAME TO tollgate_meter'
PGDATABASE=other PGUSER=owner migrate
is "an owner who is no superuser" "$status" 0
for role in tollgate_web tollgate_app; do
  PGDATABASE=other PGUSER=$role migrate
  is "$role, which does not own the schema" "$status $said" "77 migrate: $role may not change the schema \"tollgate\": \
run it as the role that owns the schema, owner"
done
sql 'CREATE ROLE team LOGIN IN ROLE owner'
PGDATABASE=other PGUSER=team migrate
is "a member of the role that owns it" "$status" 0
sql 'REVOKE CREATE ON DATABASE other FROM owner'
PGDATABASE=other PGUSER=owner migrate
like "an owner who may not make a schema, which is asked for each time" "$status $said" '^77 .*GRANT CREATE ON DATABASE other TO owner$'
sql 'GRANT CREATE ON DATABASE other TO owner'
createdb -E SQL_ASCII -T template0 --locale C ascii
PGDATABASE=ascii migrate
like "a database of another encoding" "$status $said" '^78 .*SQL_ASCII and needs UTF8'

# ---- two at once ----

rounds=4
for round in $(seq $rounds); do
  createdb "race$round"
  for runner in 1 2 3; do
    PGDATABASE=race$round "$root/sql/migrate" >"$tmp/race$round.$runner" 2>&1 &
  done
  wait
done
is "of three at once, one applies each migration" \
  "$(cat "$tmp"/race*.[123] | grep -c "^applied $newest$")" $rounds
is "and all end well" "$(cat "$tmp"/race*.[123] | grep -c "is at ${newest%%_*}$")" $((3 * rounds))
is "without a complaint" "$(grep -hv -e '^applied' -e '^database' -e '^waiting for another' "$tmp"/race*.[123])" ""
roles="tollgate_web, tollgate_meter, tollgate_app, tollgate_admin, tollgate_sandbox"
for base in tollgate other tollgate_sandbox race1 race2 race3 race4; do
  PGDATABASE=$base sql "DROP OWNED BY $roles"
done
sql "DROP ROLE $roles"
createdb roles1 && createdb roles2
for base in roles1 roles2; do
  PGDATABASE=$base "$root/sql/migrate" >"$tmp/$base" 2>&1 &
done
wait
is "two databases at once share the roles" "$(cat "$tmp/roles1" "$tmp/roles2" | grep -c ' is at ')" 2

# ---- what people see ----

sql "INSERT INTO tollgate.product (product_code, name) VALUES ('4w1vgsrkqdkypbz43g7qkk4uz', 'P');
  SELECT tollgate.register_visit('request-1', NULL, '4w1vgsrkqdkypbz43g7qkk4uz', 'identifier-of-aws',
    '123456789012', 'arn:aws:license-manager::123456789012:license:l-0123456789abcdef0123456789abcdef',
    NULL, NULL, NULL);
  SELECT tollgate.add_contact(repeat('ab', 32), '4w1vgsrkqdkypbz43g7qkk4uz', 'identifier-of-aws', NULL,
    'arn:aws:license-manager::123456789012:license:l-0123456789abcdef0123456789abcdef', 'ann@example.com',
    ARRAY['company'], ARRAY[repeat('A company with a long name ', 20)], 'request-2');
  SELECT tollgate.note_visit('request-3', NULL, NULL, NULL, 'aws_refused', NULL)" >/dev/null
people() { PSQLRC=$root/sql/psqlrc psql 2>&1 <<<"$1"; }
like ":customers shows the customer and the state" "$(people :customers)" '123456789012 .*contact_given'
like ":visits shows what to do" "$(people :visits)" 'aws_refused .*Mend'
like ":products shows what is sold" "$(people :products)" '4w1vgsrkqdk'
like ":customer shows one, with contacts" "$(people '\set id 1
:customer')" 'ann@example.com'
for name in customers visits products customer; do
  like ":help names :$name" "$(people :help)" ":$name"
done
all=$(people '\set id 1
:customers :visits :products :help
:customer')
unlike "no error in any" "$all" 'ERROR|invalid'
is "and all fit 100 columns" "$(awk 'length($0) > 100' <<<"$all")" ""
done_testing
