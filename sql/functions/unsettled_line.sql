CREATE OR REPLACE FUNCTION tollgate.unsettled_line(of_rollup bigint) RETURNS text
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, tollgate, pg_temp
  SET jit = off SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  RETURN (
    SELECT format('roll-up %s has usage of customer %s, "%s", that is not settled: %s', of_rollup,
          l.customer_id, l.dimension, CASE WHEN q.line_id IS NOT NULL THEN 'it waits'
            ELSE format('record %s is %s', j.record_id, s.state) END)
      FROM rollup_line l
      LEFT JOIN waiting_line q ON q.line_id = l.id
      LEFT JOIN record_line j ON j.line_id = l.id
      LEFT JOIN record_state s ON s.record_id = j.record_id
      LEFT JOIN (SELECT w.customer_id, w.dimension, w.tags, sum(w.billable) AS units
          FROM waiting_line w GROUP BY 1, 2, 3) w
        ON w.customer_id = l.customer_id AND w.dimension = l.dimension AND w.tags = l.tags
      WHERE l.rollup_id = of_rollup AND l.billable <> 0 AND CASE WHEN q.line_id IS NOT NULL
        -- A fraction that nothing was added to, and a correction of more than was used, wait for ever.
        THEN w.units >= 1 ELSE s.state IN ('frozen', 'uncertain', 'unconfirmed', 'unknown') END
      ORDER BY l.id LIMIT 1);
END
$$;
COMMENT ON FUNCTION tollgate.unsettled_line(bigint) IS
  'The first line of a roll-up of which it is not known what became of its units, in words; null: '
  'all are billed, refused for good, moved on, written off, or too few to bill';
