CREATE OR REPLACE FUNCTION tollgate.drop_old_visits() RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
  WITH visits AS (
    DELETE FROM registration WHERE customer_id IS NULL AND request_id IN (
      SELECT request_id FROM registration
        WHERE customer_id IS NULL AND visited_at < now() - interval '30 days'
        ORDER BY visited_at LIMIT 10000)
      RETURNING 1
  ), codes AS (
    DELETE FROM handoff WHERE code_sha256 IN (
      SELECT code_sha256 FROM handoff WHERE expires_at < now() - interval '1 day'
        ORDER BY expires_at LIMIT 10000)
      RETURNING 1
  )
  SELECT (SELECT count(*) FROM visits) + (SELECT count(*) FROM codes);
$$;
COMMENT ON FUNCTION tollgate.drop_old_visits() IS
  'Drops visits that led to nobody 30 days ago, and hand-off codes a day after their end, at most '
  '10000 of each a call. Returns how many; call again while it is 10000 or more';
