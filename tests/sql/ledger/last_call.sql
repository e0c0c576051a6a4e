-- The end of a subscription: the last call, what is placed where, heartbeats, and what is left over.
SELECT plan(88);

CREATE FUNCTION pg_temp.last_call() RETURNS text LANGUAGE sql AS $$
  SELECT records || ' ' || units FROM tollgate.freeze_ending('24 hours', '6 hours', '10 minutes', 2147483647, 'us-east-1')
$$;
CREATE FUNCTION pg_temp.records(customer bigint) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(format('%s %s %s %s %s', r.dimension, to_char(r.hour AT TIME ZONE 'UTC', 'HH24'),
      to_char(r.used_at AT TIME ZONE 'UTC', 'HH24:MI:SS'), r.quantity, trim_scale(r.carried)), ', ' ORDER BY r.id)
    FROM tollgate.metering_record r WHERE r.customer_id = customer
$$;
CREATE FUNCTION pg_temp.waits(customer bigint) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(dimension || ' ' || trim_scale(billable), ', ' ORDER BY line_id) FROM tollgate.waiting_line
    WHERE customer_id = customer
$$;
CREATE FUNCTION pg_temp.visit(request text, visited timestamptz, customer int, token text) RETURNS TABLE (customer_id bigint)
  LANGUAGE sql AS $$
  SELECT customer_id FROM tollgate.register_visit(request, extract(epoch FROM visited), 'p', 'c' || customer, '', '',
    repeat(token, 32), '', '')
$$;
\set use 'INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, tags)'
\set use :use ' SELECT c, d, q, t::timestamptz, g::jsonb FROM (VALUES '
\set roll ') v (c, d, q, t, g); SELECT rollup_id FROM tollgate.roll_up() \\g /dev/null'
INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by, created_at)
  SELECT 'p', 'c' || n, 'customer_identifier', '2024-01-01Z' FROM generate_series(5, 20) n;
UPDATE tollgate.product SET horizon = '62 days';

-- ---- it ends ----
SELECT throws_ok('SELECT tollgate.begin_ending(4711)', 'TG404', NULL, 'a customer who is not there');
SELECT throws_ok($$SELECT tollgate.begin_ending(5, '2024-03-10 12:31Z')$$, 'TG400', NULL, 'an end that has not come');
SELECT throws_ok($$SELECT tollgate.begin_ending(5, '-infinity')$$, 'TG400', NULL, 'or is none');
:use (5, 'a', 3, '2024-03-10 10:10Z', NULL), (5, 'a', 4.5, '2024-03-10 12:10Z', NULL), (6, 'a', 2, '2024-03-10 12:10Z', NULL),
  (5, 'b', 1, '2024-03-10 11:10Z', NULL) :roll
SELECT is(freeze('2024-03-10 10:00Z'), '1 3', 'while a subscription lasts, hours that are over are frozen');
SELECT is(tollgate.begin_ending(5), '2024-03-10 13:30Z', 'AWS takes usage for an hour more');
SELECT is(tollgate.begin_ending(5), '2024-03-10 13:30Z', 'a second time changes nothing');
SELECT is(count(*)::int, 1, 'and is not noted') FROM tollgate.customer_event WHERE customer_id = 5 AND kind = 'ending';
SELECT is(state, 'ending', 'that is their state') FROM tollgate.customer_state WHERE customer_id = 5;
SELECT is(deadline, '2024-03-10 13:30Z', 'what is open has to go before') FROM tollgate.open_record;
SELECT is(freeze('2024-03-10 11:00Z'), '1 1', 'an hour before the end is frozen as ever');
SELECT throws_ok($$SELECT freeze('2024-03-10 12:00Z')$$, 'TG400', NULL, 'the running one is not');
SELECT is(pg_temp.last_call(), '1 4', 'but for who is ending');
SELECT is(pg_temp.records(5), 'a 10 10:10:00 3 0, b 11 11:10:00 1 0, a 12 12:10:00 4 0.5', 'all of it is frozen');
SELECT is(pg_temp.waits(6), 'a 2', 'nobody else''s');
SELECT is(pg_temp.last_call(), '0 0', 'once');
SELECT adds_up('the last call');

