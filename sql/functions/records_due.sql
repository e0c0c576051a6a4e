CREATE OR REPLACE FUNCTION tollgate.records_due(oldest timestamptz, newest timestamptz,
  hours_a_record int, past interval, month_closes interval, margin interval, region text)
  RETURNS TABLE (account text, region text, deadline timestamptz, is_open boolean, records bigint)
  LANGUAGE sql STABLE
  -- Whether a customer has a record already is asked by a hash of all of them, of a day.
  SET work_mem = '256MB' SET jit = off
  BEGIN ATOMIC
    WITH frozen AS MATERIALIZED (
      SELECT h AS used_hour, tollgate.record_hour(h, newest, hours_a_record) AS hour
        FROM generate_series(oldest, newest, interval '1 hour') h),
    waits AS (
      SELECT w.customer_id, w.dimension::text AS dimension, f.hour, sum(w.billable) AS units,
          sum(sum(w.billable)) OVER (PARTITION BY w.customer_id, w.dimension ORDER BY f.hour)
            AS units_by_then
        FROM tollgate.waiting_line w JOIN frozen f ON f.used_hour = greatest(w.used_hour, oldest)
        GROUP BY w.customer_id, w.dimension, f.hour),
    -- Whole units alone make a record; fractions go on to the next.
    used AS MATERIALIZED (
      SELECT w.customer_id, w.hour FROM waits w
        WHERE floor(w.units_by_then) > greatest(0, floor(w.units_by_then - w.units))),
    heartbeat AS (
      SELECT c.id AS customer_id, h.hour
        FROM tollgate.product p
        JOIN tollgate.customer c ON c.product_code = p.product_code
        CROSS JOIN (SELECT DISTINCT f.hour FROM frozen f) h
        WHERE p.heartbeat IS NOT NULL AND tollgate.hour_of(c.created_at) <= h.hour
          AND (c.id, h.hour) NOT IN (SELECT g.customer_id, s.hour FROM tollgate.list_gaps() g
            CROSS JOIN LATERAL generate_series(
              greatest(tollgate.hour_of(g.ended_at) + interval '1 hour', oldest),
              least(tollgate.hour_of(g.resumed_at) - interval '1 hour', newest),
              interval '1 hour') s (hour))
          AND (c.id, h.hour) NOT IN (SELECT u.customer_id, u.hour FROM used u)
          AND (c.id, h.hour) NOT IN (SELECT r.customer_id, r.hour FROM tollgate.metering_record r
            WHERE r.hour BETWEEN oldest AND newest)),
    due AS (
      SELECT u.customer_id, least(u.hour + past, CASE WHEN month_closes > '0' THEN
            (tollgate.month_of(u.hour) + interval '1 month') AT TIME ZONE 'UTC' + month_closes END)
          AS deadline, false AS is_open, count(*) AS records
        FROM (SELECT * FROM used UNION ALL SELECT * FROM heartbeat) u GROUP BY u.customer_id, u.hour
      UNION ALL
      SELECT o.customer_id, o.deadline, true, count(*) FROM tollgate.open_record o
        WHERE o.deadline > tollgate.ledger_time() + margin GROUP BY o.customer_id, o.deadline)
    SELECT p.aws_role_arn, coalesce(c.metered_region, p.aws_region, records_due.region), d.deadline,
        d.is_open, sum(d.records)::bigint
      FROM due d
      JOIN tollgate.customer c ON c.id = d.customer_id
      JOIN tollgate.product p ON p.product_code = c.product_code
      GROUP BY 1, 2, 3, 4;
  END;
COMMENT ON FUNCTION tollgate.records_due(timestamptz, timestamptz, int, interval, interval, interval,
  text) IS
  'How many records each seller account and region has to be sent by when: those that are open, and '
  'about those that freezing the hours from oldest to newest would make, so many hours a record (see '
  'record_hour()). Until 23 hours after its end AWS takes an hour whenever it was used in; past, '
  'month_closes, margin and region as in freeze_hour()';
