#!/usr/bin/env bash
# docs/usage.md: each example is run, as the role that it names, and prints what the page says.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/ledger/sessions.sh
. "$(dirname "$0")/ledger/sessions.sh"

sql "INSERT INTO tollgate.product (product_code, name) VALUES ('abcd1234example', 'Orchard Analytics');
  INSERT INTO tollgate.dimension (product_code, dimension)
    SELECT 'abcd1234example', unnest(ARRAY['gigabytes', 'users', 'requests']);
  INSERT INTO tollgate.customer (id, product_code, customer_identifier, metered_by) OVERRIDING SYSTEM VALUE
    SELECT n, 'abcd1234example', 'i' || n, 'customer_identifier' FROM generate_series(7, 8) n;
  CREATE OR REPLACE FUNCTION tollgate.ledger_time() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    RETURN timestamptz '2026-11-25 12:30Z'" || die "no customers"

# A file for each block of SQL, and one beside it with the text that follows, if any.
awk -v dir="$tmp" '
  /^```sql/ { n++; name = sprintf("%s/%02d", dir, n); role = $3 ? $3 : "tollgate_app"; out = name ".sql"
    printf "%s", role > (name ".role"); close(name ".role"); next }
  /^```text/ { out = name ".text"; next }
  /^```/ { close(out); out = ""; next }
  out { print > out }' "$root/docs/usage.md"
for file in "$tmp"/*.sql; do
  name=$(sed -n '/[^ ]/{s/^ *//p;q;}' "$file")
  # Its time is the page's, not that of now().
  sed "s/now()/'2026-11-25 12:30Z'/" "$file" |
    PGUSER=$(cat "${file%.sql}.role") psql -Xq --set=SHOW_CONTEXT=never >"$tmp/said" 2>&1
  is "$(basename "$file" .sql): $name" "$(cat "$tmp/said")" "$(cat "${file%.sql}.text" 2>/dev/null)"
done
like "the page has many" "$(basename "$file" .sql)" '^1[0-9]$'
is "and what it reported is there" "$(sql "SELECT string_agg(DISTINCT dimension, ' '), sum(quantity) FROM tollgate.usage_event")" \
  "gigabytes users|32.25"
roll_up() { psql -XqAt -U tollgate_meter -c 'SELECT events FROM tollgate.roll_up()'; }
roll_up >"$tmp/rolled"
is "nothing is missed and nothing doubled" "$(audit)" ""
# Links lead somewhere.
is "its links" "$(grep -oE '\]\([^)#]+' "$root/docs/usage.md" | cut -c3- | while read -r link; do
  [ -e "$root/docs/$link" ] || echo "$link"
done)" ""
done_testing
