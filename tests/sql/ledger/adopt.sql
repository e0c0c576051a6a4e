-- A copy of the ledger is told from the original, and adopted: what the original may have billed is
-- unknown, all else goes on.
SELECT plan(76);

-- The state file as the meter writes it, but for what the argument has.
CREATE FUNCTION pg_temp.state(other jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('ledger', i.ledger, 'system_identifier', i.system_identifier,
    'timeline', i.timeline::text, 'database', i.database::text, 'database_name', i.database_name,
    'generation', i.generation::text, 'last_call', i.last_call::text, 'called_at', i.called_at)
    || other FROM tollgate.ledger_identity() i
$$;
CREATE FUNCTION pg_temp.compare(file jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(': ', gap, problem) FROM tollgate.compare_state(file)
$$;
CREATE FUNCTION pg_temp.records() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(format('%s %s%s %s %s %s', r.customer_id, r.dimension,
      to_char(r.hour AT TIME ZONE 'UTC', 'HH24'), to_char(r.used_at AT TIME ZONE 'UTC', 'MI:SS'),
      r.quantity, s.outcome), ', ' ORDER BY r.customer_id, r.dimension, r.hour)
    FROM tollgate.metering_record r LEFT JOIN tollgate.metering_result s ON s.record_id = r.id
$$;
CREATE FUNCTION pg_temp.waiting() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(format('%s %s%s %s', customer_id, dimension,
    to_char(used_hour AT TIME ZONE 'UTC', 'HH24'), trim_scale(billable)), ', '
    ORDER BY customer_id, dimension, used_hour) FROM tollgate.waiting_line
$$;
-- As after a dump was restored: the row was written by another transaction.
CREATE PROCEDURE pg_temp.restore() LANGUAGE sql AS $$
  UPDATE tollgate.ledger SET written_by = (pg_current_xact_id()::text::bigint + 1)::text::xid
$$;
\set adopt 'SELECT format(''%s %s %s %s'', generation, events, unknown, unknown_units) AS adopted'
\set adopt :adopt ' FROM tollgate.adopt_ledger('

-- ---- the same, or newer ----
SELECT is(pg_temp.compare(NULL), 'none', 'a new ledger has no state file yet');
SELECT is(pg_temp.compare(pg_temp.state()), 'none', 'the file of a ledger that made no call');
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES
  (1, 'a', 5, '2024-03-10 10:00Z'), (1, 'b', 2.5, '2024-03-10 11:10Z'),
  (2, 'a', 7, '2024-03-10 12:10Z');
SELECT tollgate.roll_up() \g /dev/null
SELECT freeze('2024-03-10 10:00Z') \g /dev/null
SELECT run_id AS run FROM tollgate.begin_run() \gset
SELECT tollgate.begin_calls(:run, '[[1]]') AS call \gset
SELECT is(pg_temp.compare(pg_temp.state()), 'none', 'the file of its last call');
SELECT is(pg_temp.compare(pg_temp.state('{"last_call": "0", "called_at": null}')), 'none',
  'the ledger may be newer: the program was killed before it wrote the file');
SELECT is(pg_temp.compare(pg_temp.state('{"timeline": "0"}')), 'none',
  'a server that failed over, and lost no call');
SELECT is(format('%s %s %s %s', last_call, called_at AT TIME ZONE 'UTC', generation, database_name),
    format('%s 2024-03-10 12:30:00 1 %s', :call, current_database()), 'what the file is to say')
  FROM tollgate.compare_state(NULL);

-- ---- others ----
SELECT is(pg_temp.compare(file), wanted, name) FROM (VALUES
  ('no file, and calls', NULL, 'possible: there is no state file, and the ledger''s last call is 1'),
  ('another ledger''s file', pg_temp.state(jsonb_build_object('ledger', gen_random_uuid(),
    'system_identifier', '1')), 'possible: the state file is another ledger''s'),
  ('another server with the same calls', pg_temp.state('{"system_identifier": "1"}'),
    format('none: the server has the system identifier %s, and had 1',
      (SELECT system_identifier FROM pg_control_system()))),
  ('another server, and calls that the file does not know: there may be more',
    pg_temp.state('{"system_identifier": "1", "last_call": "0", "called_at": null}'),
    format('possible: the server has the system identifier %s, and had 1',
      (SELECT system_identifier FROM pg_control_system()))),
  ('another database', pg_temp.state('{"database": "5"}'),
    format('none: the database "%s" has the oid %s, and had 5', current_database(),
      (SELECT oid FROM pg_database WHERE datname = current_database()))),
  ('another generation', pg_temp.state('{"generation": "2"}'),
    'none: the ledger is of generation 1, and was of 2'),
  ('a server from before a fail-over', pg_temp.state('{"timeline": "2"}'),
    'none: the server is at timeline 1, and was at 2'),
  ('a server that failed over, and a file that is not of the last call',
    pg_temp.state('{"timeline": "0", "last_call": "0", "called_at": null}'),
    'possible: the server failed over, from timeline 0 to 1, and the state file is of call 0, the '
    'ledger at 1'),
  ('a ledger that went back in time', pg_temp.state('{"last_call": "4", "called_at": "2024-03-10 12:31Z"}'),
    'certain: call 4 of 2024-03-10T12:31:00Z is not in the ledger, whose last one is 1'),
  ('one that went back in time, and made other calls since',
    pg_temp.state('{"called_at": "2024-03-10 12:29:59.5Z"}'),
    'certain: call 1 of 2024-03-10T12:29:59Z is not in the ledger, whose last one is 1')
  ) v (name, file, wanted);
SELECT throws_ok(format('SELECT tollgate.compare_state(%L)', pg_temp.state('{"last_call": "x"}')),
  '22P02', NULL, 'a number that is none');

-- ---- a restored dump ----
SELECT is(tollgate.is_restored(), false, 'rows that were written here');
UPDATE tollgate.ledger SET relation = 5, written_by = pg_current_xact_id()::xid;
SELECT is(tollgate.is_restored(), true, 'a table that was made anew');
UPDATE tollgate.ledger SET relation = tableoid, written_by = pg_current_xact_id()::xid;
VACUUM (FULL, FREEZE) tollgate.ledger;
SELECT is(tollgate.is_restored(), false, 'VACUUM is no restore');
CALL pg_temp.restore();
SELECT is(tollgate.is_restored(), true, 'a row that another transaction wrote');
SELECT is(pg_temp.compare(pg_temp.state()), 'none: the database was restored from a dump',
  'it is said first');
\set usage 'INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)'
SELECT throws_ok($$ INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
    VALUES (1, 'a', 1, '2024-03-10 12:00Z') $$, 'TG500',
  'this database was restored from a dump: no usage or new customer is taken into it and nothing is '
  'billed from it before it is adopted', 'no usage is taken in');
SELECT throws_ok($$ SELECT tollgate.register_visits('{r1}', '{NULL}', '{p}', '{new}', '{}', '{}',
  ARRAY[repeat('ab', 32)], '{}', '{}') $$, 'TG500', NULL, 'no new customer is made');
SELECT lives_ok($$ SELECT tollgate.register_visits('{r2}', '{NULL}', '{p}', '{i1}', '{}', '{}',
  ARRAY[repeat('ab', 32)], '{}', '{}') $$, 'who is known may come');
SELECT alike(said_as('tollgate_app', $$ INSERT INTO tollgate.usage_event (customer_id, dimension,
    quantity, used_at) VALUES (1, 'a', 1, '2024-03-10 12:00Z') $$), 'TG500 %', 'nor from the app');
SELECT throws_ok('SELECT tollgate.' || f, 'TG500', NULL, 'nothing changes: ' || f)
  FROM unnest(ARRAY['roll_up()', 'begin_run()', 'begin_calls(1, ''[[1]]'')',
    'freeze_hour(now(), ''6 h'', ''6 h'', ''0'', 9, ''r'')', 'refuse_record(1, 1, ''x'')',
    'settle_calls(''[]'')', 'expire_records(''0'')']) f;

-- ---- adopted, nothing lost ----
SELECT throws_ok(format('SELECT tollgate.adopt_ledger(%L, false, %L)', pg_temp.state(), reason),
  'TG400', NULL, 'a reason is needed') FROM unnest(ARRAY[NULL, '', ' ', repeat('x', 1001)]) reason;
-- Usage that no roll-up took: of a transaction that was open then, and of a later one. This server
-- has not come to either. The first of all had been seen.
INSERT INTO tollgate.rollup (generation, snapshot, rolled_up_at, events, units)
  VALUES (1, '900000002:900000010:900000002', now(), 0, 0);
ALTER TABLE tollgate.usage_event DISABLE TRIGGER usage_event_checked;
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, xid) VALUES
  (1, 'a', 20, '2024-03-10 11:00Z', '900000002'), (1, 'a', 30, '2024-03-10 11:20Z', '900000010');
ALTER TABLE tollgate.usage_event ENABLE TRIGGER usage_event_checked;
-- In a subtransaction, as psql's ON_ERROR_ROLLBACK has it.
BEGIN;
SAVEPOINT s;
:adopt pg_temp.state(), false, 'a dump of after the last run') \gset
RELEASE s;
COMMIT;
SELECT is(:'adopted'::text, '2 2 0 0', 'what the last roll-up does not show is rolled up');
SELECT is((nextval('tollgate.customer_id_seq') - 1000000)::int, 5, 'ids that customers of the lost time may have are not given again');
SELECT is(tollgate.is_restored(), false, 'the ledger is this server''s');
SELECT is(pg_temp.records() || '; ' || pg_temp.waiting(),
  '1 a10 00:00 5 ; 1 a11 50, 1 b11 2.5, 2 a12 7', 'all else is as it was');
