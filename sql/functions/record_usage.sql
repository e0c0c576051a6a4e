-- For the seller's app. An array's error names its element: the last one of the shortest start of
-- the array that is refused, found by trying, each try undone.
CREATE OR REPLACE FUNCTION tollgate.record_usage(events jsonb) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  most CONSTANT int := 10000;
  elements jsonb[];
  taken int := 0;
  refused int;
  middle int;
  code text;
  said text;
BEGIN
  IF jsonb_typeof(events) IS DISTINCT FROM 'array' THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = 'the events are not an array of objects';
  ELSIF jsonb_array_length(events) > most THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = format('%s events are too many for one call, '
      'which takes %s', jsonb_array_length(events), most), HINT = 'Use several calls, or COPY.';
  END IF;
  elements := ARRAY(SELECT jsonb_array_elements(events));
  refused := cardinality(elements);
  BEGIN
    RETURN tollgate.add_usage(elements);
  EXCEPTION WHEN SQLSTATE 'TG400' OR SQLSTATE 'TG404' OR SQLSTATE 'TG409' THEN
    code := SQLSTATE;
    said := SQLERRM;
  END;
  WHILE refused - taken > 1 LOOP
    middle := (taken + refused) / 2;
    BEGIN
      PERFORM tollgate.add_usage(elements[:middle]);
      RAISE EXCEPTION USING ERRCODE = 'TGTRY';
    EXCEPTION
      WHEN SQLSTATE 'TGTRY' THEN
        taken := middle;
      WHEN SQLSTATE 'TG400' OR SQLSTATE 'TG404' OR SQLSTATE 'TG409' THEN
        refused := middle;
        code := SQLSTATE;
        said := SQLERRM;
    END;
  END LOOP;
  RAISE EXCEPTION USING ERRCODE = code, HINT = 'No element was taken.', MESSAGE =
    format('element %s', refused) || coalesce(substring(said FROM '^row [0-9]+( .*)'), ': ' || said);
END
$$;
COMMENT ON FUNCTION tollgate.record_usage(jsonb) IS
  'For the seller''s app: adds events, [{"customer_id", "dimension", "quantity", "used_at"?, '
  '"idempotency_key"?, "tags"?}, …], 10000 at most, all or none. Returns how many are new: a key '
  'that is there with the same content counts once. TG409: with other content; TG400, TG404: an '
  'element cannot be taken. The error names the element';

CREATE OR REPLACE FUNCTION tollgate.record_usage(customer_id bigint, dimension text,
  quantity numeric, used_at timestamptz DEFAULT NULL, idempotency_key text DEFAULT NULL,
  tags jsonb DEFAULT NULL) RETURNS boolean
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  RETURN tollgate.add_usage(ARRAY[jsonb_build_object('customer_id', customer_id,
    'dimension', dimension, 'quantity', quantity, 'used_at', used_at,
    'idempotency_key', idempotency_key, 'tags', tags)]) = 1;
COMMENT ON FUNCTION tollgate.record_usage(bigint, text, numeric, timestamptz, text, jsonb) IS
  'For the seller''s app: adds an event, used now unless said otherwise. True if it is new: a key '
  'that is there with the same content counts once, and a used_at that is left out is not compared. '
  'TG409: with other content; TG400, TG404: it cannot be taken';
