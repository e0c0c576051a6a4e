-- A roll-up takes each event once, sums what belongs together, and counts what is included.
SELECT plan(50);

CREATE FUNCTION pg_temp.lines(after bigint) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(format('%s %s %s %s %s %s %s', customer_id, dimension, tags,
    to_char(used_hour AT TIME ZONE 'UTC', 'DD HH24'), events, trim_scale(quantity), trim_scale(billable)),
    E'\n' ORDER BY customer_id, dimension, used_hour, tags::text) FROM tollgate.rollup_line WHERE rollup_id > after
$$;

-- ---- what belongs together ----
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, tags) VALUES
  (1, 'a', 1.5, '2024-03-10 10:00:00Z', NULL), (1, 'a', 2, '2024-03-10 10:59:59.999Z', NULL),
  (1, 'a', 4, '2024-03-10 11:00:00Z', NULL), (1, 'a', 8, '2024-03-10 10:30Z', '{"t": "x"}'),
  (1, 'a', 16, '2024-03-10 10:31Z', '{"t": "x"}'), (1, 'b', 32, '2024-03-10 10:00Z', NULL),
  (2, 'a', 64, '2024-03-10 10:00Z', NULL), (1, 'b', 0, '2024-03-10 11:00Z', NULL);
SELECT format('%s %s %s %s', rollup_id, events, units, lines) AS summary FROM tollgate.roll_up() \gset
SELECT is(:'summary'::text, '1 8 127.5 6', 'a roll-up says what it took');
SELECT is(pg_temp.lines(0), '1 a {"t": "x"} 10 10 2 24 24
1 a {} 10 10 2 3.5 3.5
1 a {} 10 11 1 4 4
1 b {} 10 10 1 32 32
1 b {} 10 11 1 0 0
2 a {} 10 10 1 64 64', 'a line a customer, dimension, set of tags and hour of use');
SELECT is(last_used_at, '2024-03-10 10:59:59.999Z', 'with the latest time of its events')
  FROM tollgate.rollup_line WHERE quantity = 3.5;
SELECT is(events || ' ' || units, '8 127.5', 'the roll-up has it too') FROM tollgate.rollup;
SELECT is(count(*)::int, 5, 'a line with nothing to bill does not wait') FROM tollgate.waiting_line;
SELECT format('%s %s %s %s', rollup_id, events, units, lines) AS summary FROM tollgate.roll_up() \gset
SELECT is(:'summary'::text, '2 0 0 0', 'nothing is taken twice');
SELECT is_empty('SELECT tollgate.audit_ledger()', 'the audit finds nothing wrong');

-- ---- its own transaction ----
BEGIN;
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  VALUES (1, 'b', 5, '2024-03-10 11:00Z');
SELECT throws_ok('SELECT tollgate.roll_up()', '25000',
  'a roll-up is the first thing that its transaction does', 'not after a change in its transaction');
ROLLBACK;
BEGIN;
SELECT pg_current_xact_id() \g /dev/null
SELECT throws_ok('SELECT tollgate.roll_up()', '25000', NULL, 'not with a transaction id already');
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT throws_ok('SELECT tollgate.roll_up()', '25000',
  'the ledger changes in READ COMMITTED only, not REPEATABLE READ', 'not in REPEATABLE READ');
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT throws_ok(format('SELECT tollgate.%s', call), '25000', NULL, 'not in SERIALIZABLE: ' || call)
  FROM unnest(ARRAY['roll_up()', 'begin_run()', 'begin_calls(1, ''[[1]]'')', 'refuse_record(1, 1, ''x'')',
    'freeze_hour(''2024-03-10 10:00Z'', ''1 day'', ''0'', ''0'', 1, ''r'')',
    'settle_calls(''[]'')']) call;
ROLLBACK;
BEGIN;
SELECT events FROM tollgate.roll_up() \g /dev/null
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  VALUES (1, 'b', 7, '2024-03-10 11:00Z');
COMMIT;
SELECT events || ' ' || units AS summary FROM tollgate.roll_up() \gset
SELECT is(:'summary'::text, '1 7', 'usage added after a roll-up in its transaction is taken by the next');
BEGIN;
SAVEPOINT one;
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  VALUES (1, 'b', 1, '2024-03-10 11:00Z');
ROLLBACK TO one;
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  VALUES (1, 'b', 2, '2024-03-10 11:00Z');
SAVEPOINT two;
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  VALUES (1, 'b', 4, '2024-03-10 11:00Z');
RELEASE two;
COMMIT;
SELECT events || ' ' || units AS summary FROM tollgate.roll_up() \gset
SELECT is(:'summary'::text, '2 6', 'what a savepoint undid is not taken, what one kept is');
BEGIN;
SELECT events FROM tollgate.roll_up() \g /dev/null
ROLLBACK;
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  VALUES (1, 'b', 9, '2024-03-10 11:00Z');
BEGIN;
SELECT events FROM tollgate.roll_up() \g /dev/null
ROLLBACK;
SELECT events || ' ' || units AS summary FROM tollgate.roll_up() \gset
SELECT is(:'summary'::text, '1 9', 'a roll-up that was undone took nothing');
BEGIN;
UPDATE tollgate.ledger SET generation = 2, written_by = pg_current_xact_id()::xid;
COMMIT;
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  VALUES (1, 'b', 9, '2024-03-10 11:00Z');
SELECT events AS summary FROM tollgate.roll_up() \gset
SELECT is(:'summary'::text, '0', 'transaction ids of another generation mean nothing');
UPDATE tollgate.ledger SET generation = 1, written_by = pg_current_xact_id()::xid;
SELECT events AS summary FROM tollgate.roll_up() \gset
SELECT is(:'summary'::text, '1', 'and of one''s own they do');
SELECT is_empty('SELECT tollgate.audit_ledger()', 'the audit finds nothing wrong');

-- ---- included quantity: 10 a month ----
-- used QUANTITY, USED_AT: billable of the lines of a roll-up of its own
CREATE TEMP TABLE step (n int GENERATED ALWAYS AS IDENTITY, billable text);
\set used 'INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)'
\set used :used ' SELECT 1, ''inc'', q, t::timestamptz FROM (VALUES '
\set roll ') v (q, t); SELECT rollup_id AS taken FROM tollgate.roll_up() \\gset \\\\'
\set roll :roll ' SELECT string_agg(trim_scale(billable)::text, '' '' ORDER BY used_hour) AS billable'
\set roll :roll ' FROM tollgate.rollup_line WHERE rollup_id = :taken \\gset'
:used (4, '2024-03-10 10:00Z') :roll
SELECT is(:'billable'::text, '0', 'within the included quantity nothing is billed');
:used (8.5, '2024-03-10 10:00Z') :roll
SELECT is(:'billable'::text, '2.5', 'of the line that crosses it, what is beyond');
:used (3, '2024-03-10 10:00Z') :roll
SELECT is(:'billable'::text, '3', 'then all of it');
:used (-4.5, '2024-03-10 10:00Z') :roll
SELECT is(:'billable'::text, '-4.5', 'a correction gives back what was billed');
:used (-3, '2024-03-10 10:00Z') :roll
SELECT is(:'billable'::text, '-1', 'but no more than that');
:used (2, '2024-03-10 10:00Z') :roll
SELECT is(:'billable'::text, '0', 'and then the included quantity is used first again');
:used (1, '2024-03-10 11:00Z'), (2, '2024-03-10 09:00Z'), (-2, '2024-03-10 10:00Z'), (4, '2024-03-10 12:00Z') :roll
SELECT is(:'billable'::text, '2 -2 1 4', 'several lines of a month in one roll-up count one after the other');
:used (12, '2024-02-29 23:59:59Z'), (1, '2024-03-01 00:00Z') :roll
SELECT is(:'billable'::text, '2 1', 'months are UTC''s, each with its own quantity');
SELECT is(string_agg(month || ' ' || trim_scale(accepted) || ' ' || trim_scale(included), ', ' ORDER BY month),
    '2024-02-01 12 10, 2024-03-01 16 10', 'used and included, by month of use')
  FROM tollgate.month_sum WHERE dimension = 'inc';
UPDATE tollgate.dimension SET included = 20 WHERE dimension = 'inc';
:used (5, '2024-03-10 10:00Z') :roll
SELECT is(:'billable'::text, '1', 'a larger quantity counts from then on: 16 used, 20 included');
UPDATE tollgate.dimension SET included = 2 WHERE dimension = 'inc';
:used (5, '2024-03-10 10:00Z') :roll
SELECT is(:'billable'::text, '5', 'a smaller one too: what was free stays free');
UPDATE tollgate.dimension SET included = NULL WHERE dimension = 'inc';
:used (5, '2024-03-10 10:00Z') :roll
SELECT is(:'billable'::text, '5', 'without one all is billed');
UPDATE tollgate.dimension SET included = 40 WHERE dimension = 'inc';
:used (10, '2024-03-10 10:00Z') :roll
SELECT is(:'billable'::text, '1', 'what was used without one counts: 31 used, 40 included');
:used (-100, '2024-03-10 10:00Z') :roll
SELECT is(:'billable'::text, '-1', 'use below zero bills nothing');
:used (70, '2024-03-10 10:00Z') :roll
SELECT is(:'billable'::text, '0', 'and comes back to where it was');
UPDATE tollgate.dimension SET included = 0 WHERE dimension = 'inc';
:used (3, '2024-03-10 10:00Z') :roll
SELECT is(:'billable'::text, '3', 'an included quantity of 0 is none');
SELECT is_empty('SELECT tollgate.audit_ledger()', 'the audit finds nothing wrong');
-- A dimension whose events have tags gets an included quantity: no unit is lost.
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, tags) VALUES
  (2, 'b', 6, '2024-03-10 10:00Z', '{"t": "x"}'), (2, 'b', 6, '2024-03-10 10:00Z', '{"t": "y"}'),
  (2, 'b', 6, '2024-03-10 10:00Z', NULL);
