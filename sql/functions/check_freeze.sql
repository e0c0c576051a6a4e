CREATE OR REPLACE FUNCTION tollgate.check_freeze(first bigint) RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, tollgate, pg_temp
  SET work_mem = '256MB' SET jit = off SET plan_cache_mode = force_custom_plan
  SET enable_nestloop = on AS $$
DECLARE
  wrong bigint;
BEGIN
  -- OFFSET 0: each by its index. What has just come the planner may take for one row, and loop over
  -- all of it.
  WITH went AS (
    SELECT j.record_id, l.tags, l.billable AS came, 0 AS billed, 0 AS carried, 1 AS lines
      FROM record_line j
      CROSS JOIN LATERAL (SELECT * FROM rollup_line n WHERE n.id = j.line_id OFFSET 0) l
      WHERE j.record_id >= first
    UNION ALL
    SELECT r.id, coalesce(a.tags, '{}'), 0, coalesce(a.quantity, r.quantity), 0, 0
      FROM metering_record r
      LEFT JOIN LATERAL (SELECT * FROM record_allocation n WHERE n.record_id = r.id OFFSET 0) a
        ON true
      WHERE r.id >= first
    UNION ALL
    SELECT l.origin_record_id, l.tags, 0, 0, l.billable, 0
      FROM rollup_line l WHERE l.kind = 'carry' AND l.origin_record_id >= first),
  part AS (
    SELECT w.record_id, sum(w.came) AS came, sum(w.billed) AS billed, sum(w.carried) AS carried,
        sum(w.lines) AS lines
      FROM went w GROUP BY w.record_id, w.tags)
  SELECT p.record_id INTO wrong
    FROM part p
    CROSS JOIN LATERAL (SELECT * FROM metering_record n WHERE n.id = p.record_id OFFSET 0) r
    GROUP BY p.record_id, r.customer_id, r.lines, r.units, r.quantity, r.carried
    -- Only at the end of a subscription may a fraction have been rounded up.
    HAVING bool_or(p.came <> p.billed + p.carried OR p.billed > greatest(0, ceil(p.came)))
      OR (bool_or(p.billed > greatest(0, floor(p.came)))
        AND NOT EXISTS (SELECT FROM customer_event e WHERE e.customer_id = r.customer_id
          AND e.kind = 'ending'))
      OR (sum(p.lines), sum(p.came), sum(p.billed), sum(p.carried))
        IS DISTINCT FROM (r.lines, r.units, r.quantity, r.carried)
    LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'TG500',
      MESSAGE = format('the record %s does not add up; nothing was frozen', wrong);
  END IF;
END
$$;
COMMENT ON FUNCTION tollgate.check_freeze(bigint) IS
  'Whether what came into each record from this one on equals what went out, for each set of tags: '
  'lines = quantity + carried, and nothing is billed that was not used. TG500: it does not, which '
  'is a bug';
