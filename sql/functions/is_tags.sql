CREATE OR REPLACE FUNCTION tollgate.is_tags(tags jsonb) RETURNS boolean
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  -- Such characters are never escaped, so one match of all costs a fifth of one for each tag.
  tag CONSTANT text := '"[a-zA-Z0-9+ =._:/@-]+": "[a-zA-Z0-9+ =._:/@-]+"';
BEGIN
  IF tags::text !~ ('^[{]' || tag || '(, ' || tag || '){0,4}[}]$') THEN
    RETURN false;
  END IF;
  -- The common case: all together is no longer than a key may be.
  IF octet_length(tags::text) <= 100 THEN
    RETURN true;
  END IF;
  RETURN (SELECT bool_and(char_length(t.key) <= 100 AND char_length(t.value) <= 256)
    FROM jsonb_each_text(tags) t);
END
$$;
COMMENT ON FUNCTION tollgate.is_tags(jsonb) IS
  'Whether it is an object of 1 to 5 tags that AWS takes: keys of 100 characters, values of 256';
