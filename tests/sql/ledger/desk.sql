-- What people are shown: what waits and why, by when a run is needed, what was refused and what to do, runs,
-- and usage by day. tests/desk.t has the same through psql.
SELECT plan(84);

-- ---- texts ----
SELECT is(tollgate.fold(words, 7), wanted, name)
  FROM (VALUES ('one two three', E'one two\nthree', 'lines are broken between words'),
    (E'one\ntwo three', E'one\ntwo\nthree', 'and stay where they were broken'),
    ('a-long-word it', E'a-long-word\nit', 'a word that is too long stays whole'), ('', '', 'nothing'),
    (NULL, NULL, 'null')) v (words, wanted, name);
SELECT is_empty('SELECT code FROM tollgate.list_reasons() GROUP BY code HAVING count(*) > 1', 'each code has one reason');
SELECT is_empty('SELECT FROM tollgate.list_reasons() WHERE reason !~ ''\.$'' OR to_do !~ ''[.?]$'' OR when_refused !~ ''\.$''
  OR code IS NULL OR reason IS NULL', 'in whole sentences');
SELECT is_empty($$SELECT DISTINCT m[1] FROM tollgate.list_reasons(),
    regexp_matches(concat(to_do, when_refused), '([a-z_]+)\(([a-z, ]+)\)', 'g') m
    WHERE NOT EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = 'tollgate'::regnamespace AND p.proname = m[1]
      AND p.pronargs = cardinality(string_to_array(m[2], ','))
      AND has_function_privilege('tollgate_admin', p.oid, 'EXECUTE'))$$,
  'the functions that they name are there for tollgate_admin, with as many arguments');
SELECT ok(to_do LIKE '%change_region(%Records keep it%redirect_records(%', 'another region alone moves neither who was metered before nor what is frozen')
  FROM tollgate.list_reasons() WHERE code = 'DisabledApiException';
SELECT ok(to_do LIKE '%aws_role_arn. Records keep%redirect_records(%', 'nor does another role move what is frozen')
  FROM tollgate.list_reasons() WHERE code = 'InvalidProductCodeException';
SELECT ok(reason LIKE '%no credentials, no connection. The log%', 'what AWS never saw is not laid to AWS alone')
  FROM tollgate.list_reasons() WHERE code = 'unprocessed';

-- ---- usage that waits ----
INSERT INTO tollgate.customer (product_code, customer_identifier, license_arn, metered_by)
  VALUES ('q', NULL, 'arn:l-5', 'license');
CREATE FUNCTION pg_temp.waits(customer bigint, dim text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(concat_ws(' ', w.units, to_char(w.since AT TIME ZONE 'UTC', 'HH24:MI'), w.code,
      CASE w.billed_from WHEN tollgate.ledger_time() THEN 'now'
        ELSE to_char(w.billed_from AT TIME ZONE 'UTC', 'HH24:MI') END,
      CASE WHEN w.to_do IS NOT NULL THEN 'to do' END), ', ' ORDER BY w.units)
    FROM tollgate.waiting w WHERE w.customer_id = customer AND w.dimension = dim
$$;
CREATE FUNCTION pg_temp.needed(customer bigint, dim text) RETURNS text LANGUAGE sql AS $$
  SELECT to_char(max(u.needed_by) AT TIME ZONE 'UTC', 'DD HH24:MI:SS')
    FROM tollgate.waiting_usage u WHERE u.customer_id = customer AND u.dimension = dim
$$;
SELECT is_empty('SELECT FROM tollgate.waiting', 'nothing waits');
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, tags) VALUES
  (1, 'a', 0.5, '2024-03-10 11:10Z', NULL), (1, 'b', 3, '2024-03-10 12:10Z', NULL), (2, 'a', 2.5, '2024-03-10 10:10Z', NULL),
  (2, 'a', 1, '2024-03-10 12:10Z', NULL), (2, 'b', -1, '2024-03-10 11:10Z', NULL), (1, 'inc', 4, '2024-03-10 11:10Z', NULL),
  (5, 'a', 2, '2024-03-10 11:10Z', NULL), (4, 'a', 5, '2024-03-10 11:10Z', NULL),
  (3, 'a', 0.5, '2024-03-10 11:10Z', '{"t": "x"}'), (3, 'a', 0.75, '2024-03-10 12:10Z', '{"t": "y"}');
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT is(pg_temp.waits(customer, dim), wanted, name)
  FROM (VALUES (1, 'a', '0.5 11:00 fraction', 'a fraction waits for more, nobody knows how long'),
    (1, 'b', '3 12:00 running hour 13:01', 'usage of the running hour is billed when it is over'),
    (2, 'a', '3.5 10:00 next run now', 'what is over is billed by the next run'),
    (2, 'b', '-1 11:00 negative', 'more was given back than used'),
    (1, 'inc', NULL, 'what is included does not wait'),
    (5, 'a', '2 11:00 no account to do', 'a license without an account waits for a person'),
    (3, 'a', '0.5 11:00 fraction, 0.75 12:00 fraction', 'each set of tags has to make a unit of its own'))
    v (customer, dim, wanted, name);
