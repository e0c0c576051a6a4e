-- What follows from AWS's answers, and from their absence.
SELECT plan(90);

INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by)
  SELECT 'p', 'c' || n, 'customer_identifier' FROM generate_series(5, 104) n;
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  SELECT id, 'a', id, '2024-03-10 11:00Z' FROM tollgate.customer WHERE id > 4;
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT freeze('2024-03-10 11:00Z') \g /dev/null
SELECT run_id AS run FROM tollgate.begin_run() \gset

-- A record's state, code, attempts while it is open, and whether it is in a call.
CREATE FUNCTION pg_temp.state(record bigint) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', s.state, s.code, s.attempts, CASE WHEN record = ANY (SELECT unnest(c.records) FROM tollgate.open_call c)
      THEN 'in a call' END)
    FROM tollgate.record_state s
    WHERE s.record_id = record
$$;
CREATE FUNCTION pg_temp.call(VARIADIC records bigint[]) RETURNS bigint LANGUAGE sql AS $$
  SELECT tollgate.begin_calls((SELECT max(id) FROM tollgate.metering_run), jsonb_build_array(to_jsonb(records)))
$$;
CREATE FUNCTION pg_temp.settle(call bigint, said text, code text DEFAULT '', uncertain boolean DEFAULT false)
  RETURNS void LANGUAGE sql AS $$
  SELECT tap.settle(call, 200, CASE said WHEN 'failed' THEN code ELSE '' END, 'req', uncertain,
    (SELECT jsonb_agg(jsonb_build_object('record', r, 'said', said, 'code', code, 'id', 'aws-' || r))
      FROM tollgate.metering_call c, unnest(c.records) r WHERE c.id = call))
$$;
-- One record's story: attempts such as {failed,false,ThrottlingException}: what was said, whether a
-- try may have been carried out, code.
CREATE FUNCTION pg_temp.story(record bigint, attempts text[]) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..array_length(attempts, 1) LOOP
    PERFORM pg_temp.settle(pg_temp.call(record), attempts[i][1], attempts[i][3], attempts[i][2]::boolean);
  END LOOP;
  RETURN pg_temp.state(record);
END
$$;

-- ---- the table of answers ----
\set lost '{failed,true,ServiceUnavailable}'
SELECT is(pg_temp.story(record, attempts::text[]), wanted, name)
  FROM (VALUES (1, '{{success,false,Success}}', 'billed Success', 'Success: billed'),
    (2, '{{failed,true,ServiceUnavailable},{success,false,Success}}', 'billed Success',
      'Success after an uncertain attempt: billed'),
    (3, '{{duplicate,false,DuplicateRecord}}', 'refused DuplicateRecord',
      'DuplicateRecord: refused, another quantity stands at AWS'),
    (4, '{{failed,true,ServiceUnavailable},{duplicate,false,DuplicateRecord}}', 'unconfirmed DuplicateRecord',
      'DuplicateRecord after an uncertain attempt: unconfirmed'),
    (5, '{{unnamed,false,""},{duplicate,false,DuplicateRecord}}', 'unconfirmed DuplicateRecord',
      'DuplicateRecord after an answer that did not name the record: unconfirmed'),
    (6, '{{duplicate,true,DuplicateRecord}}', 'unconfirmed DuplicateRecord',
      'DuplicateRecord after a lost try of the same call: unconfirmed'),
    (7, '{{failed,false,ThrottlingException},{unprocessed,false,""},{duplicate,false,DuplicateRecord}}',
      'refused DuplicateRecord', 'DuplicateRecord after throttling and unprocessed, which are definite: refused'),
    (8, '{{not_subscribed,false,CustomerNotSubscribed}}', 'frozen CustomerNotSubscribed 1',
      'CustomerNotSubscribed of a customer who never had a record honoured: tried again'),
    (8, '{{not_subscribed,false,CustomerNotSubscribed},{success,false,Success}}', 'billed Success',
      'and billed as soon as they are subscribed'),
    (9, '{{failed,true,ServiceUnavailable},{not_subscribed,false,CustomerNotSubscribed}}',
      'unknown CustomerNotSubscribed', 'CustomerNotSubscribed after an uncertain attempt: unknown'),
    (10, '{{unprocessed,false,""}}', 'frozen 1', 'unprocessed: the identical record again'),
    (10, '{{unprocessed,true,""}}', 'uncertain 2', 'unprocessed after a lost try of the same call: uncertain'),
    (11, '{{unnamed,false,""}}', 'uncertain 1', 'missing from the answer: uncertain, again'),
    (12, '{{failed,false,ThrottlingException}}', 'frozen ThrottlingException 1', 'throttling is definite'),
    (12, '{{failed,true,InternalServiceErrorException}}', 'uncertain InternalServiceErrorException 2',
      'a 5xx or a lost answer is uncertain'),
    (12, '{{failed,false,ThrottlingException}}', 'uncertain ThrottlingException 3',
      'and stays so, whatever comes later'),
    (12, '{{success,false,Success}}', 'billed Success', 'until AWS says what it has')) v (record, attempts, wanted,
      name);
