CREATE OR REPLACE FUNCTION tollgate.contact_fields(names text[], answers text[]) RETURNS jsonb
  LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  name_count int := coalesce(cardinality(names), 0);
BEGIN
  IF name_count <> coalesce(cardinality(answers), 0) OR name_count > 20 THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400',
      MESSAGE = 'a form has at most 20 fields, and a value for each';
  END IF;
  IF EXISTS (SELECT FROM unnest(names, answers) f(name, value)
    WHERE name IS NULL OR name !~ '^[a-z][a-z0-9_]{0,39}$' OR name = 'email'
      OR char_length(value) > 2000)
    OR (SELECT count(DISTINCT name) FROM unnest(names) name) <> name_count
  THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = 'a field''s name is not a-z 0-9 _ (at most '
      '40), or is there twice, or its value has more than 2000 characters';
  END IF;
  RETURN coalesce((SELECT jsonb_object_agg(name, coalesce(value, ''))
    FROM unnest(names, answers) f(name, value)), '{}');
END
$$;
COMMENT ON FUNCTION tollgate.contact_fields(text[], text[]) IS
  'The fields of a form as contact.fields has them. TG400: too many, a bad name, one twice, or '
  'too long a value';
