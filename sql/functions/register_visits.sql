-- The visits that wait together, in one statement where that is simple: nearly all are of buyers whom
-- nobody has seen before, and to begin a statement for each step costs more than the step.
CREATE OR REPLACE FUNCTION tollgate.register_visits(requests text[], visited double precision[],
  products text[], identifiers text[], accounts text[], licenses text[], tokens text[],
  offer_types text[], aws_requests text[])
  RETURNS TABLE (place bigint, customer_id bigint, created boolean)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  -- A plan for the few customers of the first day must not be kept for the thousands of the second.
  SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
#variable_conflict use_column
DECLARE
  buyers bigint;
  again bigint[] := '{}';
  places bigint[];
  ids bigint[];
BEGIN
  -- As ensure_customer() does for each; in one order, so that two batches don't wait for each other.
  -- By license where there is no identifier: then fewer locks than visits say that a buyer may be
  -- among them twice. All but the first such visit are for register_visit().
  SELECT count(pg_advisory_xact_lock(b.key)) INTO buyers
    FROM (SELECT DISTINCT hashtextextended(products[n] || ' '
          || coalesce(nullif(identifiers[n], ''), nullif(licenses[n], '')), 0) AS key
        FROM generate_series(1, cardinality(requests)) n ORDER BY key) b
    WHERE b.key IS NOT NULL;
  IF buyers < cardinality(requests) THEN
    again := ARRAY(SELECT v.place FROM (SELECT n AS place, row_number() OVER (
          PARTITION BY products[n], coalesce(nullif(identifiers[n], ''), nullif(licenses[n], ''))
          ORDER BY n) AS time
        FROM generate_series(1, cardinality(requests)) n) v WHERE v.time > 1);
  END IF;

  -- Where nobody new may be made, each is for register_visit(), which says so of those who are.
  IF tollgate.is_restored() THEN
    again := ARRAY(SELECT generate_series(1, cardinality(requests)));
  END IF;

  -- New is a buyer by whose identities nobody is known, in the tables or earlier in these visits. A
  -- known license with an identifier that is not is so rare that it is left to the unique index. A
  -- visit by account alone is for register_visit(). Arrays are read by their places: unnest() would
  -- put each of them into a table first. OFFSET 0: what is read is worked out once.
  BEGIN
    WITH new AS MATERIALIZED (
      SELECT nextval('tollgate.customer_id_seq') AS id, v.*
        FROM (SELECT n AS place, requests[n] AS request, products[n] AS product,
            nullif(identifiers[n], '') AS identifier, nullif(accounts[n], '') AS account,
            nullif(licenses[n], '') AS license,
            tollgate.license_id(nullif(licenses[n], '')) AS license_id, tokens[n] AS token,
            nullif(offer_types[n], '') AS offer_type, nullif(aws_requests[n], '') AS aws_request,
            coalesce(least(to_timestamp(visited[n]), now()), now()) AS seen_at
          FROM generate_series(1, cardinality(requests)) n OFFSET 0) v
        WHERE coalesce(v.identifier, v.license_id) IS NOT NULL AND v.place <> ALL (again)
          AND (SELECT c.id FROM customer c WHERE c.customer_identifier = v.identifier
            AND c.product_code = v.product LIMIT 1) IS NULL
          AND (v.identifier IS NOT NULL OR (SELECT c.id FROM customer c
            WHERE c.license_id = v.license_id AND c.product_code = v.product) IS NULL)),
    made AS (
      INSERT INTO customer (id, product_code, customer_identifier, customer_aws_account_id,
          license_arn, license_id, metered_by, offer_type_claimed, created_at)
        OVERRIDING SYSTEM VALUE
        SELECT n.id, n.product, n.identifier, n.account, n.license, n.license_id,
            tollgate.shape_of(n.identifier, n.account, n.license), n.offer_type, n.seen_at
          FROM new n),
    landed AS (
      INSERT INTO customer_event (customer_id, kind, happened_at, request_id)
        SELECT n.id, 'landed', n.seen_at, n.request FROM new n),
    stored AS (
      INSERT INTO registration (request_id, customer_id, product_code, visited_at, outcome,
          token_sha256, offer_type_claimed, aws_request_id)
        SELECT n.request, n.id, n.product, n.seen_at, 'resolved', decode(n.token, 'hex'),
            n.offer_type, n.aws_request
          FROM new n)
    SELECT coalesce(array_agg(n.place), '{}'), array_agg(n.id) INTO places, ids FROM new n;
  EXCEPTION WHEN unique_violation OR foreign_key_violation THEN
    -- Somebody else was quicker, a license is known or two of these have it, a request was stored
    -- before, or a product is not there. Which it is shows when each is stored by itself.
    places := '{}';
  END;

  RETURN QUERY SELECT unnest(places), unnest(ids), true;
  IF cardinality(places) < cardinality(requests) THEN
    FOR place IN SELECT n FROM generate_series(1, cardinality(requests)) n
        WHERE n <> ALL (places) LOOP
      SELECT r.* INTO customer_id, created FROM tollgate.register_visit(requests[place],
        visited[place], products[place], identifiers[place], accounts[place], licenses[place],
        tokens[place], offer_types[place], aws_requests[place]) r;
      RETURN NEXT;
    END LOOP;
  END IF;
END
$$;
COMMENT ON FUNCTION tollgate.register_visits(text[], double precision[], text[], text[], text[],
  text[], text[], text[], text[]) IS
  'register_visit() for several visits, in one transaction: a row for each, place being its place '
  'among them from 1';