SELECT is(metering_record_id || ' ' || call_id, 'aws-1 1', 'with AWS''s id, and the call that decided it')
  FROM tollgate.metering_result WHERE record_id = 1;
SELECT is(string_agg(concat_ws(' ', http_status, code, aws_request_id, uncertain, unnamed), ', ' ORDER BY call_id),
    '200 ServiceUnavailable req t {}, 200 req f {}, 200 req f {5}, 200 req f {}',
    'an answer has its code and which records it did not name')
  FROM tollgate.metering_answer a JOIN tollgate.metering_call c ON c.id = a.call_id
  WHERE c.records IN ('{4}', '{5}');
SELECT is_empty('SELECT tollgate.audit_ledger()', 'the audit finds nothing wrong');
-- Another hour, of customers who had records honoured: 5 and 12.
SELECT clock('2024-03-10 13:01Z') \g /dev/null
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  SELECT id, 'a', id, '2024-03-10 12:00Z' FROM tollgate.customer WHERE id IN (5, 12, 14);
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT freeze('2024-03-10 12:00Z') \g /dev/null
SELECT is(pg_temp.story(101, '{{not_subscribed,false,CustomerNotSubscribed}}'), 'refused CustomerNotSubscribed',
  'CustomerNotSubscribed of a customer who had a record honoured: refused');
BEGIN;
INSERT INTO tollgate.customer_event (customer_id, kind, happened_at) VALUES (14, 'ending', '2024-03-10 13:00Z');
SELECT is(pg_temp.story(10, '{{success,false,Success}}') || ', ' ||
  pg_temp.story(103, '{{not_subscribed,false,CustomerNotSubscribed}}'), 'billed Success, refused CustomerNotSubscribed',
  'also where their events do not say so, since they were ending');
ROLLBACK;
BEGIN;
SELECT pg_temp.story(10, '{{failed,true,ServiceUnavailable},{not_subscribed,false,CustomerNotSubscribed}}') \g /dev/null
SELECT tollgate.settle_record(10, 1, 'AWS has it') \g /dev/null
SELECT is(pg_temp.story(103, '{{not_subscribed,false,CustomerNotSubscribed}}'), 'refused CustomerNotSubscribed',
  'or a person found out that AWS has a part of it');
ROLLBACK;
BEGIN;
INSERT INTO tollgate.metering_record (customer_id, dimension, hour, used_at, quantity, product_code, metered_by,
    customer_identifier, aws_region, lines, units, carried, frozen_at)
  SELECT 14, 'a', h, h, 0, 'p', 'customer_identifier', 'c14', 'r', 0, 0, 0, h
    FROM generate_series(timestamptz '2023-12-01 00:00Z', '2024-01-31 23:00Z', '1 hour') h;
INSERT INTO tollgate.metering_result (record_id, outcome, settled_at)
  SELECT id, 'moved', frozen_at FROM tollgate.metering_record WHERE id > 103;
SELECT pg_temp.call(103) AS call,
  pg_stat_get_xact_numscans('tollgate.metering_result_pkey'::regclass) AS before \gset
