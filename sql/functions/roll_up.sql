CREATE OR REPLACE FUNCTION tollgate.roll_up(
  OUT rollup_id bigint, OUT events bigint, OUT units numeric, OUT lines bigint)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  SET work_mem = '256MB' SET jit = off AS $$
DECLARE
  now_generation int := (SELECT l.generation FROM ledger l);
  last pg_snapshot;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed'
      OR pg_current_xact_id_if_assigned() IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_transaction_state',
      MESSAGE = 'a roll-up is the first thing that its transaction does, in READ COMMITTED';
  END IF;
  PERFORM tollgate.lock_ledger();
  SELECT r.snapshot INTO last FROM rollup r WHERE r.generation = now_generation
    ORDER BY r.id DESC LIMIT 1;
  last := coalesce(last, '1:1:');

  -- One statement sums and notes what it saw. What it does not see, because its transaction is open
  -- or prepared, is in the list of its snapshot and is looked for by the next one.
  WITH this AS MATERIALIZED (SELECT pg_current_snapshot() AS snapshot),
  taken AS MATERIALIZED (
    SELECT e.customer_id, e.dimension, coalesce(e.tags, '{}') AS tags,
        tollgate.hour_of(e.used_at) AS used_hour, max(e.used_at) AS last_used_at,
        count(*) AS events, sum(e.quantity) AS quantity
      FROM usage_event e
      WHERE e.generation = now_generation
        AND (e.xid >= pg_snapshot_xmax(last)
          OR e.xid = ANY (ARRAY(SELECT pg_snapshot_xip(last))))
        AND pg_visible_in_snapshot(e.xid, (SELECT t.snapshot FROM this t))
      GROUP BY 1, 2, 3, 4),
  made AS (
    INSERT INTO rollup (generation, snapshot, rolled_up_at, events, units)
      SELECT now_generation, (SELECT t.snapshot FROM this t), ledger_time(),
          coalesce(sum(k.events), 0), coalesce(sum(k.quantity), 0) FROM taken k
      RETURNING id, rollup.events, rollup.units),
  -- Used before each line in its month, of dimensions with an included quantity.
  counted AS (
    SELECT k.*, d.included,
        CASE WHEN d.included IS NOT NULL THEN coalesce(m.used, 0) + sum(k.quantity) OVER (
          PARTITION BY k.customer_id, k.dimension, tollgate.month_of(k.used_hour)
          ORDER BY k.used_hour ROWS UNBOUNDED PRECEDING) END AS used_after
      FROM taken k
      JOIN customer c ON c.id = k.customer_id
      JOIN tollgate.dimension d ON d.product_code = c.product_code AND d.dimension = k.dimension
      LEFT JOIN month_used m ON d.included IS NOT NULL AND m.customer_id = k.customer_id
        AND m.dimension = k.dimension AND m.month = tollgate.month_of(k.used_hour)),
  stored AS (
    INSERT INTO rollup_line (kind, rollup_id, customer_id, dimension, tags, used_hour, last_used_at,
        events, quantity, billable)
      SELECT 'usage', made.id, k.customer_id, k.dimension, k.tags, k.used_hour, k.last_used_at,
          k.events, k.quantity,
          CASE WHEN k.included IS NULL THEN k.quantity
            ELSE greatest(0, k.used_after - k.included)
              - greatest(0, k.used_after - k.quantity - k.included) END
        FROM counted k, made
      RETURNING 1)
  SELECT made.id, made.events, made.units, (SELECT count(*) FROM stored)
    INTO rollup_id, events, units, lines FROM made;

  INSERT INTO month_used AS m (customer_id, dimension, month, used)
    SELECT l.customer_id, l.dimension, tollgate.month_of(l.used_hour), sum(l.quantity)
      FROM rollup_line l
      JOIN customer c ON c.id = l.customer_id
      JOIN tollgate.dimension d ON d.product_code = c.product_code AND d.dimension = l.dimension
        AND d.included IS NOT NULL
      WHERE l.rollup_id = roll_up.rollup_id
      GROUP BY 1, 2, 3
    ON CONFLICT (customer_id, dimension, month) DO UPDATE SET used = m.used + excluded.used;
  INSERT INTO waiting_line (used_hour, line_id, customer_id, dimension, tags, billable, last_used_at)
    SELECT l.used_hour, l.id, l.customer_id, l.dimension, l.tags, l.billable, l.last_used_at
      FROM rollup_line l
      WHERE l.rollup_id = roll_up.rollup_id AND l.billable <> 0;
END
$$;
COMMENT ON FUNCTION tollgate.roll_up() IS
  'Takes each event that no roll-up took before and whose transaction is over, and sums them into '
  'lines. Nothing is taken twice or missed, however long a transaction was open';
