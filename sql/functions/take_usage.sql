CREATE OR REPLACE FUNCTION tollgate.take_usage(of_generation int, shown pg_snapshot DEFAULT NULL,
  OUT rollup_id bigint, OUT events bigint, OUT units numeric, OUT lines bigint)
  LANGUAGE plpgsql SET search_path = pg_catalog, tollgate, pg_temp
  SET work_mem = '256MB' SET jit = off SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  last pg_snapshot;
  was_open xid8[];
BEGIN
  SELECT r.snapshot INTO last FROM rollup r WHERE r.generation = of_generation
    ORDER BY r.id DESC LIMIT 1;
  last := coalesce(last, '1:1:');
  was_open := ARRAY(SELECT pg_snapshot_xip(last));

  -- One statement sums and notes what it saw. What it does not see, because its transaction is open
  -- or prepared, is in the list of its snapshot and is looked for by the next one.
  WITH this AS MATERIALIZED (SELECT coalesce(shown, pg_current_snapshot()) AS snapshot),
  taken AS MATERIALIZED (
    SELECT e.customer_id, e.dimension, coalesce(e.tags, '{}') AS tags,
        tollgate.hour_of(e.used_at) AS used_hour, max(e.used_at) AS last_used_at,
        count(*) AS events, sum(e.quantity) AS quantity
      FROM usage_event e
      WHERE e.generation = of_generation
        AND (e.xid >= pg_snapshot_xmax(last) OR e.xid = ANY (was_open))
        AND pg_visible_in_snapshot(e.xid, (SELECT t.snapshot FROM this t))
      GROUP BY e.customer_id, e.dimension, e.tags, used_hour),
  made AS (
    INSERT INTO rollup (generation, snapshot, rolled_up_at, events, units)
      SELECT of_generation, (SELECT t.snapshot FROM this t), ledger_time(),
          coalesce(sum(k.events), 0), coalesce(sum(k.quantity), 0) FROM taken k
      RETURNING id, rollup.events, rollup.units),
  -- What was used in the line's month with it, and what of that is included.
  counted AS (
    SELECT k.*, d.included, CASE WHEN d.included IS NOT NULL THEN
          coalesce((SELECT m.accepted FROM month_sum m WHERE m.customer_id = k.customer_id
            AND m.dimension = k.dimension AND m.month = tollgate.month_of(k.used_hour)), 0)
          + sum(k.quantity) OVER (
            PARTITION BY k.customer_id, k.dimension, tollgate.month_of(k.used_hour)
            ORDER BY k.used_hour, k.tags ROWS UNBOUNDED PRECEDING) END AS used
      FROM taken k
      LEFT JOIN customer c ON c.id = k.customer_id
      LEFT JOIN tollgate.dimension d
        ON d.product_code = c.product_code AND d.dimension = k.dimension),
  stored AS (
    INSERT INTO rollup_line (kind, rollup_id, customer_id, dimension, tags, used_hour, last_used_at,
        events, quantity, billable)
      SELECT 'usage', made.id, k.customer_id, k.dimension, k.tags, k.used_hour, k.last_used_at,
          k.events, k.quantity, CASE WHEN k.included IS NULL THEN k.quantity
            ELSE greatest(0, k.used - k.included) - greatest(0, k.used - k.quantity - k.included)
          END
        FROM counted k, made
      RETURNING 1)
  SELECT made.id, made.events, made.units, (SELECT count(*) FROM stored)
    INTO rollup_id, events, units, lines FROM made;
END
$$;
COMMENT ON FUNCTION tollgate.take_usage(int, pg_snapshot) IS
  'The events of a generation that none of its roll-ups saw, summed into lines: those that the '
  'statement sees, or, where the ids are another server''s, those that the snapshot `shown` has';
