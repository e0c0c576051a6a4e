CREATE OR REPLACE FUNCTION sandbox.begin_call(request text, wanted text, region text,
  identifiers text[], licenses text[], dimensions text[], OUT throttled boolean, OUT fault text, OUT delay_ms int,
  OUT matched text)
  LANGUAGE plpgsql SET search_path = pg_catalog, sandbox, pg_temp AS $$
DECLARE
  rate int;
  takes_turns boolean;
  met bigint;
BEGIN
  SELECT c.throttled, c.fault, c.delay_ms, c.matched INTO throttled, fault, delay_ms, matched
    FROM call c WHERE c.request_id = request;
  IF FOUND THEN
    RETURN;
  END IF;

  SELECT calls_per_second INTO rate FROM setting;
  -- Only where calls depend on each other do they take turns, to the end of the transaction. Who
  -- does not, meets no fault that came since.
  takes_turns := rate > 0 OR EXISTS (SELECT FROM sandbox.fault f WHERE f.action = wanted);
  IF takes_turns THEN
    PERFORM pg_advisory_xact_lock(hashtext('sandbox.begin_call ' || wanted));
  END IF;
  throttled := rate > 0 AND rate <= (SELECT count(*) FROM call c WHERE c.action = wanted
    AND c.region = begin_call.region AND NOT c.throttled AND c.began_at > clock_timestamp() - interval '1 second');

  IF takes_turns AND NOT throttled THEN
    SELECT f.id, f.fault, f.delay_ms, fit.matched INTO met, fault, delay_ms, matched
      FROM sandbox.fault f, LATERAL (
        SELECT string_agg(CASE WHEN
            (f.customer_identifier IS NULL OR f.customer_identifier = identifier)
            AND (f.license_id IS NULL OR f.license_id = sandbox.license_id(license))
            AND (f.dimension IS NULL OR f.dimension = dimension) THEN '1' ELSE '0' END, ''
            ORDER BY place) AS matched
          FROM unnest(identifiers, licenses, dimensions)
            WITH ORDINALITY named (identifier, license, dimension, place)
          WHERE num_nonnulls(f.customer_identifier, f.license_id, f.dimension) > 0) fit
      WHERE f.action = wanted AND (fit.matched LIKE '%1%'
        OR num_nonnulls(f.customer_identifier, f.license_id, f.dimension) = 0)
      ORDER BY f.id LIMIT 1;
    DELETE FROM sandbox.fault f WHERE f.id = met AND f.remaining = 1;
    UPDATE sandbox.fault f SET remaining = f.remaining - 1 WHERE f.id = met;
  END IF;
  INSERT INTO call (request_id, action, region, throttled, fault, delay_ms, matched)
    VALUES (request, wanted, begin_call.region, begin_call.throttled, begin_call.fault, begin_call.delay_ms,
      begin_call.matched);
END
$$;
COMMENT ON FUNCTION sandbox.begin_call(text, text, text, text[], text[], text[]) IS
  'Counts a call of an action, holds it against the rate in its region, and gives it the oldest fault that fits one of its records: whom and what each names is in the three lists. The same request again has the same answer';
