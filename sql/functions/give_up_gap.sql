CREATE OR REPLACE FUNCTION tollgate.give_up_gap(until timestamptz,
  OUT unknown bigint, OUT unknown_units numeric)
  LANGUAGE plpgsql SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  hour timestamptz;
BEGIN
  -- Up to which something makes a whole unit. The fractions of years may be of as many hours.
  FOREACH hour IN ARRAY ARRAY(SELECT DISTINCT s.used_hour
    FROM (SELECT w.used_hour, sum(w.billable) OVER (PARTITION BY w.customer_id, w.dimension, w.tags
          ORDER BY w.used_hour) AS units
        FROM waiting_line w WHERE w.used_hour <= until) s
    WHERE s.units >= 1 ORDER BY s.used_hour)
  LOOP
    -- What one record can't hold goes into another.
    LOOP
      EXIT WHEN tollgate.freeze_gap(hour) = 0;
    END LOOP;
  END LOOP;
  INSERT INTO metering_answer (call_id, answered_at, http_status, code, uncertain)
    SELECT c.call_id, ledger_time(), 0, 'lost', true FROM open_call c;
  WITH ended AS (
    INSERT INTO metering_result (record_id, outcome, code, settled_at)
      SELECT o.record_id, 'unknown', 'restored', ledger_time() FROM open_record o
      RETURNING record_id)
  SELECT count(*), coalesce(sum(r.quantity), 0) INTO unknown, unknown_units
    FROM ended e JOIN metering_record r ON r.id = e.record_id;
END
$$;
COMMENT ON FUNCTION tollgate.give_up_gap(timestamptz) IS
  'Of adopt_ledger(): ends as unknown, with the code restored, what calls may have honoured that the '
  'ledger does not know: all open records, and all whole units that wait and were used in the hour '
  '`until` or before. Fractions wait on';
