CREATE OR REPLACE FUNCTION tollgate.freeze_hour(hour timestamptz, past interval,
  month_closes interval, margin interval, most bigint, region text,
  OUT records bigint, OUT units numeric)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  SET work_mem = '256MB' SET jit = off SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  last_second CONSTANT timestamptz := hour + interval '59 minutes 59 seconds';
  -- AWS takes Timestamps that are later than this, until the month is closed.
  oldest CONSTANT timestamptz := ledger_time() + margin - past;
  closed_at CONSTANT timestamptz := CASE WHEN month_closes > '0'
    THEN (month_of(hour) + interval '1 month') AT TIME ZONE 'UTC' + month_closes
    ELSE 'infinity' END;
  first bigint;
BEGIN
  PERFORM tollgate.lock_ledger();
  IF hour <> tollgate.hour_of(hour) OR hour + interval '1 hour 1 minute' > ledger_time() THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = format('the hour %s is not over', hour);
  END IF;

  -- Each key whose hour is free takes all its lines that wait, of this hour and of those before;
  -- what the record has no room for is carried.
  WITH part AS MATERIALIZED (SELECT * FROM tollgate.parts_of_hour(hour, most)),
  key AS (
    SELECT p.customer_id, p.dimension, sum(p.quantity)::bigint AS quantity, sum(p.units) AS units,
        sum(p.lines)::bigint AS lines, CASE WHEN second_of(max(p.last_used_at)) > oldest
          THEN second_of(max(p.last_used_at)) ELSE last_second END AS used_at
      FROM part p GROUP BY p.customer_id, p.dimension HAVING sum(p.quantity) >= 1),
  record AS (
    INSERT INTO metering_record (customer_id, dimension, hour, used_at, quantity, product_code,
        metered_by, customer_identifier, customer_aws_account_id, license_arn, aws_role_arn,
        aws_external_id, aws_region, lines, units, carried, frozen_at)
      SELECT k.customer_id, k.dimension, freeze_hour.hour, k.used_at, k.quantity, c.product_code,
          c.metered_by,
          CASE c.metered_by WHEN 'customer_identifier' THEN c.customer_identifier END,
          CASE c.metered_by WHEN 'customer_identifier' THEN NULL ELSE c.customer_aws_account_id END,
          CASE c.metered_by WHEN 'license' THEN c.license_arn END,
          p.aws_role_arn, p.aws_external_id, coalesce(p.aws_region, freeze_hour.region), k.lines,
          k.units, k.units - k.quantity, ledger_time()
        FROM key k
        JOIN customer c ON c.id = k.customer_id
        JOIN product p ON p.product_code = c.product_code
        WHERE k.used_at > oldest AND closed_at > ledger_time() + margin
          -- A license is sent with its account, and what is frozen never changes.
          AND (c.metered_by <> 'license' OR c.customer_aws_account_id IS NOT NULL)
          AND NOT EXISTS (SELECT FROM metering_record r WHERE r.customer_id = k.customer_id
            AND r.dimension = k.dimension AND r.hour = freeze_hour.hour)
        ORDER BY k.customer_id, k.dimension
      RETURNING id, customer_id, dimension, metering_record.hour, used_at, quantity),
  joined AS (
    INSERT INTO record_line (line_id, record_id)
      SELECT w.line_id, r.id FROM record r JOIN waiting_line w ON w.customer_id = r.customer_id
        AND w.dimension = r.dimension AND w.used_hour <= r.hour),
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
    INSERT INTO open_record (record_id, deadline)
      SELECT r.id, least(r.used_at + past, closed_at) FROM record r)
  SELECT count(*), coalesce(sum(r.quantity), 0), min(r.id) INTO records, units, first FROM record r;
  PERFORM tollgate.check_freeze(first);
END
$$;
COMMENT ON FUNCTION tollgate.freeze_hour(timestamptz, interval, interval, interval, bigint, text) IS
  'Freezes an hour that is over: a record for each customer and dimension with whole units '
  'waiting, unless AWS would not take it any more, or less than margin from now. past, '
  'month_closes, most: AWS''s limits of the edition; region: of products that name none';
