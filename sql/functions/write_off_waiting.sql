CREATE OR REPLACE FUNCTION tollgate.write_off_waiting(customer_id bigint, dimension text,
  reason text) RETURNS numeric
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  lines bigint[];
  action bigint;
  units numeric;
BEGIN
  PERFORM tollgate.check_repair(customer_id, reason);
  PERFORM tollgate.lock_ledger();
  lines := ARRAY(SELECT w.line_id FROM waiting_line w
    WHERE w.customer_id = write_off_waiting.customer_id
      AND w.dimension = write_off_waiting.dimension ORDER BY w.line_id);
  IF cardinality(lines) = 0 THEN
    RAISE EXCEPTION USING ERRCODE = 'TG404', MESSAGE = format(
      'nothing that a roll-up has seen waits of the customer %s, dimension "%s"', customer_id,
      dimension);
  END IF;
  SELECT sum(w.billable) INTO units FROM waiting_line w WHERE w.line_id = ANY (lines);
  INSERT INTO admin_action (action, customer_id, reason)
    VALUES (left(format('write_off_waiting: %s units of %s', trim_scale(units), dimension), 200),
      customer_id, reason) RETURNING id INTO action;
  RETURN tollgate.write_off_lines('person', lines, action);
END
$$;
COMMENT ON FUNCTION tollgate.write_off_waiting(bigint, text, text) IS
  'Writes off all that a customer has waiting of a dimension, as the last roll-up left it: it will '
  'never be billed. Returns how many units. TG404: nothing waits';
