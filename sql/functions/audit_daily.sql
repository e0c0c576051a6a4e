CREATE OR REPLACE FUNCTION tollgate.audit_daily(OUT audited boolean, OUT problems bigint,
  OUT first_problem text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  now CONSTANT timestamptz := ledger_time();
  last ledger_audit;
  since timestamptz;
BEGIN
  SELECT a.* INTO last FROM ledger_audit a ORDER BY a.id DESC LIMIT 1;
  audited := (last.problems = 0
    AND last.audited_at >= date_trunc('day', now, 'UTC')) IS NOT TRUE;
  IF NOT audited THEN
    RETURN;
  END IF;
  -- A day more: a roll-up has the time of its beginning, and may have ended after an audit that began
  -- later.
  SELECT a.audited_at - interval '1 day' INTO since FROM ledger_audit a
    WHERE a.problems = 0 ORDER BY a.id DESC LIMIT 1;
  BEGIN
    SELECT count(*), (array_agg(p))[1] INTO problems, first_problem
      FROM tollgate.audit_ledger(since) p;
  EXCEPTION WHEN SQLSTATE 'TG500' THEN
    problems := 1;
    first_problem := SQLERRM;
  END;
  INSERT INTO ledger_audit AS a (audited_at, since, problems, first_problem)
    VALUES (now, since, problems, left(first_problem, 1000));
END
$$;
COMMENT ON FUNCTION tollgate.audit_daily() IS
  'Audits the ledger if it was not on this day (UTC), or was not right then, and keeps what was found. '
  'It counts the events since a day before it was right the last time, and all that follows from them';
