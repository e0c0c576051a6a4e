CREATE OR REPLACE FUNCTION sandbox.rotate_key(request text, new_private text, new_public text,
  expires double precision) RETURNS int
  LANGUAGE plpgsql SET search_path = pg_catalog, sandbox, pg_temp AS $$
DECLARE
  newest int;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('sandbox.rotate_key'));
  SELECT k.version INTO newest FROM signing_key k WHERE k.request_id = request;
  IF FOUND THEN
    RETURN newest;
  END IF;
  SELECT max(k.version) INTO newest FROM signing_key k;
  UPDATE signing_key SET rotated_at = coalesce(to_timestamp(expires),
      date_trunc('second', sandbox.now()))
    WHERE version = newest;
  INSERT INTO signing_key (version, request_id, private_key, public_key)
    VALUES (newest + 1, request, new_private, new_public);
  RETURN newest + 1;
END
$$;
COMMENT ON FUNCTION sandbox.rotate_key(text, text, text, double precision) IS
  'Adds the next version of the signing key, whose PEM these are, and lets the one before expire at that time, or now. The same request again changes nothing';