SELECT is(pg_temp.needed(2, 'a'), '11 10:49:59', 'until ten minutes before the hour''s last second is 24 hours old');
SELECT clock('2024-03-10 12:00:59Z') \g /dev/null
SELECT is(pg_temp.waits(4, 'a'), '5 11:00 running hour 12:01', 'an hour is over a minute after its end');
SELECT clock('2024-03-10 12:01Z') \g /dev/null
SELECT is(pg_temp.waits(4, 'a'), '5 11:00 next run now', 'and then is billed');
SELECT clock('2024-03-10 12:30Z') \g /dev/null
SELECT freeze('2024-03-10 11:00Z') \g /dev/null
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES (4, 'a', 7.5, '2024-03-10 11:20Z');
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT is(pg_temp.waits(4, 'a'), '5 11:00 to be sent now, 7.5 11:00 late 13:01',
  'usage that comes after its hour was frozen goes into the running one');
SELECT is(pg_temp.waits(2, 'a'), '1.5 12:00 running hour 13:01, 2 11:00 to be sent now',
  'what a record left over joins the usage of the running hour');
SELECT is(count(*) || ' ' || bool_and(no IS NOT NULL AND reason IS NOT NULL), '10 true', 'each row has a reason')
  FROM tollgate.waiting;
SELECT freeze('2024-03-10 11:00Z', '1 hour', '0') \g /dev/null
SELECT is(pg_temp.needed(4, 'a'), '10 12:49:59', 'by the reference of 2019 an hour is enough to be too old');
SELECT freeze('2024-03-10 11:00Z') \g /dev/null
SELECT is(past || ' ' || month_closes, '24:00:00 06:00:00', 'what AWS takes is what the last freeze went by')
  FROM tollgate.aws_window;
SELECT clock('2024-04-01 02:00Z') \g /dev/null
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES (1, 'b', 7, '2024-03-31 22:20Z');
UPDATE tollgate.product SET horizon = '1 day';
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT is(to_char(needed_by AT TIME ZONE 'UTC', 'MM-DD HH24:MI:SS') || ' ' || trim_scale(units), '04-01 05:50:00 10',
    'last month''s usage has until ten to six')
  FROM tollgate.at_risk WHERE code = 'next run' AND records IS NULL ORDER BY needed_by DESC LIMIT 1;

-- ---- records that are open ----
SELECT clock('2024-03-10 12:30Z') \g /dev/null
SELECT is(tollgate.open_code(o, wanted = 'in a call'), wanted, wanted)
  FROM (VALUES ('(1,,0,f,,1,a,,1,)', 'to be sent'), ('(1,,1,f,,1,a,,1,)', 'unprocessed'), ('(1,,1,t,,1,a,,1,)', 'no answer'),
    ('(1,,1,t,Code,1,a,,1,)', 'Code'), ('(1,,1,t,Code,1,a,,1,)', 'in a call')) v (shape, wanted),
    LATERAL (SELECT v.shape::tollgate.open_record AS o) c;
SELECT run_id AS run FROM tollgate.begin_run() \gset
-- A call with one record, of a customer's dimension; what was said, its code, whether a try may have been carried out.
CREATE FUNCTION pg_temp.answer(customer bigint, dim text, said text, aws_code text DEFAULT '',
    lost boolean DEFAULT false)
  RETURNS void LANGUAGE sql AS $$
  SELECT tap.settle(c, 200, CASE WHEN said = 'failed' THEN aws_code ELSE '' END, 'request-of-aws', lost,
      jsonb_build_array(jsonb_build_object('record', o.record_id, 'said', said, 'code', aws_code)))
    FROM tollgate.open_record o, tollgate.begin_calls((SELECT max(id) FROM tollgate.metering_run),
      jsonb_build_array(jsonb_build_array(o.record_id))) c
    WHERE o.customer_id = customer AND o.dimension = dim