-- ---- later usage, while it is ending ----
SELECT clock('2024-03-10 12:50Z') \g /dev/null
:use (5, 'a', 2, '2024-03-10 12:40Z', NULL), (5, 'b', 5, '2024-03-10 12:41Z', NULL) :roll
SELECT is(pg_temp.last_call(), '2 7', 'usage after the end');
SELECT is(pg_temp.records(5), 'a 10 10:10:00 3 0, b 11 11:10:00 1 0, a 12 12:10:00 4 0.5, a 11 11:59:59 2 0.5, '
  'b 12 12:30:00 5 0', 'goes into the nearest free hour before it, with no Timestamp after the end');
SELECT clock('2024-03-10 13:10Z') \g /dev/null
SELECT is(freeze('2024-03-10 12:00Z'), '1 2', 'when the end''s hour is over, it is not frozen twice');
SELECT is(pg_temp.records(6), 'a 12 12:10:00 2 0', 'others'' is');
-- Of b, all hours of the window before the end are taken.
INSERT INTO tollgate.metering_record (customer_id, dimension, hour, used_at, quantity, product_code, metered_by,
    customer_identifier, aws_region, lines, units, carried, frozen_at)
  SELECT 5, 'b', h, h, 0, 'p', 'customer_identifier', 'c5', 'us-east-1', 0, 0, 0, '2024-03-10 13:10Z'
    FROM generate_series(timestamptz '2024-03-09 13:00Z', '2024-03-10 10:00Z', '1 hour') h;
INSERT INTO tollgate.metering_result (record_id, outcome, settled_at) SELECT id, 'billed', '2024-03-10 13:10Z'
  FROM tollgate.metering_record WHERE lines = 0;
:use (5, 'b', 9, '2024-03-10 13:02Z', NULL) :roll
SELECT is(pg_temp.last_call(), '1 9', 'if no hour before the end is free');
SELECT is(pg_temp.records(5) LIKE '%, b 13 13:02:00 9 0', true, 'the next hour is opened');
:use (5, 'b', 1, '2024-03-10 13:05Z', NULL) :roll
SELECT is(pg_temp.last_call(), '0 0', 'later usage waits for one to come');
SELECT clock('2024-03-10 13:21Z') \g /dev/null
:use (5, 'a', 50, '2024-03-10 13:05Z', NULL) :roll
SELECT is(pg_temp.last_call(), '0 0', 'not in the last minutes, in which AWS may not take it any more');
SELECT adds_up('usage while it is ending');

-- ---- it is over ----
SELECT is(concat_ws(' ', closed, written_off), '0 0', 'not before its time') FROM tollgate.close_customers();
SELECT run_id FROM tollgate.begin_run() \g /dev/null
SELECT moved FROM tollgate.expire_records('10 minutes') \g /dev/null
SELECT clock('2024-03-10 13:30Z') \g /dev/null
:use (5, 'inc', 10.75, '2024-03-10 12:10Z', NULL), (5, 'b', 0.5, '2024-03-10 11:10Z', '{"t": "one"}'),
  (5, 'b', 0.5, '2024-03-10 12:10Z', '{"t": "one"}'), (5, 'b', -3, '2024-03-10 12:10Z', '{"t": "less"}') :roll
SELECT is(concat_ws(' ', closed, trim_scale(written_off)), '1 0.75', 'less than a unit that is left is written off')
  FROM tollgate.close_customers();
SELECT is(balance(5, 'inc'), 'accepted 10.75, included 10, written_off 0.75', 'as rounding');
SELECT is(state || ' ' || since, 'ended ' || timestamptz '2024-03-10 13:30Z', 'the customer has ended')
  FROM tollgate.customer_state WHERE customer_id = 5;
SELECT is((SELECT sum(billable)::int FROM tollgate.waiting_line WHERE customer_id = 5 AND dimension = 'b'), 15 + 1 + 1 - 3,
  'a unit and more, or less than none, waits for a person');
