-- Records that AWS does not take any more.
SELECT plan(15);

INSERT INTO tollgate.product (product_code, name) VALUES ('p', 'P');
INSERT INTO tollgate.dimension (product_code, dimension) VALUES ('p', 'users');
SELECT customer_id AS id FROM tollgate.register_visit('r1', NULL, 'p', 'i1', NULL, NULL, NULL, NULL, NULL) \gset
SELECT customer_id AS other FROM tollgate.register_visit('r2', NULL, 'p', 'i2', NULL, NULL, NULL, NULL, NULL) \gset
CREATE FUNCTION pg_temp.at(moment text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE OR REPLACE FUNCTION tollgate.ledger_time() RETURNS timestamptz
    LANGUAGE sql STABLE PARALLEL SAFE RETURN %L::timestamptz', moment);
END
$$;
-- Usage of an hour as a roll-up leaves it.
CREATE FUNCTION pg_temp.used(customer bigint, hour timestamptz, quantity numeric, tags jsonb DEFAULT '{}')
  RETURNS void LANGUAGE sql AS $$
  WITH up AS (INSERT INTO tollgate.rollup (generation, snapshot, rolled_up_at, events, units)
      VALUES (1, '1:1:', hour, 1, quantity) RETURNING id)
  INSERT INTO tollgate.rollup_line (kind, rollup_id, customer_id, dimension, tags, used_hour,
      last_used_at, events, quantity, billable)
    SELECT 'usage', id, customer, 'users', tags, hour, hour + interval '10 minutes', 1, quantity, quantity
      FROM up
$$;
CREATE FUNCTION pg_temp.freeze(hour timestamptz) RETURNS bigint LANGUAGE sql AS $$
  SELECT records FROM tollgate.freeze_hour(hour, '24 hours', '6 hours', '10 minutes', 2147483647, 'us-east-1')
$$;
CREATE FUNCTION pg_temp.states() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(state || ' ' || quantity, ', ' ORDER BY record_id) FROM tollgate.record_state
$$;
-- By the lines, for these have no events.
\set audit 'SELECT tollgate.audit_ledger(''infinity'')'

SELECT pg_temp.at('2026-03-10 10:05:00Z');
SELECT pg_temp.used(:id, '2026-03-10 09:00Z', 5.5);
SELECT pg_temp.used(:id, '2026-03-10 09:00Z', 2, '{"team": "blue"}');
SELECT pg_temp.used(:other, '2026-03-10 09:00Z', 1);
SELECT is(pg_temp.freeze('2026-03-10 09:00Z'), 2::bigint, 'records are frozen');
SELECT pg_temp.at('2026-03-11 08:59:00Z');
SELECT is(tollgate.expire_records('10 minutes')::text, '(0,0,0)', 'they stay as long as AWS takes them');
SELECT pg_temp.at('2026-03-11 09:00:00Z');
SELECT is(tollgate.expire_records('10 minutes')::text, '(2,8,0)',
  'from ten minutes before their deadline on they move, by their Timestamp and not their hour');
SELECT is(pg_temp.states(), 'moved 7, moved 1', 'and end');
SELECT is((SELECT string_agg(kind || ' ' || tags || ' ' || billable, ', ' ORDER BY id)
    FROM tollgate.rollup_line WHERE kind <> 'usage'), 'carry {} 0.5, moved {} 5, moved {"team": "blue"} 2, moved {} 1',
  'their units are lines again, a set of tags each');
SELECT is_empty(:'audit', 'nothing is lost');
SELECT is(tollgate.expire_records('10 minutes')::text, '(0,0,0)', 'once');
SELECT pg_temp.at('2026-03-11 11:05:00Z');
SELECT is(pg_temp.freeze('2026-03-11 10:00Z'), 2::bigint, 'the next free hour takes them');
SELECT is(pg_temp.states(), 'moved 7, moved 1, frozen 7, frozen 1', 'with what was carried');
SELECT is_empty(:'audit', 'and nothing twice');

-- Some that may have been honoured.
SELECT run_id AS run FROM tollgate.begin_run() \gset
SELECT tollgate.begin_calls(:run, jsonb_build_array(jsonb_agg(record_id))) FROM tollgate.open_record \g /dev/null
SELECT pg_temp.at('2026-03-12 12:00:00Z');
SELECT is(tollgate.expire_records('10 minutes')::text, '(0,0,0)', 'what is in a call waits for the answer');
SELECT is((SELECT lost_calls FROM tollgate.begin_run()), 1::bigint, 'a run was killed in mid-call');
SELECT is(tollgate.expire_records('10 minutes')::text, '(0,0,2)', 'its records do not move: they are unknown');
SELECT is(pg_temp.states(), 'moved 7, moved 1, unknown 7, unknown 1', 'for a person to settle');
SELECT is_empty(:'audit', 'and nothing of it is a line again');

SELECT * FROM finish();
