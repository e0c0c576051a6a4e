-- Visits that led to nobody, their end, and what the admins' views make of visits and events.
SELECT plan(28);

INSERT INTO tollgate.product (product_code, name, form_fields) VALUES
  ('p', 'P', '[{"name": "company", "label": "Company", "hint": "As on invoices", "required": true},
    {"name": "notes", "label": "Notes", "max_length": 2000, "type": "multiline"}]'),
  ('q', 'Q', '[]');

-- Noted.
SELECT lives_ok($$SELECT tollgate.note_visit('n1', NULL, '', repeat('ab', 32), 'token_invalid',
  'aws-1')$$, 'a visit that AWS did not resolve');
SELECT lives_ok($$SELECT tollgate.note_visit('n2', NULL, 'other', NULL, 'unknown_product', '')$$,
  'a visit of a product that is not sold here');
SELECT is(string_agg(concat_ws(' ', request_id, outcome, coalesce(product_code, '-'),
    token_sha256 IS NOT NULL, coalesce(aws_request_id, '-'), visited_at = now()), ', '
    ORDER BY request_id), 'n1 token_invalid - t aws-1 t, n2 unknown_product other f - t',
  'as they were') FROM tollgate.registration;
SELECT lives_ok($$SELECT tollgate.note_visit('n1', NULL, 'p', NULL, 'aws_refused', NULL)$$,
  'the same request again');
SELECT is(outcome, 'token_invalid', 'changes nothing') FROM tollgate.registration
  WHERE request_id = 'n1';
SELECT throws_ok($$SELECT tollgate.note_visit('n3', NULL, NULL, NULL, 'resolved', NULL)$$, 'TG400',
  NULL, 'nobody is not resolved');
SELECT throws_ok($$SELECT tollgate.note_visit('n3', NULL, NULL, NULL, 'odd', NULL)$$, '23514', NULL,
  'an outcome that does not exist');
SELECT lives_ok(format('SELECT tollgate.note_visit(%L, NULL, NULL, NULL, %L, NULL)',
  'o-' || outcome,
    outcome), 'outcome ' || outcome)
  FROM unnest(ARRAY['token_expired', 'aws_unavailable', 'aws_refused', 'busy']) outcome;

-- Dropped after 30 days; a customer's never.
SELECT tollgate.register_visit('r1', extract(epoch FROM now() - interval '90 days'), 'p', 'i1',
  NULL,
  NULL, NULL, NULL, NULL) \g /dev/null
SELECT tollgate.note_visit('old', extract(epoch FROM now() - interval '30 days 1 second'), NULL,
  NULL,
  'busy', NULL) \g /dev/null
SELECT tollgate.note_visit('young', extract(epoch FROM now() - interval '29 days 23 hours'), NULL,
  NULL, 'busy', NULL) \g /dev/null
INSERT INTO tollgate.handoff (code_sha256, customer_id, created_at, expires_at)
  SELECT sha256(convert_to(age, 'UTF8')), id, now() - age::interval - interval '2 minutes',
      now() - age::interval
    FROM tollgate.customer, unnest(ARRAY['25 hours', '23 hours']) age;
SELECT is(tollgate.drop_old_visits(), 2::bigint, 'one visit and one code were too old');
SELECT is_empty($$SELECT FROM tollgate.registration WHERE request_id = 'old'$$,
  'a visit that led to nobody, after 30 days');
SELECT is(count(*), 2::bigint, 'not earlier, and never a customer''s') FROM tollgate.registration
  WHERE request_id IN ('young', 'r1');
SELECT is(count(*), 1::bigint, 'a code, a day after its end') FROM tollgate.handoff;
SELECT is(tollgate.drop_old_visits(), 0::bigint, 'and nothing is left to drop');
SELECT throws_ok($$DELETE FROM tollgate.registration WHERE request_id = 'r1'$$, 'TG409', NULL,
  'nobody drops a customer''s visit');
SELECT throws_ok($$UPDATE tollgate.registration SET product_code = 'q' WHERE request_id = 'r1'$$,
  'TG409', NULL, 'or changes it');

-- States.
CREATE FUNCTION pg_temp.happens(kind text, at interval) RETURNS text LANGUAGE sql AS $$
  INSERT INTO tollgate.customer_event (customer_id, kind, happened_at)
    SELECT id, kind, now() + at FROM tollgate.customer;
  SELECT s.state::text FROM tollgate.customer_state s;
$$;
SELECT is(state, 'landed', 'a customer has landed') FROM tollgate.customer_state;
SELECT is(pg_temp.happens('contact_given', '-1 day'), 'contact_given', 'then gives a contact');
SELECT is(pg_temp.happens('honoured', '-2 days'), 'honoured',
  'what AWS says of the subscription counts for more');
SELECT is(pg_temp.happens('contact_given', '0'), 'honoured', 'than another contact');
SELECT is(pg_temp.happens('ending', '-3 days'), 'ending', 'an end that is noted later than it was');
SELECT is(pg_temp.happens('ended', '-1 hour'), 'ended', 'the newest that was noted');
SELECT is(since::timestamptz, now() - interval '1 hour', 'since it happened')
  FROM tollgate.customer_state;

-- Views.
SELECT is(concat_ws(' ', product_code, customer_identifier, state, visits, contacts,
    last_visit_at = now() - interval '90 days'), 'p i1 ended 1 0 t', 'a customer at a glance')
  FROM tollgate.customers;
SELECT is_empty($$SELECT FROM tollgate.visits WHERE (to_do IS NULL) <> (outcome = 'resolved')$$,
  'each visit that came to nothing says what to do');

-- list_products, as the program runs it.
\set query `cat ../../sql/queries/fcgi/list_products.sql`
CREATE TEMP TABLE listed AS
:query
SELECT is(string_agg(concat_ws(' ', product_code, coalesce(field_name, '-'), label, hint, required,
    max_length, type), '; ' ORDER BY product_code, field_name),
  'p company Company As on invoices t 200 text; p notes Notes f 2000 multiline; q -',
  'the products, a row a field, with defaults') FROM listed;

SELECT * FROM finish();