SELECT is(concat_ws(' ', closed, written_off), '0 0', 'once') FROM tollgate.close_customers();
SELECT is(pg_temp.last_call(), '0 0', 'nothing is sent any more');
SELECT is(freeze('2024-03-10 12:00Z'), '0 0', 'nor frozen');
SELECT throws_ok('SELECT tollgate.begin_ending(5)', 'TG409', NULL, 'it does not end twice');
SELECT throws_ok($$SELECT tollgate.end_customer(5, NULL, 'x')$$, 'TG409', NULL, 'by hand neither');

-- ---- by hand; again ----
SELECT is(tollgate.end_customer(7, '2024-03-10 12:00Z', 'they wrote'), '2024-03-10 13:00Z', 'ended by hand, in the past');
SELECT is(action || '; ' || reason, 'end_customer: at ' || timestamptz '2024-03-10 12:00Z' || '; they wrote', 'and noted')
  FROM tollgate.admin_action ORDER BY id DESC LIMIT 1;
SELECT throws_ok($$SELECT tollgate.end_customer(8, NULL, '')$$, 'TG400', NULL, 'not without a reason');
:use (7, 'a', 5, '2024-03-10 11:10Z', NULL), (7, 'a', 6, '2024-03-10 12:10Z', NULL) :roll
SELECT is(freeze('2024-03-10 11:00Z'), '0 0', 'AWS takes nothing of theirs any more');
SELECT throws_ok($$SELECT tollgate.resume_customer(8, 'x')$$, 'TG409', NULL, 'who has not ended can''t be resumed');
SELECT lives_ok($$SELECT tollgate.resume_customer(7, 'it was another one')$$, 'a mistake is taken back');
SELECT is(concat_ws('; ', action, customer_id, reason), 'resume_customer; 7; it was another one', 'and why, is kept')
  FROM tollgate.admin_action ORDER BY id DESC LIMIT 1;
SELECT is(state, 'resumed', 'they go on') FROM tollgate.customer_state WHERE customer_id = 7;
SELECT is(freeze('2024-03-10 11:00Z') || ', ' || freeze('2024-03-10 12:00Z'), '1 5, 1 6', 'and are billed');
SELECT is(tollgate.begin_ending(7), '2024-03-10 14:30Z', 'until they end again');
SELECT customer_id FROM pg_temp.visit('r1', '2024-03-10 13:00Z', 7, 'ab') \g /dev/null
SELECT is(state, 'ending', 'a visit from before the end says nothing') FROM tollgate.customer_state WHERE customer_id = 7;
SELECT customer_id FROM pg_temp.visit('r2', '2024-03-10 13:30:01Z', 7, 'ab') \g /dev/null
SELECT is(state, 'ending', 'nor a page that is loaded again after it') FROM tollgate.customer_state WHERE customer_id = 7;
SELECT customer_id FROM pg_temp.visit('r3', '2024-03-10 13:30:02Z', 7, 'cd') \g /dev/null
SELECT is(state, 'resumed', 'who comes with a new token has subscribed again') FROM tollgate.customer_state WHERE customer_id = 7;
SELECT is((SELECT count(*) FROM tollgate.subscription_end WHERE customer_id = 7)::int, 0, 'no end is known then');

-- ---- rounding up ----
UPDATE tollgate.product SET round_up = true WHERE product_code = 'p';
SELECT tollgate.begin_ending(c) FROM generate_series(9, 11) c \g /dev/null
:use (9, 'a', 0.25, '2024-03-10 13:05Z', NULL), (9, 'b', 2, '2024-03-10 13:05Z', NULL), (10, 'a', 0.5, '2024-03-10 13:05Z', '{"t": "x"}'),
  (10, 'a', 0.75, '2024-03-10 13:05Z', '{"t": "y"}'), (10, 'a', 0.125, '2024-03-10 13:05Z', NULL), (11, 'a', -0.5, '2024-03-10 13:05Z', NULL),
  (10, 'b', 0.8, '2024-03-10 12:05Z', '{"t": "x"}'), (10, 'b', 0.8, '2024-03-10 13:05Z', '{"t": "x"}'), (10, 'b', 0.3, '2024-03-10 13:05Z', '{"t": "y"}'),
  (10, 'b', -0.1, '2024-03-10 13:05Z', NULL), (11, 'b', 0.8, '2024-03-10 12:05Z', '{"t": "x"}'), (11, 'b', 0.8, '2024-03-10 13:05Z', '{"t": "x"}'),
  (11, 'b', 0.7, '2024-03-10 13:05Z', '{"t": "y"}'), (11, 'b', -0.5, '2024-03-10 13:05Z', NULL) :roll
