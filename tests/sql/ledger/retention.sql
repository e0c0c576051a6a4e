-- Retention: what is dropped, what stays and why, that nothing dropped can come back, and that the balance stays right.
SELECT plan(75);

CREATE FUNCTION pg_temp.dropped(most bigint DEFAULT 1000000) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', rollups, events, readings, kept) FROM tollgate.drop_old_usage(most)
$$;
CREATE FUNCTION pg_temp.adds_up(name text) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT tap.is_empty('SELECT tollgate.audit_ledger()', name || ': the audit finds nothing wrong')
$$;
-- Everything in the balance, as the audit counts it.
CREATE FUNCTION pg_temp.balance() RETURNS SETOF text LANGUAGE sql AS $$
  SELECT (a.customer_id, a.dimension, a.tags, trim_scale(a.accepted), trim_scale(a.waiting), trim_scale(a.carried),
    trim_scale(a.included), a.frozen, a.unknown, a.billed, a.refused, trim_scale(a.difference))::text
  FROM tollgate.audit_balance() a
$$;
CREATE FUNCTION pg_temp.settle(record bigint, outcome text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO tollgate.metering_result (record_id, outcome, settled_at) VALUES (record, outcome, tollgate.ledger_time())
$$;
-- What the app is told of an event, '' if it is new.
CREATE FUNCTION pg_temp.repeat(customer bigint, dimension text, quantity numeric, used_at text, key text) RETURNS text
  LANGUAGE sql AS $$
  SELECT coalesce(split_part(tap.said_as('tollgate_app', format('SELECT tollgate.record_usage(%s, %L, %s, %L, %L)', customer,
    dimension, quantity, used_at, key)), E'\n', 1), '')
$$;

SELECT is(pg_temp.dropped(), '0 0 0', 'nothing to drop');
SELECT is((SELECT count(*)::int FROM tollgate.rollup_dropped), 0, 'and nothing noted');

-- ---- the first roll-up: billed, included, a fraction, and a reading ----
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, idempotency_key, tags) VALUES
  (1, 'a', 10.5, '2024-03-10 08:00Z', 'k1', '{"t": "x"}'), (1, 'inc', 5, '2024-03-10 08:10Z', NULL, NULL),
  (2, 'b', 0.4, '2024-03-10 08:20Z', NULL, NULL), (2, 'a', -3, '2024-03-10 08:20Z', NULL, NULL),
  (1, 'a', 0.5, '2024-02-10 08:00Z', 'late', NULL);
SELECT count(tollgate.record_reading(1, 'b', 'c', n, '2024-03-10 08:00Z'::timestamptz + n * interval '1 minute'))
  FROM generate_series(0, 3) n \g /dev/null
SELECT tollgate.record_reading(1, 'b', counter, 7, read_at)
  FROM (VALUES ('d', timestamptz '2024-03-10 08:01Z'), ('e', '2024-03-10 11:00Z')) v (counter, read_at) \g /dev/null
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT freeze('2024-03-10 08:00Z') \g /dev/null
SELECT is(string_agg(record(r), ', ' ORDER BY id), '1 a 10 08 08:00:00 10 1, 1 b 10 08 08:03:00 3 0', 'two records')
  FROM tollgate.metering_record r;
-- ---- three more ----
SELECT clock('2024-03-10 13:30Z');
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, idempotency_key)
  VALUES (1, 'a', 2, '2024-03-10 12:00Z', 'k2');
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT freeze('2024-03-10 12:00Z') \g /dev/null
SELECT clock('2024-03-10 14:30Z');
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT clock('2024-03-11 15:30Z');
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, idempotency_key)
  VALUES (3, 'a', 4, '2024-03-11 14:00Z', 'k3');
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT freeze('2024-03-11 14:00Z') \g /dev/null
SELECT clock('2024-03-12 08:30Z');
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, idempotency_key)
  VALUES (4, 'a', 8.5, '2024-03-12 07:00Z', 'k4');
SELECT events FROM tollgate.roll_up() \g /dev/null
CREATE TEMP TABLE before AS SELECT balance FROM pg_temp.balance() balance;
SELECT is(count(*)::int, 5, 'five roll-ups, of which the third has nothing') FROM tollgate.rollup;