$$;
SELECT pg_temp.answer(4, 'a', 'not_subscribed', 'CustomerNotSubscribed') \g /dev/null
SELECT alike(pg_temp.waits(4, 'a'), '5 11:00 CustomerNotSubscribed to do, %', 'a customer who is not subscribed waits for a person');
SELECT pg_temp.answer(4, 'a', 'failed', 'ThrottlingException') \g /dev/null
SELECT alike(pg_temp.waits(4, 'a'), '5 11:00 ThrottlingException now, %', 'AWS''s troubles wait for the next run');
SELECT pg_temp.answer(4, 'a', 'failed', 'NewException') \g /dev/null
SELECT alike(pg_temp.waits(4, 'a'), '5 11:00 NewException to do, %', 'a code that nobody knows, for a person');
SELECT is(reason, 'AWS refuses it with a code that is not known here.', 'and says so') FROM tollgate.waiting
  WHERE code = 'NewException';
SELECT is(string_agg(concat_ws(' ', to_char(needed_by AT TIME ZONE 'UTC', 'DD HH24:MI:SS'), records, units, code, otherwise), ', '
    ORDER BY needed_by, code) FILTER (WHERE records IS NOT NULL), '11 11:00:00 1 5 NewException moved, 11 11:49:59 1 2 to be sent moved',
    'open records by deadline, less ten minutes') FROM tollgate.at_risk;
SELECT is(string_agg(concat_ws(' ', code, units, otherwise), ', ' ORDER BY code) FILTER (WHERE records IS NULL),
    'late 7.5 moved, no account 2 moved, running hour 11.5 moved', 'and usage that makes a unit')
  FROM tollgate.at_risk;
SELECT pg_temp.answer(4, 'a', 'failed', 'ServiceUnavailable', true) \g /dev/null
SELECT is(otherwise, 'unknown', 'what AWS may have honoured becomes unknown') FROM tollgate.at_risk WHERE records = 1 AND units = 5;
SELECT tollgate.begin_calls(:run, jsonb_build_array(jsonb_build_array(record_id))) FROM tollgate.open_record
  WHERE customer_id = 2 \g /dev/null
SELECT is(otherwise, 'unknown', 'so does what was being sent') FROM tollgate.at_risk WHERE units = 2 AND code = 'in a call';
SELECT is_empty('SELECT tollgate.audit_ledger()', 'the queue is as the records are');

-- ---- runs ----
CREATE FUNCTION pg_temp.runs() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(concat_ws(' ', run_id, took, exit_code, outcome, billed, billed_units, refused, left_open), '; ' ORDER BY run_id)
    FROM tollgate.runs
$$;
SELECT alike(pg_temp.runs(), '1 killed, or lost the database%', 'a run that has not ended and does not hold the lock');
SELECT pg_advisory_lock(hashtextextended('tollgate meter', 0)) \g /dev/null
SELECT is(pg_temp.runs(), '1 under way', 'one that holds it');
SELECT run_id AS run FROM tollgate.begin_run() \gset
SELECT alike(pg_temp.runs(), '1 killed%; 2 under way', 'the newest one that is');
SELECT pg_advisory_unlock(hashtextextended('tollgate meter', 0)) \g /dev/null
SELECT clock('2024-03-10 12:37:01Z') \g /dev/null
SELECT tollgate.end_run(:run, 65, '{"billed": 3, "billed_units": 10, "refused": 1, "unconfirmed": 2, "unknown": 4, "left": 5}') \g /dev/null
SELECT alike(pg_temp.runs(), '%; 2 00:07:01 65 AWS refused something: see :refused 3 10 7 5', 'one that ended, in words');
SELECT run_id AS run FROM tollgate.begin_run() \gset
SELECT tollgate.end_run(:run, 75, '{}') \g /dev/null
SELECT alike(pg_temp.runs(), '%; 3 00:00:00 75 something is left for the next run: see :atrisk', 'or left something');
SELECT run_id AS run FROM tollgate.begin_run() \gset
SELECT tollgate.end_run(:run, status, NULL) FROM (VALUES (78)) v (status) \g /dev/null
SELECT alike(pg_temp.runs(), '%; 4 00:00:00 78 a setting is wrong: see the log, and tollgate doctor', 'or met a wrong setting');
SELECT run_id AS run FROM tollgate.begin_run() \gset
SELECT tollgate.end_run(:run, 0, '{"billed": 1, "refused": 0}') \g /dev/null
SELECT alike(pg_temp.runs(), '%; 5 00:00:00 0 all is settled 1 0', 'or settled all');
SELECT run_id AS run FROM tollgate.begin_run() \gset

-- ---- refused ----
INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by)
  SELECT 'p', 'c' || n, 'customer_identifier' FROM generate_series(6, 12) n;