SELECT clock('2024-03-10 13:29:59Z') \g /dev/null
SELECT is(pg_temp.last_call(), '5 9', 'where the product says so, the rest is rounded up, though the clock went back a second');
SELECT clock('2024-03-10 13:30Z') \g /dev/null
SELECT is(pg_temp.records(9), 'a 13 13:05:00 1 -0.75, b 13 13:05:00 2 0', 'a fraction is billed as one, a whole unit as it is');
SELECT is(pg_temp.records(10), 'a 13 13:05:00 2 -0.625, b 13 13:05:00 2 -0.2', 'sets of tags are rounded up together: not three units for 1.375');
SELECT is(string_agg(concat_ws(' ', r.customer_id, r.dimension, a.tags->>'t', a.quantity), ', ' ORDER BY r.customer_id, r.dimension, a.tags),
    '10 a x 1, 10 a y 1, 10 b x 2, 11 b x 1, 11 b y 1', 'the largest parts are, of what whole units leave')
  FROM tollgate.record_allocation a JOIN tollgate.metering_record r ON r.id = a.record_id WHERE r.customer_id IN (10, 11);
SELECT is(pg_temp.records(11), 'b 13 13:05:00 2 -0.2', 'less than nothing is not');
SELECT adds_up('rounded up');
SELECT is(pg_temp.last_call(), '0 0', 'once');
:use (9, 'a', 0.5, '2024-03-10 13:10Z', NULL) :roll
SELECT is(pg_temp.last_call(), '0 0', 'what comes later uses the rest of that unit up');
SELECT clock('2024-03-10 14:30Z') \g /dev/null
SELECT closed FROM tollgate.close_customers() \g /dev/null
SELECT is(balance(9, 'a'), 'accepted 0.75, frozen 1, written_off -0.25', 'it is written off as less than nothing');
SELECT is(balance(11, 'a'), 'accepted -0.5, written_off -0.5', 'as is a small correction');
SELECT adds_up('closed');

-- ---- more than AWS takes; the month's end ----
UPDATE tollgate.product SET round_up = false;
:use (12, 'a', 5000000000, '2024-03-10 14:05Z', NULL) :roll
SELECT tollgate.begin_ending(12) \g /dev/null
SELECT is(pg_temp.last_call(), '3 5000000000', 'more than a record holds goes into several hours');
SELECT clock('2024-04-01 00:20Z') \g /dev/null
:use (13, 'a', 1, '2024-04-01 00:05Z', NULL), (13, 'b', 2, '2024-03-31 23:05Z', NULL) :roll
SELECT tollgate.begin_ending(13) \g /dev/null
SELECT clock('2024-04-01 00:25Z') \g /dev/null
SELECT is(pg_temp.last_call() || ': ' || pg_temp.records(13), '2 3: a 00 00:05:00 1 0, b 00 00:20:00 2 0',
  'the end''s own hour comes first');
SELECT adds_up('the month''s end');

-- ---- heartbeats ----
SELECT clock('2024-04-02 12:02Z') \g /dev/null
UPDATE tollgate.product SET heartbeat = 'b' WHERE product_code = 'p';
:use (1, 'a', 2, '2024-04-02 11:05Z', NULL), (15, 'b', 0.5, '2024-04-02 11:05Z', NULL) :roll
INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by, created_at)
  VALUES ('p', 'new', 'customer_identifier', '2024-04-02 12:00Z');
