-- What tells a copy of the ledger from the original: who it is, and whether the rows are those that
-- were written here. The other half is the meter's state file, outside the database.
--
-- A statement that rewrites tollgate.ledger gives its row another xmin: it has to end as this one.

ALTER TABLE tollgate.ledger
  ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(),
  ADD COLUMN relation oid NOT NULL DEFAULT 0,
  ADD COLUMN written_by xid NOT NULL DEFAULT '0',
  ADD COLUMN timeline bigint NOT NULL DEFAULT 0,
  ADD COLUMN adopted_call bigint,
  ADD COLUMN adopted_called_at timestamptz,
  ADD CONSTRAINT ledger_adopted_whole
    CHECK ((adopted_call IS NULL) = (adopted_called_at IS NULL));
UPDATE tollgate.ledger SET relation = tableoid, written_by = pg_current_xact_id()::xid,
  timeline = ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint;

COMMENT ON TABLE tollgate.ledger IS
  'The ledger''s identity: one row. Changed by adopt_ledger() alone';
COMMENT ON COLUMN tollgate.ledger.generation IS
  'Raised when a copy was adopted: older transaction ids mean nothing then';
COMMENT ON COLUMN tollgate.ledger.id IS 'Of this ledger and its copies, and of no other';
COMMENT ON COLUMN tollgate.ledger.relation IS
  'The oid of this table where the row was written: another one after a dump was restored';
COMMENT ON COLUMN tollgate.ledger.written_by IS
  'The transaction that wrote the row, which is its xmin, but for a row that was restored from a '
  'dump. Physical copies and pg_upgrade keep both';
COMMENT ON COLUMN tollgate.ledger.timeline IS
  'The server''s, where the ledger was made or adopted: a higher one is after a fail-over';
COMMENT ON COLUMN tollgate.ledger.adopted_call IS
  'The last call that was known when the ledger was adopted, though it may not be in the ledger; '
  'null: it was never adopted, or had made no call';
COMMENT ON COLUMN tollgate.ledger.adopted_called_at IS 'When that call was made';
