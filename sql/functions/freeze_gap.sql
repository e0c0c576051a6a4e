CREATE OR REPLACE FUNCTION tollgate.freeze_gap(until timestamptz) RETURNS bigint
  LANGUAGE plpgsql SET search_path = pg_catalog, tollgate, pg_temp
  SET work_mem = '256MB' SET jit = off SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  most CONSTANT bigint := 2147483647;
  newest CONSTANT timestamptz := least(until, hour_of(ledger_time()));
  made bigint;
  first bigint;
BEGIN
  -- As freeze_records() does it, but in the latest hour of the key that has no record yet: nothing of
  -- this is sent.
  WITH part AS MATERIALIZED (
    SELECT * FROM tollgate.parts_of_hour(until, most, NULL, NULL, false)),
  key AS (
    SELECT p.customer_id, p.dimension, sum(p.quantity)::bigint AS quantity, sum(p.units) AS units,
        sum(p.lines)::bigint AS lines, max(p.last_used_at) AS last_used_at
      FROM part p GROUP BY p.customer_id, p.dimension HAVING sum(p.quantity) >= 1),
  placed AS (
    SELECT k.*, h.hour, least(second_of(ledger_time()), h.hour + interval '59 minutes 59 seconds',
          CASE WHEN h.hour = until THEN second_of(k.last_used_at) END) AS used_at
      FROM key k CROSS JOIN LATERAL (
        SELECT h AS hour FROM generate_series(newest, newest - interval '1 hour'
            * (SELECT count(*) FROM metering_record r WHERE r.customer_id = k.customer_id
              AND r.dimension = k.dimension), interval '-1 hour') h
          WHERE NOT EXISTS (SELECT FROM metering_record r WHERE r.customer_id = k.customer_id
            AND r.dimension = k.dimension AND r.hour = h)
          LIMIT 1) h),
  record AS (
    INSERT INTO metering_record (customer_id, dimension, hour, used_at, quantity, product_code,
        metered_by, customer_identifier, customer_aws_account_id, license_arn, aws_role_arn,
        aws_external_id, aws_region, lines, units, carried, frozen_at)
      SELECT k.customer_id, k.dimension, k.hour, k.used_at, k.quantity, c.product_code,
          c.metered_by,
          CASE c.metered_by WHEN 'customer_identifier' THEN c.customer_identifier END,
          CASE c.metered_by WHEN 'customer_identifier' THEN NULL ELSE c.customer_aws_account_id END,
          CASE c.metered_by WHEN 'license' THEN c.license_arn END,
          p.aws_role_arn, p.aws_external_id, coalesce(c.metered_region, p.aws_region,
            (SELECT r.aws_region FROM metering_record r ORDER BY r.id DESC LIMIT 1), 'us-east-1'),
          k.lines, k.units, k.units - k.quantity, ledger_time()
        FROM placed k
        JOIN customer c ON c.id = k.customer_id
        JOIN product p ON p.product_code = c.product_code
        -- A license goes with its account; without one nothing could be sent.
        WHERE c.metered_by <> 'license' OR c.customer_aws_account_id IS NOT NULL
        ORDER BY k.customer_id, k.dimension
      RETURNING id, customer_id, dimension, metering_record.hour, used_at, quantity),
  joined AS (
    INSERT INTO record_line (line_id, record_id)
      SELECT w.line_id, r.id FROM record r JOIN waiting_line w ON w.customer_id = r.customer_id
        AND w.dimension = r.dimension AND w.used_hour <= until),
  shared AS (
    INSERT INTO record_allocation (record_id, tags, quantity)
      SELECT s.id, s.tags, s.quantity
        FROM (SELECT r.id, p.tags, p.quantity,
              bool_or(p.tags <> '{}') OVER (PARTITION BY r.id) AS has_tags
            FROM record r JOIN part p USING (customer_id, dimension) WHERE p.quantity > 0) s
        WHERE s.has_tags),
  carried AS (
    INSERT INTO rollup_line (kind, origin_record_id, customer_id, dimension, tags, used_hour,
        last_used_at, events, quantity, billable)
      SELECT 'carry', r.id, r.customer_id, r.dimension, p.tags, r.hour, r.used_at, 0,
          p.units - p.quantity, p.units - p.quantity
        FROM record r JOIN part p USING (customer_id, dimension)
        WHERE p.units <> p.quantity),
  opened AS (
    INSERT INTO open_record (record_id, deadline, customer_id, dimension, hour, quantity)
      SELECT r.id, ledger_time(), r.customer_id, r.dimension, r.hour, r.quantity FROM record r)
  SELECT count(*), min(r.id) INTO made, first FROM record r;
  PERFORM tollgate.check_freeze(first);
  RETURN made;
END
$$;
COMMENT ON FUNCTION tollgate.freeze_gap(timestamptz) IS
  'Of adopt_ledger(): a record for each customer and dimension with whole units waiting that were '
  'used in the hour `until` or before it, in a free hour. Gives how many; what did not fit into '
  'them waits on';
