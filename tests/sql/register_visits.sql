-- register_visits(): what register_visit() does for each, for all that come together.
SELECT plan(16);
SELECT setseed(0.25);
INSERT INTO tollgate.product (product_code, name) VALUES ('p', 'P'), ('q', 'Q');

-- A batch in rows, to be given as arrays.
CREATE TEMP TABLE visit (place bigint, request text, visited double precision, product text DEFAULT 'p',
  identifier text, account text DEFAULT 'a', license text, token text DEFAULT repeat('0a', 32),
  offer_type text, aws_request text DEFAULT 'aws');
CREATE FUNCTION pg_temp.register(low bigint, high bigint)
  RETURNS TABLE (place bigint, customer_id bigint, created boolean) LANGUAGE sql AS $$
  SELECT r.place + low - 1, r.customer_id, r.created
    FROM (SELECT array_agg(v.request ORDER BY v.place) AS requests,
          array_agg(v.visited ORDER BY v.place) AS visited,
          array_agg(v.product ORDER BY v.place) AS products,
          array_agg(v.identifier ORDER BY v.place) AS identifiers,
          array_agg(v.account ORDER BY v.place) AS accounts,
          array_agg(v.license ORDER BY v.place) AS licenses,
          array_agg(v.token ORDER BY v.place) AS tokens,
          array_agg(v.offer_type ORDER BY v.place) AS offer_types,
          array_agg(v.aws_request ORDER BY v.place) AS aws_requests
        FROM visit v WHERE v.place BETWEEN low AND high) a,
      tollgate.register_visits(a.requests, a.visited, a.products, a.identifiers, a.accounts,
        a.licenses, a.tokens, a.offer_types, a.aws_requests) r
    ORDER BY r.place;
$$;

INSERT INTO visit (place, request, visited, identifier, account, license, offer_type) VALUES
  (1, 'r1', NULL, 'i1', 'a1', 'arn:x:l-1', 'free-trial'),
  (2, 'r2', extract(epoch FROM timestamptz '2024-01-01Z'), 'i2', '', '', ''),
  (3, 'r3', NULL, 'i1', 'a1', 'arn:x/l-1', NULL),
  (4, 'r4', NULL, NULL, 'a4', 'arn:x:l-4', NULL),
  (5, 'r5', NULL, NULL, 'a5', NULL, NULL),
  (6, 'r6', NULL, 'i2', NULL, 'arn:x:l-2', NULL),
  (7, 'r7', extract(epoch FROM now() + interval '1 day'), 'i7', '012', NULL, NULL);
UPDATE visit SET product = 'q' WHERE place = 7;
CREATE TEMP TABLE got AS SELECT * FROM pg_temp.register(1, 7);
SELECT results_eq('SELECT place, created FROM got ORDER BY place',
  'VALUES (1::bigint, true), (2, true), (3, false), (4, true), (5, true), (6, false), (7, true)',
  'each has its answer, in the order of the visits');
SELECT is((SELECT string_agg(concat_ws(' ', g.place, c.product_code, coalesce(c.customer_identifier, '-'),
    coalesce(c.customer_aws_account_id, '-'), coalesce(c.license_id, '-'), c.metered_by,
    c.offer_type_claimed), E'\n' ORDER BY g.place)
    FROM got g JOIN tollgate.customer c ON c.id = g.customer_id),
  E'1 p i1 a1 l-1 license free-trial\n2 p i2 - l-2 customer_identifier\n3 p i1 a1 l-1 license free-trial\n'
  '4 p - a4 l-4 license\n5 p - a5 - account\n6 p i2 - l-2 customer_identifier\n7 q i7 012 - customer_identifier',
  'two visits of one buyer are one customer, and a buyer with a first license keeps their customer');
SELECT is((SELECT string_agg(concat_ws(' ', r.request_id, g.customer_id = r.customer_id, r.outcome,
    encode(r.token_sha256, 'hex') = repeat('0a', 32), r.offer_type_claimed, r.aws_request_id), E'\n' ORDER BY g.place)
    FROM got g JOIN visit v USING (place) JOIN tollgate.registration r ON r.request_id = v.request),
  (SELECT string_agg(concat_ws(' ', 'r' || n, 't resolved t', CASE n WHEN 1 THEN 'free-trial' END, 'aws'), E'\n'
    ORDER BY n) FROM generate_series(1, 7) n), 'every visit is kept');
SELECT is((SELECT string_agg(request_id, ' ' ORDER BY id) FROM tollgate.customer_event WHERE kind = 'landed'),
  'r1 r2 r4 r7 r5', 'a customer lands once');
SELECT is((SELECT visited_at::timestamptz FROM tollgate.registration WHERE request_id = 'r2'),
  '2024-01-01Z', 'a visit from a journal keeps its time');
SELECT is((SELECT visited_at::timestamptz FROM tollgate.registration WHERE request_id = 'r7'), now(),
  'but none is in the future');

SELECT results_eq('SELECT * FROM pg_temp.register(1, 7)', 'SELECT * FROM got ORDER BY place',
  'the same again has the same answers');