INSERT INTO tollgate.customer_event (customer_id, kind, happened_at) SELECT id, 'landed', created_at FROM tollgate.customer;
INSERT INTO tollgate.customer_event (customer_id, kind, happened_at) VALUES (14, 'not_subscribed', '2024-04-02 12:00Z');
SELECT is(freeze('2024-04-02 11:00Z') LIKE '% 2', true, 'with a heartbeat, who used nothing gets a record of nothing');
SELECT is(pg_temp.records(1) || '; ' || pg_temp.records(15), 'a 11 11:05:00 2 0; b 11 11:59:59 0 0', 'who used something does not');
SELECT is(pg_temp.waits(15), 'b 0.5', 'a fraction goes on waiting');
SELECT is(string_agg(customer_id || '', ' ' ORDER BY customer_id), '1 6 7 8 15 16 17 18 19 20',
  'nor those who have ended, are not subscribed, or came later, or are of another product')
  FROM tollgate.metering_record WHERE hour = '2024-04-02 11:00Z';
SELECT is(freeze('2024-04-02 11:00Z'), '0 0', 'once an hour');
SELECT throws_ok($$UPDATE tollgate.product SET heartbeat = 'nope'$$, '23503', NULL, 'of a dimension that is there');
SELECT adds_up('heartbeats');
UPDATE tollgate.product SET heartbeat = NULL;

-- ---- an end that is taken back ----
CREATE FUNCTION pg_temp.deadline(customer bigint) RETURNS timestamptz LANGUAGE sql AS $$
  SELECT deadline FROM tollgate.open_record WHERE customer_id = customer AND quantity > 0
$$;
SELECT clock('2024-04-02 13:30Z') \g /dev/null
:use (16, 'a', 5, '2024-04-02 12:10Z', NULL) :roll
SELECT freeze('2024-04-02 12:00Z') \g /dev/null
SELECT is(tollgate.end_customer(16, '2024-04-02 13:10Z', 'they wrote'), '2024-04-02 14:10Z', 'an end that is noted later');
SELECT is(pg_temp.deadline(16), '2024-04-02 14:10Z', 'what is open has to go before');
SELECT tollgate.resume_customer(16, 'another one wrote') \g /dev/null
SELECT is(pg_temp.deadline(16), '2024-04-03 12:10Z', 'taken back, it has its own time again');
SELECT tollgate.begin_ending(16) \g /dev/null
SELECT is(pg_temp.deadline(16), '2024-04-02 14:30Z', 'ended once more');
SELECT clock('2024-04-02 13:40Z') \g /dev/null
SELECT customer_id FROM pg_temp.visit('r4', '2024-04-02 13:40Z', 16, 'ab') \g /dev/null
BEGIN;
SELECT clock('2024-04-02 13:50Z') \g /dev/null
SELECT tollgate.begin_ending(16) \g /dev/null
SELECT is(pg_temp.deadline(16), '2024-04-02 14:50Z', 'an end after that has its own time, not the earlier one''s');
ROLLBACK;
SELECT clock('2024-04-02 14:25Z') \g /dev/null
SELECT moved FROM tollgate.expire_records('10 minutes') \g /dev/null
SELECT is(pg_temp.deadline(16), '2024-04-03 12:10Z', 'and subscribed again, nothing of it expires');
BEGIN;
SELECT clock('2024-04-03 12:00Z') \g /dev/null
SELECT tollgate.begin_ending(16) \g /dev/null
SELECT is(pg_temp.deadline(16), '2024-04-03 12:10Z', 'nor does an end give it more time than AWS');
ROLLBACK;
SELECT clock('2024-04-03 12:10Z') \g /dev/null
SELECT moved FROM tollgate.expire_records('10 minutes') \g /dev/null
SELECT is(pg_temp.deadline(16), NULL, 'before AWS does not take it any more');

-- ---- subscribed again ----
SELECT clock('2024-04-03 14:00Z') \g /dev/null
INSERT INTO tollgate.customer_event (customer_id, kind, happened_at, request_id)
  VALUES (17, 'ending', '2024-04-01 12:00Z', NULL), (17, 'resumed', '2024-04-01 13:00Z', 'r0');