UPDATE tollgate.product SET horizon = '62 days';
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  SELECT id, 'b', id, '2024-03-10 10:00Z' FROM tollgate.customer WHERE id > 5;
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT freeze('2024-03-10 10:00Z') \g /dev/null
SELECT is_empty('SELECT FROM tollgate.refused', 'nothing was refused');
SELECT pg_temp.answer(6, 'b', 'success', 'Success') \g /dev/null
SELECT pg_temp.answer(7, 'b', 'duplicate', 'DuplicateRecord') \g /dev/null
SELECT pg_temp.answer(8, 'b', 'duplicate', 'DuplicateRecord', true) \g /dev/null
SELECT pg_temp.answer(9, 'b', 'not_subscribed', 'CustomerNotSubscribed', true) \g /dev/null
SELECT pg_temp.answer(10, 'b', 'failed', 'InvalidUsageDimensionException') \g /dev/null
SELECT pg_temp.answer(11, 'b', 'failed', 'NewException') \g /dev/null
SELECT tollgate.refuse_record(o.record_id, c.id, o.code) FROM tollgate.open_record o
  JOIN tollgate.metering_call c ON c.records = ARRAY[o.record_id] WHERE o.customer_id IN (10, 11) \g /dev/null
CREATE FUNCTION pg_temp.refused(customer bigint) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', r.units, to_char(r.hour AT TIME ZONE 'UTC', 'HH24:MI'), r.outcome, r.code, r.reason, r.to_do)
    FROM tollgate.refused r WHERE r.customer_id = customer
$$;
SELECT alike(pg_temp.refused(customer), wanted, name)
  FROM (VALUES (7, '7 10:00 refused DuplicateRecord AWS has another quantity%book_shortfall(%',
      'DuplicateRecord: what is missing can be booked'),
    (8, '8 10:00 unconfirmed DuplicateRecord An answer was lost%settle_record(%', 'unconfirmed: a person looks it up'),
    (9, '9 10:00 unknown CustomerNotSubscribed AWS may have honoured it%settle_record(%', 'unknown: a person looks it up'),
    (10, '10 10:00 refused InvalidUsageDimensionException The listing has no dimension%remap_record(%',
      'a dimension that AWS does not know: another name'),
    (11, '11 10:00 refused NewException AWS refuses it with a code that is not known here. Mended: retry_record(%',
      'a code that nobody knows')) v (customer, wanted, name);
SELECT is(string_agg(customer_id || ' ' || coalesce(aws_request_id, '-'), ', ' ORDER BY customer_id),
    '7 request-of-aws, 8 request-of-aws, 9 request-of-aws, 10 request-of-aws, 11 request-of-aws',
    'with AWS''s request id, and nothing that was billed') FROM tollgate.refused;
SELECT clock('2024-03-11 12:00Z') \g /dev/null
SELECT moved FROM tollgate.expire_records('10 minutes') \g /dev/null
SELECT is(string_agg(customer_id || ' ' || outcome || ' ' || code, ', ' ORDER BY customer_id)
    FILTER (WHERE customer_id < 7 OR customer_id > 11), '2 unknown no answer, 4 unknown ServiceUnavailable',
    'what fell out of the window when it may have been honoured; nothing that moved') FROM tollgate.refused;

-- ---- what people decided, and ends ----
SET ROLE tollgate_admin;
SELECT tollgate.remap_record(record_id, 'a', 'misnamed') FROM tollgate.refused WHERE customer_id = 10 \g /dev/null
SELECT tollgate.settle_record(record_id, 3, 'AWS''s report') FROM tollgate.refused WHERE customer_id = 8 \g /dev/null
RESET ROLE;
SELECT is(string_agg(customer_id::text, ' ' ORDER BY customer_id), '2 4 7 9 11', 'what was decided is not shown any more')
  FROM tollgate.refused;
SELECT is(pg_temp.waits(10, 'a') || ', ' || pg_temp.waits(8, 'b'), '10 10:00 next run now, 5 10:00 next run now',
  'but waits, as far as it is to be billed');
SELECT is(concat_ws(' ', accepted, billed, refused), '8 3 0', 'what AWS has of it is billed') FROM tollgate.usage WHERE customer_id = 8;
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES
  (12, 'a', 2, '2024-03-11 11:50Z'), (12, 'b', 0.5, '2024-03-11 11:50Z');
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT tollgate.begin_ending(12, '2024-03-11 11:55Z') \g /dev/null
SELECT is(pg_temp.waits(12, 'a') || ', ' || pg_temp.needed(12, 'a'), '2 11:00 last call now, 11 12:45:00',
  'a customer who is ending is billed within the hour, less ten minutes');
