CREATE OR REPLACE FUNCTION tollgate.remap_record(record_id bigint, dimension text, reason text)
  RETURNS numeric
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  known record;
BEGIN
  -- What AWS refused it for may be noted just now.
  PERFORM tollgate.lock_ledger();
  PERFORM tollgate.check_not_duplicate(record_id);
  SELECT d.dimension, d.included, r.product_code, r.dimension AS before,
      EXISTS (SELECT FROM record_allocation a WHERE a.record_id = r.id) AS has_tags
    INTO known
    FROM metering_record r LEFT JOIN tollgate.dimension d
      ON d.product_code = r.product_code AND d.dimension = remap_record.dimension
    WHERE r.id = remap_record.record_id;
  IF FOUND AND known.dimension IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TG404', MESSAGE = format('the product %s has no dimension "%s"',
      known.product_code, remap_record.dimension);
  ELSIF known.dimension = known.before THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = format('the record %s is of the dimension "%s" '
      'already', record_id, dimension);
  ELSIF known.has_tags AND known.included IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = format('the record %s has tags, and the '
      'dimension "%s" has an included quantity; one excludes the other', record_id, dimension);
  END IF;
  RETURN tollgate.repair_record(record_id, 'remapped', ARRAY['refused'], 0, remap_record.dimension,
    reason);
END
$$;
COMMENT ON FUNCTION tollgate.remap_record(bigint, text, text) IS
  'A record that AWS refused is to be billed in another dimension of its product; otherwise as '
  'retry_record(). It does not count for an included quantity. TG404: no such dimension';
