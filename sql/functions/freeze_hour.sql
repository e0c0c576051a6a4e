CREATE OR REPLACE FUNCTION tollgate.freeze_hour(hour timestamptz, deadline_after interval,
  month_closes_after interval, most bigint, region text, OUT records bigint, OUT units numeric)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  -- New tables have no statistics yet; a nested loop chosen without them would never end.
  SET enable_nestloop = off SET jit = off SET work_mem = '256MB' AS $$
#variable_conflict use_column
DECLARE
  came record;
BEGIN
  PERFORM tollgate.lock_ledger();
  IF hour <> tollgate.hour_of(hour) OR hour + interval '1 hour 1 minute' > ledger_time() THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = format('the hour %s is not over', hour);
  END IF;

  -- One statement: what it takes from the queue is what it puts into records and gives back.
  WITH waiting AS MATERIALIZED (
    SELECT w.customer_id, w.dimension, w.tags, sum(w.billable) AS units, count(*) AS lines,
        min(w.line_id) AS first_line,
        max(w.last_used_at) FILTER (WHERE w.used_hour = freeze_hour.hour) AS last_used_at
      FROM waiting_line w
      WHERE w.used_hour <= freeze_hour.hour
      GROUP BY w.customer_id, w.dimension, w.tags),
  -- AWS takes five different keys in a record: those that wait longest.
  tag_key AS (
    SELECT w.customer_id, w.dimension, k.name, row_number() OVER (
        PARTITION BY w.customer_id, w.dimension ORDER BY min(w.first_line), k.name) AS place
      FROM waiting w, jsonb_object_keys(w.tags) k (name)
      WHERE w.tags <> '{}'
      GROUP BY w.customer_id, w.dimension, k.name),
  crowded AS (
    SELECT DISTINCT w.customer_id, w.dimension, w.tags
      FROM waiting w JOIN tag_key k ON k.customer_id = w.customer_id AND k.dimension = w.dimension
      WHERE k.place > 5 AND w.tags ? k.name),
  -- And 2,500 sets of tags, and fewer than a million bytes.
  part AS MATERIALIZED (
    SELECT w.*, CASE WHEN c.tags IS NULL AND row_number() OVER sets <= 2500
          AND sum(octet_length(w.tags::text) + 80) OVER sets < 700000
        THEN greatest(0, floor(w.units)) ELSE 0 END AS whole
      FROM waiting w
      LEFT JOIN crowded c ON c.customer_id = w.customer_id AND c.dimension = w.dimension
        AND c.tags = w.tags
      WINDOW sets AS (PARTITION BY w.customer_id, w.dimension, w.units >= 1 AND c.tags IS NULL
        ORDER BY w.first_line ROWS UNBOUNDED PRECEDING)),
  key AS MATERIALIZED (
    SELECT p.customer_id, p.dimension, least(sum(p.whole), most)::bigint AS quantity,
        sum(p.units) AS units, sum(p.lines)::bigint AS lines, max(p.last_used_at) AS last_used_at
      FROM part p
      WHERE NOT EXISTS (SELECT FROM metering_record r WHERE r.hour = freeze_hour.hour
        AND r.customer_id = p.customer_id AND r.dimension = p.dimension)
      GROUP BY p.customer_id, p.dimension
      HAVING sum(p.whole) >= 1),
  made AS (
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
        FROM key k
        JOIN customer c ON c.id = k.customer_id
        JOIN product p ON p.product_code = c.product_code
        ORDER BY k.customer_id, k.dimension
      RETURNING id, customer_id, dimension, used_at, quantity, lines, units, carried),
  taken AS (
    DELETE FROM waiting_line w USING key k
      WHERE w.used_hour <= freeze_hour.hour AND w.customer_id = k.customer_id
        AND w.dimension = k.dimension
      RETURNING w.line_id, w.customer_id, w.dimension, w.billable),
  joined AS (
    INSERT INTO record_line (line_id, record_id)
      SELECT t.line_id, m.id
        FROM taken t JOIN made m ON m.customer_id = t.customer_id AND m.dimension = t.dimension),
  -- In order of the sets, as far as AWS's largest quantity goes.
  share AS (
    SELECT m.id AS record_id, m.customer_id, m.dimension, m.used_at, p.tags, p.units,
        greatest(0, least(p.whole,
          most - (sum(p.whole) OVER (PARTITION BY m.id ORDER BY p.tags) - p.whole)))::bigint AS quantity
      FROM made m JOIN part p ON p.customer_id = m.customer_id AND p.dimension = m.dimension),
  tagged AS (
    SELECT s.record_id FROM share s WHERE s.quantity > 0 GROUP BY s.record_id
      HAVING bool_or(s.tags <> '{}')),
  allocated AS (
    INSERT INTO record_allocation (record_id, tags, quantity)
      SELECT s.record_id, s.tags, s.quantity
        FROM share s JOIN tagged t ON t.record_id = s.record_id
        WHERE s.quantity > 0),
  carried AS (
    INSERT INTO rollup_line (kind, origin_record_id, customer_id, dimension, tags, used_hour,
        last_used_at, events, quantity, billable)
      SELECT 'carry', s.record_id, s.customer_id, s.dimension, s.tags, freeze_hour.hour, s.used_at, 0,
          s.units - s.quantity, s.units - s.quantity
        FROM share s
        WHERE s.units <> s.quantity
      RETURNING used_hour, id, customer_id, dimension, tags, billable),
  queued AS (
    INSERT INTO waiting_line (used_hour, line_id, customer_id, dimension, tags, billable)
      SELECT c.used_hour, c.id, c.customer_id, c.dimension, c.tags, c.billable FROM carried c),
  opened AS (
    INSERT INTO open_record (record_id, deadline)
      SELECT m.id, least(m.used_at + deadline_after,
          CASE WHEN month_closes_after > '0' THEN (tollgate.month_of(m.used_at) + interval '1 month')
            AT TIME ZONE 'UTC' + month_closes_after ELSE 'infinity' END)
        FROM made m)
  SELECT (SELECT count(*) FROM made) AS records,
      (SELECT coalesce(sum(m.quantity), 0) FROM made m) AS quantity,
      (SELECT coalesce(sum(m.lines), 0) FROM made m) AS lines_noted,
      (SELECT coalesce(sum(m.units), 0) FROM made m) AS units_noted,
      (SELECT count(*) FROM taken) AS lines_taken,
      (SELECT coalesce(sum(t.billable), 0) FROM taken t) AS units_taken,
      (SELECT coalesce(sum(s.quantity), 0) FROM share s) AS units_shared,
      (SELECT coalesce(sum(c.billable), 0) FROM carried c) AS units_carried
    INTO came;

  IF came.lines_noted <> came.lines_taken OR came.units_noted <> came.units_taken
      OR came.quantity <> came.units_shared
      OR came.units_taken <> came.quantity + came.units_carried THEN
    RAISE EXCEPTION USING ERRCODE = 'TG500', MESSAGE = format(
      'freezing %s does not add up, so nothing was frozen: this is a bug; %s', hour, to_json(came));
  END IF;
  records := came.records;
  units := came.quantity;
END
$$;
COMMENT ON FUNCTION tollgate.freeze_hour(timestamptz, interval, interval, bigint, text) IS
  'Freezes an hour that is over: a record for each customer and dimension with whole units waiting; '
  'what is left over is carried. deadline_after, month_closes_after, most: AWS''s limits of the '
  'edition; region: where products are metered that name none. TG500: what came in is not what went '
  'out, which is a bug';
