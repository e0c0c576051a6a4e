CREATE OR REPLACE FUNCTION sandbox.subscribes(caller sandbox.caller, product text)
  RETURNS boolean
  LANGUAGE sql STABLE SET search_path = pg_catalog, sandbox, pg_temp AS $$
  SELECT caller.region IS NULL OR EXISTS (SELECT FROM license l
    WHERE l.product_code = product AND l.customer_aws_account_id = caller.customer_aws_account_id
      AND l.subscribed_at <= sandbox.now()
      AND (l.ended_at IS NULL OR sandbox.now() < l.ended_at));
$$;
COMMENT ON FUNCTION sandbox.subscribes(sandbox.caller, text) IS
  'Whether the caller''s account has a subscription to a product now';
