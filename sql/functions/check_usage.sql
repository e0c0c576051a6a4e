-- The trigger of usage_event, once a statement: a row trigger or a foreign key would cost COPY most
-- of its speed.
CREATE OR REPLACE FUNCTION tollgate.check_usage() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  bad record;
BEGIN
  -- Most statements are about few customers and dimensions, so these are looked up once each.
  SELECT a.customer_id, a.dimension, c.id IS NULL AS no_customer, d.dimension IS NULL AS no_dimension,
      p.product_code, p.horizon, d.included IS NOT NULL AS has_included
    INTO bad
    FROM (SELECT customer_id, dimension, min(used_at) AS oldest, max(used_at) AS newest,
        bool_or(tags IS NOT NULL) AS tagged FROM added GROUP BY customer_id, dimension) a
    LEFT JOIN customer c ON c.id = a.customer_id
    LEFT JOIN product p ON p.product_code = c.product_code
    LEFT JOIN tollgate.dimension d ON d.product_code = c.product_code AND d.dimension = a.dimension
    WHERE d.dimension IS NULL OR a.oldest < ledger_time() - p.horizon
      OR a.newest > ledger_time() + interval '5 minutes' OR (a.tagged AND d.included IS NOT NULL)
    LIMIT 1;
  IF FOUND THEN
    PERFORM tollgate.refuse_usage(bad.customer_id, bad.dimension, bad.no_customer, bad.no_dimension,
      bad.product_code, a.place, a.used_at, bad.horizon, bad.has_included)
      FROM (SELECT row_number() OVER () AS place, * FROM added) a
      WHERE a.customer_id = bad.customer_id AND a.dimension = bad.dimension
        AND (bad.no_dimension OR a.used_at < ledger_time() - bad.horizon
          OR a.used_at > ledger_time() + interval '5 minutes'
          OR (a.tags IS NOT NULL AND bad.has_included))
      ORDER BY a.place LIMIT 1;
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION tollgate.check_usage() IS
  'Refuses usage of unknown customers and dimensions, from the future, older than the horizon, or '
  'with tags where the dimension has an included quantity; names the first bad row. TG404, TG400';