-- ---- a day before the horizon ----
SELECT clock('2024-05-12 12:30Z');
SELECT is(pg_temp.dropped(), '0 0 3', 'no roll-up is old enough; readings are, but for the last');
SELECT clock('2024-05-12 12:30:01Z');
SELECT is(pg_temp.dropped(), '0 0 0 roll-up 1 has usage of customer 1, "a", that is not settled: record 1 is frozen',
  'the first roll-up is, but a record has no result yet');
SELECT is(string_agg(trim_scale(reading)::text, ' ' ORDER BY counter), '3 7 7', 'of each counter') FROM tollgate.counter_reading;
SELECT pg_temp.settle(1, 'billed') \g /dev/null
SELECT is(pg_temp.dropped(), '0 0 0 roll-up 1 has usage of customer 1, "b", that is not settled: record 2 is frozen',
  'nor another one');
SELECT pg_temp.settle(2, 'refused') \g /dev/null
SELECT is(pg_temp.dropped(), '1 8 0', 'billed, refused, included, a fraction, a correction: the first one goes');
SELECT is(string_agg(idempotency_key, ' ' ORDER BY idempotency_key), 'k2 k3 k4', 'others'' events stay') FROM tollgate.usage_event;
SELECT is(pg_temp.dropped(), '0 0 0', 'the second one is not old enough');
SELECT pg_temp.adds_up('dropped');
SELECT is(usage_dropped_until, '2024-03-10 08:20Z'::timestamptz, 'it is noted up to when usage was dropped')
  FROM tollgate.product WHERE product_code = 'p';
SELECT is(usage_dropped_until, NULL, 'of each product') FROM tollgate.product WHERE product_code = 'q';

-- ---- what was dropped does not come back ----
SELECT is(pg_temp.repeat(1, 'a', 10.5, '2024-03-10 08:00Z', 'k1'), 'TG400 row 1 (customer_id 1, dimension "a", used_at '
  '2024-03-10T08:00:00Z): it is older than the product''s horizon, 62 days', 'a repeat is older than the horizon');
UPDATE tollgate.product SET horizon = '400 days';
SELECT is(pg_temp.repeat(1, 'a', 10.5, '2024-03-10 08:00Z', 'k1'), 'TG400 row 1 (customer_id 1, dimension "a", used_at '
  '2024-03-10T08:00:00Z): usage up to 2024-03-10T08:20:00Z was dropped, and it may have been there',
  'a repeat after the horizon was raised');
SELECT is(pg_temp.repeat(1, 'a', 0.5, '2024-02-10 08:00Z', 'late'), 'TG400 row 1 (customer_id 1, dimension "a", used_at '
  '2024-02-10T08:00:00Z): usage up to 2024-03-10T08:20:00Z was dropped, and it may have been there',
  'also of usage that had come late');
