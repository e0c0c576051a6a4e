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
  places bigint[];
  ids bigint[];
BEGIN
  -- As ensure_customer() does for each; in one order, so that two batches don't wait for each other.
  PERFORM pg_advisory_xact_lock(l.key)
    FROM (SELECT DISTINCT hashtextextended(v.product || ' ' || v.identifier, 0) AS key
      FROM unnest(products, identifiers) v (product, identifier) WHERE v.identifier <> ''
      ORDER BY key) l;

  -- New is a buyer by whose identities nobody is known, in the tables or earlier in these visits. A
  -- visit by account alone is for register_visit().
  BEGIN
    WITH visit AS MATERIALIZED (
      SELECT v.place, v.request, v.product, nullif(v.identifier, '') AS identifier,
          nullif(v.account, '') AS account, nullif(v.license, '') AS license,
          tollgate.license_id(nullif(v.license, '')) AS license_id, v.token,
          nullif(v.offer_type, '') AS offer_type, nullif(v.aws_request, '') AS aws_request,
          coalesce(least(to_timestamp(v.visited), now()), now()) AS seen_at
        FROM unnest(requests, visited, products, identifiers, accounts, licenses, tokens,
            offer_types, aws_requests) WITH ORDINALITY v (request, visited, product, identifier,
            account, license, token, offer_type, aws_request, place)),
    new AS MATERIALIZED (
      SELECT nextval('tollgate.customer_id_seq') AS id, v.*
        FROM (SELECT v.*, row_number() OVER (PARTITION BY v.product,
            coalesce(v.identifier, v.license_id) ORDER BY v.place) AS turn FROM visit v) v
        WHERE coalesce(v.identifier, v.license_id) IS NOT NULL AND v.turn = 1
          AND (SELECT c.id FROM customer c WHERE c.customer_identifier = v.identifier
            AND c.product_code = v.product LIMIT 1) IS NULL
          AND (SELECT c.id FROM customer c WHERE c.license_id = v.license_id
            AND c.product_code = v.product) IS NULL),
    made AS (
      INSERT INTO customer (id, product_code, customer_identifier, customer_aws_account_id,
          license_arn, metered_by, offer_type_claimed, created_at)
        OVERRIDING SYSTEM VALUE
        SELECT n.id, n.product, n.identifier, n.account, n.license,
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
    -- Somebody else was quicker, two of these have one license, a request was stored before, or a
    -- product is not there. Which it is shows when each is stored by itself.
    places := '{}';
  END;

  RETURN QUERY SELECT unnest(places), unnest(ids), true;
  FOR place IN SELECT n FROM generate_series(1, cardinality(requests)) n
      WHERE cardinality(places) < cardinality(requests) AND n <> ALL (places) LOOP
    SELECT r.* INTO customer_id, created FROM tollgate.register_visit(requests[place],
      visited[place], products[place], identifiers[place], accounts[place], licenses[place],
      tokens[place], offer_types[place], aws_requests[place]) r;
    RETURN NEXT;
  END LOOP;
END
$$;
COMMENT ON FUNCTION tollgate.register_visits(text[], double precision[], text[], text[], text[],
  text[], text[], text[], text[]) IS
  'register_visit() for several visits, in one transaction: a row for each, place being its place '
  'among them from 1';
