CREATE OR REPLACE FUNCTION tollgate.audit_balance()
  RETURNS TABLE (customer_id bigint, dimension text, tags jsonb, accepted numeric, waiting numeric,
    carried numeric, included numeric, frozen numeric, unconfirmed numeric, unknown numeric,
    billed numeric, refused numeric, difference numeric)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH line AS (
    SELECT l.customer_id, l.dimension, l.tags,
        sum(l.quantity) FILTER (WHERE l.kind = 'usage') AS accepted,
        sum(l.quantity - l.billable) AS included,
        sum(l.billable) FILTER (WHERE j.line_id IS NULL AND l.kind <> 'carry') AS waiting,
        sum(l.billable) FILTER (WHERE j.line_id IS NULL AND l.kind = 'carry') AS carried
      FROM rollup_line l LEFT JOIN record_line j ON j.line_id = l.id
      GROUP BY l.customer_id, l.dimension, l.tags),
  part AS (
    SELECT s.customer_id, s.dimension, coalesce(a.tags, '{}') AS tags, s.state,
        sum(coalesce(a.quantity, s.quantity)) AS quantity
      FROM record_state s LEFT JOIN record_allocation a ON a.record_id = s.record_id
      GROUP BY 1, 2, 3, 4),
  record AS (
    SELECT p.customer_id, p.dimension, p.tags,
        sum(p.quantity) FILTER (WHERE p.state IN ('frozen', 'uncertain')) AS frozen,
        sum(p.quantity) FILTER (WHERE p.state = 'unconfirmed') AS unconfirmed,
        sum(p.quantity) FILTER (WHERE p.state = 'unknown') AS unknown,
        sum(p.quantity) FILTER (WHERE p.state = 'billed') AS billed,
        sum(p.quantity) FILTER (WHERE p.state = 'refused') AS refused
      FROM part p GROUP BY p.customer_id, p.dimension, p.tags)
  SELECT customer_id, dimension, tags, coalesce(l.accepted, 0), coalesce(l.waiting, 0),
      coalesce(l.carried, 0), coalesce(l.included, 0), coalesce(r.frozen, 0),
      coalesce(r.unconfirmed, 0), coalesce(r.unknown, 0), coalesce(r.billed, 0),
      coalesce(r.refused, 0),
      coalesce(l.accepted, 0) - coalesce(l.waiting, 0) - coalesce(l.carried, 0)
        - coalesce(l.included, 0) - coalesce(r.frozen, 0) - coalesce(r.unconfirmed, 0)
        - coalesce(r.unknown, 0) - coalesce(r.billed, 0) - coalesce(r.refused, 0)
    FROM line l FULL JOIN record r USING (customer_id, dimension, tags);
END
$$;
COMMENT ON FUNCTION tollgate.audit_balance() IS
  'Counts again, from lines and records, where each unit is; difference is 0, or there is a bug';