UPDATE tollgate.dimension SET included = 10 WHERE dimension = 'b';
SELECT rollup_id AS taken FROM tollgate.roll_up() \gset
SELECT is(sum(billable), 8::numeric, 'an included quantity that comes after events with tags')
  FROM tollgate.rollup_line WHERE rollup_id = :taken;
SELECT is(rolled_up_at, '2024-03-10 12:30Z', 'the ledger''s clock') FROM tollgate.rollup WHERE id = :taken;
SELECT is_empty('SELECT * FROM tollgate.audit_balance() WHERE difference <> 0',
  'no unit is anywhere else');
SELECT is_empty('SELECT tollgate.audit_ledger()', 'the audit finds nothing wrong');

-- ---- a restored dump ----
INSERT INTO tollgate.rollup (generation, snapshot, rolled_up_at, events, units)
  VALUES (1, '900000000:900000000:', now(), 0, 0);
SELECT throws_ok('SELECT tollgate.' || f, 'TG500', NULL,
    'a server whose transaction ids are lower than the ledger''s changes nothing: ' || f)
  FROM unnest(ARRAY['roll_up()', 'begin_run()', 'begin_calls(1, ''[[1]]'')',
    'freeze_hour(now(), ''6 h'', ''6 h'', ''0'', 9, ''r'')', 'refuse_record(1, 1, ''x'')',
    'settle_calls(''[]'')', 'expire_records(''0'')']) f;

SELECT * FROM finish();