SELECT pg_temp.settle(:call, 'not_subscribed', 'CustomerNotSubscribed') \g /dev/null
SELECT cmp_ok(pg_stat_get_xact_numscans('tollgate.metering_result_pkey'::regclass) - :before, '<', 100::bigint,
  'for which the results of all of their records are not read');
ROLLBACK;

-- ---- the customer's state ----
SELECT is(string_agg(customer_id || ' ' || state, ', ' ORDER BY customer_id),
    '5 not_subscribed, 6 honoured, 12 honoured, 13 not_subscribed, 16 honoured',
    'what AWS says of a subscription is the customer''s state: a refusal flags them')
  FROM tollgate.customer_state;
SELECT is(string_agg(kind, ' ' ORDER BY id), 'not_subscribed honoured', 'each change once')
  FROM tollgate.customer_event WHERE customer_id = 12;
BEGIN;
INSERT INTO tollgate.customer_event (customer_id, kind, happened_at)
  SELECT 12, kind, '2024-03-10 12:10Z' FROM unnest(ARRAY['not_subscribed', 'honoured']) kind;
SELECT is(pg_temp.story(102, '{{not_subscribed,false,CustomerNotSubscribed}}'), 'refused CustomerNotSubscribed',
  'of a customer who was honoured, was not, and was again');
ROLLBACK;
-- Customer 12 was honoured, 13 never; a call with a record of each.
CREATE FUNCTION pg_temp.both(said_of_12 text, said_of_13 text) RETURNS text LANGUAGE sql AS $$
  SELECT tap.settle(pg_temp.call(102, 13), 200, '', 'req', false, jsonb_build_array(
    jsonb_build_object('record', 102, 'said', said_of_12, 'id', 'aws-102'), jsonb_build_object('record', 13, 'said', said_of_13)));
  SELECT string_agg(concat_ws(' ', s.customer_id, s.state), ', ' ORDER BY s.customer_id)
    FROM tollgate.customer_state s WHERE s.customer_id IN (12, 13)
$$;
BEGIN;
INSERT INTO tollgate.customer_event (customer_id, kind, happened_at) VALUES (12, 'not_subscribed', '2024-03-10 12:10Z');
SELECT is(pg_temp.both('again', 'unprocessed'), '12 not_subscribed, 13 not_subscribed',
  'of a success that is no news no customer''s state is looked up');
SELECT is(pg_temp.state(102), 'billed', 'and it is billed as any other');
ROLLBACK;
BEGIN;
INSERT INTO tollgate.customer_event (customer_id, kind, happened_at) VALUES (12, 'not_subscribed', '2024-03-10 12:10Z');
SELECT is(pg_temp.both('again', 'not_subscribed'), '12 honoured, 13 not_subscribed',
  'but with a refusal beside it, since the two may be of one customer');
ROLLBACK;
INSERT INTO tollgate.customer_event (customer_id, kind, happened_at) VALUES (12, 'ending', '2024-03-10 12:30Z');
SELECT is(pg_temp.story(102, '{{success,false,Success}}'), 'billed Success', 'a customer who is ending is billed');
SELECT is(state, 'ending', 'and goes on ending') FROM tollgate.customer_state WHERE customer_id = 12;

-- ---- before a call ----
SELECT pg_temp.call(20, 21) AS call \gset
SELECT is(pg_temp.state(20), 'frozen 1 in a call', 'a record is in the call that is made');
SELECT throws_ok(format('SELECT tollgate.begin_calls(%s, %L)', :run, calls), state, NULL, name)
  FROM (VALUES ('[[1]]', 'TG409', 'a record that has a result is in no call'),
    ('[[22, 20]]', 'TG409', 'a record is in at most one call in flight'),
    ('[[22], [23, 22]]', 'TG409', 'also of those that begin together'),
    ('[[22, 22]]', 'TG409', 'nor twice in one'),
    ('[[9999]]', 'TG409', 'a record that is not there'),
    ('[[]]', '23514', 'a call has a record'),
    ((SELECT jsonb_agg(jsonb_agg) FROM (SELECT jsonb_agg(n) FROM generate_series(25, 50) n) s)::text, '23514',
      'a call has 25 records at most')) v (calls, state, name);
