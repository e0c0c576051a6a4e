-- A night of the meter, hour by hour, as docs/desk.md shows the morning after: psql -f, as the owner. The
-- ledger's clock stands still, so that the same comes out each time.
\set ON_ERROR_STOP 1
\set QUIET 1
SET TIME ZONE 'UTC';
CREATE FUNCTION pg_temp.clock(at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE OR REPLACE FUNCTION tollgate.ledger_time() RETURNS timestamptz '
    'LANGUAGE sql STABLE PARALLEL SAFE RETURN timestamptz %L', at);
END
$$;
CREATE FUNCTION pg_temp.freeze(hour timestamptz) RETURNS bigint LANGUAGE sql AS $$
  SELECT records FROM tollgate.freeze_hour(hour, '24 hours', '6 hours', '10 minutes', 2147483647, 'us-east-1')
$$;
-- What AWS answers to the open records of a customer's dimension, a call each: success, duplicate, not_subscribed,
-- refused, or failed: open, with the code. lost: a try of it may have been carried out.
CREATE FUNCTION pg_temp.answer(customer bigint, dim text, said text, aws_code text, lost boolean DEFAULT false)
  RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  record bigint;
  call bigint;
BEGIN
  FOR record IN SELECT o.record_id FROM tollgate.open_record o
    WHERE o.customer_id = customer AND o.dimension = dim ORDER BY o.record_id
  LOOP
    call := tollgate.begin_calls((SELECT max(id) FROM tollgate.metering_run), jsonb_build_array(jsonb_build_array(record)));
    PERFORM tollgate.settle_calls(jsonb_build_array(jsonb_build_object('call', call, 'status', 400,
      'code', CASE WHEN said IN ('failed', 'refused') THEN aws_code ELSE '' END,
      'request_id', format('5f0c7d1e-%s', to_char(call, 'FM0000')), 'uncertain', lost,
      'records', ARRAY[record], 'said', ARRAY[CASE said WHEN 'refused' THEN 'failed' ELSE said END],
      'codes', ARRAY[aws_code])));
    IF said = 'refused' THEN
      PERFORM tollgate.refuse_record(record, call, aws_code);
    END IF;
  END LOOP;
END
$$;

INSERT INTO tollgate.product (product_code, name) VALUES ('4w1vgsrkqdkypbz43g7qkk4uz', 'Orchard Analytics'),
  ('9zkx2m7cf0q6trb5j8vhw3nd1', 'Orchard Archive');
INSERT INTO tollgate.dimension (product_code, dimension, included) VALUES ('4w1vgsrkqdkypbz43g7qkk4uz', 'users', NULL),
  ('4w1vgsrkqdkypbz43g7qkk4uz', 'requests', 100000), ('4w1vgsrkqdkypbz43g7qkk4uz', 'Reports', NULL),
  ('4w1vgsrkqdkypbz43g7qkk4uz', 'reports', NULL),
  ('9zkx2m7cf0q6trb5j8vhw3nd1', 'gigabytes-stored-eu-central-1', NULL);
INSERT INTO tollgate.customer (id, product_code, customer_identifier, customer_aws_account_id, license_arn, metered_by, created_at)
  OVERRIDING SYSTEM VALUE
  SELECT id, CASE WHEN id < 16 THEN '4w1vgsrkqdkypbz43g7qkk4uz' ELSE '9zkx2m7cf0q6trb5j8vhw3nd1' END,
      CASE WHEN id < 16 THEN 'ifAPi5AcF3' || id END, CASE WHEN id <> 17 THEN '1112223330' || id END,
      CASE WHEN id >= 16 THEN 'arn:aws:license-manager::294406891311:license:l-0a1b' || id END,
      CASE WHEN id < 16 THEN 'customer_identifier' ELSE 'license' END, timestamptz '2026-11-03 09:00Z' + id * interval '1 day'
    FROM generate_series(11, 17) id;
INSERT INTO tollgate.customer_event (customer_id, kind, happened_at, request_id)
  SELECT id, 'landed', created_at, CASE id WHEN 13 THEN 'da60cbbcdc257986c4462b5032719787' END FROM tollgate.customer;
INSERT INTO tollgate.registration (request_id, visited_at, outcome, customer_id, product_code, aws_request_id)
  VALUES ('da60cbbcdc257986c4462b5032719787', '2026-11-16 09:00Z', 'resolved', 13, '4w1vgsrkqdkypbz43g7qkk4uz',
      '0f52e5f5-7d0a-4c3e-8a61-1f0f6d9b2c47'),
    ('b2c1-0007', '2026-11-20 09:00Z', 'resolved', 11, '4w1vgsrkqdkypbz43g7qkk4uz', NULL),
    ('b2c1-0008', '2026-11-24 16:41Z', 'token_expired', NULL, NULL, NULL),
    ('b2c1-0009', '2026-11-24 16:43Z', 'aws_refused', NULL, NULL, NULL);
INSERT INTO tollgate.contact (session_sha256, customer_id, email, fields, request_id, updated_at)
  VALUES (sha256('a session'::bytea), 11, 'ann@grove.example', '{"company": "Grove"}', 'b2c1-0007', '2026-11-20 09:02Z'),
    (sha256('another'::bytea), 13, 'bo@quarry.example', '{"company": "Quarry"}', '81f3a1c2f6b05d7e9c4e0a8826d1b3f7', '2026-11-16 09:03Z');

