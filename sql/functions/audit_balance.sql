CREATE OR REPLACE FUNCTION tollgate.audit_balance()
  RETURNS TABLE (customer_id bigint, dimension text, tags jsonb, accepted numeric, waiting numeric,
    carried numeric, included numeric, frozen numeric, unconfirmed numeric, unknown numeric,
    billed numeric, refused numeric, written_off numeric, remapped numeric, difference numeric)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  SET work_mem = '256MB' SET jit = off
  BEGIN ATOMIC
    WITH last AS (
      SELECT r.generation, r.snapshot FROM tollgate.rollup r ORDER BY r.id DESC LIMIT 1),
    place (customer_id, dimension, tags, place, units) AS (
      -- What no roll-up has seen yet waits too.
      SELECT e.customer_id, e.dimension, coalesce(e.tags, '{}'), unnest(CASE
            WHEN e.generation < l.generation OR (e.generation = l.generation
              AND pg_visible_in_snapshot(e.xid, l.snapshot)) THEN ARRAY['accepted']
            ELSE ARRAY['accepted', 'waiting'] END), e.quantity
        FROM tollgate.usage_event e LEFT JOIN last l ON true
      UNION ALL
      SELECT l.customer_id, l.dimension, l.tags, 'included', l.quantity - l.billable
        FROM tollgate.rollup_line l
      UNION ALL
      SELECT l.customer_id, l.dimension, l.tags,
          CASE l.kind WHEN 'carry' THEN 'carried' ELSE 'waiting' END, l.billable
        FROM tollgate.rollup_line l
        WHERE NOT EXISTS (SELECT FROM tollgate.record_line j WHERE j.line_id = l.id)
          AND NOT EXISTS (SELECT FROM tollgate.write_off_line j WHERE j.line_id = l.id)
      UNION ALL
      SELECT l.customer_id, l.dimension, l.tags, 'written_off', l.billable
        FROM tollgate.write_off_line j JOIN tollgate.rollup_line l ON l.id = j.line_id
      UNION ALL
      -- Of a repaired one, what its new line does not have is where the person says.
      SELECT r.customer_id, r.dimension, coalesce(a.tags, '{}'), CASE
            WHEN p.action = 'written_off' THEN 'written_off' WHEN p.action = 'remapped' THEN 'remapped'
            WHEN p.record_id IS NOT NULL THEN 'billed' ELSE coalesce(s.outcome, 'frozen') END,
          coalesce(a.quantity, r.quantity)
            - CASE WHEN p.action <> 'remapped' THEN coalesce(l.billable, 0) ELSE 0 END
        FROM tollgate.metering_record r
        LEFT JOIN tollgate.metering_result s ON s.record_id = r.id
        LEFT JOIN tollgate.record_allocation a ON a.record_id = r.id
        LEFT JOIN tollgate.metering_repair p ON p.record_id = r.id
        LEFT JOIN tollgate.rollup_line l ON l.origin_record_id = p.record_id
          AND l.kind = 'repaired' AND l.tags = coalesce(a.tags, '{}')
      UNION ALL
      SELECT l.customer_id, l.dimension, l.tags, 'remapped', -l.billable
        FROM tollgate.metering_repair p
        JOIN tollgate.rollup_line l ON l.origin_record_id = p.record_id AND l.kind = 'repaired'
        WHERE p.action = 'remapped'),
    key AS (
      SELECT p.customer_id, p.dimension, p.tags,
          coalesce(sum(p.units) FILTER (WHERE p.place = 'accepted'), 0) AS accepted,
          coalesce(sum(p.units) FILTER (WHERE p.place = 'waiting'), 0) AS waiting,
          coalesce(sum(p.units) FILTER (WHERE p.place = 'carried'), 0) AS carried,
          coalesce(sum(p.units) FILTER (WHERE p.place = 'included'), 0) AS included,
          coalesce(sum(p.units) FILTER (WHERE p.place = 'frozen'), 0) AS frozen,
          coalesce(sum(p.units) FILTER (WHERE p.place = 'unconfirmed'), 0) AS unconfirmed,
          coalesce(sum(p.units) FILTER (WHERE p.place = 'unknown'), 0) AS unknown,
          coalesce(sum(p.units) FILTER (WHERE p.place = 'billed'), 0) AS billed,
          coalesce(sum(p.units) FILTER (WHERE p.place = 'refused'), 0) AS refused,
          coalesce(sum(p.units) FILTER (WHERE p.place = 'written_off'), 0) AS written_off,
          coalesce(sum(p.units) FILTER (WHERE p.place = 'remapped'), 0) AS remapped
        FROM place p WHERE p.place <> 'moved'
        GROUP BY p.customer_id, p.dimension, p.tags)
    SELECT k.*, k.accepted - k.waiting - k.carried - k.included - k.frozen - k.unconfirmed
        - k.unknown - k.billed - k.refused - k.written_off - k.remapped
      FROM key k;
  END;
COMMENT ON FUNCTION tollgate.audit_balance() IS
  'Counts again, from the events, lines and records, where each unit of a customer, dimension and '
  'set of tags is; difference is 0, or there is a bug';
