CREATE OR REPLACE FUNCTION tollgate.freeze_hour(hour timestamptz, deadline_after interval,
  month_closes_after interval, most bigint, region text, OUT records bigint, OUT units numeric)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  SET work_mem = '256MB' AS $$
DECLARE
  before bigint;
BEGIN
  PERFORM tollgate.lock_ledger();
  IF hour <> tollgate.hour_of(hour) OR hour + interval '1 hour 1 minute' > ledger_time() THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = format('the hour %s is not over', hour);
  END IF;
  SELECT coalesce(max(r.id), 0) INTO before FROM metering_record r;

  -- Each key whose hour is free takes all its lines that wait, of this hour and of those before.
  INSERT INTO metering_record (customer_id, dimension, hour, used_at, quantity, product_code,
      metered_by, customer_identifier, customer_aws_account_id, license_arn, aws_role_arn,
      aws_external_id, aws_region, lines, units, carried, frozen_at)
    SELECT k.customer_id, k.dimension, freeze_hour.hour,
        coalesce(k.last_used_at, freeze_hour.hour + interval '59 minutes 59 seconds'), k.quantity,
        c.product_code, c.metered_by,
        CASE c.metered_by WHEN 'customer_identifier' THEN c.customer_identifier END,
        CASE c.metered_by WHEN 'customer_identifier' THEN NULL ELSE c.customer_aws_account_id END,
        CASE c.metered_by WHEN 'license' THEN c.license_arn END,
        p.aws_role_arn, p.aws_external_id, coalesce(p.aws_region, freeze_hour.region), k.lines,
        k.units, k.units - k.quantity, ledger_time()
      FROM (SELECT s.customer_id, s.dimension, least(sum(s.whole), most)::bigint AS quantity,
            sum(s.units) AS units, sum(s.lines)::bigint AS lines, max(s.last_used_at) AS last_used_at
          FROM (SELECT l.customer_id, l.dimension, l.tags, sum(l.billable) AS units,
                greatest(0, floor(sum(l.billable))) AS whole, count(*) AS lines,
                max(l.last_used_at) FILTER (WHERE l.used_hour = freeze_hour.hour
                  AND l.kind = 'usage') AS last_used_at
              FROM waiting_line w JOIN rollup_line l ON l.id = w.line_id
              WHERE w.used_hour <= freeze_hour.hour
              GROUP BY l.customer_id, l.dimension, l.tags) s
          GROUP BY s.customer_id, s.dimension
          HAVING sum(s.whole) >= 1) k
      JOIN customer c ON c.id = k.customer_id
      JOIN product p ON p.product_code = c.product_code
      WHERE NOT EXISTS (SELECT FROM metering_record r WHERE r.customer_id = k.customer_id
        AND r.dimension = k.dimension AND r.hour = freeze_hour.hour)
      ORDER BY k.customer_id, k.dimension;

  INSERT INTO record_line (line_id, record_id)
    SELECT l.id, r.id
      FROM waiting_line w
      JOIN rollup_line l ON l.id = w.line_id
      JOIN metering_record r ON r.customer_id = l.customer_id AND r.dimension = l.dimension
        AND r.hour = freeze_hour.hour AND r.id > before
      WHERE w.used_hour <= freeze_hour.hour;
  DELETE FROM waiting_line w USING record_line j, rollup_line l
    WHERE j.record_id > before AND l.id = j.line_id AND w.used_hour = l.used_hour
      AND w.line_id = l.id;

  -- What each set of tags gets, in order of the sets, as far as AWS's largest quantity goes; the
  -- rest is carried.
  WITH part AS (
    SELECT s.record_id, s.tags, s.units, greatest(0, least(s.whole, most
        - (sum(s.whole) OVER (PARTITION BY s.record_id ORDER BY s.tags) - s.whole)))::bigint AS quantity
      FROM (SELECT j.record_id, l.tags, sum(l.billable) AS units,
            greatest(0, floor(sum(l.billable))) AS whole
          FROM record_line j JOIN rollup_line l ON l.id = j.line_id
          WHERE j.record_id > before
          GROUP BY j.record_id, l.tags) s),
  shared AS (
    INSERT INTO record_allocation (record_id, tags, quantity)
      SELECT p.record_id, p.tags, p.quantity FROM part p
        WHERE p.quantity > 0 AND EXISTS (SELECT FROM part o WHERE o.record_id = p.record_id
          AND o.quantity > 0 AND o.tags <> '{}')),
  carried AS (
    INSERT INTO rollup_line (kind, origin_record_id, customer_id, dimension, tags, used_hour,
        last_used_at, events, quantity, billable)
      SELECT 'carry', r.id, r.customer_id, r.dimension, p.tags, r.hour, r.used_at, 0,
          p.units - p.quantity, p.units - p.quantity
        FROM part p JOIN metering_record r ON r.id = p.record_id
        WHERE p.units <> p.quantity
      RETURNING used_hour, id)
  INSERT INTO waiting_line (used_hour, line_id) SELECT c.used_hour, c.id FROM carried c;

  INSERT INTO open_record (record_id, deadline)
    SELECT r.id, least(r.used_at + deadline_after,
        (tollgate.month_of(r.used_at) + interval '1 month') AT TIME ZONE 'UTC' + month_closes_after)
      FROM metering_record r WHERE r.id > before;
  PERFORM tollgate.check_freeze(before);
  SELECT count(*), coalesce(sum(r.quantity), 0) INTO records, units
    FROM metering_record r WHERE r.id > before;
END
$$;
COMMENT ON FUNCTION tollgate.freeze_hour(timestamptz, interval, interval, bigint, text) IS
  'Freezes an hour that is over: a record for each customer and dimension with whole units waiting. '
  'deadline_after, month_closes_after, most: AWS''s limits of the edition; region: where products '
  'are metered that name none';
