-- Once a statement. Nobody may delete but the owner, by drop_old_usage(): this keeps its mistakes,
-- and those of who deletes by hand, from losing usage.
CREATE OR REPLACE FUNCTION tollgate.check_drop() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, tollgate, pg_temp SET jit = off
  SET timezone = 'UTC' AS $$
DECLARE
  dropped rollup;
  events bigint;
  units numeric;
BEGIN
  IF TG_TABLE_NAME = 'counter_reading' THEN
    IF EXISTS (SELECT FROM gone g
        LEFT JOIN tollgate.counter c ON c.customer_id = g.customer_id
          AND c.dimension = g.dimension AND c.counter = g.counter
        LEFT JOIN customer u ON u.id = g.customer_id
        LEFT JOIN product p ON p.product_code = u.product_code
        WHERE (g.read_at < c.last_read_at AND g.read_at < ledger_time() - p.horizon) IS NOT TRUE) THEN
      RAISE EXCEPTION USING ERRCODE = 'TG409', MESSAGE = 'delete of counter_reading is refused: '
        'readings are kept for the product''s horizon, and each counter''s last for ever';
    END IF;
    RETURN NULL;
  END IF;

  SELECT r.* INTO dropped FROM rollup_dropped d JOIN rollup r ON r.id = d.rollup_id
    WHERE d.xid = pg_current_xact_id() ORDER BY d.rollup_id DESC LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'TG409',
      MESSAGE = 'delete of usage_event is refused: a correction is one more event';
  END IF;
  -- What an earlier roll-up took is gone, so what this one shows is its own.
  SELECT count(*), coalesce(sum(g.quantity), 0) INTO events, units FROM gone g
    WHERE g.generation = dropped.generation AND pg_visible_in_snapshot(g.xid, dropped.snapshot);
  IF (events, units) <> (dropped.events, dropped.units)
      OR events <> (SELECT count(*) FROM gone) THEN
    RAISE EXCEPTION USING ERRCODE = 'TG500', MESSAGE = format('roll-up %s took %s events of %s units, '
      'and %s of %s would be dropped, of %s events in all: nothing was', dropped.id, dropped.events,
      dropped.units, events, units, (SELECT count(*) FROM gone));
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION tollgate.check_drop() IS
  'Lets events go only as a whole roll-up that is in rollup_dropped of this transaction, and '
  'readings only past the horizon and not a counter''s last. TG409: anything else; TG500: not as '
  'many as were rolled up';
