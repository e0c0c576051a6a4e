-- In the order in which it was noted, as in subscription_end: an end may be noted after a record that
-- AWS took since.
CREATE OR REPLACE VIEW tollgate.customer_state AS
  SELECT DISTINCT ON (e.customer_id) e.customer_id, e.kind AS state, e.happened_at AS since
    FROM tollgate.customer_event e
    ORDER BY e.customer_id,
      CASE e.kind WHEN 'landed' THEN 1 WHEN 'contact_given' THEN 2 ELSE 3 END DESC,
      e.id DESC;
COMMENT ON VIEW tollgate.customer_state IS
  'Where each customer stands, from customer_event: what AWS said last about the subscription; '
  'before that, whether anybody sent the form';
COMMENT ON COLUMN tollgate.customer_state.customer_id IS 'Whose state it is';
COMMENT ON COLUMN tollgate.customer_state.state IS
  'landed, contact_given, honoured, not_subscribed, ending or ended (see customer_event.kind)';
COMMENT ON COLUMN tollgate.customer_state.since IS 'When that happened';
