-- The views of what waits, in ledgers full of odd things, against the same said plainly.
SELECT plan(41);
SET session_replication_role = replica; -- rows as they are, without the triggers that would keep sums
INSERT INTO tollgate.product (product_code, name) VALUES ('p', 'P');
INSERT INTO tollgate.customer (id, product_code, customer_identifier, customer_aws_account_id, license_arn, metered_by)
  OVERRIDING SYSTEM VALUE SELECT n, 'p', CASE WHEN n % 3 > 0 THEN 'i' || n END, CASE WHEN n % 2 = 0 THEN lpad(n::text, 12, '0') END,
      CASE WHEN n % 3 = 0 THEN 'arn:l-' || n END, CASE WHEN n % 3 = 0 THEN 'license' ELSE 'customer_identifier' END
    FROM generate_series(1, 60) n;

CREATE FUNCTION pg_temp.is_called(record bigint) RETURNS boolean LANGUAGE sql AS $$
  SELECT EXISTS (SELECT FROM tollgate.open_call c WHERE record = ANY (c.records))
$$;
CREATE VIEW pg_temp.plain_waiting_usage AS
  SELECT k.customer_id, k.dimension, k.tags, trim_scale(k.units) AS units, k.since,
      CASE
        WHEN e.closes_at <= tollgate.ledger_time() THEN 'ended'
        WHEN k.units < 0 THEN 'negative'
        WHEN k.units < 1 THEN 'fraction'
        WHEN c.metered_by = 'license' AND c.customer_aws_account_id IS NULL THEN 'no account'
        WHEN e.customer_id IS NOT NULL THEN 'last call'
        WHEN k.due < 1 THEN 'running hour'
        WHEN EXISTS (SELECT FROM tollgate.metering_record r WHERE r.customer_id = k.customer_id
          AND r.dimension = k.dimension AND r.hour = k.last_over) THEN 'late'
        ELSE 'next run'
      END AS code,
      least(e.closes_at, k.young + interval '59 minutes 59 seconds' + a.past,
        CASE WHEN a.month_closes > '0' THEN (tollgate.month_of(k.young) + interval '1 month')
          AT TIME ZONE 'UTC' + a.month_closes END) - interval '10 minutes' AS needed_by,
      k.last_over + interval '2 hours 1 minute' AS running_ends
    FROM (
      SELECT w.customer_id, w.dimension, w.tags, sum(w.billable) AS units,
          coalesce(sum(w.billable) FILTER (WHERE w.used_hour <= (SELECT tollgate.hour_of(
            tollgate.ledger_time() - interval '1 hour 1 minute'))), 0) AS due,
          coalesce(min(w.used_hour) FILTER (WHERE w.kind <> 'carry'), min(w.used_hour)) AS since,
          min(w.used_hour) FILTER (WHERE w.kind <> 'carry' AND w.used_hour > (
            SELECT tollgate.ledger_time() - b.past - interval '49 minutes 59 seconds'
              FROM tollgate.aws_window b)) AS young,
          (SELECT tollgate.hour_of(tollgate.ledger_time() - interval '1 hour 1 minute'))
            AS last_over
        FROM tollgate.waiting_line w GROUP BY w.customer_id, w.dimension, w.tags) k
    JOIN tollgate.customer c ON c.id = k.customer_id
    LEFT JOIN tollgate.subscription_end e ON e.customer_id = k.customer_id
    CROSS JOIN tollgate.aws_window a;

