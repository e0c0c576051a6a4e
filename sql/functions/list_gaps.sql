CREATE OR REPLACE FUNCTION tollgate.list_gaps()
  RETURNS TABLE (customer_id bigint, ended_at timestamptz, resumed_at timestamptz)
  LANGUAGE sql STABLE ROWS 10
  BEGIN ATOMIC
    SELECT r.customer_id, e.happened_at, r.happened_at
      FROM tollgate.customer_event r
      CROSS JOIN LATERAL (SELECT n.happened_at FROM tollgate.customer_event n
        WHERE n.customer_id = r.customer_id AND n.id < r.id AND n.kind = 'ending'
        ORDER BY n.id DESC LIMIT 1) e
      WHERE r.kind = 'resumed' AND r.request_id IS NOT NULL;
  END;
COMMENT ON FUNCTION tollgate.list_gaps() IS
  'When customers had no subscription: from an end to when they came with a new token. An end that an '
  'admin took back (resume_customer()) is none';
