-- The law: accepted = waiting + carried + included + frozen + unconfirmed + unknown + billed + refused +
-- written off + remapped, for each customer, dimension and set of tags, at every moment; and that the
-- audit sees where it fails.
SELECT plan(42);

SELECT is(balance(1, 'a'), NULL, 'nothing');
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, tags) VALUES
  (1, 'a', 10.5, '2024-03-10 08:00Z', '{"t": "x"}'), (1, 'a', 2, '2024-03-10 08:00Z', NULL),
  (1, 'inc', 25.5, '2024-03-10 08:00Z', NULL), (2, 'a', 3, '2024-02-29 23:00Z', NULL);
SELECT is(balance(1, 'a'), NULL, 'usage counts from its roll-up on');
SELECT is(accepted || ' ' || waiting || ' ' || difference, '10.5 10.5 0.0', 'in the audit, from when it is written')
  FROM tollgate.audit_balance() WHERE customer_id = 1 AND tags <> '{}';
SELECT adds_up('before the first roll-up');
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT is(balance(1, 'a'), 'accepted 12.5, waiting 12.5', 'rolled up: it waits');
SELECT is(balance(1, 'inc'), 'accepted 25.5, waiting 15.5, included 10', 'or is included');
SELECT adds_up('rolled up');
SELECT freeze('2024-03-10 08:00Z') \g /dev/null
SELECT is(balance(1, 'a'), 'accepted 12.5, carried 0.5, frozen 12', 'frozen, and the rest carried');
SELECT is(balance(1, 'inc'), 'accepted 25.5, carried 0.5, included 10, frozen 15',
  'also beyond what is included');
SELECT is(balance(2, 'a'), 'accepted 3, frozen 3', 'usage of last month');
SELECT is(string_agg(month || ' ' || accepted || ' ' || waiting, ', ' ORDER BY month), '2024-02-01 3 0',
    'is of the month of its use')
  FROM tollgate.month_sum WHERE customer_id = 2;
SELECT adds_up('frozen');
SELECT run_id FROM tollgate.begin_run() \g /dev/null
SELECT answer(1, 'failed', true) \g /dev/null
SELECT is(balance(1, 'a'), 'accepted 12.5, carried 0.5, frozen 12', 'a record without a result is frozen');
SELECT answer(1, 'success') \g /dev/null
SELECT is(balance(1, 'a'), 'accepted 12.5, carried 0.5, billed 12', 'billed');
SELECT is(string_agg(concat_ws(' ', tags, billed), ', ' ORDER BY tags::text), '{"t": "x"} 10, {} 2',
  'each set of tags its part')
  FROM tollgate.audit_balance() WHERE customer_id = 1 AND dimension = 'a';
SELECT answer(2, 'duplicate') \g /dev/null
SELECT is(balance(1, 'inc'), 'accepted 25.5, carried 0.5, included 10, refused 15', 'refused');
SELECT answer(3, 'unnamed') \g /dev/null
SELECT answer(3, 'duplicate') \g /dev/null
SELECT is(balance(2, 'a'), 'accepted 3, unconfirmed 3', 'unconfirmed');
SELECT adds_up('settled');
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES
  (2, 'a', -1.5, '2024-02-29 23:00Z'), (2, 'a', 5, '2024-03-10 09:00Z');
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT freeze('2024-03-10 09:00Z') \g /dev/null
SELECT answer(4, 'failed', true) \g /dev/null
SELECT answer(4, 'not_subscribed') \g /dev/null
SELECT is(balance(2, 'a'), 'accepted 6.5, carried 0.5, unconfirmed 3, unknown 3', 'unknown');
SELECT adds_up('a correction');
SELECT is_empty($$SELECT FROM tollgate.balance WHERE accepted <> waiting + carried + included + frozen
  + unconfirmed + unknown + billed + refused + written_off + remapped$$, 'the law');
SET ROLE tollgate_admin;
SELECT count(*) AS rows FROM tollgate.audit_balance() \gset
RESET ROLE;
SELECT is(:rows, 4, 'tollgate_admin audits: a row for each customer, dimension and set of tags');