CREATE VIEW pg_temp.plain_waiting AS
  SELECT w.customer_id, w.dimension, w.tags, w.units, w.since, w.code,
      coalesce(r.reason, 'AWS refuses it with a code that is not known here.') AS reason,
      CASE WHEN r.code IS NULL THEN 'Ask AWS Marketplace''s seller support, with the code'
        ELSE r.to_do END AS to_do,
      CASE WHEN w.code IN ('running hour', 'late') THEN w.running_ends
        WHEN w.code NOT IN ('fraction', 'negative') AND r.code IS NOT NULL AND r.to_do IS NULL
        THEN tollgate.ledger_time() END AS billed_from, r.no
    FROM (
      SELECT u.customer_id, u.dimension, u.tags, u.units, u.since, u.code, u.running_ends
        FROM pg_temp.plain_waiting_usage u
      UNION ALL
      SELECT o.customer_id, o.dimension, NULL, sum(o.quantity), min(o.hour),
          tollgate.open_code(o, pg_temp.is_called(o.record_id)), NULL
        FROM tollgate.open_record o GROUP BY 1, 2, 6) w
    LEFT JOIN tollgate.list_reasons() r ON r.code = w.code;

CREATE VIEW pg_temp.plain_at_risk AS
  SELECT w.needed_by, w.records, w.units, w.otherwise, w.code,
      coalesce(r.reason, 'AWS refuses it with a code that is not known here.') AS reason, r.to_do
    FROM (
      SELECT min(o.deadline) - interval '10 minutes' AS needed_by, count(*) AS records,
          sum(o.quantity) AS units,
          CASE WHEN o.uncertain OR pg_temp.is_called(o.record_id) THEN 'unknown'
            WHEN e.customer_id IS NOT NULL THEN 'ended' ELSE 'moved' END AS otherwise,
          tollgate.open_code(o, pg_temp.is_called(o.record_id)) AS code
        FROM tollgate.open_record o
        LEFT JOIN tollgate.subscription_end e ON e.customer_id = o.customer_id
        GROUP BY tollgate.hour_of(o.deadline), 4, 5
      UNION ALL
      SELECT min(u.needed_by), NULL, trim_scale(sum(u.units)),
          CASE u.code WHEN 'last call' THEN 'ended' ELSE 'moved' END, u.code
        FROM pg_temp.plain_waiting_usage u WHERE u.units >= 1 AND u.needed_by > tollgate.ledger_time()
        GROUP BY u.needed_by, u.code) w
    LEFT JOIN tollgate.list_reasons() r ON r.code = w.code;

