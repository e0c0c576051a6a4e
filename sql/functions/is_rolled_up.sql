CREATE OR REPLACE FUNCTION tollgate.is_rolled_up(generation int, xid xid8, by_rollup tollgate.rollup)
  RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN generation < (by_rollup).generation OR (generation = (by_rollup).generation
    AND pg_visible_in_snapshot(xid, (by_rollup).snapshot));
COMMENT ON FUNCTION tollgate.is_rolled_up(int, xid8, tollgate.rollup) IS
  'Whether that roll-up, or one before it, took the events of this transaction; null: no roll-up';
