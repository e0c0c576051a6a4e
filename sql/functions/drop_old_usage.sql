CREATE OR REPLACE FUNCTION tollgate.drop_old_usage(most bigint DEFAULT 1000000,
  OUT rollups bigint, OUT events bigint, OUT readings bigint, OUT kept text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  SET jit = off SET plan_cache_mode = force_custom_plan SET timezone = 'UTC'
  -- Whoever holds a product's row, in REPEATABLE READ the app too, would have all wait that waits for
  -- the ledger's lock. What is old can wait for the next run.
  SET lock_timeout = '5s' AS $$
DECLARE
  rollups_max CONSTANT int := 1000; -- a call; a year of hourly runs without usage has nine times as many
  -- Who reports and who drops may have a clock each, and a COPY goes by the time that it began at.
  oldest CONSTANT timestamptz := ledger_time() - interval '1 day';
  first_horizon CONSTANT interval := (SELECT min(p.horizon) FROM product p);
  last_dropped bigint;
  last_gone bigint;
  first_waiting bigint;
  this rollup;
  last pg_snapshot;
  was_open xid8[];
  came bigint;
BEGIN
  PERFORM tollgate.lock_ledger();
  rollups := 0;
  events := 0;
  last_dropped := coalesce((SELECT max(d.rollup_id) FROM rollup_dropped d), 0);
  -- Lines have ids in the order of the roll-ups, so the first that holds back one holds back all that
  -- follow. A fraction that nothing was added to, and a correction of more than was used, wait for ever,
  -- and may be of a roll-up that is gone.
  last_gone := (SELECT l.id FROM rollup_line l WHERE l.rollup_id <= last_dropped
    ORDER BY l.rollup_id DESC, l.id DESC LIMIT 1);
  SELECT min(k.line) INTO first_waiting
    FROM (SELECT min(w.line_id) FILTER (WHERE w.kind = 'usage'
          AND (w.line_id <= last_gone) IS NOT TRUE) AS line FROM waiting_line w
      GROUP BY w.customer_id, w.dimension, w.tags HAVING sum(w.billable) >= 1) k;
  FOR this IN SELECT r.* FROM rollup r WHERE r.id > last_dropped
      ORDER BY r.id LIMIT rollups_max LOOP
    EXIT WHEN this.rolled_up_at >= oldest - first_horizon
      OR (events > 0 AND events + this.events > most);
    EXIT WHEN EXISTS (SELECT FROM rollup_line l JOIN customer c ON c.id = l.customer_id
        JOIN product p ON p.product_code = c.product_code
      WHERE l.rollup_id = this.id
        AND greatest(l.last_used_at, this.rolled_up_at) >= oldest - p.horizon);
    kept := tollgate.unsettled_line(this.id, first_waiting);
    EXIT WHEN kept IS NOT NULL;

    INSERT INTO rollup_dropped (rollup_id, dropped_at) VALUES (this.id, ledger_time());
    -- As take_usage() took them. Not all from the oldest that was open on: while that lasted for a day,
    -- each roll-up's would be looked for among those of the whole day.
    SELECT b.snapshot INTO last FROM rollup b
      WHERE b.generation = this.generation AND b.id < this.id ORDER BY b.id DESC LIMIT 1;
    last := coalesce(last, '1:1:');
    was_open := ARRAY(SELECT pg_snapshot_xip(last));
    DELETE FROM usage_event e
      WHERE e.generation = this.generation AND e.xid < pg_snapshot_xmax(this.snapshot)
        AND (e.xid >= pg_snapshot_xmax(last) OR e.xid = ANY (was_open))
        AND pg_visible_in_snapshot(e.xid, this.snapshot);
    GET DIAGNOSTICS came = ROW_COUNT;
    UPDATE product p SET usage_dropped_until = o.last_used_at
      FROM (SELECT c.product_code, max(l.last_used_at) AS last_used_at FROM rollup_line l
          JOIN customer c ON c.id = l.customer_id WHERE l.rollup_id = this.id GROUP BY 1) o
      WHERE p.product_code = o.product_code
        AND (o.last_used_at <= p.usage_dropped_until) IS NOT TRUE;
    rollups := rollups + 1;
    events := events + came;
  END LOOP;

  DELETE FROM counter_reading r WHERE r.ctid = ANY (ARRAY(SELECT o.ctid FROM counter_reading o
    JOIN tollgate.counter c ON c.customer_id = o.customer_id AND c.dimension = o.dimension
      AND c.counter = o.counter
    JOIN customer u ON u.id = o.customer_id
    JOIN product p ON p.product_code = u.product_code
    WHERE o.read_at < oldest - first_horizon AND o.read_at < oldest - p.horizon
      AND o.read_at < c.last_read_at
    ORDER BY o.read_at LIMIT least(most, 100000)));
  GET DIAGNOSTICS readings = ROW_COUNT;
END
$$;
COMMENT ON FUNCTION tollgate.drop_old_usage(bigint) IS
  'Retention: deletes the events of roll-ups, oldest first, that were made, and whose usage was used, '
  'a day before the product''s horizon, when all of their units are settled; their lines stay, and say '
  'what was accepted. Also readings that old, but for each counter''s last. At most about `most` '
  'events a call, and at least a roll-up. kept: why the next one stays though it is old enough; a '
  'person settles that. 55P03: a product, or the ledger, is being changed by somebody else';
