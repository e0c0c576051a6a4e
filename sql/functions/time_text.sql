CREATE OR REPLACE FUNCTION tollgate.time_text(moment timestamptz) RETURNS text
  LANGUAGE sql STABLE
  RETURN coalesce(to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), moment::text);
COMMENT ON FUNCTION tollgate.time_text(timestamptz) IS 'For messages: in UTC, whole seconds';
