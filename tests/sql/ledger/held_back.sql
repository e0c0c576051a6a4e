-- Who holds usage back: sessions, by dblink. Prepared transactions: tests/e2e/meter_options.t.
SELECT plan(9);
CREATE EXTENSION dblink SCHEMA tap;
SELECT format('host=%s port=%s dbname=%s user=tollgate_app application_name=', :'HOST', :'PORT', :'DBNAME') AS app \gset
SELECT dblink_connect(name, :'app' || '''the app''') FROM unnest(ARRAY['one', 'two']) name \g /dev/null
SELECT pid AS one FROM dblink('one', 'SELECT pg_backend_pid()') p (pid int) \gset
CREATE FUNCTION pg_temp.use(name text) RETURNS void LANGUAGE sql AS $$
  SELECT dblink_exec(name, 'BEGIN; INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
    VALUES (1, ''a'', 1, ''2024-03-10 11:00Z'')')
$$;
CREATE FUNCTION pg_temp.held() RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(concat_ws(' ', pid, gid, role, application, since), E'\n' ORDER BY since, pid), 'nobody')
    FROM tollgate.usage_held_back()
$$;
\set roll 'SELECT rollup_id FROM tollgate.roll_up() \\g /dev/null'

SELECT is(pg_temp.held(), 'nobody', 'before the first roll-up nothing is held back');
SELECT pg_temp.use('one') \g /dev/null
SELECT is(pg_temp.held(), 'nobody', 'nor what no roll-up has met');
-- It writes, but no usage.
SELECT dblink_exec('two', 'BEGIN; SET ROLE tollgate_app') \g /dev/null
SELECT * FROM dblink('two', 'SELECT pg_current_xact_id()::text') x (xid text) \g /dev/null
:roll
SELECT is(pg_temp.held(), concat_ws(' ', :one, 'tollgate_app', 'the app', xact_start),
    'a session that had usage at a roll-up is named, with its role and program, and since when; no other')
  FROM pg_stat_activity WHERE pid = :one;
SELECT dblink_exec('two', 'ROLLBACK') \g /dev/null
SELECT pg_temp.use('two') \g /dev/null
SELECT is((SELECT count(*)::int FROM tollgate.usage_held_back()), 1, 'one that began later is not yet');

-- Whose rights do not show when another's transaction began.
ALTER FUNCTION tollgate.usage_held_back() OWNER TO tollgate_admin;
SELECT clock('2024-03-10 13:30Z') \g /dev/null
:roll
SELECT is((SELECT count(*)::int FROM tollgate.usage_held_back()), 2, 'both are held back by the next roll-up');
SELECT is(since, timestamptz '2024-03-10 12:30Z', 'since when, is when a roll-up first missed it')
  FROM tollgate.usage_held_back() WHERE pid = :one;
SELECT is(max(since), timestamptz '2024-03-10 13:30Z', 'of each') FROM tollgate.usage_held_back();
SELECT dblink_exec('one', 'COMMIT') \g /dev/null
SELECT is((SELECT count(*)::int FROM tollgate.usage_held_back() WHERE pid = :one), 0, 'once it is over it holds nothing back');
SELECT dblink_exec('two', 'ROLLBACK') \g /dev/null
SELECT is(pg_temp.held(), 'nobody', 'whatever its end');
SELECT dblink_disconnect(name) FROM unnest(ARRAY['one', 'two']) name \g /dev/null
SELECT * FROM finish();
