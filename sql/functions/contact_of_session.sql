CREATE OR REPLACE FUNCTION tollgate.contact_of_session(session text)
  RETURNS TABLE (name text, value text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
  SELECT 'email', c.email FROM contact c WHERE c.session_sha256 = decode(session, 'hex')
  UNION ALL
  SELECT f.key, f.value FROM contact c, jsonb_each_text(c.fields) f
    WHERE c.session_sha256 = decode(session, 'hex');
$$;
COMMENT ON FUNCTION tollgate.contact_of_session(text) IS
  'What this session (SHA-256 in hex) typed: email first, then the product''s fields; nothing of '
  'any other session';
