CREATE OR REPLACE FUNCTION sandbox.reset() RETURNS void
  LANGUAGE sql SET search_path = pg_catalog, sandbox, pg_temp AS $$
  TRUNCATE call, answer, fault, token, license, customer, usage_record, usage, client_token, registration;
  DELETE FROM caller WHERE session_token_sha256 <> '';
  -- Sellers' programs have the first public key built in.
  DELETE FROM signing_key WHERE version > 1;
  UPDATE signing_key SET rotated_at = NULL;
  UPDATE setting SET clock_ahead = DEFAULT, calls_per_second = DEFAULT, edition = DEFAULT,
    repeat_status = DEFAULT, after_end = DEFAULT, grace_seconds = DEFAULT;
$$;
COMMENT ON FUNCTION sandbox.reset() IS 'Forgets all but the products and the first signing key';
