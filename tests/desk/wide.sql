-- A desk with the widest that is real: ids of seven digits, dimensions of 30 characters, records of 100 million units; each code
-- of list_reasons() refused and open, with all outcomes; runs of every kind. psql -f, as the owner, in an empty ledger.
\set ON_ERROR_STOP 1
\set QUIET 1
SET session_replication_role = replica; -- rows as they are, without the triggers that would keep sums
INSERT INTO tollgate.product (product_code, name) VALUES ('4w1vgsrkqdkypbz43g7qkk4uz', 'A product with a long name');
INSERT INTO tollgate.dimension (product_code, dimension) VALUES ('4w1vgsrkqdkypbz43g7qkk4uz', 'gigabytes-stored-ap-southeast1');
INSERT INTO tollgate.customer (id, product_code, customer_identifier, customer_aws_account_id, metered_by)
  OVERRIDING SYSTEM VALUE SELECT 1234500 + n, '4w1vgsrkqdkypbz43g7qkk4uz', 'ifAPi5AcF3' || n, '111122' || 300000 + n,
    'customer_identifier' FROM generate_series(1, 200) n;
INSERT INTO tollgate.customer_event (customer_id, kind, happened_at)
  SELECT id, 'not_subscribed', now() FROM tollgate.customer;
INSERT INTO tollgate.metering_record (id, customer_id, dimension, hour, used_at, quantity, product_code, metered_by,
    customer_identifier, aws_region, lines, units, carried, frozen_at)
  OVERRIDING SYSTEM VALUE SELECT 7654300 + n, 1234500 + n % 200 + 1, 'gigabytes-stored-ap-southeast1', h, h, 123456789,
    '4w1vgsrkqdkypbz43g7qkk4uz', 'customer_identifier', 'i', 'ap-southeast-1', 1, 123456789.375, 0.375, h + interval '1 hour'
    FROM generate_series(1, 400) n, LATERAL (SELECT tollgate.hour_of(now()) - n / 200 * interval '1 hour' AS h) t;
INSERT INTO tollgate.rollup_line (kind, rollup_id, customer_id, dimension, tags, used_hour, last_used_at, events, quantity, billable)
  SELECT 'usage', 1, customer_id, dimension, '{}', hour, hour, 1, units, units - 1000000 FROM tollgate.metering_record;
INSERT INTO tollgate.waiting_line SELECT id, used_hour, customer_id, dimension, CASE WHEN customer_id % 2 = 0 THEN tags
    ELSE '{"department": "research-and-development", "team": "platform-engineering"}' END, kind, last_used_at, billable - customer_id * 50
  FROM tollgate.rollup_line;
INSERT INTO tollgate.metering_result (record_id, outcome, code, settled_at)
  SELECT 7654300 + no * 2, CASE no % 5 WHEN 1 THEN 'unknown' WHEN 2 THEN 'unconfirmed' ELSE 'refused' END, code, now()
    FROM tollgate.list_reasons();
INSERT INTO tollgate.metering_result (record_id, outcome, code, settled_at)
  VALUES (7654699, 'refused', 'ACodeOfTomorrowThatNobodyKnowsYetException', now());
INSERT INTO tollgate.open_record (record_id, deadline, attempts, code, customer_id, dimension, hour, quantity)
  SELECT r.id, r.hour + interval '24 hours', 1, w.code, r.customer_id, r.dimension, r.hour, r.quantity
    FROM tollgate.list_reasons() w JOIN tollgate.metering_record r ON r.id = 7654301 + w.no * 2;
INSERT INTO tollgate.month_sum (customer_id, dimension, month, accepted, waiting, carried, included, unconfirmed, unknown,
    refused)
  SELECT id, 'gigabytes-stored-ap-southeast1', tollgate.month_of(now()), 8589934588.375, 1234567890, 0.375, 1000000,
      1234567890, 1234567890, 1234567890 FROM tollgate.customer;
INSERT INTO tollgate.metering_run (id, began_at, ended_at, exit_code, summary) OVERRIDING SYSTEM VALUE
  SELECT 43210 + n, now() - (6 - n) * interval '1 hour', now() - (6 - n) * interval '1 hour' + interval '59 minutes 59 seconds', code,
      '{"billed": 123456789, "billed_units": 12345678901234, "refused": 1234567, "left": 1234567}'
    FROM unnest(ARRAY[0, 65, 75, 78, 70]) WITH ORDINALITY c (code, n);
INSERT INTO tollgate.metering_run (began_at) OVERRIDING USER VALUE VALUES (now());
INSERT INTO tollgate.contact (session_sha256, customer_id, email, fields, request_id)
  SELECT sha256('x'::bytea), 1234507, 'somebody.with.a.long.name@a-company-with-a-long-name.example',
    jsonb_build_object('company', repeat('A company with a long name ', 20)), 'request-1';
INSERT INTO tollgate.admin_action (action, customer_id, reason, done_by)
  SELECT act, 1234507, repeat('asked for by email, and then again ', 5), 'tollgate_admin_of_berlin'
    FROM unnest(ARRAY['erase_contact: 1 rows', 'change_metered_by: customer_aws_account_id',
      'record 7654321 remapped: 0 of 123456789 units at AWS, to gigabytes-stored-ap-southeast1']) act;
INSERT INTO tollgate.customer_event (customer_id, kind, happened_at, request_id)
  VALUES (1234507, 'landed', now() - interval '1 day', 'da60cbbcdc257986c4462b5032719787');
INSERT INTO tollgate.registration (request_id, visited_at, outcome, customer_id, product_code, aws_request_id)
  SELECT CASE o WHEN 'resolved' THEN 'da60cbbcdc257986c4462b5032719787' ELSE 'request-' || o END, now(), o,
      CASE WHEN o = 'resolved' THEN 1234507 END, '4w1vgsrkqdkypbz43g7qkk4uz',
      CASE WHEN o = 'resolved' THEN '5f0c7d1e-0b1c-4f6e-9a57-3d2c8e1b7a90' END
    FROM unnest(ARRAY['resolved', 'token_invalid', 'unknown_product', 'aws_refused']) o;
