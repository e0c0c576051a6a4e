CREATE OR REPLACE FUNCTION tollgate.check_restored() RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- Usage would be missed, what was sent since the dump, sent anew, and ids given twice.
  IF tollgate.is_restored() THEN
    RAISE EXCEPTION USING ERRCODE = 'TG500', MESSAGE = 'this database was restored from a dump: no '
      'usage or new customer is taken into it and nothing is billed from it before it is adopted',
      HINT = 'Go on with the original. If this is to be the ledger from now on: tollgate ledger '
      'adopt; see docs/restore.md';
  END IF;
END
$$;
COMMENT ON FUNCTION tollgate.check_restored() IS
  'Refuses a database that was restored from a dump and not adopted yet. TG500';
