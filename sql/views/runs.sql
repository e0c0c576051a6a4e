CREATE OR REPLACE VIEW tollgate.runs AS
  SELECT r.id AS run_id, r.began_at, r.ended_at - r.began_at AS took, r.exit_code,
      CASE
        WHEN r.ended_at IS NULL AND r.id = (SELECT max(n.id) FROM tollgate.metering_run n)
          -- The lock that the meter holds (queries/meter/try_lock.sql), in its two halves.
          AND EXISTS (SELECT FROM pg_locks l, hashtextextended('tollgate meter', 0) key
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
              AND l.database = (SELECT d.oid FROM pg_database d
                WHERE d.datname = current_database())
              AND l.classid::bigint = (key >> 32) & 4294967295
              AND l.objid::bigint = key & 4294967295)
          THEN 'under way'
        WHEN r.ended_at IS NULL
          THEN 'killed, or lost the database; the next run takes up what it left'
        ELSE CASE r.exit_code
          WHEN 0 THEN 'all is settled'
          WHEN 65 THEN 'AWS refused something: see :refused'
          WHEN 75 THEN 'something is left for the next run: see :atrisk'
          WHEN 70 THEN 'the ledger does not add up, a bug: see tollgate.audit_ledger()'
          WHEN 78 THEN 'a setting is wrong: see the log, and tollgate doctor'
          ELSE format('ended with %s', r.exit_code)
        END
      END AS outcome,
      (r.summary->>'billed')::bigint AS billed,
      (r.summary->>'billed_units')::numeric AS billed_units,
      (SELECT sum((r.summary->>what)::bigint) FROM unnest(ARRAY['refused', 'unconfirmed', 'unknown',
        'expired']) what)::bigint AS refused,
      (r.summary->>'left')::bigint AS left_open
    FROM tollgate.metering_run r;
COMMENT ON VIEW tollgate.runs IS 'Each run of tollgate-meter: how it ended, what it did';
COMMENT ON COLUMN tollgate.runs.run_id IS 'The run, as in the log';
COMMENT ON COLUMN tollgate.runs.began_at IS 'When';
COMMENT ON COLUMN tollgate.runs.took IS 'How long; null: it has not ended, or was killed';
COMMENT ON COLUMN tollgate.runs.exit_code IS 'As sysexits has it';
COMMENT ON COLUMN tollgate.runs.outcome IS 'How it ended, in words';
COMMENT ON COLUMN tollgate.runs.billed IS 'Records';
COMMENT ON COLUMN tollgate.runs.billed_units IS 'Units';
COMMENT ON COLUMN tollgate.runs.refused IS
  'Records that AWS did not take, or perhaps did: refused, unconfirmed or unknown';
COMMENT ON COLUMN tollgate.runs.left_open IS 'Records that were left for the next run';
