#!/usr/bin/env bash
# Registrations where two sessions meet: buyers of a product that goes, and buyers who come twice at once.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/ledger/sessions.sh
. "$(dirname "$0")/ledger/sessions.sh"

session a
session b
pid_of a
pid_of b
# register_visits LICENSE…: of product p, a buyer each; their requests begin with $1
register_visits() {
  local request=$1
  shift
  echo "SELECT string_agg(created::text, ' ' ORDER BY place) FROM (SELECT array_agg('$request-' || n) AS r, array_agg(NULL::float8) AS v,
    array_agg('p'::text) AS p, array_agg(''::text) AS o, array_agg('a' || n) AS a, array_agg(l) AS l, array_agg(repeat('ab', 32)) AS t
    FROM unnest('{$*}'::text[]) WITH ORDINALITY u (l, n)) x, LATERAL tollgate.register_visits(r, v, p, o, a, l, t, o, r)" | tr '\n' ' '
}
product() { sql "INSERT INTO tollgate.product (product_code, name) VALUES ('$1', 'P') ON CONFLICT DO NOTHING"; }

# ---- a product that goes while its first buyer comes ----

product p
say a BEGIN\;
say a "$(register_visits r1 arn:x:l-1);"
start b "DELETE FROM tollgate.product WHERE product_code = 'p';"
ok "who deletes a product waits for the buyer who comes" waits b
say a COMMIT\;
finished b
like "and is refused" "$(cat "$tmp/b.out")" 'delete of product is refused: p has customers'
is "the product is there" "$(sql "SELECT count(*) FROM tollgate.product WHERE product_code = 'p'")" 1

product q
say b BEGIN\;
say b "DELETE FROM tollgate.product WHERE product_code = 'q';"
start a "INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by) VALUES ('q', 'i', 'customer_identifier');"
ok "a buyer waits for who deletes the product" waits a
say b COMMIT\;
finished a
like "and is refused" "$(cat "$tmp/a.out")" 'customer refers to product q, and there is none'

product q
say b 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM tollgate.product;'
sql "INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by) VALUES ('q', 'i', 'customer_identifier')"
say b "DELETE FROM tollgate.product WHERE product_code = 'q'; ROLLBACK;"
like "with an older snapshot no product is deleted" "$(cat "$tmp/b.out")" 'delete of product is refused: run READ COMMITTED'
is "so nobody is without a product" "$(sql 'SELECT count(*) FROM tollgate.customer c LEFT JOIN tollgate.product p USING (product_code)
  WHERE p.product_code IS NULL')" 0

# ---- a buyer who comes twice at once, among others ----

say a BEGIN\;
say a "$(register_visits r2 arn:x:l-2);"
start b "$(register_visits r3 arn:x:l-3,arn:x:l-2,arn:x:l-4);"
ok "the second batch waits for the first" waits b
say a COMMIT\;
finished b
is "and finds the buyer whom that made" "$(cat "$tmp/b.answer")" "true false true"
is "each is one customer" "$(sql "SELECT string_agg(license_id || ' ' || visits, ', ' ORDER BY license_id) FROM tollgate.customers
  WHERE license_id <> 'l-1'")" "l-2 2, l-3 1, l-4 1"

# ---- one buyer, whom two requests know by other identities, and no unique index by both ----

# visit IDENTIFIER, with a license; press CODE IDENTIFIER: "I already have an account", without it
visit() {
  echo "SELECT customer_id FROM tollgate.register_visits('{r-$1}', '{NULL}', '{p}', '{$1}', '{a}', '{arn:x:l-$1}',
    ARRAY[repeat('ab', 32)], '{}', '{}');"
}
press() { echo "SELECT tollgate.make_handoff(repeat('$1', 32), 'p', '$2', 'a', '');"; }
# meet FIRST SECOND: the first session's request is not committed yet when the second one's comes
meet() {
  say a BEGIN\;
  say a "$1"
  cp "$tmp/a.answer" "$tmp/buyer"
  start b "$2"
  ok "the second one waits for the first" waits b
  say a COMMIT\;
  finished b
  is "and is of the same customer" "$(cat "$tmp/b.answer")" "$(cat "$tmp/buyer")"
}
meet "$(visit i5)" "$(press 05 i5)"
meet "$(press 06 i6)" "$(visit i6)"

done_testing
