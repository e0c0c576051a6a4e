-- A ledger as the first release that had one left it, at migration 0003: a record of each kind, a call whose answer never
-- came, what waits, what is carried, and an event that no roll-up has seen. Triggers had no bodies yet that keep sums and
-- queues, so all is given.
INSERT INTO tollgate.product (product_code, name) VALUES ('p', 'P');
INSERT INTO tollgate.dimension (product_code, dimension) VALUES ('p', 'd');
INSERT INTO tollgate.customer (product_code, customer_identifier, customer_aws_account_id, license_arn, metered_by) VALUES
  ('p', 'i1', '111122223333', 'arn:aws:license-manager::111122223333:license:l-1', 'license'),
  ('p', NULL, '222233334444', NULL, 'account'),
  ('p', 'i3', NULL, NULL, 'customer_identifier');
INSERT INTO tollgate.registration (request_id, customer_id, product_code, visited_at, outcome, token_sha256)
  SELECT 'r' || id, id, 'p', created_at, 'resolved', sha256(id::text::bytea) FROM tollgate.customer;
INSERT INTO tollgate.customer_event (customer_id, kind, happened_at, request_id)
  SELECT id, 'landed', created_at, 'r' || id FROM tollgate.customer;

INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, idempotency_key, tags) VALUES
  (1, 'd', 2.5, '2026-05-01 10:10Z', 'k1', NULL), (1, 'd', 3, '2026-05-01 10:20Z', NULL, NULL),
  (1, 'd', 4, '2026-05-01 11:05Z', NULL, NULL), (2, 'd', 6, '2026-05-01 10:30Z', NULL, '{"team": "a"}'),
  (3, 'd', 7, '2026-05-01 10:40Z', NULL, NULL), (3, 'd', 1, '2026-05-01 12:00Z', NULL, NULL);
INSERT INTO tollgate.rollup (generation, snapshot, rolled_up_at, events, units)
  VALUES (1, pg_current_snapshot(), '2026-05-01 12:05Z', 6, 23.5);
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES (3, 'd', 2, '2026-05-01 12:30Z');

INSERT INTO tollgate.rollup_line (kind, rollup_id, origin_record_id, customer_id, dimension, tags, used_hour, last_used_at,
    events, quantity, billable) VALUES
  ('usage', 1, NULL, 1, 'd', '{}', '2026-05-01 10:00Z', '2026-05-01 10:20Z', 2, 5.5, 5.5),
  ('usage', 1, NULL, 1, 'd', '{}', '2026-05-01 11:00Z', '2026-05-01 11:05Z', 1, 4, 4),
  ('usage', 1, NULL, 2, 'd', '{"team": "a"}', '2026-05-01 10:00Z', '2026-05-01 10:30Z', 1, 6, 6),
  ('usage', 1, NULL, 3, 'd', '{}', '2026-05-01 10:00Z', '2026-05-01 10:40Z', 1, 7, 7),
  ('usage', 1, NULL, 3, 'd', '{}', '2026-05-01 12:00Z', '2026-05-01 12:00Z', 1, 1, 1),
  ('carry', NULL, 1, 1, 'd', '{}', '2026-05-01 10:00Z', '2026-05-01 10:20Z', 0, 0.5, 0.5);
INSERT INTO tollgate.waiting_line (line_id, used_hour, customer_id, dimension, tags, kind, last_used_at, billable)
  SELECT id, used_hour, customer_id, dimension, tags, kind, last_used_at, billable FROM tollgate.rollup_line WHERE id > 4;
INSERT INTO tollgate.metering_record (customer_id, dimension, hour, used_at, quantity, product_code, metered_by,
    customer_identifier, customer_aws_account_id, license_arn, aws_region, lines, units, carried, frozen_at)
  SELECT l.customer_id, 'd', l.used_hour, l.last_used_at, floor(l.billable), 'p', c.metered_by,
      CASE c.metered_by WHEN 'customer_identifier' THEN c.customer_identifier END, c.customer_aws_account_id, c.license_arn,
      'us-east-1', 1, l.billable, l.billable - floor(l.billable), '2026-05-01 12:05Z'
    FROM tollgate.rollup_line l JOIN tollgate.customer c ON c.id = l.customer_id WHERE l.id <= 4 ORDER BY l.id;
INSERT INTO tollgate.record_line (line_id, record_id) SELECT n, n FROM generate_series(1, 4) n;
INSERT INTO tollgate.record_allocation (record_id, tags, quantity) VALUES (3, '{"team": "a"}', 6);

INSERT INTO tollgate.metering_run (began_at) VALUES ('2026-05-01 12:05Z');
INSERT INTO tollgate.metering_call (run_id, called_at, records) VALUES
  (1, '2026-05-01 12:05:01Z', '{1,4}'), (1, '2026-05-01 12:05:02Z', '{2}');
INSERT INTO tollgate.metering_answer (call_id, answered_at, http_status, uncertain) VALUES (1, '2026-05-01 12:05:02Z', 200, false);
INSERT INTO tollgate.metering_result (record_id, call_id, outcome, code, metering_record_id, settled_at) VALUES
  (1, 1, 'billed', 'Success', 'm1', '2026-05-01 12:05:02Z'), (4, 1, 'refused', 'DuplicateRecord', NULL, '2026-05-01 12:05:02Z');
INSERT INTO tollgate.open_record (record_id, deadline, attempts, call_id) VALUES
  (2, '2026-05-02 11:05Z', 1, 2), (3, '2026-05-02 10:30Z', 0, NULL);
INSERT INTO tollgate.month_sum (customer_id, dimension, month, accepted, waiting, carried, frozen, billed, refused) VALUES
  (1, 'd', '2026-05-01', 9.5, 0, 0.5, 4, 5, 0), (2, 'd', '2026-05-01', 6, 0, 0, 6, 0, 0), (3, 'd', '2026-05-01', 8, 1, 0, 0, 0, 7);
