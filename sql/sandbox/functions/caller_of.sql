CREATE OR REPLACE FUNCTION sandbox.caller_of(session text) RETURNS sandbox.caller
  LANGUAGE sql STABLE SET search_path = pg_catalog, sandbox, pg_temp AS $$
  SELECT c FROM caller c
    WHERE c.session_token_sha256 IN ('', decode(session, 'hex'))
    ORDER BY octet_length(c.session_token_sha256) DESC LIMIT 1;
$$;
COMMENT ON FUNCTION sandbox.caller_of(text) IS
  'Who calls with that session token (its SHA-256 in hex, or null): the default caller where nobody registered it';
