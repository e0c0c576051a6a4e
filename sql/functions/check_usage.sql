-- The trigger of usage_event, once a statement: a row trigger or a foreign key would cost COPY most
-- of its speed.
CREATE OR REPLACE FUNCTION tollgate.check_usage() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  SET jit = off AS $$
DECLARE
  -- A COPY that lasts may have usage from while it lasts.
  newest CONSTANT timestamptz := ledger_time() + (clock_timestamp() - statement_timestamp())
    + interval '5 minutes';
  refused boolean;
  tagged boolean;
  bad record;
  code text;
  problem text;
BEGIN
  PERFORM tollgate.check_restored();
  -- One that sees the past would take an event again that was dropped since: it gets 40001.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    PERFORM FROM product p WHERE p.product_code IN (SELECT c.product_code FROM added n
      JOIN customer c ON c.id = n.customer_id) FOR SHARE;
  END IF;
  -- Most statements are about few customers, dimensions and tags, so these are looked at once each.
  SELECT bool_or(d.dimension IS NULL OR a.first < ledger_time() - p.horizon OR a.last > newest
        OR a.first <= p.usage_dropped_until OR (a.tagged AND d.included IS NOT NULL)),
      bool_or(a.tagged)
    INTO refused, tagged
    FROM (SELECT n.customer_id, n.dimension, min(n.used_at) AS first, max(n.used_at) AS last,
          bool_or(n.tags IS NOT NULL) AS tagged FROM added n GROUP BY n.customer_id, n.dimension) a
    LEFT JOIN customer c ON c.id = a.customer_id
    LEFT JOIN product p ON p.product_code = c.product_code
    LEFT JOIN tollgate.dimension d ON d.product_code = c.product_code AND d.dimension = a.dimension;
  IF tagged AND refused IS NOT TRUE THEN
    SELECT bool_or(NOT tollgate.is_tags(a.tags)) INTO refused
      FROM (SELECT n.tags FROM added n GROUP BY n.tags) a;
  END IF;
  IF refused IS NOT TRUE THEN
    RETURN NULL;
  END IF;
  SELECT a.* INTO STRICT bad
    FROM (SELECT row_number() OVER () AS place, n.* FROM added n) a
    LEFT JOIN customer c ON c.id = a.customer_id
    LEFT JOIN product p ON p.product_code = c.product_code
    LEFT JOIN tollgate.dimension d ON d.product_code = c.product_code AND d.dimension = a.dimension
    WHERE d.dimension IS NULL OR a.used_at < ledger_time() - p.horizon OR a.used_at > newest
      OR a.used_at <= p.usage_dropped_until OR (a.tags IS NOT NULL AND d.included IS NOT NULL)
      OR NOT tollgate.is_tags(a.tags)
    ORDER BY a.place LIMIT 1;
  SELECT p.code, p.problem INTO code, problem FROM tollgate.usage_problem(bad.customer_id,
    bad.dimension, bad.used_at, bad.tags IS NOT NULL, newest) p;
  IF problem IS NULL THEN
    code := 'check_violation';
    problem := 'tags is not an object of 1 to 5 tags that AWS takes, such as {"team": "blue"}';
  END IF;
  RAISE EXCEPTION USING ERRCODE = code,
    MESSAGE = format('row %s (customer_id %s, dimension "%s", used_at %s): %s', bad.place,
      bad.customer_id, bad.dimension, tollgate.time_text(bad.used_at), problem),
    HINT = 'No row of the statement was taken.';
END
$$;
COMMENT ON FUNCTION tollgate.check_usage() IS
  'Refuses usage of unknown customers and dimensions, from the future, older than the horizon or '
  'than what was dropped, with tags that AWS does not take, or where the dimension has an included '
  'quantity; names the first bad row. TG404, TG400, 23514; TG500: the database was restored from a dump';