-- A ledger: now, and by how many hours what waits and what is open is spread.
CREATE FUNCTION pg_temp.fill(seed float, now timestamptz, lines int, records int, hours int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  hour CONSTANT timestamptz := tollgate.hour_of(now);
BEGIN
  PERFORM tap.clock(now), setseed(seed);
  TRUNCATE tollgate.waiting_line, tollgate.open_record, tollgate.open_call, tollgate.metering_record, tollgate.customer_event CASCADE;
  INSERT INTO tollgate.waiting_line (line_id, used_hour, customer_id, dimension, tags, kind, last_used_at, billable)
    SELECT n, h, 1 + (random() * 59)::int, (ARRAY['a', 'b', 'B'])[1 + (random() * 2)::int],
        (ARRAY['{}', '{}', '{"t": "x"}', '{"t": "y"}'])[1 + (random() * 3)::int]::jsonb,
        (ARRAY['usage', 'usage', 'carry', 'moved', 'repaired'])[1 + (random() * 4)::int], h,
        (ARRAY[0.25, 0.5, 0.750, 1, 3, -1, -0.5, 1000000000000.000000001])[1 + (random() * 7)::int]
      FROM (SELECT n, hour - floor(random() * hours) * interval '1 hour' AS h FROM generate_series(1, lines) n) l;
  INSERT INTO tollgate.metering_record (id, customer_id, dimension, hour, used_at, quantity, product_code, metered_by,
      customer_identifier, aws_region, lines, units, carried, frozen_at)
    OVERRIDING SYSTEM VALUE SELECT row_number() OVER (), c, d, h, h, 1 + (c * 7 + n) % 11, 'p', 'customer_identifier', 'i', 'us-east-1',
        1, 1 + (c * 7 + n) % 11, 0, h + interval '1 hour'
      FROM generate_series(1, 60) c, unnest(ARRAY['a', 'b', 'B']) d, generate_series(1, hours) n,
        LATERAL (SELECT hour - n * interval '1 hour' AS h) t
      ORDER BY random() LIMIT records;
  INSERT INTO tollgate.open_record (record_id, deadline, attempts, uncertain, code, customer_id, dimension, hour, quantity)
    SELECT r.id, r.hour + random() * interval '59 minutes' + interval '24 hours', (random() * 2)::int, random() < 0.2, (ARRAY['ThrottlingException', 'ACodeOfTomorrow', 'AnotherOne', NULL, NULL, NULL])[1 + (random() * 5)::int],
        r.customer_id, r.dimension, r.hour, r.quantity
      FROM tollgate.metering_record r WHERE random() < 0.7;
  INSERT INTO tollgate.open_call (call_id, records)
    SELECT row_number() OVER (), array_agg(record_id) FROM tollgate.open_record WHERE random() < 0.1 GROUP BY record_id % 7;
  INSERT INTO tollgate.customer_event (customer_id, kind, happened_at)
    SELECT 1 + (random() * 59)::int, (ARRAY['ending', 'ending', 'ended', 'resumed'])[1 + (random() * 3)::int], now - random() * interval '2 hours'
      FROM generate_series(1, 15);
END
$$;
-- Reasons and rows, as :waiting had them from the view.
CREATE FUNCTION pg_temp.plain_page(customer bigint, most bigint) RETURNS TABLE (customer_id bigint, dimension text, tags jsonb,
    units numeric, since timestamptz, code text, reason text, to_do text, billed_from timestamptz, no bigint) LANGUAGE sql AS $$
  SELECT NULL, NULL, NULL, sum(w.units), min(w.since), w.code, w.reason, w.to_do, min(w.billed_from), w.no
    FROM pg_temp.plain_waiting w WHERE customer IS NULL OR w.customer_id = customer GROUP BY w.no, w.code, w.reason, w.to_do
  UNION ALL
  (SELECT * FROM pg_temp.plain_waiting w WHERE customer IS NULL OR w.customer_id = customer
    ORDER BY w.since, w.customer_id, w.dimension, w.tags, w.no LIMIT most)
$$;
CREATE FUNCTION pg_temp.compared(name text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  query text;
BEGIN
  FOREACH query IN ARRAY ARRAY['waiting_usage', 'waiting', 'at_risk'] LOOP
    RETURN NEXT tap.bag_eq('SELECT * FROM tollgate.' || query, 'SELECT * FROM pg_temp.plain_' || query, name || ': ' || query);
  END LOOP;
  FOREACH query IN ARRAY ARRAY['NULL, 1', 'NULL, 5', 'NULL, 50', 'NULL, 100000', '7, 3'] LOOP
    RETURN NEXT tap.bag_eq(format('SELECT * FROM tollgate.waiting_page(%s)', query), format('SELECT * FROM pg_temp.plain_page(%s)', query),
      format('%s: waiting_page(%s)', name, query));
  END LOOP;
END
$$;
SELECT pg_temp.fill(0.1, '2024-03-10 12:30Z', 0, 0, 1) \g /dev/null
SELECT pg_temp.compared('nothing');
SELECT pg_temp.fill(0.2, '2024-03-10 12:30Z', 400, 500, 3) \g /dev/null
SELECT pg_temp.compared('a few hours');
SELECT pg_temp.fill(0.3, '2024-03-10 13:00:30Z', 300, 300, 40) \g /dev/null
SELECT pg_temp.compared('two days, an hour that is just over');
SELECT pg_temp.fill(0.4, '2024-04-01 02:00Z', 1000, 40, 30) \g /dev/null
SELECT pg_temp.compared('the end of a month');
SELECT pg_temp.fill(0.5, '2024-03-10 12:30Z', 20, 2000, 30) \g /dev/null
SELECT pg_temp.compared('a service that was away');
SELECT ok((SELECT count(DISTINCT code) FROM tollgate.waiting) >= 8, 'there was something to compare');
SELECT * FROM finish();
