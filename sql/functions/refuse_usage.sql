CREATE OR REPLACE FUNCTION tollgate.refuse_usage(customer_id bigint, dimension text,
  no_customer boolean, no_dimension boolean, product text, place bigint, used_at timestamptz,
  horizon interval, has_included boolean) RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  row_name text := format('row %s (customer_id %s, dimension "%s", used_at %s)', place, customer_id,
    dimension, to_char(used_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'));
BEGIN
  IF no_customer THEN
    RAISE EXCEPTION USING ERRCODE = 'TG404',
      MESSAGE = format('%s: there is no such customer', row_name);
  ELSIF no_dimension THEN
    RAISE EXCEPTION USING ERRCODE = 'TG404',
      MESSAGE = format('%s: the product %s has no such dimension', row_name, product),
      HINT = 'Dimensions are rows of tollgate.dimension, spelled as in the listing.';
  ELSIF used_at > ledger_time() + interval '5 minutes' THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = format(
      '%s: it is over five minutes ahead of this server''s clock', row_name);
  ELSIF used_at < ledger_time() - horizon THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = format(
      '%s: it is older than the product''s horizon, %s', row_name, horizon);
  ELSE
    RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = format(
      '%s: it has tags, and the dimension has an included quantity; one excludes the other', row_name);
  END IF;
END
$$;
COMMENT ON FUNCTION tollgate.refuse_usage(bigint, text, boolean, boolean, text, bigint, timestamptz, interval, boolean) IS
  'Says what is wrong with a row of usage';
