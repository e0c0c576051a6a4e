CREATE OR REPLACE FUNCTION tollgate.restore_deadlines() RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  PERFORM tollgate.restore_deadlines_of(NULL);
END
$$;
COMMENT ON FUNCTION tollgate.restore_deadlines() IS
  'restore_deadlines_of() all customers who were resumed: it reads all ends that there ever were';
