CREATE OR REPLACE FUNCTION tollgate.parts_of_hour(hour timestamptz, up_to timestamptz,
  most bigint, customers bigint[], dimensions text[], round_up boolean)
  RETURNS TABLE (customer_id bigint, dimension text, tags jsonb, lines bigint, units numeric,
    last_used_at timestamptz, quantity bigint)
  LANGUAGE sql STABLE
  BEGIN ATOMIC
    WITH share AS (
      SELECT w.customer_id, w.dimension, w.tags, count(*) AS lines, sum(w.billable) AS units,
          greatest(0, floor(sum(w.billable))) AS whole,
          greatest(0, sum(w.billable)) - greatest(0, floor(sum(w.billable))) AS fraction,
          max(w.last_used_at) FILTER (WHERE w.used_hour = hour AND w.kind = 'usage')
            AS last_used_at,
          coalesce(sum(w.billable) FILTER (WHERE w.kind = 'carry'), 0) >= 1 AS left_out
        FROM tollgate.waiting_line w
        WHERE w.used_hour <= up_to
          AND (customers IS NULL OR (w.customer_id, w.dimension::text) IN (SELECT k.customer_id,
            k.dimension FROM unnest(customers, dimensions) k (customer_id, dimension)))
        GROUP BY w.customer_id, w.dimension, w.tags),
    -- At the end of a subscription no later record takes the fractions. All sets together are rounded
    -- up, by giving the largest fractions one unit each.
    rounded AS (
      SELECT s.customer_id, s.dimension, s.tags, s.lines, s.units, s.last_used_at, s.left_out,
          s.whole + CASE WHEN round_up AND s.fraction > 0
            AND row_number() OVER (key ORDER BY s.fraction DESC, s.tags)
              <= ceil(sum(s.units) OVER key) - sum(s.whole) OVER key THEN 1 ELSE 0 END AS whole
        FROM share s
        WINDOW key AS (PARTITION BY s.customer_id, s.dimension)),
    -- Where not all fits: first what an earlier record had to leave out, then by lot, another one
    -- each hour. In an order that stays the same, some would never be billed.
    lot AS (
      SELECT s.customer_id, s.dimension, array_agg(s.tags::jsonb ORDER BY s.left_out DESC,
            hashtextextended(s.tags::text, extract(epoch FROM hour)::bigint), s.tags) AS sets
        FROM rounded s WHERE s.whole >= 1
        GROUP BY s.customer_id, s.dimension HAVING count(*) > 1),
    placed AS (
      SELECT o.customer_id, o.dimension, f.tags, f.fits, f.place
        FROM lot o, ROWS FROM (unnest(o.sets), unnest(tollgate.fit_tags(o.sets)))
          WITH ORDINALITY f (tags, fits, place)),
    taken AS (
      SELECT s.*, p.place, CASE WHEN coalesce(p.fits, true) THEN s.whole ELSE 0 END AS taken
        FROM rounded s LEFT JOIN placed p ON p.customer_id = s.customer_id
          AND p.dimension = s.dimension AND p.tags = s.tags)
    SELECT t.customer_id, t.dimension, t.tags, t.lines, t.units, t.last_used_at,
        greatest(0, least(t.taken, most - (sum(t.taken) OVER (
          PARTITION BY t.customer_id, t.dimension ORDER BY t.place) - t.taken)))::bigint
      FROM taken t;
  END;
COMMENT ON FUNCTION
  tollgate.parts_of_hour(timestamptz, timestamptz, bigint, bigint[], text[], boolean) IS
  'What each set of tags of each key has waiting that was used up to the hour up_to, and how many '
  'whole units of it go into a record of hour: together at most `most`, and what fits (see fit_tags). '
  'customers and dimensions: only these keys; null: all. round_up: fractions too';