SELECT is(pg_temp.state(22), 'frozen 0', 'nothing happens to the others then');
SELECT array_agg(id ORDER BY n) AS calls
  FROM tollgate.begin_calls(:run, '[[24, 23], [22], [25, 26]]') WITH ORDINALITY b (id, n) \gset
SELECT is(string_agg(records::text, ' ' ORDER BY n), '{24,23} {22} {25,26}', 'calls are numbered in their order')
  FROM unnest(:'calls'::bigint[]) WITH ORDINALITY b (id, n) JOIN tollgate.metering_call c USING (id);
SELECT throws_ok(format('SELECT tollgate.begin_calls(%s, ''[[30]]'')', run), 'TG409', NULL, name)
  FROM (VALUES ('NULL', 'no run'), ('99', 'a run that is not there')) v (run, name);
BEGIN;
SET LOCAL synchronous_commit = off;
SELECT pg_temp.call(31) \g /dev/null
SELECT is(current_setting('synchronous_commit'), 'on', 'the attempt is durable before its call starts');
ROLLBACK;

-- ---- a run that is killed ----
SELECT run_id || ' ' || lost_calls AS begun FROM tollgate.begin_run() \gset
SELECT is(:'begun'::text, '2 4', 'the next run notes the calls without an answer');
SELECT is(string_agg(pg_temp.state(r), ', '),
  'uncertain 1, uncertain 1, uncertain 1, uncertain 1, uncertain 1, uncertain 1, uncertain 1',
    'their records are uncertain, and can be sent again') FROM generate_series(20, 26) r;
SELECT is(count(*) || ' ' || count(*) FILTER (WHERE code = 'lost' AND uncertain AND http_status = 0), '4 4',
    'as lost') FROM tollgate.metering_answer WHERE call_id >= :call;
SELECT throws_ok(format('SELECT tollgate.begin_calls(%s, ''[[30]]'')', :run), 'TG409', NULL,
  'from then on the older run begins no call');
SELECT pg_temp.settle(:call, 'duplicate', 'DuplicateRecord') \g /dev/null
SELECT is(pg_temp.state(20), 'uncertain 1', 'an answer that comes later changes nothing');
SELECT is(pg_temp.story(20, '{{success,false,Success}}'), 'billed Success',
  'killed after AWS accepted, before the commit: the identical record again, one bill');
SELECT tollgate.end_run(2, 0, '{"billed": 1}') \g /dev/null
SELECT throws_ok('SELECT tollgate.begin_calls(2, ''[[30]]'')', 'TG409', NULL, 'nor one that has ended');
SELECT tollgate.end_run(2, 75, '{}') \g /dev/null
SELECT is(exit_code || ' ' || summary, '0 {"billed": 1}', 'a run ends once') FROM tollgate.metering_run WHERE id = 2;
SELECT run_id || ' ' || lost_calls AS begun FROM tollgate.begin_run() \gset
SELECT is(:'begun'::text, '3 0', 'a run that ended lost nothing');

