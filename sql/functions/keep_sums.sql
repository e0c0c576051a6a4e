-- The trigger of the append-only tables: where each row's units go, in the queues and in the sums.
-- Once a statement. Whoever adds rows holds the ledger's lock, so two never meet here. Sums are
-- added to by INSERT, which always goes by the index: of what has come since the last ANALYZE the
-- planner expects one row, and a loop over all of it for each row that is added would not end.
CREATE OR REPLACE FUNCTION tollgate.keep_sums() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  SET jit = off SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  CASE TG_TABLE_NAME
  WHEN 'rollup_line' THEN
    INSERT INTO waiting_line (line_id, used_hour, customer_id, dimension, tags, kind, last_used_at,
        billable)
      SELECT a.id, a.used_hour, a.customer_id, a.dimension, a.tags, a.kind, a.last_used_at,
          a.billable
        FROM added a WHERE a.billable <> 0;
    INSERT INTO month_sum AS m (customer_id, dimension, month, accepted, included, waiting, carried)
      SELECT a.customer_id, a.dimension, tollgate.month_of(a.used_hour),
          coalesce(sum(a.quantity) FILTER (WHERE a.kind = 'usage'), 0),
          sum(a.quantity - a.billable),
          coalesce(sum(a.billable) FILTER (WHERE a.kind <> 'carry'), 0),
          coalesce(sum(a.billable) FILTER (WHERE a.kind = 'carry'), 0)
        FROM added a GROUP BY 1, 2, 3
      ON CONFLICT (customer_id, dimension, month) DO UPDATE SET
        accepted = m.accepted + excluded.accepted, included = m.included + excluded.included,
        waiting = m.waiting + excluded.waiting, carried = m.carried + excluded.carried;
    -- What came from another dimension. CASE: or the record of each line that is carried would be
    -- looked for, by a plan of when there were few.
    UPDATE month_sum m SET remapped = m.remapped - d.units
      FROM (SELECT a.customer_id, a.dimension, tollgate.month_of(a.used_hour) AS month,
            sum(a.billable) AS units
          FROM added a
          WHERE CASE WHEN a.kind = 'repaired' THEN a.dimension <>
            (SELECT r.dimension FROM metering_record r WHERE r.id = a.origin_record_id) END
          GROUP BY 1, 2, 3) d
      WHERE m.customer_id = d.customer_id AND m.dimension = d.dimension AND m.month = d.month;
  WHEN 'record_line' THEN
    WITH gone AS (
      DELETE FROM waiting_line w USING added a WHERE w.line_id = a.line_id
        RETURNING w.customer_id, w.dimension, tollgate.month_of(w.used_hour) AS month, w.kind,
          w.billable)
    INSERT INTO month_sum AS m (customer_id, dimension, month, waiting, carried)
      SELECT g.customer_id, g.dimension, g.month,
          - coalesce(sum(g.billable) FILTER (WHERE g.kind <> 'carry'), 0),
          - coalesce(sum(g.billable) FILTER (WHERE g.kind = 'carry'), 0)
        FROM gone g GROUP BY 1, 2, 3
      ON CONFLICT (customer_id, dimension, month) DO UPDATE SET
        waiting = m.waiting + excluded.waiting, carried = m.carried + excluded.carried;
  WHEN 'write_off_line' THEN
    WITH gone AS (
      DELETE FROM waiting_line w USING added a WHERE w.line_id = a.line_id
        RETURNING w.customer_id, w.dimension, tollgate.month_of(w.used_hour) AS month, w.kind,
          w.billable)
    UPDATE month_sum m SET waiting = m.waiting - d.waiting, carried = m.carried - d.carried,
        written_off = m.written_off + d.waiting + d.carried
      FROM (SELECT g.customer_id, g.dimension, g.month,
            coalesce(sum(g.billable) FILTER (WHERE g.kind <> 'carry'), 0) AS waiting,
            coalesce(sum(g.billable) FILTER (WHERE g.kind = 'carry'), 0) AS carried
          FROM gone g GROUP BY 1, 2, 3) d
      WHERE m.customer_id = d.customer_id AND m.dimension = d.dimension AND m.month = d.month;
  WHEN 'metering_call' THEN
    INSERT INTO open_call (call_id, records) SELECT a.id, a.records FROM added a;
  WHEN 'metering_answer' THEN
    DELETE FROM open_call o WHERE o.call_id = ANY (ARRAY(SELECT a.call_id FROM added a));
  WHEN 'metering_result' THEN
    -- Not joined, for which the planner would read all that is open.
    DELETE FROM open_record o WHERE o.record_id = ANY (ARRAY(SELECT a.record_id FROM added a));
    -- Nearly all are billed, and what is billed is what is nowhere else (see the view balance).
    INSERT INTO month_sum AS m (customer_id, dimension, month, refused, unconfirmed, unknown)
      SELECT r.customer_id, r.dimension, tollgate.month_of(r.hour),
          coalesce(sum(r.quantity) FILTER (WHERE a.outcome = 'refused'), 0),
          coalesce(sum(r.quantity) FILTER (WHERE a.outcome = 'unconfirmed'), 0),
          coalesce(sum(r.quantity) FILTER (WHERE a.outcome = 'unknown'), 0)
        FROM added a
        CROSS JOIN LATERAL (SELECT * FROM metering_record n WHERE n.id = a.record_id OFFSET 0) r
        WHERE a.outcome IN ('refused', 'unconfirmed', 'unknown')
        GROUP BY 1, 2, 3
      ON CONFLICT (customer_id, dimension, month) DO UPDATE SET
        refused = m.refused + excluded.refused,
        unconfirmed = m.unconfirmed + excluded.unconfirmed, unknown = m.unknown + excluded.unknown;
  WHEN 'metering_repair' THEN
    -- What it was before, it is no more; what is to be billed of it is a line.
    UPDATE month_sum m SET refused = m.refused - d.refused,
        unconfirmed = m.unconfirmed - d.unconfirmed, unknown = m.unknown - d.unknown,
        written_off = m.written_off + d.written_off, remapped = m.remapped + d.remapped
      FROM (SELECT r.customer_id, r.dimension, tollgate.month_of(r.hour) AS month,
            coalesce(sum(r.quantity) FILTER (WHERE s.outcome = 'refused'), 0) AS refused,
            coalesce(sum(r.quantity) FILTER (WHERE s.outcome = 'unconfirmed'), 0) AS unconfirmed,
            coalesce(sum(r.quantity) FILTER (WHERE s.outcome = 'unknown'), 0) AS unknown,
            coalesce(sum(r.quantity) FILTER (WHERE a.action = 'written_off'), 0) AS written_off,
            coalesce(sum(r.quantity) FILTER (WHERE a.action = 'remapped'), 0) AS remapped
          FROM added a
          JOIN metering_record r ON r.id = a.record_id
          JOIN metering_result s ON s.record_id = a.record_id GROUP BY 1, 2, 3) d
      WHERE m.customer_id = d.customer_id AND m.dimension = d.dimension AND m.month = d.month;
  END CASE;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION tollgate.keep_sums() IS
  'Keeps waiting_line, open_record, open_call and month_sum with each row that is added to the ledger';
