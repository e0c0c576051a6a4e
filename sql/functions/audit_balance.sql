CREATE OR REPLACE FUNCTION tollgate.audit_balance(since timestamptz DEFAULT NULL,
  until timestamptz DEFAULT NULL)
  RETURNS TABLE (customer_id bigint, dimension text, tags jsonb, accepted numeric, waiting numeric,
    carried numeric, included numeric, frozen numeric, unconfirmed numeric, unknown numeric,
    billed numeric, refused numeric, written_off numeric, remapped numeric, difference numeric)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp
  SET work_mem = '256MB' SET jit = off SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
  dropped CONSTANT bigint := coalesce((SELECT max(d.rollup_id) FROM rollup_dropped d), 0);
  last rollup;
  before rollup;
  upto rollup;
  first_xid xid8;
BEGIN
  SELECT r.* INTO last FROM rollup r ORDER BY r.id DESC LIMIT 1;
  SELECT r.* INTO before FROM rollup r WHERE r.rolled_up_at < since ORDER BY r.id DESC LIMIT 1;
  SELECT r.* INTO upto FROM rollup r
    WHERE (r.rolled_up_at >= until) IS NOT TRUE ORDER BY r.id DESC LIMIT 1;
  first_xid := coalesce(pg_snapshot_xmin(before.snapshot), '0');
  RETURN QUERY
    WITH place (customer_id, dimension, tags, place, units) AS (
      -- What no roll-up has seen yet waits too.
      SELECT e.customer_id, e.dimension, e.tags,
          unnest(CASE WHEN e.waits THEN ARRAY['accepted', 'waiting'] ELSE ARRAY['accepted'] END),
          e.quantity
        FROM (SELECT e.customer_id, e.dimension, coalesce(e.tags, '{}') AS tags,
              tollgate.is_rolled_up(e.generation, e.xid, last) IS NOT TRUE AS waits,
              sum(e.quantity) AS quantity
            FROM usage_event e
            WHERE (before.id IS NULL OR e.generation > before.generation
                OR (e.generation = before.generation AND e.xid >= first_xid))
              AND (tollgate.is_rolled_up(e.generation, e.xid, last) IS NOT TRUE
                OR (tollgate.is_rolled_up(e.generation, e.xid, upto)
                  AND tollgate.is_rolled_up(e.generation, e.xid, before) IS NOT TRUE))
            GROUP BY 1, 2, 3, 4) e
      UNION ALL
      -- Of events that are gone, and of those of another time, their lines say what was accepted.
      SELECT l.customer_id, l.dimension, l.tags, 'accepted', l.quantity FROM rollup_line l
        WHERE l.kind = 'usage' AND (l.rollup_id <= greatest(dropped, before.id)
          OR l.rollup_id > upto.id OR upto.id IS NULL)
      UNION ALL
      SELECT l.customer_id, l.dimension, l.tags, 'included', l.quantity - l.billable
        FROM rollup_line l
      UNION ALL
      SELECT l.customer_id, l.dimension, l.tags,
          CASE l.kind WHEN 'carry' THEN 'carried' ELSE 'waiting' END, l.billable
        FROM rollup_line l
        WHERE NOT EXISTS (SELECT FROM record_line j WHERE j.line_id = l.id)
          AND NOT EXISTS (SELECT FROM write_off_line j WHERE j.line_id = l.id)
      UNION ALL
      SELECT l.customer_id, l.dimension, l.tags, 'written_off', l.billable
        FROM write_off_line j JOIN rollup_line l ON l.id = j.line_id
      UNION ALL
      -- Of a repaired one, what its new line does not have is where the person says.
      SELECT r.customer_id, r.dimension, coalesce(a.tags, '{}'), CASE
            WHEN p.action = 'written_off' THEN 'written_off' WHEN p.action = 'remapped' THEN 'remapped'
            WHEN p.record_id IS NOT NULL THEN 'billed' ELSE coalesce(s.outcome, 'frozen') END,
          coalesce(a.quantity, r.quantity)
            - CASE WHEN p.action <> 'remapped' THEN coalesce(l.billable, 0) ELSE 0 END
        FROM metering_record r
        LEFT JOIN metering_result s ON s.record_id = r.id
        LEFT JOIN record_allocation a ON a.record_id = r.id
        LEFT JOIN metering_repair p ON p.record_id = r.id
        LEFT JOIN rollup_line l ON l.origin_record_id = p.record_id
          AND l.kind = 'repaired' AND l.tags = coalesce(a.tags, '{}')
      UNION ALL
      SELECT l.customer_id, l.dimension, l.tags, 'remapped', -l.billable
        FROM metering_repair p
        JOIN rollup_line l ON l.origin_record_id = p.record_id AND l.kind = 'repaired'
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
END
$$;
COMMENT ON FUNCTION tollgate.audit_balance(timestamptz, timestamptz) IS
  'Counts again, from the events, lines and records, where each unit of a customer, dimension and '
  'set of tags is; difference is 0, or there is a bug. since, until: only the events of roll-ups of '
  'that time are counted again, for others, as for those that were dropped, their lines count; all '
  'that follows from the lines is always counted. null: from the first one on, to the last one';