-- ---- after a call ----
SELECT pg_temp.call(40, 41, 42) AS call \gset
SELECT throws_ok(format('SELECT tollgate.settle_calls(%L)', jsonb_build_array(jsonb_build_object('call', call, 'status', 200,
    'uncertain', false) || answers::jsonb)), state, NULL, name)
  FROM (VALUES
    (:call, '{"records": [1, 41, 42], "said": ["success", "success", "success"]}', 'TG400', 'an answer about a record of another call'),
    (:call, '{"records": [40, 42, 41], "said": ["success", "success", "success"]}', 'TG400', 'in another order'),
    (:call, '{"records": [40, 41], "said": ["success", "success"]}', 'TG400', 'about a part of them'),
    (:call, '{"records": [40, 41, 42], "said": ["success", "success"]}', 'TG400', 'with an answer too few'),
    (:call, '{"records": [40, 41, 42], "said": ["success", "success", "success", "success"]}', 'TG400', 'or too many'),
    (:call, '{"records": [40, 41, 42], "said": ["success", "success", "success"], "ids": ["x"]}', 'TG400', 'an id too few'),
    (:call, '{"records": [40, 41, 42], "said": ["success", "success", "success"], "codes": ["x"]}', 'TG400', 'a code too few'),
    (:call, '{"records": [40, 41, 42], "said": ["success", "maybe", "success"]}', 'TG400', 'an answer that nobody knows'),
    (:call, '{"records": [40, 41, 42], "said": ["success", null, "success"]}', 'TG400', 'an answer that says nothing'),
    (:call, '{"records": [40, 41, 42]}', 'TG400', 'no answer'),
    (:call, '{"said": ["success", "success", "success"]}', 'TG400', 'an answer about nothing'),
    (9999, '{"records": [], "said": []}', 'TG404', 'a call that is not there')) v (call, answers, state, name);
SELECT is(pg_temp.state(40), 'frozen 1 in a call', 'none of them changes anything');
SELECT tap.settle(:call, 200, '', 'req', false,
  '[{"record": 42, "said": "success", "code": "Success"}]') \g /dev/null
SELECT is(pg_temp.state(40) || ', ' || pg_temp.state(42), 'uncertain 1, billed Success',
  'a record of which an answer says nothing is uncertain');
SELECT is(unnamed, '{40,41}', 'and is listed with it') FROM tollgate.metering_answer WHERE call_id = :call;
SELECT tap.settle(:call, 200, '', 'req', false, '[{"record": 40, "said": "duplicate", "code": "x"},
  {"record": 41, "said": "success"}, {"record": 42, "said": "success", "code": "Success"}]') \g /dev/null
SELECT is(pg_temp.state(40) || ', ' || pg_temp.state(42), 'uncertain 1, billed Success',
  'the same answer again, after a lost connection, changes nothing');
SELECT is(pg_temp.story(43, ARRAY[ARRAY['failed', 'false', repeat('é', 300)]]), 'frozen ' || repeat('é', 255) || ' 1',
  'a longer code is cut, so that it keeps nobody from settling');
SELECT is(pg_temp.story(43, '{{success,false,""}}'), 'billed', 'or none');

-- What ended otherwise meanwhile keeps its place, and its end.
BEGIN;
SELECT pg_temp.call(44, 45, 46) AS call \gset
INSERT INTO tollgate.metering_result (record_id, outcome, settled_at) VALUES (45, 'refused', tollgate.ledger_time());
SELECT is(outcomes, '{billed,NULL,billed}', 'of each of the call''s records, in their order')
  FROM tollgate.settle_calls(jsonb_build_array(jsonb_build_object('call', :call, 'status', 200, 'uncertain', false,
    'records', '{44,45,46}'::bigint[], 'said', '{success,success,success}'::text[])));
ROLLBACK;

-- ---- refused alone ----
CREATE FUNCTION pg_temp.alone(record bigint, uncertain boolean) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  call bigint := pg_temp.call(record);
BEGIN
  PERFORM pg_temp.settle(call, 'failed', 'InvalidUsageDimensionException', uncertain);
  RETURN call;
