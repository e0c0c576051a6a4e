CREATE OR REPLACE FUNCTION tollgate.freeze_records(hour timestamptz, up_to timestamptz,
  past interval, month_closes interval, margin interval, most bigint, region text,
  customers bigint[], dimensions text[], round_up boolean, OUT records bigint, OUT units numeric,
  OUT late numeric)
  LANGUAGE plpgsql SET search_path = pg_catalog, tollgate, pg_temp
  SET work_mem = '256MB' SET jit = off SET plan_cache_mode = force_custom_plan
  -- Of what has come since the last ANALYZE the planner expects one row; a loop over a loop of 40,000
  -- such rows would not end. What is looked up in history, a key each, is a sub-select.
  SET enable_nestloop = off AS $$
DECLARE
  now CONSTANT timestamptz := ledger_time();
  last_second CONSTANT timestamptz := hour + interval '59 minutes 59 seconds';
  -- AWS takes Timestamps that are later than this, until the month is closed.
  oldest CONSTANT timestamptz := now + margin - past;
  closed_at CONSTANT timestamptz := CASE WHEN month_closes > '0'
    THEN (month_of(hour) + interval '1 month') AT TIME ZONE 'UTC' + month_closes
    ELSE 'infinity' END;
  -- Of an hour before this one, nothing is taken any more.
  first_hour CONSTANT timestamptz := greatest(hour_of(oldest), CASE WHEN month_closes > '0'
      AND now + margin >= month_of(now)::timestamp AT TIME ZONE 'UTC' + month_closes
    THEN month_of(now)::timestamp AT TIME ZONE 'UTC' END);
  first bigint;
