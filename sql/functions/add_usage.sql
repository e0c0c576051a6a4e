CREATE OR REPLACE FUNCTION tollgate.add_usage(events jsonb[]) RETURNS bigint
  LANGUAGE plpgsql SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  -- A CALL may last for days, and the clock of its beginning with it.
  now CONSTANT timestamptz := ledger_time() + (clock_timestamp() - statement_timestamp());
  problem text;
  added bigint;
  other record;
BEGIN
  SELECT p.problem INTO problem
    FROM unnest(events) WITH ORDINALITY e (event, place), tollgate.event_problem(e.event) p (problem)
    WHERE p.problem IS NOT NULL ORDER BY e.place LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400', MESSAGE = problem;
  END IF;

  -- In one order, so that two sessions with the same keys wait for each other and do not deadlock.
  INSERT INTO usage_event (customer_id, dimension, quantity, used_at, idempotency_key, tags)
    SELECT n.customer_id, n.dimension, n.quantity, coalesce(n.used_at, now),
        n.idempotency_key, n.tags
      FROM unnest(events) WITH ORDINALITY e (event, place), jsonb_to_record(e.event) n (
        customer_id bigint, dimension text, quantity numeric, used_at timestamptz,
        idempotency_key text, tags jsonb)
      ORDER BY n.customer_id, n.idempotency_key COLLATE "C", e.place
    ON CONFLICT (customer_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING;
  GET DIAGNOSTICS added = ROW_COUNT;
  IF added = cardinality(events) THEN
    RETURN added;
  END IF;

  -- What was left out has its key from before. What its content was is not told: who may add usage
  -- may not read any. One that retention dropped just now counts as other content, and is refused.
  SELECT n.customer_id, n.idempotency_key, concat_ws(' and ',
        CASE WHEN u.dimension IS DISTINCT FROM n.dimension THEN 'dimension' END,
        CASE WHEN u.quantity IS DISTINCT FROM n.quantity THEN 'quantity' END,
        CASE WHEN u.used_at <> n.used_at THEN 'used_at' END,
        CASE WHEN u.tags IS DISTINCT FROM n.tags THEN 'tags' END) AS members
    INTO other
    FROM unnest(events) WITH ORDINALITY e (event, place)
    CROSS JOIN jsonb_to_record(e.event) n (customer_id bigint, dimension text, quantity numeric,
      used_at timestamptz, idempotency_key text, tags jsonb)
    LEFT JOIN usage_event u
      ON u.customer_id = n.customer_id AND u.idempotency_key = n.idempotency_key
    WHERE n.idempotency_key IS NOT NULL AND (u.used_at <> n.used_at
      OR (u.dimension, u.quantity, u.tags) IS DISTINCT FROM (n.dimension, n.quantity, n.tags))
    ORDER BY e.place LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'TG409', MESSAGE = format('the idempotency key "%s" of customer '
      '%s was used for usage of another %s', other.idempotency_key, other.customer_id, other.members),
      HINT = 'The same usage again needs the same content; other usage needs another key.';
  END IF;
  RETURN added;
END
$$;
COMMENT ON FUNCTION tollgate.add_usage(jsonb[]) IS
  'What record_usage() does: adds events whose keys are not there yet, and says how many. TG400: an '
  'event''s form; TG409: a key is there with other content; TG400, TG404 of check_usage()';