END
$$;
SELECT pg_temp.alone(50, false) AS call \gset
SELECT is(pg_temp.state(50), 'frozen InvalidUsageDimensionException 1', 'refused alone: held, with its reason');
SELECT tollgate.refuse_record(50, :call, 'InvalidUsageDimensionException') \g /dev/null
SELECT is(pg_temp.state(50), 'refused InvalidUsageDimensionException', 'refused when it is known to be its own fault');
SELECT lives_ok(format('SELECT tollgate.refuse_record(50, %s, ''x'')', :call), 'and once');
SELECT pg_temp.alone(51, true) \g /dev/null
SELECT pg_temp.alone(51, false) AS call \gset
SELECT tollgate.refuse_record(51, :call, 'InvalidUsageDimensionException') \g /dev/null
SELECT is(pg_temp.state(51), 'unknown InvalidUsageDimensionException', 'unknown when an attempt was uncertain');
SELECT pg_temp.alone(52, false) AS call \gset
SELECT pg_temp.call(52) AS again \gset
SELECT tollgate.refuse_record(52, :call, 'x') \g /dev/null
SELECT is(pg_temp.state(52), 'frozen InvalidUsageDimensionException 2 in a call', 'not while it is in another call');
SELECT pg_temp.settle(:again, 'success', 'Success') \g /dev/null
SELECT tollgate.refuse_record(52, :call, 'x') \g /dev/null
SELECT is(pg_temp.state(52), 'billed Success', 'nor once it is billed');
SELECT pg_temp.call(54, 55) AS pair \gset
SELECT pg_temp.call(56) AS open \gset
SELECT throws_ok(format('SELECT tollgate.refuse_record(%s, %s, ''x'')', record, call), 'TG400', NULL, name)
  FROM (VALUES (53, :call, 'not by another record''s call'), (54, :pair, 'not by a call with others'),
    (56, :open, 'not by a call without an answer')) v (record, call, name);
SELECT is_empty('SELECT tollgate.audit_ledger()', 'the audit finds nothing wrong');

-- ---- what the meter reads ----
\set next `cat ../../sql/queries/meter/next_records.sql`
PREPARE next AS :next
SELECT clock('2024-03-11 10:49:59Z') \g /dev/null
CREATE TEMP TABLE read AS EXECUTE next('-infinity', 0, 1000, NULL, 600, 100000, false, NULL, NULL);
SELECT is(count(*)::int, (SELECT count(*)::int FROM tollgate.open_record WHERE record_id NOT IN (
  SELECT unnest(records) FROM tollgate.open_call)), 'all open records that are in no call, once') FROM read;
SELECT is(min(used_at), extract(epoch FROM timestamptz '2024-03-10 11:00Z')::bigint,
  'with the Timestamp as it was frozen') FROM read;
SELECT is_empty($$SELECT FROM read r JOIN tollgate.metering_record m USING (id)
  WHERE r.used_at <> extract(epoch FROM m.used_at) OR r.quantity <> m.quantity$$, 'and the same quantity each time');
SELECT clock('2024-03-11 10:50Z') \g /dev/null
CREATE TEMP TABLE read_later AS EXECUTE next('-infinity', 0, 1000, NULL, 600, 100000, false, NULL, NULL);
SELECT is(array_agg(id), '{103}', 'without those that AWS is about to close') FROM read_later;

SELECT clock('2024-03-11 10:49:59Z') \g /dev/null
INSERT INTO tollgate.record_allocation (record_id, tags, quantity)
  SELECT (SELECT id FROM read ORDER BY deadline, id LIMIT 1), tags::jsonb, quantity
  FROM (VALUES ('{}', 1), ('{"b c": "=", "a": "x:1"}', 2)) v (tags, quantity);
UPDATE tollgate.open_record o SET allocations = 2 WHERE record_id IN (SELECT a.record_id FROM tollgate.record_allocation a);
CREATE TEMP TABLE read_shares AS EXECUTE next('-infinity', 0, 1000, NULL, 600, 100000, false, NULL, NULL);
SELECT is(string_agg(allocations, ' and '), E'1\n2\ta\tx:1\tb c\t=', 'allocations are lines of quantity, keys and values') FROM read_shares;
CREATE TEMP TABLE read_few AS EXECUTE next('-infinity', 0, 1000, NULL, 600, 2, false, NULL, NULL);
SELECT is((SELECT array_agg(id) FROM read_few), (SELECT array_agg(id) FROM (SELECT id FROM read ORDER BY deadline, id LIMIT 1) f),
  'a page ends with the record that has too many of them');
SELECT deadline AS last_deadline, id AS last_id FROM read_few \gset
CREATE TEMP TABLE read_on AS EXECUTE next(:'last_deadline', :last_id, 1000, NULL, 600, 2, false, NULL, NULL);
SELECT is((SELECT count(*) FROM read_on), (SELECT count(*) - 1 FROM read), 'and the next one begins after it');

SELECT * FROM finish();
