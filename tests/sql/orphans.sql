-- What refers to customers and products refers to some that are there, and they stay: as foreign keys say.
SELECT plan(22);

INSERT INTO tollgate.product (product_code, name) VALUES ('p', 'P'), ('q', 'Q'), ('spare', 'S');
SELECT customer_id AS c FROM tollgate.register_visit('r1', NULL, 'p', 'i1', NULL, NULL, NULL, NULL, NULL) \gset
SELECT tollgate.note_visit('r2', NULL, 'p', NULL, 'busy', NULL) \g /dev/null

-- Orphans, from the owner too.
SELECT throws_ok($$INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by)
  VALUES ('q', 'i2', 'customer_identifier'), ('none', 'i3', 'customer_identifier')$$, '23503',
  'customer refers to product none, and there is none', 'a customer of a product that is not there');
SELECT throws_ok($$INSERT INTO tollgate.registration (request_id, customer_id, visited_at, outcome)
  VALUES ('r3', NULL, now(), 'busy'), ('r4', -1, now(), 'resolved')$$, '23503',
  'registration refers to customer -1, and there is none', 'a visit of a customer who is not there');
SELECT lives_ok($$INSERT INTO tollgate.registration (request_id, visited_at, outcome) VALUES ('r3', now(), 'busy')$$,
  'a visit of nobody');
SELECT throws_ok($$INSERT INTO tollgate.customer_event (customer_id, kind, happened_at) VALUES (-1, 'landed', now())$$,
  '23503', 'customer_event refers to customer -1, and there is none', 'an event of a customer who is not there');
SELECT throws_ok(format($$INSERT INTO tollgate.customer_event (customer_id, kind, happened_at)
    SELECT CASE n WHEN 500 THEN -1 ELSE %s END, 'honoured', now() FROM generate_series(1, 1000) n$$, :c), '23503',
  'customer_event refers to customer -1, and there is none', 'one among many');
SELECT throws_ok($$UPDATE tollgate.registration SET customer_id = -1 WHERE request_id = 'r2'$$, '23503',
  'registration refers to customer -1, and there is none', 'a visit that becomes such a customer''s');
SELECT lives_ok(format($$UPDATE tollgate.registration SET customer_id = %s WHERE request_id = 'r2'$$, :c),
  'a visit that becomes a customer''s');
SELECT throws_ok($$INSERT INTO tollgate.registration (request_id, customer_id, visited_at, outcome)
  VALUES ('r3', NULL, now(), 'busy') ON CONFLICT (request_id) DO UPDATE SET customer_id = -1$$, '23503',
  NULL, 'also where it was stored before');
SELECT throws_ok(format('INSERT INTO tollgate.%s VALUES (%s)', name, col), '23503', NULL, name || ' has its foreign key')
  FROM (VALUES ('contact (session_sha256, customer_id, email, request_id)', $$sha256('s'), -1, 'a@b.c', 'r'$$),
    ('handoff (code_sha256, customer_id, expires_at)', $$sha256('s'), -1, now() + interval '1 minute'$$),
    ('admin_action (action, customer_id, reason)', $$'a', -1, 'r'$$)) v (name, col);

-- What is referred to stays.
SELECT throws_ok('DELETE FROM tollgate.customer WHERE id = ' || :c, 'TG409', NULL, 'a customer');
SELECT throws_ok('UPDATE tollgate.customer SET id = DEFAULT WHERE id = ' || :c, 'TG409', NULL, 'and their number');
SELECT throws_ok($$DELETE FROM tollgate.product WHERE product_code IN ('p', 'spare')$$, '23503',
  'delete of product is refused: p has customers', 'a product with customers');
SELECT throws_ok($$UPDATE tollgate.product SET product_code = 'pp' WHERE product_code = 'p'$$, '23503',
  'update of product is refused: p has customers', 'and its code');
SELECT lives_ok($$UPDATE tollgate.product SET product_code = 'other' WHERE product_code = 'spare'$$,
  'a product without may have another');
SELECT lives_ok($$DELETE FROM tollgate.product WHERE product_code = 'other'$$, 'and go');

-- TRUNCATE, of the owner: not of one side alone, but CASCADE takes the other along.
SELECT throws_ok('TRUNCATE tollgate.customer, tollgate.contact, tollgate.handoff, tollgate.admin_action,
  tollgate.metering_repair, tollgate.write_off, tollgate.write_off_line', '23503',
  'TRUNCATE of customer is refused: registration refers to it', 'customers without their visits');
SELECT throws_ok('TRUNCATE tollgate.product, tollgate.dimension', '23503',
  'TRUNCATE of product is refused: customer refers to it', 'products without their customers; CASCADE of another statement');
SELECT lives_ok('TRUNCATE tollgate.product, tollgate.dimension, tollgate.customer, tollgate.contact, tollgate.handoff,
  tollgate.admin_action, tollgate.metering_repair, tollgate.write_off, tollgate.write_off_line, tollgate.registration,
  tollgate.customer_event', 'all at once');
INSERT INTO tollgate.product (product_code, name) VALUES ('p', 'P');
SELECT customer_id AS c FROM tollgate.register_visit('r1', NULL, 'p', 'i1', NULL, NULL, NULL, NULL, NULL) \gset
TRUNCATE tollgate.customer CASCADE;
SELECT is_empty($$SELECT customer_id::text FROM tollgate.registration UNION ALL SELECT kind FROM tollgate.customer_event$$,
  'CASCADE: customers with their visits and events');
SELECT customer_id AS c FROM tollgate.register_visit('r1', NULL, 'p', 'i1', NULL, NULL, NULL, NULL, NULL) \gset
TRUNCATE tollgate.product CASCADE;
SELECT is_empty($$SELECT id::text FROM tollgate.customer UNION ALL SELECT kind FROM tollgate.customer_event$$,
  'products with their customers, and what is theirs');

SELECT * FROM finish();
