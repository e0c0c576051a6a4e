CREATE OR REPLACE FUNCTION tollgate.make_handoff(code text, product text, identifier text,
  account text, license text) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  who bigint;
BEGIN
  who := (tollgate.ensure_customer(product, identifier, account, license, NULL, NULL,
    now())).customer_id;
  INSERT INTO handoff (code_sha256, customer_id, expires_at)
    VALUES (decode(code, 'hex'), who, now() + interval '2 minutes')
    ON CONFLICT (code_sha256) DO NOTHING;
  RETURN who;
END
$$;
COMMENT ON FUNCTION tollgate.make_handoff(text, text, text, text, text) IS
  'Stores the SHA-256 (hex) of a code with which the seller''s app can learn within two minutes '
  'who came (see redeem_handoff). The customer is found by identities as in register_visit';