SELECT is(otherwise, 'ended', 'or not at all') FROM tollgate.at_risk WHERE code = 'last call';
SELECT freeze('2024-03-11 10:00Z') \g /dev/null
SELECT tollgate.begin_ending(10, '2024-03-11 11:56Z') \g /dev/null
SELECT is(to_char(needed_by AT TIME ZONE 'UTC', 'DD HH24:MI:SS') || ' ' || otherwise, '11 12:46:00 ended', 'nor their records')
  FROM tollgate.at_risk WHERE records = 1 AND units = 10;
SELECT clock('2024-03-11 13:00Z') \g /dev/null
SELECT is(pg_temp.waits(12, 'a') || ', ' || pg_temp.waits(12, 'b'), '2 11:00 ended to do, 0.5 11:00 ended to do, 12 10:00 to be sent now',
  'what is left then waits for a person');
SELECT clock('2024-03-11 12:00Z') \g /dev/null

-- ---- usage by the hour ----
-- An hour, as UTC has it.
CREATE FUNCTION pg_temp.utc(hour timestamptz) RETURNS text LANGUAGE sql AS $$
  SELECT to_char(hour AT TIME ZONE 'UTC', 'DD HH24:MI')
$$;
SELECT is(string_agg(concat_ws(' ', pg_temp.utc(hour), accepted, included, billed, open, refused), ', ' ORDER BY hour), '10 10:00 7 0 0 0 7',
  'refused') FROM tollgate.usage WHERE customer_id = 7;
SELECT is(concat_ws(' ', pg_temp.utc(hour), accepted, included, billed, open, refused), '10 10:00 6 0 6 0 0', 'billed')
  FROM tollgate.usage WHERE customer_id = 6;
SELECT is(string_agg(concat_ws(' ', dimension, pg_temp.utc(hour), accepted, included, billed, open, refused), ', '
    ORDER BY dimension, hour), 'a 10 11:00 0.5 0 0 0 0, b 10 12:00 3 0 0 0 0, b 11 10:00 0 0 0 3 0, b 31 22:00 7 0 0 0 0, '
    'inc 10 11:00 4 4 0 0 0', 'hours are of UTC; included')
  FROM tollgate.usage WHERE customer_id = 1;
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES (6, 'b', 4, '2024-03-11 00:30Z');
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT freeze('2024-03-11 00:00Z') \g /dev/null
SELECT is(string_agg(concat_ws(' ', pg_temp.utc(hour), accepted, billed, open), ', ' ORDER BY hour), '10 10:00 6 6 0, 11 00:00 4 0 4', 'open')
  FROM tollgate.usage WHERE customer_id = 6;
SELECT is(string_agg(concat_ws(' ', pg_temp.utc(hour), accepted, refused), ', ' ORDER BY hour),
    '10 10:00 2.5 0, 10 11:00 0 2, 10 12:00 1 0, 11 10:00 0 0',
  'what a record left over was not used again') FROM tollgate.usage WHERE customer_id = 2 AND dimension = 'a';
SET enable_seqscan = off;
CREATE FUNCTION pg_temp.scans(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
  RETURN (SELECT string_agg(DISTINCT m[1], ' ' ORDER BY m[1]) FROM regexp_matches(plan::text,
    '"Index Name": "([a-z_]+)"|"Relation Name": "(usage_event)"', 'g') m);
END
$$;
SELECT alike(pg_temp.scans('SELECT * FROM tollgate.usage WHERE customer_id = 7 AND dimension = ''b'' AND hour > ''2024-03-01'''),
  '%metering_record_key %rollup_line_of_customer%', 'one customer''s hours are found by index');
SELECT alike(pg_temp.scans('SELECT * FROM tollgate.refused'), '%metering_result_for_people%', 'so is what was refused');
RESET enable_seqscan;
SELECT is(view || ' ' || (SELECT string_agg(DISTINCT u.table_name, ' ') FROM information_schema.view_table_usage u
      WHERE u.view_schema = 'tollgate' AND u.view_name = view AND u.table_name IN ('usage_event')), NULL,
    view || ' reads no event')
  FROM unnest(ARRAY['usage', 'waiting_usage', 'waiting', 'at_risk', 'refused', 'runs', 'balance']) view;

SELECT is(state_as('tollgate_admin', 'SELECT count(*) FROM tollgate.' || view), '00000', 'tollgate_admin reads ' || view)
  FROM unnest(ARRAY['usage', 'waiting_usage', 'waiting', 'at_risk', 'refused', 'runs', 'balance']) view;
SELECT * FROM finish();