BEGIN
  UPDATE aws_window w SET past = freeze_records.past, month_closes = freeze_records.month_closes
    WHERE (w.past, w.month_closes)
      IS DISTINCT FROM (freeze_records.past, freeze_records.month_closes);
  -- What the record has no room for is carried.
  WITH part AS MATERIALIZED (
    SELECT * FROM tollgate.parts_of_hour(hour, up_to, most, customers, dimensions, round_up)),
  ending AS MATERIALIZED (SELECT * FROM subscription_end),
  used AS (
    SELECT p.customer_id, p.dimension, sum(p.quantity)::bigint AS quantity, sum(p.units) AS units,
        sum(p.lines)::bigint AS lines, second_of(max(p.last_used_at)) AS last_used_at
      FROM part p GROUP BY p.customer_id, p.dimension HAVING sum(p.quantity) >= 1),
  key AS (
    SELECT * FROM used
    UNION ALL
    SELECT c.id, p.heartbeat, 0, 0, 0, NULL
      FROM product p
      JOIN customer c ON c.product_code = p.product_code
      JOIN customer_state s ON s.customer_id = c.id
      WHERE p.heartbeat IS NOT NULL AND customers IS NULL AND s.state <> 'not_subscribed'
        AND hour_of(c.created_at) <= hour
        AND c.id NOT IN (SELECT g.customer_id FROM tollgate.list_gaps() g
          WHERE hour > hour_of(g.ended_at) AND hour < hour_of(g.resumed_at))
        AND NOT EXISTS (SELECT FROM used u WHERE u.customer_id = c.id)
        AND c.id NOT IN (SELECT r.customer_id FROM metering_record r
          WHERE r.hour = freeze_records.hour)),
  -- Never later than now, nor, in the hour of the subscription's end, than that.
  timed AS (
    SELECT k.customer_id, k.dimension, k.quantity, k.units, k.lines, e.closes_at,
        least(CASE WHEN k.last_used_at > oldest THEN k.last_used_at END, last_second,
          second_of(now), CASE WHEN hour <= hour_of(e.ends_at) THEN second_of(e.ends_at) END)
          AS used_at
      FROM key k LEFT JOIN ending e ON e.customer_id = k.customer_id),
  record AS (
    INSERT INTO metering_record (customer_id, dimension, hour, used_at, quantity, product_code,
        metered_by, customer_identifier, customer_aws_account_id, license_arn, aws_role_arn,
        aws_external_id, aws_region, lines, units, carried, frozen_at)
      SELECT k.customer_id, k.dimension, freeze_records.hour, k.used_at, k.quantity, c.product_code,
          c.metered_by,
          CASE c.metered_by WHEN 'customer_identifier' THEN c.customer_identifier END,
          CASE c.metered_by WHEN 'customer_identifier' THEN NULL ELSE c.customer_aws_account_id END,
          CASE c.metered_by WHEN 'license' THEN c.license_arn END,
          p.aws_role_arn, p.aws_external_id,
          coalesce(c.metered_region, p.aws_region, freeze_records.region), k.lines, k.units,
          k.units - k.quantity, now
        FROM timed k
        JOIN customer c ON c.id = k.customer_id
        JOIN product p ON p.product_code = c.product_code
        WHERE k.used_at > oldest AND closed_at > now + margin
          AND (k.closes_at > now + margin) IS NOT FALSE
          -- A license is sent with its account, and what is frozen never changes.
          AND (c.metered_by <> 'license' OR c.customer_aws_account_id IS NOT NULL)
          -- The hour by a SELECT: as a constant that the last ANALYZE did not see it seems to have no
          -- records, and the index by hour to be the cheaper one; all of them would be read for each key.
          AND (SELECT r.id FROM metering_record r WHERE r.customer_id = k.customer_id
            AND r.dimension = k.dimension AND r.hour = (SELECT freeze_records.hour)) IS NULL
        ORDER BY k.customer_id, k.dimension
      RETURNING id, customer_id, dimension, metering_record.hour, used_at, quantity, aws_region),
  joined AS (
    INSERT INTO record_line (line_id, record_id)
      SELECT w.line_id, r.id FROM record r JOIN waiting_line w ON w.customer_id = r.customer_id
        AND w.dimension = r.dimension AND w.used_hour <= up_to
        WHERE r.quantity > 0),
  shared AS (
    INSERT INTO record_allocation (record_id, tags, quantity)
      SELECT s.id, s.tags, s.quantity
        FROM (SELECT r.id, p.tags, p.quantity,
              bool_or(p.tags <> '{}') OVER (PARTITION BY r.id) AS has_tags
            FROM record r JOIN part p USING (customer_id, dimension) WHERE p.quantity > 0) s
        WHERE s.has_tags
      RETURNING record_id),
  carried AS (
    INSERT INTO rollup_line (kind, origin_record_id, customer_id, dimension, tags, used_hour,
        last_used_at, events, quantity, billable)
      SELECT 'carry', r.id, r.customer_id, r.dimension, p.tags, r.hour, r.used_at, 0,
          p.units - p.quantity, p.units - p.quantity
        FROM record r JOIN part p USING (customer_id, dimension)
        WHERE p.units <> p.quantity AND r.quantity > 0),
  opened AS (
    INSERT INTO open_record (record_id, deadline, customer_id, dimension, hour, quantity,
        allocations)
      SELECT r.id, least(r.used_at + past, closed_at, e.closes_at), r.customer_id, r.dimension,
          r.hour, r.quantity, coalesce(a.n, 0)
        FROM record r
        LEFT JOIN ending e ON e.customer_id = r.customer_id
        LEFT JOIN (SELECT s.record_id, count(*) AS n FROM shared s GROUP BY s.record_id) a
          ON a.record_id = r.id),
  pinned AS (
    UPDATE customer c SET metered_region = r.aws_region
      FROM record r WHERE c.id = r.customer_id AND c.metered_region IS NULL AND margin > '0')
  SELECT count(*), coalesce(sum(r.quantity), 0), min(r.id), coalesce((
        SELECT sum(w.billable) FROM record n JOIN waiting_line w ON w.customer_id = n.customer_id
            AND w.dimension = n.dimension AND w.used_hour <= up_to
          WHERE n.quantity > 0 AND w.kind = 'usage' AND w.used_hour < first_hour), 0)
    INTO records, units, first, late FROM record r;
  PERFORM tollgate.check_freeze(first);
END
$$;
COMMENT ON FUNCTION tollgate.freeze_records(timestamptz, timestamptz, interval, interval, interval,
  bigint, text, bigint[], text[], boolean) IS
  'Makes the records of an hour from what was used up to the hour up_to, of all keys (see '
  'freeze_hour()) or of these customers and dimensions (freeze_ending(), freeze_gap()). With a '
  'negative margin also what AWS does not take any more; then no customer''s region is settled by it. '
  'Called with the ledger''s lock';
