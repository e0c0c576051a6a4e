CREATE OR REPLACE FUNCTION tollgate.write_off_lines(cause text, lines bigint[], action bigint)
  RETURNS numeric
  LANGUAGE plpgsql SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  made bigint;
  units numeric;
BEGIN
  IF cardinality(lines) = 0 THEN
    RETURN 0;
  END IF;
  SELECT sum(w.billable) INTO units FROM waiting_line w WHERE w.line_id = ANY (lines);
  INSERT INTO write_off (cause, admin_action_id, written_off_at)
    VALUES (cause, action, ledger_time()) RETURNING id INTO made;
  INSERT INTO write_off_line (line_id, write_off_id) SELECT line, made FROM unnest(lines) line;
  RETURN units;
END
$$;
COMMENT ON FUNCTION tollgate.write_off_lines(text, bigint[], bigint) IS
  'Writes waiting lines off, and says how many units they had. Called with the ledger''s lock';
