CREATE OR REPLACE FUNCTION tollgate.repair_record(record bigint, action text, outcomes text[],
  honoured bigint, dimension text, reason text) RETURNS numeric
  LANGUAGE plpgsql SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  r record;
  act bigint;
  units numeric := 0;
BEGIN
  PERFORM tollgate.lock_ledger();
  SELECT m.id, m.customer_id, m.dimension, m.quantity, s.outcome, s.code, p.action AS repaired
    INTO r
    FROM metering_record m
    LEFT JOIN metering_result s ON s.record_id = m.id
    LEFT JOIN metering_repair p ON p.record_id = m.id
    WHERE m.id = record;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'TG404',
      MESSAGE = format('no record has the id %s', coalesce(record::text, 'null'));
  END IF;
  PERFORM tollgate.check_repair(r.customer_id, reason);
  IF r.repaired IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TG409',
      MESSAGE = format('the record %s was %s by a person before', record, r.repaired);
  ELSIF coalesce(r.outcome, 'open') <> ALL (outcomes) THEN
    RAISE EXCEPTION USING ERRCODE = 'TG409', MESSAGE = format('the record %s is %s, and this is '
      'for records that are %s', record, coalesce(r.outcome, 'open'), array_to_string(outcomes, ' or '));
  END IF;
  INSERT INTO admin_action (action, customer_id, reason)
    VALUES (left(format('record %s %s: %s of %s units at AWS', record, action, honoured, r.quantity)
      || coalesce(', to ' || repair_record.dimension, ''), 200), r.customer_id, reason)
    RETURNING id INTO act;
  INSERT INTO metering_repair (record_id, action, honoured, admin_action_id, repaired_at)
    VALUES (record, action, honoured, act, ledger_time());
  IF action = 'written_off' THEN
    RETURN r.quantity;
  END IF;
  -- What stands at AWS fills the allocations in their order; what is more than the record had is
  -- taken off the last one's.
  WITH part AS (
    SELECT m.customer_id, m.hour, m.used_at, m.dimension, coalesce(a.tags, '{}') AS tags,
        coalesce(a.quantity, m.quantity) AS quantity,
        sum(coalesce(a.quantity, m.quantity)) OVER (ORDER BY coalesce(a.tags, '{}')) AS until,
        sum(coalesce(a.quantity, m.quantity)) OVER () AS total
      FROM metering_record m LEFT JOIN record_allocation a ON a.record_id = m.id
      WHERE m.id = record),
  rest AS (
    SELECT p.*, p.quantity - greatest(0, least(p.quantity, honoured - (p.until - p.quantity)))
        - CASE WHEN p.until = p.total THEN greatest(0, honoured - p.total) ELSE 0 END AS rest
      FROM part p),
  added AS (
    INSERT INTO rollup_line (kind, origin_record_id, customer_id, dimension, tags, used_hour,
        last_used_at, events, quantity, billable)
      SELECT 'repaired', record, p.customer_id, coalesce(repair_record.dimension, p.dimension),
          p.tags, p.hour, p.used_at, 0, p.rest, p.rest
        FROM rest p WHERE p.rest <> 0
      RETURNING billable)
  SELECT coalesce(sum(a.billable), 0) INTO units FROM added a;
  RETURN units;
END
$$;
COMMENT ON FUNCTION tollgate.repair_record(bigint, text, text[], bigint, text, text) IS
  'What a person decides about a record whose outcome is one of these: that AWS has so many units of '
  'it; the rest becomes a line, perhaps of another dimension, and is placed like any other. Returns '
  'how many units that are. TG404, TG409, TG400';
