CREATE OR REPLACE FUNCTION tollgate.register_visit(request text, visited double precision,
  product text, identifier text, account text, license text, token text, offer_type text,
  aws_request text, OUT customer_id bigint, OUT created boolean)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  -- A visit that waited in a journal keeps its time; no clock error makes it one of the future.
  seen_at timestamptz := coalesce(least(to_timestamp(visited), now()), now());
  newest boolean := true;
  made record;
BEGIN
  made := tollgate.ensure_customer(product, identifier, account, license, offer_type, request,
    seen_at);
  customer_id := made.customer_id;
  created := made.created;
  IF visited IS NOT NULL THEN
    newest := NOT EXISTS (SELECT FROM registration r
      WHERE r.customer_id = register_visit.customer_id AND r.visited_at > seen_at);
  END IF;

  INSERT INTO registration AS r (request_id, customer_id, product_code, visited_at, outcome,
      token_sha256, offer_type_claimed, aws_request_id)
    VALUES (request, customer_id, product, seen_at, 'resolved', decode(token, 'hex'),
      nullif(offer_type, ''), nullif(aws_request, ''))
    ON CONFLICT (request_id) DO UPDATE SET customer_id = excluded.customer_id,
        product_code = excluded.product_code, outcome = excluded.outcome
      WHERE r.customer_id IS NULL;
  IF NOT FOUND THEN
    -- Stored before: the same answer as then.
    SELECT r.customer_id INTO customer_id FROM registration r WHERE r.request_id = request;
    created := EXISTS (SELECT FROM customer_event e WHERE e.kind = 'landed'
      AND e.customer_id = register_visit.customer_id AND e.request_id = request);
  ELSIF NOT created THEN
    PERFORM tollgate.merge_visit(customer_id, identifier, account, license, offer_type, newest);
    -- Who comes with a new token has subscribed again; with one from before the end, the page was
    -- only loaded again.
    INSERT INTO customer_event (customer_id, kind, happened_at, request_id)
      SELECT e.customer_id, 'resumed', seen_at, request FROM subscription_end e
        WHERE e.customer_id = register_visit.customer_id AND e.ends_at < seen_at
          AND NOT EXISTS (SELECT FROM registration o WHERE o.customer_id = e.customer_id
            AND o.token_sha256 = decode(token, 'hex') AND o.visited_at <= e.ends_at);
  END IF;
END
$$;
COMMENT ON FUNCTION tollgate.register_visit(text, double precision, text, text, text, text,
  text, text, text) IS
  'Stores a visit that AWS resolved: its customer, made or brought up to date, and the visit. '
  'visited: epoch seconds, null for now; token: its SHA-256 in hex. The same request again '
  'changes nothing and has the same answer. TG400: no identity; TG404: no such product';