SELECT alike(pg_temp.repeat(2, 'b', 1, '2024-03-10 08:20Z', 'x'), '%usage up to 2024-03-10T08:20:00Z was dropped%', 'to the last moment');
SELECT is(pg_temp.repeat(2, 'b', 1, '2024-03-10 08:20:00.000001Z', 'x'), '', 'what came after it is taken');
SELECT is(pg_temp.repeat(3, 'a', 1, '2024-03-10 08:00Z', 'x'), '', 'and usage of another product');
SELECT is(pg_temp.repeat(1, 'a', 2, '2024-03-10 12:00Z', 'k2'), '', 'a repeat of what is there is a repeat');
SELECT is(split_part(said_as('tollgate_app', 'INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
    VALUES (2, ''b'', 1, ''2024-03-10 09:00Z''), (2, ''b'', 1, ''2024-03-10 08:00Z'')'), E'\n', 1),
  'TG400 row 2 (customer_id 2, dimension "b", used_at 2024-03-10T08:00:00Z): usage up to 2024-03-10T08:20:00Z was dropped, '
  'and it may have been there', 'an INSERT is refused, its row named');
SELECT alike(said_as('tollgate_app', 'SELECT tollgate.record_reading(1, ''b'', ''c'', 1, ''2024-03-10 08:01Z'')'),
  'TG400 reading of the counter "c"%usage up to 2024-03-10T08:20:00Z was dropped%', 'a reading that was dropped');
SELECT clock('2024-05-13 12:30Z');
SELECT is(pg_temp.dropped(), '0 0 0', 'a longer horizon keeps more');

-- ---- oldest first, whole ----
UPDATE tollgate.product SET horizon = CASE product_code WHEN 'p' THEN interval '2 days' ELSE interval '62 days' END;
SELECT is(pg_temp.dropped(), '0 0 0 roll-up 2 has usage of customer 1, "a", that is not settled: record 3 is frozen',
  'of a product with a short horizon');
SELECT pg_temp.settle(3, 'unknown') \g /dev/null
SELECT is(pg_temp.dropped(), '0 0 0 roll-up 2 has usage of customer 1, "a", that is not settled: record 3 is unknown',
  'what nobody knows is not settled: its events are what a person has to settle it by');
BEGIN;
SELECT tollgate.settle_record(3, 0, 'it is in no report') \g /dev/null
SELECT is(pg_temp.dropped(), '2 1 0', 'settled, and its units are another line that waits; and the third, which has nothing');
SELECT is(pg_temp.dropped(), '0 0 0', 'not one of a product with a longer horizon');
ROLLBACK;
SELECT clock('2024-07-30 12:00Z');
SELECT pg_temp.settle(4, 'billed') \g /dev/null
SELECT is(pg_temp.dropped(), '0 0 0 roll-up 2 has usage of customer 1, "a", that is not settled: record 3 is unknown',
  'nor are newer ones dropped before it');
SELECT tollgate.settle_record(3, 2, 'it is in AWS''s report') \g /dev/null
SELECT is(pg_temp.dropped(1), '2 1 0', 'with a limit, one roll-up at a time, or more that have nothing');
SELECT is(pg_temp.dropped(1), '1 1 0', 'and the next one');
SELECT is(pg_temp.dropped(), '0 0 0 roll-up 5 has usage of customer 4, "a", that is not settled: it waits',
  'what waits, and makes whole units, is not settled');
SELECT freeze('2024-07-30 10:00Z') \g /dev/null
SELECT pg_temp.settle(5, 'billed') \g /dev/null
SELECT is(pg_temp.dropped(), '1 1 0', 'what it carries on need not be');
SELECT is_empty('SELECT FROM tollgate.usage_event', 'all is dropped');
SELECT pg_temp.adds_up('all dropped');
SELECT is(trim_scale(sum(accepted))::text, '30.9', 'what was accepted is known still') FROM tollgate.audit_balance();
SELECT bag_eq($$SELECT substring(balance FROM '^\((.*?\}"?,[0-9.-]+),') FROM before$$,
  $$SELECT substring(balance FROM '^\((.*?\}"?,[0-9.-]+),') FROM pg_temp.balance() balance$$, 'of each key, to the unit');
SELECT is((SELECT count(*)::int FROM tollgate.rollup_line WHERE kind = 'usage'), 9, 'the lines stay');

-- ---- usage that came late, and early ----
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES (3, 'a', 0.5, '2024-05-30 12:00Z'),
  (3, 'a', 0.25, '2024-07-30 12:04Z');
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT clock('2024-10-01 12:00Z');
SELECT is(pg_temp.dropped(), '0 0 0', 'is kept as long as other usage of its roll-up');
SELECT clock('2024-10-01 12:04Z');
SELECT is(pg_temp.dropped(), '0 0 0', 'as is usage that was ahead of the clock');
SELECT clock('2024-10-01 12:04:01Z');
SELECT is(pg_temp.dropped(), '1 2 0', 'and not longer');
SELECT clock('2024-07-30 12:00Z');

-- ---- nobody else deletes ----
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  SELECT 1, 'a', 1, timestamptz '2024-07-30 10:30Z' + n * interval '1 second' FROM generate_series(1, 3) n;
SELECT events FROM tollgate.roll_up() \g /dev/null
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES (1, 'a', 1, '2024-07-30 11:00Z');
SELECT alike(said_as('tollgate', 'DELETE FROM tollgate.usage_event'), 'TG409 delete of usage_event is refused%', 'not the owner');
SELECT alike(said_as('tollgate', 'DELETE FROM tollgate.usage_event WHERE false'), 'TG409%', 'not even nothing');
SELECT alike(said_as('tollgate', 'DO $$BEGIN INSERT INTO tollgate.rollup_dropped (rollup_id, dropped_at) VALUES (7, now());
    DELETE FROM tollgate.usage_event ' || condition || '; END$$'), 'TG500 roll-up 7 took 3 events of 3 units, and ' || wanted, name)
  FROM (VALUES ('WHERE used_at < ''2024-07-30 10:30:03Z''', '2 of 2 would be dropped, of 2 events in all: nothing was%',
      'not a part of a roll-up'),
    ('', '3 of 3 would be dropped, of 4 events in all: nothing was%', 'not more than a roll-up'),
    ('WHERE used_at <> ''2024-07-30 10:30:03Z''', '2 of 2 would be dropped, of 3 events in all: nothing was%',
      'not as many others')) v (condition, wanted, name);
SELECT is(said_as('tollgate', 'INSERT INTO tollgate.rollup_dropped (rollup_id, dropped_at) VALUES (1, now())') ~ '^23505', true,
  'a roll-up is dropped once');
BEGIN;
SET LOCAL session_replication_role = replica;
DELETE FROM tollgate.usage_event WHERE used_at = '2024-07-30 10:30:02Z';
SET LOCAL session_replication_role = origin;
SELECT tap.clock('2024-09-10 12:00Z');
SELECT freeze('2024-09-10 10:00Z') \g /dev/null
SELECT pg_temp.settle(max(id), 'billed') FROM tollgate.metering_record \g /dev/null
SELECT alike(said_as('tollgate_meter', 'SELECT tollgate.drop_old_usage()'), 'TG500 roll-up 7 took 3 events of 3 units, and 2 of 2 '
  'would be dropped, of 2 events in all: nothing was%', 'a roll-up that has lost an event is not dropped: that has to be looked at');
ROLLBACK;
SELECT alike(said_as('tollgate', 'DELETE FROM tollgate.counter_reading'), 'TG409 delete of counter_reading is refused: readings are '
  'kept for the product''s horizon, and each counter''s last for ever%', 'not a counter''s last reading');
SELECT tollgate.record_reading(1, 'b', 'c', 9, '2024-07-30 11:00Z') \g /dev/null
SELECT is(state_as('tollgate', 'DELETE FROM tollgate.counter_reading WHERE reading = 3'), '00000', 'an old one that is not the last');
SELECT tollgate.record_reading(1, 'b', 'c', 10, '2024-07-30 11:30Z') \g /dev/null
SELECT is(state_as('tollgate', 'DELETE FROM tollgate.counter_reading WHERE reading = 9'), 'TG409', 'not one within the horizon');
SELECT is(pg_temp.dropped(), '0 0 1', 'which retention does');

-- ---- the audit of a period ----
SELECT clock('2024-08-01 09:30Z');
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT clock('2024-08-02 09:30Z');
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES (2, 'b', 7, '2024-08-02 09:00Z');
SELECT events FROM tollgate.roll_up() \g /dev/null
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES (2, 'b', 11, '2024-08-02 09:10Z');
SELECT pg_temp.adds_up('three roll-ups and what waits for the next');
SELECT is_empty(format('SELECT tollgate.audit_ledger(%L, %L)', since, until), format('from %s to %s', since, until))
  FROM (VALUES ('2024-08-01Z'::timestamptz, NULL::timestamptz), (NULL, '2024-08-02Z'), ('2024-08-01Z', '2024-08-02Z'),
    ('2024-09-01Z', NULL), (NULL, '2023-01-01Z'), ('2023-01-01Z', '2024-09-01Z')) v (since, until);
CREATE FUNCTION pg_temp.audited(statement text, since timestamptz, until timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  said text;
BEGIN
  SET LOCAL session_replication_role = replica;
  EXECUTE statement;
  SELECT string_agg(a, E'\n' ORDER BY a) INTO said FROM tollgate.audit_ledger(since, until) a;
  RAISE EXCEPTION USING ERRCODE = '00ROK', MESSAGE = coalesce(said, 'nothing');
EXCEPTION WHEN SQLSTATE '00ROK' THEN RETURN SQLERRM;
END
$$;
SELECT alike(pg_temp.audited('DELETE FROM tollgate.usage_event WHERE quantity = 10 - 9 AND used_at = ''2024-07-30 11:00Z''',
    since, until), wanted, format('an event that is gone, from %s to %s', since, until))
  FROM (VALUES (NULL::timestamptz, NULL::timestamptz, '%"a", tags {}: -1%units are nowhere%'),
    ('2024-08-01Z', '2024-08-02Z', '%"a", tags {}: -1%units are nowhere%'), ('2024-08-02Z', NULL, 'nothing'),
    (NULL, '2024-08-01Z', 'nothing')) v (since, until, wanted);
SELECT alike(pg_temp.audited('UPDATE tollgate.rollup_line SET quantity = 70, billable = 70 WHERE quantity = 7', since, NULL),
    '%the balance says%', 'a line that is wrong, since ' || since)
  FROM unnest(ARRAY['2023-01-01Z'::timestamptz, '2024-09-01Z']) since;

-- ---- once a day ----
CREATE FUNCTION pg_temp.daily() RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', d.audited, d.problems, d.first_problem) FROM tollgate.audit_daily() d
$$;
SET ROLE tollgate_meter;
SELECT audited, problems FROM tollgate.audit_daily() \gset
RESET ROLE;
SELECT is(concat_ws(' ', :'audited', :'problems'), 't 0', 'the first audit');
SELECT clock('2024-08-02 23:59:59Z');
SELECT is(pg_temp.daily(), 'f', 'not twice a day');
SELECT clock('2024-08-03 00:00Z');
BEGIN;
SET LOCAL session_replication_role = replica;
CREATE TEMP TABLE gone AS SELECT * FROM tollgate.usage_event WHERE quantity = 7;
DELETE FROM tollgate.usage_event WHERE quantity = 7;
COMMIT;
SELECT is(pg_temp.daily(), 't 2 customer 2, "b", tags {}: -7.0 units are nowhere', 'the next day; what is wrong is said');
SELECT is(pg_temp.daily(), 't 2 customer 2, "b", tags {}: -7.0 units are nowhere', 'and said in every run until it is right');
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO tollgate.usage_event SELECT * FROM gone;
UPDATE tollgate.metering_record SET carried = carried + 1, units = units + 1 WHERE id = 1;
COMMIT;
SELECT is(pg_temp.daily(), 't 1 the record 1 does not add up; nothing was frozen', 'a record that does not add up');
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE tollgate.metering_record SET carried = carried - 1, units = units - 1 WHERE id = 1;
COMMIT;
SELECT is(pg_temp.daily(), 't 0', 'all is right again');
SELECT is(pg_temp.daily(), 'f', 'and that is enough for the day');
SELECT is(string_agg(concat_ws(' ', problems, to_char(since AT TIME ZONE 'UTC', 'DD HH24:MI')), ', ' ORDER BY id),
  '0, 2 01 09:30, 2 01 09:30, 1 01 09:30, 0 01 09:30', 'each is kept, with the time from which events were counted')
  FROM tollgate.ledger_audit;

-- ---- a fraction of usage that is gone, and more of the same ----
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT tollgate.write_off_waiting(customer_id, dimension, 'not worth it')
  FROM (SELECT DISTINCT customer_id, dimension FROM tollgate.waiting_line) w \g /dev/null
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES (4, 'a', 0.25, '2024-08-02 23:00Z');
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT clock('2024-12-01 12:00Z');
SELECT is(kept || '', NULL, 'the fraction keeps nothing') FROM tollgate.drop_old_usage();
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES (4, 'a', 0.75, '2024-12-01 11:00Z');
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT clock('2025-04-01 12:00Z');
SELECT is(pg_temp.dropped(), format('0 0 0 roll-up %s has usage of customer 4, "a", that is not settled: it waits', max(id)),
  'what makes a whole unit with it does') FROM tollgate.rollup;

SELECT * FROM finish();