-- ---- what the audit sees ----
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES
  (2, 'b', 1.5, '2024-03-10 10:00Z'), (1, 'a', 0.25, '2024-03-10 11:00Z');
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT freeze('2024-03-10 10:00Z') \g /dev/null
CREATE FUNCTION pg_temp.audited(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  said text;
BEGIN
  SET LOCAL session_replication_role = replica; -- without the triggers that refuse it
  EXECUTE statement;
  SELECT string_agg(a, E'\n' ORDER BY a) INTO said FROM tollgate.audit_ledger() a;
  RAISE EXCEPTION USING ERRCODE = '00ROK', MESSAGE = coalesce(said, 'nothing');
EXCEPTION
  WHEN SQLSTATE '00ROK' OR SQLSTATE 'TG500' THEN RETURN SQLERRM;
END
$$;
SELECT alike(pg_temp.audited(statement), wanted, 'the audit sees ' || name)
  FROM (VALUES
    ('DELETE FROM tollgate.usage_event WHERE customer_id = 2 AND dimension = ''b''',
      'customer 2, "b", tags {}: -1.5 units are nowhere%', 'a line without its events'),
    ('DELETE FROM tollgate.rollup_line WHERE kind = ''usage'' AND quantity = 0.25',
      '%"a", tags {}: 0.25 units are nowhere%roll-up 3 took 2 events of 1.75 units, its lines have 1 of 1.5%',
      'events without their line'),
    ('UPDATE tollgate.rollup_line SET tags = ''{"t": "y"}'' WHERE quantity = 0.25',
      '%tags {"t": "y"}: -0.25 units are nowhere%tags {}: 0.25 units are nowhere%', 'a unit that changed its tags'),
    ('UPDATE tollgate.month_sum SET refused = refused + 1 WHERE customer_id = 2 AND dimension = ''b''',
      'customer 2, "b": the balance says %counted%', 'a sum that is wrong'),
    ('DELETE FROM tollgate.waiting_line WHERE billable = 0.25', 'line % is in no record and does not wait',
      'a line that would wait for ever'),
    ('INSERT INTO tollgate.waiting_line SELECT id, used_hour, customer_id, dimension, tags, kind, last_used_at, billable
      FROM tollgate.rollup_line WHERE id = 1', 'line 1 is in a record and waits, or not as it is', 'a line that would be billed twice'),
    ('DELETE FROM tollgate.open_record', '%record 5 is open: f; it has a result: f', 'a record that nobody would send'),
    ('INSERT INTO tollgate.open_record (record_id, deadline, customer_id, dimension, hour, quantity)
      SELECT id, now(), customer_id, dimension, hour, quantity FROM tollgate.metering_record WHERE id = 1',
      '%record 1 is open: t; it has a result: t', 'a record that would be sent again'),
    ('UPDATE tollgate.open_record SET quantity = quantity + 1', '%record 5 is open, and not as it is',
      'a record that is listed with other units'),
    ('INSERT INTO tollgate.metering_result (record_id, outcome, settled_at) VALUES (99, ''billed'', now())',
      'the result of record 99 is of a record or a call that there is not', 'a result of no record'),
    ('UPDATE tollgate.metering_result SET call_id = 99 WHERE record_id = 1',
      'the result of record 1 is of a record or a call that there is not', 'a result of no call'),
    ('UPDATE tollgate.metering_call SET run_id = 99 WHERE id = 1', 'call 1 is of a run that there is not', 'a call of no run'),
    ('INSERT INTO tollgate.metering_answer (call_id, answered_at, http_status, uncertain) VALUES (99, now(), 200, false)',
      '%an answer is of call 99, which there is not%', 'an answer to no call'),
    ('INSERT INTO tollgate.open_call SELECT id, records FROM tollgate.metering_call WHERE id = 1',
      'call 1 is open: t; it has an answer: t%record 1 is in 1 open calls, and not open itself', 'a call that would be lost again'),
    ('INSERT INTO tollgate.open_call VALUES (99, ''{5}'')', 'call 99 is open: t; it has an answer: f', 'a record that nobody could send'),
    ('INSERT INTO tollgate.open_call VALUES (98, ''{5}''), (99, ''{5}'')', '%record 5 is in 2 open calls, and is open itself',
      'a record in two calls'),
    ('UPDATE tollgate.open_record SET allocations = 1', '%record 5 is open, and not as it is', 'a record that is listed with other parts'),
    ('DELETE FROM tollgate.rollup_line WHERE kind = ''carry''', 'the record % does not add up%',
      'a carry that is gone'))
    v (statement, wanted, name);
SELECT is(pg_temp.audited('SELECT'), 'nothing', 'and nothing where nothing is wrong');
SELECT is(pg_temp.audited('INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  VALUES (1, ''a'', 1, ''2024-03-10 11:00Z'')'), 'nothing', 'usage that waits for a roll-up is not wrong');

SELECT * FROM finish();