-- 01:05, a run in which all goes well.
SELECT pg_temp.clock('2026-11-25 01:03Z') \g /dev/null
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  VALUES (11, 'users', 40, '2026-11-25 00:20Z'), (11, 'requests', 130000, '2026-11-25 00:40Z'),
  (12, 'users', 12, '2026-11-25 00:10Z'), (13, 'users', 7, '2026-11-25 00:30Z'),
  (16, 'gigabytes-stored-eu-central-1', 812.5, '2026-11-25 00:59Z');
SELECT pg_temp.clock('2026-11-25 01:05:41Z') \g /dev/null
SELECT run_id AS run FROM tollgate.begin_run() \gset
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT pg_temp.freeze('2026-11-25 00:00Z') \g /dev/null
SELECT pg_temp.answer(id, dim, 'success', 'Success') FROM (VALUES (11, 'users'), (11, 'requests'), (12, 'users'),
  (13, 'users'), (16, 'gigabytes-stored-eu-central-1')) v (id, dim) \g /dev/null
SELECT pg_temp.clock('2026-11-25 01:05:43Z') \g /dev/null
SELECT tollgate.end_run(:run, 0, '{"billed": 5, "refused": 0, "unconfirmed": 0, "unknown": 0, "left": 0}') \g /dev/null

-- 02:05, killed after AWS had accepted a record and before the answer was noted.
SELECT pg_temp.clock('2026-11-25 02:05:12Z') \g /dev/null
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES (13, 'users', 9, '2026-11-25 01:25Z');
SELECT run_id AS run FROM tollgate.begin_run() \gset
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT pg_temp.freeze('2026-11-25 01:00Z') \g /dev/null
SELECT tollgate.begin_calls(:run, jsonb_build_array(jsonb_build_array(record_id))) FROM tollgate.open_record \g /dev/null

-- 03:05, the run that exits with 65.
SELECT pg_temp.clock('2026-11-25 03:04Z') \g /dev/null
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  VALUES (11, 'users', 38, '2026-11-25 02:10Z'), (11, 'Reports', 3, '2026-11-25 02:11Z'), (12, 'Reports', 4, '2026-11-25 02:12Z'),
  (12, 'users', 11.25, '2026-11-25 02:15Z'), (14, 'users', 5, '2026-11-25 02:30Z'), (15, 'users', 21, '2026-11-25 02:45Z'),
  (16, 'gigabytes-stored-eu-central-1', 800, '2026-11-25 02:59Z'), (17, 'gigabytes-stored-eu-central-1', 64, '2026-11-25 02:40Z');
SELECT pg_temp.clock('2026-11-25 03:06:20Z') \g /dev/null
SELECT run_id AS run FROM tollgate.begin_run() \gset
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT pg_temp.freeze('2026-11-25 02:00Z') \g /dev/null
SELECT pg_temp.answer(id, dim, said, code) FROM (VALUES (13, 'users', 'duplicate', 'DuplicateRecord'),
  (11, 'users', 'success', 'Success'), (11, 'Reports', 'refused', 'InvalidUsageDimensionException'),
  (12, 'Reports', 'refused', 'InvalidUsageDimensionException'), (12, 'users', 'duplicate', 'DuplicateRecord'),
  (14, 'users', 'not_subscribed', 'CustomerNotSubscribed'), (15, 'users', 'failed', 'ThrottlingException'),
  (16, 'gigabytes-stored-eu-central-1', 'success', 'Success')) v (id, dim, said, code) \g /dev/null
SELECT pg_temp.clock('2026-11-25 03:07:31Z') \g /dev/null
SELECT tollgate.end_run(:run, 65, '{"billed": 2, "refused": 3, "unconfirmed": 1, "unknown": 0, "left": 2}') \g /dev/null

-- 04:05: what was left.
SELECT pg_temp.clock('2026-11-25 04:05:09Z') \g /dev/null
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  VALUES (11, 'users', 2, '2026-11-25 04:01Z'), (16, 'gigabytes-stored-eu-central-1', 815, '2026-11-25 03:59Z');
SELECT run_id AS run FROM tollgate.begin_run() \gset
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT pg_temp.freeze('2026-11-25 03:00Z') \g /dev/null
SELECT pg_temp.answer(id, dim, said, code, lost) FROM (VALUES (14, 'users', 'not_subscribed', 'CustomerNotSubscribed', false),
  (15, 'users', 'success', 'Success', false), (16, 'gigabytes-stored-eu-central-1', 'failed', 'ServiceUnavailable', true))
  v (id, dim, said, code, lost) \g /dev/null
SELECT pg_temp.clock('2026-11-25 04:05:58Z') \g /dev/null
SELECT tollgate.end_run(:run, 75, '{"billed": 1, "refused": 0, "unconfirmed": 0, "unknown": 0, "left": 2}') \g /dev/null

-- When somebody looks.
SELECT pg_temp.clock('2026-11-25 04:20Z') \g /dev/null
