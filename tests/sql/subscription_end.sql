-- Whose subscription has ended, of customers to whom that happens again and again, against the same said plainly; and that the
-- planner has each end read once, also where it knows of none.
SELECT plan(11);
SET session_replication_role = replica; -- events as they are, of customers who are not there
CREATE VIEW pg_temp.plain_end AS
  SELECT e.customer_id, e.happened_at AS ends_at, e.happened_at + interval '1 hour' AS closes_at,
      EXISTS (SELECT FROM tollgate.customer_event n WHERE n.customer_id = e.customer_id
        AND n.id > e.id AND n.kind = 'ended') AS is_closed, e.id AS event_id
    FROM tollgate.customer_event e
    WHERE e.kind = 'ending' AND NOT EXISTS (SELECT FROM tollgate.customer_event n
      WHERE n.customer_id = e.customer_id AND n.id > e.id AND n.kind IN ('ending', 'resumed'));
-- One after the other, so that each order of some events comes; clocks may go back between two.
CREATE FUNCTION pg_temp.compared(events int) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM setseed(events / 1000.0);
  INSERT INTO tollgate.customer_event (customer_id, kind, happened_at)
    SELECT 1 + (random() * 59)::int, (ARRAY['landed', 'contact_given', 'honoured', 'not_subscribed', 'ending', 'ending',
        'ended', 'ended', 'resumed'])[1 + (random() * 8)::int], now() - random() * interval '2 hours'
      FROM generate_series(1, events);
  RETURN NEXT tap.bag_eq('TABLE tollgate.subscription_end', 'TABLE pg_temp.plain_end', events || ' events more, of 60 customers');
END
$$;
CREATE FUNCTION pg_temp.loops(statement text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  line text;
  found boolean := false;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN ' || statement LOOP
    found := found OR line LIKE '%Nested Loop%';
  END LOOP;
  RETURN found;
END
$$;

SELECT is_empty('TABLE tollgate.subscription_end', 'nobody''s, without events');
SELECT pg_temp.compared(events) FROM unnest(ARRAY[20, 40, 60, 80, 100, 200]) events;
SELECT ok((SELECT count(*) FILTER (WHERE is_closed) > 3 AND count(*) FILTER (WHERE NOT is_closed) > 3
  AND count(*) < 50 FROM tollgate.subscription_end), 'some are open, some closed, and some resumed: there was something to compare');

DELETE FROM tollgate.customer_event;
INSERT INTO tollgate.customer_event (customer_id, kind, happened_at)
  SELECT n, k, now() FROM generate_series(1, 2000) n, unnest(ARRAY['landed', 'contact_given']) k;
ANALYZE tollgate.customer_event;
INSERT INTO tollgate.customer_event (customer_id, kind, happened_at) SELECT n, 'ending', now() FROM generate_series(1, 1000) n;
SELECT ok(pg_temp.loops('TABLE pg_temp.plain_end'), 'plainly, the planner loops over all ends for each of them, if it knows of none');
SELECT ok(NOT pg_temp.loops('TABLE tollgate.subscription_end'), 'the view is read in one pass');
SELECT is(count(*), 1000::bigint, 'and has them all') FROM tollgate.subscription_end;
SELECT * FROM finish();
