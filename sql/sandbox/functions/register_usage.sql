CREATE OR REPLACE FUNCTION sandbox.register_usage(session text, called_region text, product text,
  key_version int, platforms text[],
  OUT problem text, OUT private_key text, OUT rotated_at timestamptz)
  LANGUAGE plpgsql SET search_path = pg_catalog, sandbox, pg_temp AS $$
DECLARE
  caller caller := sandbox.caller_of(session);
  -- Whether a caller may is asked on its initial call only.
  registered boolean := EXISTS (SELECT FROM registration r WHERE
    (r.session_token_sha256, r.product_code) = (caller.session_token_sha256, product));
  pair signing_key;
BEGIN
  SELECT * INTO pair FROM signing_key k WHERE k.version = key_version;
  problem := CASE
    WHEN NOT registered AND caller.platform <> ALL (platforms) THEN 'PlatformNotSupportedException'
    WHEN caller.region <> called_region THEN 'InvalidRegionException'
    WHEN NOT EXISTS (SELECT FROM product p WHERE p.product_code = product)
      THEN 'InvalidProductCodeException'
    WHEN pair.version IS NULL THEN 'InvalidPublicKeyVersionException'
    WHEN NOT registered AND NOT sandbox.subscribes(caller, product)
      THEN 'CustomerNotEntitledException'
  END;
  IF problem IS NULL THEN
    INSERT INTO registration VALUES (caller.session_token_sha256, product) ON CONFLICT DO NOTHING;
    private_key := pair.private_key;
    rotated_at := CASE WHEN pair.rotated_at <= sandbox.now() THEN pair.rotated_at END;
  END IF;
END
$$;
COMMENT ON FUNCTION sandbox.register_usage(text, text, text, int, text[]) IS
  'Registers a caller (the SHA-256 of its session token in hex, or null) for a product and gives the key that signs the answer, and when that expired if it has; or says by AWS''s error why not; then nothing is stored';
