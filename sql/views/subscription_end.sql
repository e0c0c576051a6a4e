-- In the order of the index, and not by whether there is a later event: for that the planner would loop
-- over all ends for each, if few were there at the last ANALYZE.
CREATE OR REPLACE VIEW tollgate.subscription_end AS
  SELECT e.customer_id, e.happened_at AS ends_at, e.happened_at + interval '1 hour' AS closes_at,
      EXISTS (SELECT FROM tollgate.customer_event n WHERE n.customer_id = e.customer_id
        AND n.id > e.id AND n.kind = 'ended') AS is_closed,
      e.id AS event_id
    FROM (SELECT DISTINCT ON (l.customer_id) l.customer_id, l.kind, l.happened_at, l.id
        FROM tollgate.customer_event l WHERE l.kind IN ('ending', 'resumed')
        ORDER BY l.customer_id DESC, l.id DESC) e
    WHERE e.kind = 'ending';
COMMENT ON VIEW tollgate.subscription_end IS
  'Customers whose subscription ended: none of their records is of a later hour, unless no earlier '
  'one is free';
COMMENT ON COLUMN tollgate.subscription_end.customer_id IS 'Whose';
COMMENT ON COLUMN tollgate.subscription_end.ends_at IS 'When it ended';
COMMENT ON COLUMN tollgate.subscription_end.closes_at IS
  'From then on AWS takes nothing of theirs: an hour later';
COMMENT ON COLUMN tollgate.subscription_end.is_closed IS
  'A run has seen that: what was left of less than a unit is written off';
COMMENT ON COLUMN tollgate.subscription_end.event_id IS 'The customer_event that says so';