SELECT is((SELECT count(*) FROM tollgate.registration), 7::bigint, 'and changes nothing');
INSERT INTO visit (place, request, identifier) VALUES (11, 'r11', 'i11'), (12, 'r1', 'i12');
SELECT results_eq('SELECT customer_id = (SELECT customer_id FROM got WHERE place = 1) FROM pg_temp.register(11, 12)',
  'VALUES (false), (true)', 'a request that was stored before keeps its customer, among others too');

INSERT INTO visit (place, request, product, identifier) VALUES (21, 'r21', 'p', 'i21'), (22, 'r22', 'nowhere', 'i22');
SELECT throws_ok('SELECT * FROM pg_temp.register(21, 22)', 'TG404', 'no such product', 'an unknown product fails');
INSERT INTO visit (place, request, account) VALUES (23, 'r23', '');
SELECT throws_ok('SELECT * FROM pg_temp.register(23, 23)', 'TG400', NULL, 'nobody fails');
INSERT INTO visit (place, request, identifier, token) VALUES (24, 'r24', 'i24', 'abc');
SELECT throws_ok('SELECT * FROM pg_temp.register(24, 24)', '22023', NULL, 'a hash that is none fails');
INSERT INTO visit (place, request, identifier, license) VALUES (25, 'r25', 'i25', 'arn:x:l-25'), (26, 'r26', NULL, 'arn:x:l-25');
SELECT results_eq('SELECT created FROM pg_temp.register(25, 26)', 'VALUES (true), (false)',
  'one license with and without the identifier is one customer');
SELECT is((SELECT count(*) FROM tollgate.registration WHERE request_id IN ('r21', 'r22', 'r23', 'r24')), 0::bigint,
  'what failed left nothing');

-- Random buyers, of whom few are new: as register_visit() says, one by one.
TRUNCATE visit;
INSERT INTO visit (place, request, visited, product, identifier, account, license, offer_type)
  SELECT n, 'x' || n, CASE WHEN random() < 0.2 THEN 1.7e9 + n END, (ARRAY['p', 'q'])[1 + random()::int],
      CASE WHEN identified THEN 'u' || trunc(random() * 90) END,
      CASE WHEN random() < 0.8 THEN 'b' || trunc(random() * 60) END,
      CASE WHEN random() < 0.6 OR NOT identified THEN (ARRAY['arn:x:l-r', 'arn:x/l-r'])[1 + random()::int]
        || trunc(random() * 120) END,
      CASE WHEN random() < 0.1 THEN 'o' || n END
    FROM generate_series(1, 700) n, LATERAL (SELECT random() < 0.7 AND n > 0 AS identified) x;
CREATE TABLE pg_temp.outcome (how text, place bigint, customer_id bigint, created boolean);
CREATE FUNCTION pg_temp.singly(low bigint, high bigint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO pg_temp.outcome SELECT 'singly', v.place, r.* FROM visit v,
    tollgate.register_visit(request, visited, product, identifier, account, license, token, offer_type,
      aws_request) r
    WHERE v.place BETWEEN low AND high ORDER BY v.place
$$;
-- What both make of it: customers by the request that made them, since their numbers differ.
CREATE FUNCTION pg_temp.shown() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(concat_ws(' ', o.place, o.created, e.request_id, c.product_code, c.customer_identifier,
      c.customer_aws_account_id, c.license_arn, c.metered_by, c.offer_type_claimed, r.visited_at,
      r.offer_type_claimed, (r.customer_id = o.customer_id)::text), E'\n' ORDER BY o.place)
    FROM pg_temp.outcome o JOIN tollgate.customer c ON c.id = o.customer_id
    JOIN tollgate.customer_event e ON e.customer_id = c.id AND e.kind = 'landed'
    JOIN tollgate.registration r ON r.request_id = 'x' || o.place
$$;
SAVEPOINT random_visits;
SELECT pg_temp.singly(1, 700) \g /dev/null
SELECT pg_temp.shown() AS singly \gset
ROLLBACK TO random_visits;
DO $$
DECLARE
  low bigint := 1;
  high bigint;
BEGIN
  WHILE low <= 700 LOOP
    high := low + trunc(random() * 12);
    INSERT INTO pg_temp.outcome SELECT 'together', r.* FROM pg_temp.register(low, least(high, 700)) r;
    low := high + 1;
  END LOOP;
END
$$;
SELECT is(pg_temp.shown(), :'singly', 'random visits together are what they are one by one');

-- The tail of an ARN, by which customers are matched, is the one that is stored with them.
INSERT INTO tollgate.customer (product_code, license_arn, metered_by)
  SELECT 'p', arn, 'license' FROM unnest(ARRAY['l-', '/l-tail1', 'a:b/l-tail2', 'a/b:l-tail3', 'a:l-tail4/', 'l-tail5:', 'x', ':', '/',
    'a:b', 'a/l-b:c', 'a:l-b/c', 'a:L-tail6', E'\u00e4:l-\u00fc', 'l-tail7', 'a:b:c/d/l-tail8', 'a/l-b/c', ':l-tail9', '//l-tail10']) arn;
SELECT is_empty('SELECT license_arn FROM tollgate.customer
  WHERE license_id IS DISTINCT FROM tollgate.license_id(license_arn)', 'the stored tail is that of license_id()');