SELECT is(call_id::int, :call, 'a call without an answer is found by the next run')
  FROM tollgate.open_call;
SELECT is(done_by || ' ' || action || ': ' || reason, session_user
    || ' adopt_ledger: generation 2, 0 records of 0 units unknown: a dump of after the last run',
    'an audit row') FROM tollgate.admin_action;
:usage VALUES (2, 'b', 40, '2024-03-10 11:00Z');
SELECT events || ' ' || units AS taken FROM tollgate.roll_up() \gset
SELECT is(:'taken'::text, '1 40', 'usage of the new generation is taken, and nothing twice');
SELECT is(generation, 2, 'it is of that generation') FROM tollgate.usage_event WHERE quantity = 40;
SELECT is_empty('SELECT tollgate.audit_ledger()', 'the audit finds nothing wrong');
SELECT throws_ok(format('SELECT tollgate.adopt_ledger(%L, false, ''x'')', pg_temp.state()), 'TG409',
  'the state file is this ledger''s: there is nothing to adopt', 'no second time');

-- ---- adopted, calls lost ----
SELECT freeze('2024-03-10 11:00Z') \g /dev/null
-- Late, where the hour has a record already; more than a record holds; with tags; of the hour in
-- which the last call was made, and of a later one; of two days ago, which may have been billed then.
:usage VALUES (1, 'a', 3.25, '2024-03-10 11:30Z'), (1, 'b', 2147483650.25, '2024-03-10 11:40Z'),
  (2, 'b', -1, '2024-03-10 11:41Z'), (4, 'a', 8, '2024-03-10 11:42Z'), (4, 'a', 6, '2024-03-08 07:42Z');
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, tags) VALUES
  (3, 'a', 4.5, '2024-03-10 10:40Z', '{"t": "x"}'), (3, 'a', 2, '2024-03-10 10:50Z', '{"t": "y"}');
