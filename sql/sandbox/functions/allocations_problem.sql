CREATE OR REPLACE FUNCTION sandbox.allocations_problem(allocations jsonb, quantity bigint,
  keys_max int) RETURNS text
  LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, sandbox, pg_temp AS $$
  WITH share AS (
    SELECT n, (share->>'AllocatedUsageQuantity')::bigint AS quantity,
        coalesce(nullif(share->'Tags', 'null'), '[]') AS tags
      FROM jsonb_array_elements(allocations) WITH ORDINALITY list (share, n)
  ), tag AS (
    SELECT n, tag->>'Key' COLLATE "C" AS key, tag->>'Value' COLLATE "C" AS value
      FROM share, jsonb_array_elements(tags) list (tag)
  ), tag_set AS (
    SELECT share.n, array_agg(ARRAY[key, value] ORDER BY key, value) AS tags
      FROM share LEFT JOIN tag USING (n) GROUP BY share.n
  )
  -- AWS's pattern for tags has a range by mistake; its prose is what it enforces.
  SELECT CASE
    WHEN allocations IS NULL THEN NULL
    WHEN EXISTS (SELECT FROM tag WHERE concat(key, value) ~ '[^a-zA-Z0-9 +=._:/@-]') OR
      EXISTS (SELECT FROM tag GROUP BY n, key HAVING count(*) > 1) OR
      (SELECT count(DISTINCT key) FROM tag) > keys_max
      THEN 'InvalidTagException'
    WHEN (SELECT sum(share.quantity) FROM share) <> allocations_problem.quantity OR
      EXISTS (SELECT FROM tag_set GROUP BY tags HAVING count(*) > 1)
      THEN 'InvalidUsageAllocationsException'
  END;
$$;
COMMENT ON FUNCTION sandbox.allocations_problem(jsonb, bigint, int) IS
  'AWS''s error if the UsageAllocations of a record, within the model''s limits, do not add up to its quantity, name a set of tags twice, or have tags that may not be; else null';
