CREATE OR REPLACE FUNCTION tollgate.audit_ledger(since timestamptz DEFAULT NULL,
  until timestamptz DEFAULT NULL) RETURNS SETOF text
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  SET work_mem = '256MB' SET jit = off SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  last rollup;
BEGIN
  PERFORM tollgate.check_freeze(0);
  SELECT r.* INTO last FROM rollup r ORDER BY r.id DESC LIMIT 1;
  RETURN QUERY
    WITH audit AS MATERIALIZED (SELECT * FROM tollgate.audit_balance(since, until)),
    unrolled AS (
      SELECT e.customer_id, e.dimension, sum(e.quantity) AS units FROM usage_event e
        WHERE tollgate.is_rolled_up(e.generation, e.xid, last) IS NOT TRUE
          AND (last.id IS NULL OR e.generation > last.generation
            OR (e.generation = last.generation AND e.xid >= pg_snapshot_xmin(last.snapshot)))
        GROUP BY 1, 2),
    counted AS (
      SELECT a.customer_id, a.dimension, sum(a.accepted) - coalesce(u.units, 0) AS accepted,
          sum(a.waiting) - coalesce(u.units, 0) AS waiting, sum(a.carried) AS carried,
          sum(a.included) AS included, sum(a.frozen) AS frozen, sum(a.unconfirmed) AS unconfirmed,
          sum(a.unknown) AS unknown, sum(a.billed) AS billed, sum(a.refused) AS refused,
          sum(a.written_off) AS written_off, sum(a.remapped) AS remapped
        FROM audit a LEFT JOIN unrolled u USING (customer_id, dimension)
        GROUP BY a.customer_id, a.dimension, u.units)
    SELECT format('customer %s, "%s", tags %s: %s units are nowhere', a.customer_id, a.dimension,
        a.tags, a.difference)
      FROM audit a WHERE a.difference <> 0
    UNION ALL
    SELECT format('customer %s, "%s": the balance says %s, counted %s', customer_id, dimension,
        b, c)
      FROM balance b FULL JOIN counted c USING (customer_id, dimension)
      WHERE (coalesce(b.accepted, 0), coalesce(b.waiting, 0), coalesce(b.carried, 0),
          coalesce(b.included, 0), coalesce(b.frozen, 0), coalesce(b.unconfirmed, 0),
          coalesce(b.unknown, 0), coalesce(b.billed, 0), coalesce(b.refused, 0),
          coalesce(b.written_off, 0), coalesce(b.remapped, 0))
        IS DISTINCT FROM (coalesce(c.accepted, 0), coalesce(c.waiting, 0), coalesce(c.carried, 0),
          coalesce(c.included, 0), coalesce(c.frozen, 0), coalesce(c.unconfirmed, 0),
          coalesce(c.unknown, 0), coalesce(c.billed, 0), coalesce(c.refused, 0),
          coalesce(c.written_off, 0), coalesce(c.remapped, 0))
    UNION ALL
    SELECT format('roll-up %s took %s events of %s units, its lines have %s of %s', r.id, r.events,
        r.units, coalesce(sum(l.events), 0), coalesce(sum(l.quantity), 0))
      FROM rollup r LEFT JOIN rollup_line l ON l.rollup_id = r.id
      GROUP BY r.id
      HAVING (r.events, r.units)
        IS DISTINCT FROM (coalesce(sum(l.events), 0), coalesce(sum(l.quantity), 0))
    UNION ALL
    SELECT format('line %s is %s', id, CASE WHEN w.line_id IS NULL
        THEN 'in no record and does not wait' ELSE 'in a record and waits, or not as it is' END)
      FROM (SELECT * FROM rollup_line l WHERE l.billable <> 0
        AND NOT EXISTS (SELECT FROM record_line j WHERE j.line_id = l.id)
        AND NOT EXISTS (SELECT FROM write_off_line j WHERE j.line_id = l.id)) l
      FULL JOIN (SELECT w.line_id AS id, w.* FROM waiting_line w) w USING (id)
      WHERE (l.used_hour, l.customer_id, l.dimension, l.tags, l.kind, l.last_used_at, l.billable)
        IS DISTINCT FROM (w.used_hour, w.customer_id, w.dimension, w.tags, w.kind, w.last_used_at,
          w.billable)
    UNION ALL
    SELECT format('the result of record %s is of a record or a call that there is not', s.record_id)
      FROM metering_result s
      WHERE NOT EXISTS (SELECT FROM metering_record r WHERE r.id = s.record_id)
        OR (s.call_id IS NOT NULL AND NOT EXISTS (SELECT FROM metering_call c WHERE c.id = s.call_id))
    UNION ALL
    SELECT format('call %s is of a run that there is not', c.id)
      FROM metering_call c WHERE NOT EXISTS (SELECT FROM metering_run r WHERE r.id = c.run_id)
    UNION ALL
    SELECT format('an answer is of call %s, which there is not', a.call_id)
      FROM metering_answer a WHERE NOT EXISTS (SELECT FROM metering_call c WHERE c.id = a.call_id)
    UNION ALL
    SELECT format('line %s is in a record and written off', j.line_id)
      FROM write_off_line j JOIN record_line r USING (line_id)
    UNION ALL
    SELECT format('record %s was repaired: %s units at AWS and %s to be billed are not its %s',
        r.id, p.honoured, coalesce(sum(l.billable), 0), r.quantity)
      FROM metering_repair p
      JOIN metering_record r ON r.id = p.record_id
      LEFT JOIN rollup_line l ON l.origin_record_id = r.id AND l.kind = 'repaired'
      WHERE p.action <> 'written_off'
      GROUP BY r.id, p.record_id
      HAVING p.honoured + coalesce(sum(l.billable), 0) <> r.quantity
    UNION ALL
    SELECT format('record %s is open: %s; it has a result: %s', r.id, o.record_id IS NOT NULL,
        s.record_id IS NOT NULL)
      FROM metering_record r
      LEFT JOIN open_record o ON o.record_id = r.id
      LEFT JOIN metering_result s ON s.record_id = r.id
      WHERE (o.record_id IS NULL) = (s.record_id IS NULL)
    UNION ALL
    SELECT format('record %s is open, and not as it is', r.id)
      FROM open_record o JOIN metering_record r ON r.id = o.record_id
      WHERE (o.customer_id, o.dimension, o.hour, o.quantity, o.allocations)
        IS DISTINCT FROM (r.customer_id, r.dimension, r.hour, r.quantity,
          (SELECT count(*) FROM record_allocation a WHERE a.record_id = r.id))
    UNION ALL
    SELECT format('call %s is open: %s; it has an answer: %s', coalesce(c.id, o.call_id),
        o.call_id IS NOT NULL, a.call_id IS NOT NULL)
      FROM metering_call c
      LEFT JOIN metering_answer a ON a.call_id = c.id
      FULL JOIN open_call o ON o.call_id = c.id AND o.records = c.records
      WHERE (o.call_id IS NULL) = (a.call_id IS NULL) OR c.id IS NULL
    UNION ALL
    SELECT format('record %s is in %s open calls, and %s open itself', c.record_id, count(*),
        CASE WHEN o.record_id IS NULL THEN 'not' ELSE 'is' END)
      FROM (SELECT unnest(n.records) AS record_id FROM open_call n) c
      LEFT JOIN open_record o ON o.record_id = c.record_id
      GROUP BY c.record_id, o.record_id HAVING count(*) > 1 OR o.record_id IS NULL;
END
$$;
COMMENT ON FUNCTION tollgate.audit_ledger(timestamptz, timestamptz) IS
  'Whatever is wrong with the ledger, a line each: units that are nowhere (see audit_balance), '
  'sums and queues that differ from what they are derived from. It counts all of history, of '
  'events those of the roll-ups from since to until. TG500: see check_freeze';