SELECT pg_temp.state('{"last_call": "9", "called_at": "2024-03-10 11:50Z"}') AS file \gset
CALL pg_temp.restore();
SELECT throws_ok(format('SELECT tollgate.adopt_ledger(%L, true, ''x'')', :'file'), 'TG409',
  'calls were lost: the database was restored from a dump; call 9 of 2024-03-10T11:50:00Z is not in '
  'the ledger, whose last one is 1', 'that nothing was lost is not believed where it was');
:adopt :'file', false, 'an old dump') \gset
SELECT is(:'adopted'::text, '3 7 10 2147483770', 'what those calls may have billed is unknown');
SELECT is(pg_temp.records(), '1 a09 59:59 3 unknown, 1 a10 00:00 5 unknown, 1 a11 20:00 50 unknown, '
  '1 b09 59:59 3 unknown, 1 b10 59:59 2147483647 unknown, 1 b11 10:00 2 unknown, '
  '2 b11 00:00 40 unknown, 3 a10 50:00 6 unknown, 4 a07 42:00 6 unknown, 4 a11 42:00 8 unknown',
  'open records, and what waits in new ones: in their hour, or the latest free one before it');
SELECT is(pg_temp.waiting(), '1 a09 0.25, 1 b09 0.75, 2 a12 7, 2 b11 -1, 3 a10 0.5',
  'fractions wait, and what was used later than all calls');
SELECT is(array_agg(DISTINCT code::text), ARRAY['restored'], 'with a code')
  FROM tollgate.metering_result;
SELECT is(string_agg(tags::text || quantity, ' ' ORDER BY tags::text), '{"t": "x"}4 {"t": "y"}2',
  'each set of tags has its part') FROM tollgate.record_allocation;
SELECT is(metered_region, NULL, 'where a customer is metered is open still, if only that is known')
  FROM tollgate.customer WHERE id = 4;
