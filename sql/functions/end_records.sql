CREATE OR REPLACE FUNCTION tollgate.end_records(records bigint[],
  OUT moved bigint, OUT moved_units numeric, OUT unknown bigint)
  LANGUAGE plpgsql SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  -- What may have been honoured is not sent as something else: a person or a reconciliation settles it.
  WITH ended AS (
    INSERT INTO metering_result (record_id, outcome, code, settled_at)
      SELECT o.record_id, CASE WHEN o.uncertain THEN 'unknown' ELSE 'moved' END, o.code, ledger_time()
        FROM open_record o WHERE o.record_id = ANY (records)
      RETURNING record_id, outcome)
  SELECT count(*) FILTER (WHERE e.outcome = 'moved'), count(*) FILTER (WHERE e.outcome = 'unknown'),
      coalesce(sum(r.quantity) FILTER (WHERE e.outcome = 'moved'), 0)
    INTO moved, unknown, moved_units
    FROM ended e JOIN metering_record r ON r.id = e.record_id;
  -- Its units become lines again, of the hour that they were used in; the next free hour takes them.
  INSERT INTO rollup_line (kind, origin_record_id, customer_id, dimension, tags, used_hour,
      last_used_at, events, quantity, billable)
    SELECT 'moved', r.id, r.customer_id, r.dimension, coalesce(a.tags, '{}'), r.hour, r.used_at, 0,
        coalesce(a.quantity, r.quantity), coalesce(a.quantity, r.quantity)
      FROM metering_record r
      JOIN metering_result s ON s.record_id = r.id AND s.outcome = 'moved'
      LEFT JOIN record_allocation a ON a.record_id = r.id
      WHERE r.id = ANY (records) AND coalesce(a.quantity, r.quantity) > 0;
END
$$;
COMMENT ON FUNCTION tollgate.end_records(bigint[]) IS
  'Ends open records that are in no call and will not be sent any more: if every attempt is known to '
  'have failed, their units become lines again; else they are unknown. Called with the ledger''s lock';
