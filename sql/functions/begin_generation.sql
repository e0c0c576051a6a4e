CREATE OR REPLACE FUNCTION tollgate.begin_generation(file jsonb) RETURNS int
  LANGUAGE plpgsql SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  here record;
  last_call bigint;
  next_generation int;
BEGIN
  SELECT i.* INTO here FROM tollgate.ledger_identity() i;
  next_generation := here.generation + 1;
  last_call := here.last_call;
  -- Numbers of calls that were lost are not used again; they are in AWS's logs, and in ours.
  IF (file->>'ledger')::uuid = here.ledger THEN
    last_call := greatest(last_call, (file->>'last_call')::bigint);
  END IF;
  IF last_call > (SELECT s.last_value FROM metering_call_id_seq s) THEN
    PERFORM setval('tollgate.metering_call_id_seq', last_call);
  END IF;
  UPDATE ledger SET generation = next_generation, relation = tableoid, timeline = here.timeline,
    adopted_call = nullif(last_call, 0), adopted_called_at = CASE WHEN last_call > here.last_call
      THEN (file->>'called_at')::timestamptz ELSE here.called_at END;
  -- In two steps: what the row's xmin is, is not known before, in a subtransaction.
  UPDATE ledger SET written_by = xmin;
  EXECUTE format('ALTER TABLE tollgate.usage_event ALTER generation SET DEFAULT %s', next_generation);
  PERFORM tollgate.lock_ledger(); -- which passes from here on
  RETURN next_generation;
END
$$;
COMMENT ON FUNCTION tollgate.begin_generation(jsonb) IS
  'Of adopt_ledger(): from now on the ledger is this server''s, usage is of another generation, and '
  'calls are numbered behind the last that the ledger or the state file knows';