SELECT is(code, 'lost', 'the call that nobody answered is over') FROM tollgate.metering_answer
  WHERE call_id = :call;
SELECT is(count(*)::int, 0, 'nothing is open') FROM tollgate.open_record;
SELECT is_empty('SELECT tollgate.audit_ledger()', 'the audit finds nothing wrong');
SELECT is_empty('SELECT * FROM tollgate.audit_balance() WHERE difference <> 0',
  'every unit is somewhere');

-- Killed before the file was written.
SELECT is(pg_temp.compare(:'file'), 'none: the ledger is of generation 3, and was of 2',
  'an adoption is known by its file: nothing is lost any more');
:usage VALUES (2, 'a', 1, '2024-03-10 12:20Z');
:adopt :'file', false, 'once more') \gset
SELECT is(:'adopted'::text, '4 1 0 0', 'it is done again, and nothing becomes unknown');
SELECT is(pg_temp.compare(pg_temp.state()), 'none', 'then the file is written');
SELECT is(last_call || ' ' || called_at, '9 2024-03-10 11:50:00+00', 'and knows the lost call')
  FROM tollgate.compare_state(NULL), set_config('TimeZone', 'UTC', false);

-- It goes on.
SELECT clock('2024-03-10 13:30:00Z') \g /dev/null
SELECT freeze('2024-03-10 12:00Z') AS frozen \gset
SELECT is(:'frozen'::text, '1 8', 'what was used later is billed');
SELECT record_id AS open FROM tollgate.open_record \gset
SELECT run_id AS run FROM tollgate.begin_run() \gset
SELECT tollgate.begin_calls(:run, format('[[%s]]', :open)::jsonb) AS call \gset
SELECT is(:call, 10, 'numbers of lost calls are not used again');
SELECT is(pg_temp.compare(pg_temp.state()), 'none', 'the next call is the last');
SELECT is_empty('SELECT tollgate.audit_ledger()', 'the audit finds nothing wrong');

-- ---- without a file ----
SELECT clock('2024-03-10 13:58:00Z') \g /dev/null
:usage VALUES (1, 'a', 6, '2024-03-10 13:20Z'), (1, 'a', 9, '2024-03-10 14:01Z');
SELECT is(pg_temp.compare(NULL),
  'possible: there is no state file, and the ledger''s last call is 10', 'the file was lost');
:adopt NULL, false, 'the machine burned down') \gset
SELECT is(:'adopted'::text, '5 2 3 23', 'all that is there may have been billed');
SELECT is(pg_temp.waiting(), '1 a12 0.25, 1 b09 0.75, 2 b11 -1, 3 a10 0.5', 'fractions wait on');
SELECT is(to_char(used_at AT TIME ZONE 'UTC', 'HH24:MI:SS'), '13:20:00',
  'a record of the running hour is not of the future') FROM tollgate.metering_record
  WHERE customer_id = 1 AND dimension = 'a' AND hour = '2024-03-10 13:00Z';
:usage VALUES (2, 'b', 12, '2024-03-10 13:30Z');
:adopt NULL, true, 'the database is the original') \gset
SELECT is(:'adopted'::text, '6 1 0 0', 'unless a person knows that nothing was lost');
SELECT is(nextval('tollgate.customer_id_seq')::int, 4 * 1000000 + 6, 'then ids go on');
SELECT is(action, 'adopt_ledger: generation 6, 0 records of 0 units unknown, nothing lost',
  'which is kept') FROM tollgate.admin_action ORDER BY id DESC LIMIT 1;
SELECT is_empty('SELECT tollgate.audit_ledger()', 'the audit finds nothing wrong');
-- Where there is no record yet, none says what region it would have been sent to.
:usage VALUES (4, 'a', 3, tollgate.ledger_time() - interval '1 hour');
SELECT tollgate.roll_up() \g /dev/null
BEGIN;
SET LOCAL session_replication_role = replica;
DELETE FROM tollgate.metering_record;
SET LOCAL session_replication_role = origin;
SELECT cmp_ok(tollgate.freeze_gap(tollgate.ledger_time()), '>', 0::bigint, 'what waits in a ledger without records is given up too');
ROLLBACK;
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, generation)
  VALUES (2, 'b', 12, '2024-03-10 13:30Z', 7);
SELECT throws_ok('SELECT tollgate.adopt_ledger(NULL, true, ''x'')', 'TG409',
  'the table ledger is older than usage_event: restore all tables of one dump',
  'tables of two dumps are refused');

SELECT * FROM finish();
