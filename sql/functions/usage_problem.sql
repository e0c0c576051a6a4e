CREATE OR REPLACE FUNCTION tollgate.usage_problem(customer_id bigint, dimension text,
  used_at timestamptz, has_tags boolean, newest timestamptz, OUT code text, OUT problem text)
  LANGUAGE sql STABLE
  BEGIN ATOMIC
    SELECT CASE WHEN d.dimension IS NULL THEN 'TG404' ELSE 'TG400' END, CASE
        WHEN c.id IS NULL THEN 'there is no such customer'
        WHEN d.dimension IS NULL THEN format('the product %s has no such dimension', c.product_code)
        WHEN used_at > newest THEN 'it is over five minutes ahead of this server''s clock'
        WHEN used_at < tollgate.ledger_time() - p.horizon
          THEN format('it is older than the product''s horizon, %s', p.horizon)
        -- Its key would be forgotten: a repeat would count again.
        WHEN used_at <= p.usage_dropped_until
          THEN format('usage up to %s was dropped, and it may have been there',
            tollgate.time_text(p.usage_dropped_until))
        WHEN has_tags AND d.included IS NOT NULL
          THEN 'it has tags, and the dimension has an included quantity; one excludes the other'
      END
      FROM (SELECT) one
      LEFT JOIN tollgate.customer c ON c.id = usage_problem.customer_id
      LEFT JOIN tollgate.product p ON p.product_code = c.product_code
      LEFT JOIN tollgate.dimension d
        ON d.product_code = c.product_code AND d.dimension = usage_problem.dimension;
  END;
COMMENT ON FUNCTION tollgate.usage_problem(bigint, text, timestamptz, boolean, timestamptz) IS
  'Why check_usage() refuses usage, in words, and with which SQLSTATE; a null problem if it does '
  'not. newest: the latest time that is taken';
