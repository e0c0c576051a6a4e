CREATE OR REPLACE FUNCTION tollgate.compare_state(file jsonb, OUT ledger uuid,
  OUT system_identifier text, OUT timeline bigint, OUT database bigint, OUT database_name text,
  OUT generation int, OUT last_call bigint, OUT called_at timestamptz, OUT problem text,
  OUT gap text, OUT gap_until timestamptz)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  was record;
  same boolean;
  knows boolean;
  problems text[] := '{}';
BEGIN
  SELECT i.* INTO ledger, system_identifier, timeline, database, database_name, generation,
    last_call, called_at FROM tollgate.ledger_identity() i;
  SELECT f.* INTO STRICT was FROM jsonb_to_record(coalesce(file, '{}')) f (ledger uuid,
    system_identifier text, timeline bigint, database bigint, generation int, last_call bigint,
    called_at timestamptz);
  same := was.ledger IS NOT DISTINCT FROM ledger;
  knows := same AND (was.last_call = 0
    OR EXISTS (SELECT FROM metering_call c WHERE c.id = was.last_call
      AND c.called_at = was.called_at)
    OR EXISTS (SELECT FROM tollgate.ledger l WHERE l.adopted_call = was.last_call
      AND l.adopted_called_at = was.called_at));
  SELECT coalesce(array_agg(p.what ORDER BY p.place), '{}') INTO problems FROM (VALUES
    (1, tollgate.is_restored(), 'the database was restored from a dump'),
    (2, file IS NULL AND last_call > 0,
      format('there is no state file, and the ledger''s last call is %s', last_call)),
    (3, file IS NULL AND last_call = 0 AND timeline <> (SELECT l.timeline FROM tollgate.ledger l),
      'there is no state file, and the server has failed over since the ledger was made'),
    (4, file IS NOT NULL AND NOT same, 'the state file is another ledger''s'),
    (5, same AND was.system_identifier <> system_identifier, format(
      'the server has the system identifier %s, and had %s', system_identifier,
      was.system_identifier)),
    (6, same AND was.database <> database, format(
      'the database "%s" has the oid %s, and had %s', database_name, database, was.database)),
    (7, same AND was.generation <> generation, format(
      'the ledger is of generation %s, and was of %s', generation, was.generation)),
    (8, same AND was.timeline > timeline, format(
      'the server is at timeline %s, and was at %s', timeline, was.timeline)),
    (9, same AND NOT knows, format(
      'call %s of %s is not in the ledger, whose last one is %s', was.last_call,
      to_char(was.called_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), last_call)),
    -- A fail-over may lose the last calls, and a file that is not of the very last can't tell.
    (10, same AND knows AND was.timeline < timeline AND was.last_call <> last_call, format(
      'the server failed over, from timeline %s to %s, and the state file is of call %s, the ledger '
      'at %s', was.timeline, timeline, was.last_call, last_call))
  ) p (place, holds, what) WHERE p.holds;
  problem := nullif(array_to_string(problems, '; '), '');

  -- Usage may be five minutes ahead of the server's clock, and the last call of a customer takes it.
  gap_until := ledger_time() + interval '5 minutes';
  gap := CASE WHEN problem IS NULL THEN 'none' WHEN NOT same THEN 'possible'
    WHEN NOT knows THEN 'certain'
    WHEN was.last_call <> last_call AND (was.system_identifier, was.timeline, was.database)
      <> (system_identifier, timeline, database) THEN 'possible'
    ELSE 'none' END;
  -- What was used after the last call of all is in none.
  IF same AND was.last_call > last_call THEN
    gap_until := least(was.called_at + interval '5 minutes', gap_until);
  END IF;
END
$$;
COMMENT ON FUNCTION tollgate.compare_state(jsonb) IS
  'Which ledger this is, and whether it is the one of a state file, as it was or newer (null: there '
  'is no file): problem is what is wrong, or null. gap: whether calls may have been made that the '
  'ledger does not know: none; possible: nobody can tell; certain: the file knows one. gap_until: no '
  'such call has usage of a later hour';
