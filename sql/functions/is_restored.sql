-- Not of LANGUAGE sql, which would plan it anew in each transaction: a single event's INSERT asks too.
CREATE OR REPLACE FUNCTION tollgate.is_restored() RETURNS boolean
  LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT l.xmin <> l.written_by OR l.tableoid <> l.relation
      -- Where only a part was restored: ids that this server has not come to.
      OR coalesce(r.generation = l.generation AND pg_snapshot_xmax(r.snapshot)
        > pg_snapshot_xmax(pg_current_snapshot()), false)
    FROM tollgate.ledger l
    LEFT JOIN (SELECT n.generation, n.snapshot FROM tollgate.rollup n ORDER BY n.id DESC LIMIT 1) r
      ON true);
END
$$;
COMMENT ON FUNCTION tollgate.is_restored() IS
  'Whether the rows came from a dump, and not from transactions of this server: then the ids of '
  'transactions say nothing about which usage was rolled up. Not so of physical copies';
