-- Ask for a customer or for hours, or it counts all of history.
CREATE OR REPLACE VIEW tollgate.usage AS
  SELECT u.customer_id, u.dimension, u.hour, trim_scale(sum(u.accepted)) AS accepted,
      trim_scale(sum(u.included)) AS included, sum(u.billed) AS billed, sum(u.open) AS open,
      sum(u.refused) AS refused
    FROM (
      SELECT l.customer_id, l.dimension, l.used_hour AS hour, l.quantity AS accepted,
          l.quantity - l.billable AS included, 0 AS billed, 0 AS open, 0 AS refused
        FROM tollgate.rollup_line l WHERE l.kind = 'usage'
      UNION ALL
      SELECT s.customer_id, s.dimension, s.hour, 0, 0,
          coalesce(s.honoured, CASE WHEN s.state = 'billed' THEN s.quantity ELSE 0 END),
          CASE WHEN s.state IN ('frozen', 'uncertain') THEN s.quantity ELSE 0 END,
          CASE WHEN s.state IN ('refused', 'unconfirmed', 'unknown') THEN s.quantity ELSE 0 END
        FROM tollgate.record_state s) u
    GROUP BY u.customer_id, u.dimension, u.hour;
COMMENT ON VIEW tollgate.usage IS
  'What was used and billed each hour. What comes late or is left over is billed in a later hour, '
  'so an hour need not add up; balance does';
COMMENT ON COLUMN tollgate.usage.customer_id IS 'Whose';
COMMENT ON COLUMN tollgate.usage.dimension IS 'Of what';
COMMENT ON COLUMN tollgate.usage.hour IS 'Its start: of the use, and the one that is billed';
COMMENT ON COLUMN tollgate.usage.accepted IS 'What was used in that hour and is rolled up';
COMMENT ON COLUMN tollgate.usage.included IS 'What of it is within the included quantity';
COMMENT ON COLUMN tollgate.usage.billed IS 'What AWS honoured for that hour';
COMMENT ON COLUMN tollgate.usage.open IS 'In a record of that hour that has no result yet';
COMMENT ON COLUMN tollgate.usage.refused IS
  'In a record of that hour that AWS did not take, or perhaps did (see refused)';
