CREATE OR REPLACE FUNCTION tollgate.unsettled_line(of_rollup bigint, first_waiting bigint)
  RETURNS text
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, tollgate, pg_temp
  SET jit = off SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  RETURN (
    SELECT format('roll-up %s has usage of customer %s, "%s", that is not settled: %s', of_rollup,
          l.customer_id, l.dimension, CASE WHEN l.id = first_waiting THEN 'it waits'
            ELSE format('record %s is %s', j.record_id, s.state) END)
      FROM rollup_line l
      LEFT JOIN record_line j ON j.line_id = l.id
      LEFT JOIN record_state s ON s.record_id = j.record_id
      WHERE l.rollup_id = of_rollup AND l.billable <> 0 AND (l.id = first_waiting
        OR s.state IN ('frozen', 'uncertain', 'unconfirmed', 'unknown'))
      ORDER BY l.id LIMIT 1);
END
$$;
COMMENT ON FUNCTION tollgate.unsettled_line(bigint, bigint) IS
  'The first line of a roll-up of which it is not known what became of its units, in words; null: '
  'all are billed, refused for good, moved on, written off, or too few to bill. first_waiting: the '
  'first line of all with usage that waits and is enough to bill, which drop_old_usage() looks for once';
