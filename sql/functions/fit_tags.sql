CREATE OR REPLACE FUNCTION tollgate.fit_tags(sets jsonb[]) RETURNS boolean[]
  LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  sets_max CONSTANT int := 2500; -- AWS: allocations of a record
  keys_max CONSTANT int := 5; -- AWS: different keys in all of them
  bytes_max CONSTANT int := 900000; -- AWS: a request has less than 1 MB; this leaves the rest room
  -- {"AllocatedUsageQuantity":2147483647,"Tags":[]}, and for each of five tags what
  -- {"Key":"","Value":""}, is longer than "": "",
  frame_bytes CONSTANT int := 140;
  fits boolean[] := '{}';
  keys text[] := '{}';
  wanted text[];
  taken int := 0;
  bytes int := 0;
  tags jsonb;
BEGIN
  FOREACH tags IN ARRAY sets LOOP
    wanted := ARRAY(SELECT k FROM jsonb_object_keys(tags) k WHERE k <> ALL (keys));
    IF taken < sets_max AND cardinality(keys) + cardinality(wanted) <= keys_max
        AND bytes + frame_bytes + octet_length(tags::text) <= bytes_max THEN
      taken := taken + 1;
      bytes := bytes + frame_bytes + octet_length(tags::text);
      keys := keys || wanted;
      fits := fits || true;
    ELSE
      fits := fits || false;
    END IF;
  END LOOP;
  RETURN fits;
END
$$;
COMMENT ON FUNCTION tollgate.fit_tags(jsonb[]) IS
  'Which of these sets of tags, in this order, go into one record: as many as AWS takes. The first '
  'always does';
