CREATE OR REPLACE FUNCTION tollgate.fold(words text, columns int) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN rtrim(regexp_replace(words, format('(.{1,%s})( +|\n|$)', columns), E'\\1\n', 'gn'), E'\n');
COMMENT ON FUNCTION tollgate.fold(text, int) IS
  'A text in lines of so many columns, broken between words; psql would break them anywhere';