SELECT tollgate.begin_ending(c) FROM generate_series(17, 18) c \g /dev/null
SELECT clock('2024-04-04 10:05Z') \g /dev/null
SELECT closed FROM tollgate.close_customers() \g /dev/null
SELECT customer_id FROM pg_temp.visit('r5', '2024-04-04 10:05Z', 17, 'ab') \g /dev/null
SELECT customer_id FROM pg_temp.visit('r6', '2024-04-04 10:05Z', 18, 'ab') \g /dev/null
SELECT clock('2024-04-04 10:30Z') \g /dev/null
:use (17, 'a', 3, '2024-04-04 10:20Z', NULL) :roll
SELECT tollgate.begin_ending(17) \g /dev/null
SELECT is(pg_temp.last_call(), '1 3', 'the hour in which they subscribed again');
:use (17, 'a', 7, '2024-04-04 10:29Z', NULL) :roll
SELECT is(pg_temp.last_call(), '0 0', 'none from before is taken, though it is free');
SELECT is(pg_temp.waits(17), 'a 7', 'what has no hour waits');
SELECT tollgate.end_customer(c, ends, 'a mistake'), tollgate.resume_customer(c, 'which it was')
  FROM (VALUES (18, NULL), (20, timestamptz '2024-04-04 08:10Z')) e (c, ends) \g /dev/null
:use (18, 'a', 1, '2024-04-04 10:21Z', NULL) :roll
SELECT tollgate.begin_ending(18) \g /dev/null
SELECT is(pg_temp.last_call(), '1 1', 'a mistake that was taken back begins nothing anew');
SELECT clock('2024-04-04 13:05Z') \g /dev/null
SELECT closed FROM tollgate.close_customers() \g /dev/null
SELECT customer_id FROM pg_temp.visit('r7', '2024-04-04 13:05Z', 18, 'cd') \g /dev/null
UPDATE tollgate.product SET heartbeat = 'b' WHERE product_code = 'p';
SELECT clock('2024-04-04 14:05Z') \g /dev/null
SELECT freeze(h) FROM generate_series(timestamptz '2024-04-04 09:00Z', '2024-04-04 13:00Z', '1 hour') h \g /dev/null
SELECT is(string_agg(to_char(hour AT TIME ZONE 'UTC', 'HH24'), ' ' ORDER BY hour), '13', 'nor are there heartbeats of the time between')
  FROM tollgate.metering_record WHERE customer_id = 18 AND dimension = 'b' AND hour > '2024-04-04 09:00Z';
SELECT is(string_agg(to_char(hour AT TIME ZONE 'UTC', 'HH24'), ' ' ORDER BY hour), '09 10 11 12 13', 'an end that was a mistake leaves none out')
  FROM tollgate.metering_record WHERE customer_id = 20 AND dimension = 'b' AND hour >= '2024-04-04 09:00Z';
SELECT results_eq('SELECT ended_at, resumed_at FROM tollgate.list_gaps() WHERE customer_id = 17 ORDER BY 1',
  $$VALUES (timestamptz '2024-04-01 12:00Z', timestamptz '2024-04-01 13:00Z'), ('2024-04-03 14:00Z', '2024-04-04 10:05Z')$$,
  'each time away is from the last end before they came');
SELECT adds_up('subscribed again');

-- ---- an end that is taken back as the month closes ----
UPDATE tollgate.product SET heartbeat = NULL;
SELECT clock('2024-05-01 00:05Z') \g /dev/null
:use (19, 'a', 5, '2024-04-30 23:10Z', NULL) :roll
SELECT freeze('2024-04-30 23:00Z') \g /dev/null
SELECT tollgate.begin_ending(19) \g /dev/null
BEGIN;
UPDATE tollgate.aws_window SET month_closes = '0';
SELECT tollgate.resume_customer(19, 'a mistake') \g /dev/null
SELECT is(pg_temp.deadline(19), '2024-05-01 23:10Z', 'where AWS closes no month, a record has its own time again');
ROLLBACK;
SELECT tollgate.resume_customer(19, 'a mistake') \g /dev/null
SELECT is(pg_temp.deadline(19), '2024-05-01 06:00Z', 'else what is left until then');
SELECT * FROM finish();
