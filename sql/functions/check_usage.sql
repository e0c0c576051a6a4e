-- The trigger of usage_event, once a statement: a row trigger or a foreign key would cost COPY most
-- of its speed.
CREATE OR REPLACE FUNCTION tollgate.check_usage() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  SET jit = off AS $$
DECLARE
  -- A COPY that lasts may have usage from while it lasts.
  newest CONSTANT timestamptz := ledger_time() + (clock_timestamp() - statement_timestamp())
    + interval '5 minutes';
  bad record;
BEGIN
  PERFORM tollgate.check_restored();
  -- Most statements are about few customers and dimensions, so these are looked up once each.
  IF NOT EXISTS (
    SELECT FROM (SELECT n.customer_id, n.dimension, min(n.used_at) AS first, max(n.used_at) AS last,
          bool_or(n.tags IS NOT NULL) AS tagged FROM added n GROUP BY n.customer_id, n.dimension) a
      LEFT JOIN customer c ON c.id = a.customer_id
      LEFT JOIN product p ON p.product_code = c.product_code
      LEFT JOIN tollgate.dimension d
        ON d.product_code = c.product_code AND d.dimension = a.dimension
      WHERE d.dimension IS NULL OR a.first < ledger_time() - p.horizon OR a.last > newest
        OR (a.tagged AND d.included IS NOT NULL)) THEN
    RETURN NULL;
  END IF;
  SELECT a.*, d.dimension IS NULL AS is_missing, CASE
        WHEN c.id IS NULL THEN 'there is no such customer'
        WHEN d.dimension IS NULL THEN format('the product %s has no such dimension', c.product_code)
        WHEN a.used_at > newest THEN 'it is over five minutes ahead of this server''s clock'
        WHEN a.used_at < ledger_time() - p.horizon
          THEN format('it is older than the product''s horizon, %s', p.horizon)
        ELSE 'it has tags, and the dimension has an included quantity; one excludes the other'
      END AS problem
    INTO STRICT bad
    FROM (SELECT row_number() OVER () AS place, n.* FROM added n) a
    LEFT JOIN customer c ON c.id = a.customer_id
    LEFT JOIN product p ON p.product_code = c.product_code
    LEFT JOIN tollgate.dimension d ON d.product_code = c.product_code AND d.dimension = a.dimension
    WHERE d.dimension IS NULL OR a.used_at < ledger_time() - p.horizon OR a.used_at > newest
      OR (a.tags IS NOT NULL AND d.included IS NOT NULL)
    ORDER BY a.place LIMIT 1;
  RAISE EXCEPTION USING ERRCODE = CASE WHEN bad.is_missing THEN 'TG404' ELSE 'TG400' END,
    MESSAGE = format('row %s (customer_id %s, dimension "%s", used_at %s): %s', bad.place,
      bad.customer_id, bad.dimension, coalesce(to_char(bad.used_at AT TIME ZONE 'UTC',
        'YYYY-MM-DD"T"HH24:MI:SS"Z"'), bad.used_at::text), bad.problem),
    HINT = 'No row of the statement was taken.';
END
$$;
COMMENT ON FUNCTION tollgate.check_usage() IS
  'Refuses usage of unknown customers and dimensions, from the future, older than the horizon, or '
  'with tags where the dimension has an included quantity; names the first bad row. '
  'TG404, TG400; TG500: the database was restored from a dump';
