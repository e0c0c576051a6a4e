-- A ledger in use, for the costs and the plans of statements: 1000 customers, each with three dimensions that were used in
-- nine hours; seven of these hours are billed, two are open.
INSERT INTO tollgate.product (product_code, name) VALUES ('prod-bench', 'P');
INSERT INTO tollgate.dimension (product_code, dimension) VALUES ('prod-bench', 'a'), ('prod-bench', 'b'), ('prod-bench', 'c');
INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by)
  SELECT 'prod-bench', 'identifier-' || n, 'customer_identifier' FROM generate_series(1, 1000) n;
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, idempotency_key)
  SELECT c, d, 1 + (c + h) % 7, tollgate.hour_of(now()) - h * interval '1 hour', c || d || h
  FROM generate_series(1, 1000) c, unnest(ARRAY['a', 'b', 'c']) d, generate_series(2, 10) h;
SELECT FROM tollgate.roll_up();
SELECT tollgate.freeze_hour(tollgate.hour_of(now()) - h * interval '1 hour', '24 hours', '0', '10 minutes', 2147483647, 'us-east-1')
  FROM generate_series(10, 2, -1) h;
SELECT tollgate.begin_run();
SELECT tollgate.begin_calls(1, jsonb_agg(records)) FROM (SELECT jsonb_agg(record_id) AS records
  FROM (SELECT record_id, row_number() OVER (ORDER BY record_id) / 25 AS call FROM tollgate.open_record
    WHERE hour < (SELECT max(hour) - interval '1 hour' FROM tollgate.open_record)) r GROUP BY call) c;
SELECT count(*) FROM tollgate.settle_calls((SELECT jsonb_agg(jsonb_build_object('call', c.id, 'status', 200, 'uncertain', false,
    'records', c.records, 'said', (SELECT jsonb_agg('success'::text) FROM unnest(c.records)),
    'ids', (SELECT jsonb_agg('m' || r) FROM unnest(c.records) r)))
  FROM tollgate.metering_call c));
VACUUM ANALYZE;
