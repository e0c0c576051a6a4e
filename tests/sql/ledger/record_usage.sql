-- record_usage(): an event or an array of them, each once.
SELECT plan(71);

CREATE FUNCTION pg_temp.said(statement text) RETURNS text LANGUAGE sql AS $$
  SELECT split_part(tap.said_as('tollgate_app', 'SELECT tollgate.record_usage(' || statement || ')'), E'\n', 1)
$$;
-- What it returns to the app.
CREATE FUNCTION pg_temp.did(arguments text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  returned text;
BEGIN
  SET LOCAL ROLE tollgate_app;
  EXECUTE format('SELECT tollgate.record_usage(%s)', arguments) INTO returned;
  RESET ROLE;
  RETURN returned;
END
$$;
-- What is there, but for the time it was written.
CREATE FUNCTION pg_temp.events() RETURNS SETOF text LANGUAGE sql AS $$
  SELECT concat_ws(' ', customer_id, dimension, trim_scale(quantity), to_char(used_at AT TIME ZONE 'UTC', 'DD HH24:MI:SS'),
    idempotency_key, tags) FROM tollgate.usage_event
$$;

-- ---- one event ----
SELECT is(pg_temp.did($q$1, 'a', 1.5$q$), 'true', 'usage of now');
SELECT is(pg_temp.did($q$1, 'a', 1.5$q$), 'true', 'the same without a key is more usage');
SELECT is(pg_temp.did($q$1, 'a', 2, '2024-03-10 09:20Z', 'k', '{"team": "blue", "b": "1"}'$q$), 'true',
  'with a time, a key and tags');
SELECT is(pg_temp.did($q$1, 'a', 2, '2024-03-10 09:20Z', 'k', '{"b": "1", "team": "blue"}'$q$), 'false',
  'the same again counts once');
SELECT is(pg_temp.did($q$1, 'a', 2.000, '2024-03-10 10:20+01', 'k', '{"team": "blue", "b": "1"}'$q$), 'false',
  'a number and a time may be written in another way');
SELECT is(pg_temp.did($q$1, 'a', 2, idempotency_key => 'k', tags => '{"team": "blue", "b": "1"}'$q$), 'false',
  'a time that is left out is not compared');
SELECT is(pg_temp.did($q$2, 'a', 7, idempotency_key => 'k'$q$), 'true', 'a key is of one customer');
SELECT is(pg_temp.did($q$1, 'a', -1, '2024-03-10 09:20Z'$q$), 'true', 'a correction');
SELECT bag_eq('SELECT pg_temp.events()', ARRAY['1 a 1.5 10 12:30:00', '1 a 1.5 10 12:30:00',
    '1 a 2 10 09:20:00 k {"b": "1", "team": "blue"}', '2 a 7 10 12:30:00 k', '1 a -1 10 09:20:00'],
  'each is there once');
SELECT is(pg_temp.said(statement), 'TG409 the idempotency key "k" of customer 1 was used for usage of another ' || wanted,
    'other content is refused: ' || wanted)
  FROM (VALUES ('1, ''b'', 2, ''2024-03-10 09:20Z'', ''k'', ''{"team": "blue", "b": "1"}''', 'dimension'),
    ('1, ''a'', 2.1, ''2024-03-10 09:20Z'', ''k'', ''{"team": "blue", "b": "1"}''', 'quantity'),
    ('1, ''a'', 2, ''2024-03-10 09:20:00.000001Z'', ''k'', ''{"team": "blue", "b": "1"}''', 'used_at'),
    ('1, ''a'', 2, ''2024-03-10 09:20Z'', ''k'', ''{"team": "red", "b": "1"}''', 'tags'),
    ('1, ''a'', 2, ''2024-03-10 09:20Z'', ''k''', 'tags'),
    ('1, ''a'', 3, ''2024-03-10 09:21Z'', ''k'', ''{"team": "blue", "b": "1"}''', 'quantity and used_at'))
    v (statement, wanted);
SELECT is(pg_temp.said(statement), wanted, 'refused as an INSERT is: ' || wanted)
  FROM (VALUES ('99, ''a'', 1', 'TG404 row 1 (customer_id 99, dimension "a", used_at 2024-03-10T12:30:00Z): there is no '
      'such customer'),
    ('1, ''z'', 1', 'TG404 row 1 (customer_id 1, dimension "z", used_at 2024-03-10T12:30:00Z): the product p has no such '
      'dimension'),
    ('1, ''a'', 1, ''2024-03-10 12:36Z''', 'TG400 row 1 (customer_id 1, dimension "a", used_at 2024-03-10T12:36:00Z): it is '
      'over five minutes ahead of this server''s clock'),
    ('1, ''a'', 1, ''2024-01-01Z''', 'TG400 row 1 (customer_id 1, dimension "a", used_at 2024-01-01T00:00:00Z): it is older '
      'than the product''s horizon, 62 days'),
    ('1, ''inc'', 1, tags => ''{"t": "x"}''', 'TG400 row 1 (customer_id 1, dimension "inc", used_at 2024-03-10T12:30:00Z): '
      'it has tags, and the dimension has an included quantity; one excludes the other')) v (statement, wanted);
SELECT is(pg_temp.said(statement), 'TG400 ' || wanted, wanted)
  FROM (VALUES ('NULL, ''a'', 1', 'customer_id is missing'), ('1, NULL, 1', 'dimension is missing'),
    ('1, ''a'', NULL', 'quantity is missing'), ('1, ''a'', ''NaN''', 'quantity is not a number'),
    ('1, ''a'', ''-Infinity''', 'quantity is not a number'), ('1, ''a'', 1e15', 'quantity is not within 10^15'),
    ('1, ''a'', -1e15', 'quantity is not within 10^15'), ('1, ''a'', 1.0000000001', 'quantity has more than 9 decimals'),
    ('1, ''a'', 1, ''infinity''', 'used_at is not a time with a zone, such as "2026-11-25T09:20:00Z"'),
    ('1, ''a'', 1, NULL, ''''', 'idempotency_key is not a string of 1 to 255 characters'),
    ('-1, ''a'', 1', 'customer_id is not a whole number'),
    ('1, ''a'', 1, NULL, NULL, ''{"t": null}''', 'tags is not an object of 1 to 5 tags that AWS takes, such as {"team": "blue"}'))
    v (statement, wanted);
SELECT is(pg_temp.said('1, ''a'', 999999999999999.999999999'), NULL, 'the largest quantity, unrounded');

-- ---- an array ----
\set event '{"customer_id": 1, "dimension": "b", "quantity": 1}'
SELECT is(pg_temp.did($q$'[]'$q$), '0', 'no event');
SELECT is(pg_temp.did($q$'[{"customer_id": 1, "dimension": "b", "quantity": 0.000000001, "used_at":
    "2024-03-10T09:20:00.5+05:45", "idempotency_key": "x1"}]'$q$), '1', 'one');
SELECT is(pg_temp.did($q$'[{"customer_id": 1, "dimension": "b", "quantity": 1, "idempotency_key": "x2", "used_at": null,
    "tags": null}, {"customer_id": 1, "dimension": "b", "quantity": 1e-9, "idempotency_key": "x1"},
    {"customer_id": 1, "dimension": "b", "quantity": 1.0, "idempotency_key": "x2"},
    {"customer_id": 2, "dimension": "b", "quantity": 2, "idempotency_key": "x2", "tags": {"t": "u"}}]'$q$), '2',
  'a key that is known, and one twice in the array, with the same content: how many are new');
SELECT is(pg_temp.did($q$(SELECT jsonb_agg(jsonb_build_object('customer_id', 1 + n % 2, 'dimension', 'b',
    'quantity', 1, 'idempotency_key', 'm' || n)) FROM generate_series(1, 10000) n)$q$), '10000', '10000');
SELECT bag_eq($$SELECT e FROM pg_temp.events() e WHERE e LIKE '% x_%'$$, ARRAY['1 b 0.000000001 10 03:35:00 x1',
  '1 b 1 10 12:30:00 x2', '2 b 2 10 12:30:00 x2 {"t": "u"}'], 'each is there once, as it was given');
SELECT is(count(*), 10008::bigint, 'and no more') FROM tollgate.usage_event;
SELECT is(pg_temp.said(format('(SELECT jsonb_agg(%L::jsonb) FROM generate_series(1, 10001))', :'event')),
  'TG400 10001 events are too many for one call, which takes 10000', '10001');

CREATE FUNCTION pg_temp.said_of(VARIADIC elements text[]) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.said(quote_literal('[' || array_to_string(elements, ', ') || ']'))
$$;
SELECT is(pg_temp.said(events), 'TG400 the events are not an array of objects', events || ' is no array')
  FROM unnest(ARRAY['''{}''', '''null''', '''"x"''', 'NULL']) events;
SELECT is(pg_temp.said_of(:'event', element, :'event', '7'), 'TG400 element 2: ' || wanted, wanted)
  FROM (VALUES ('7', 'it is not an object'), ('[]', 'it is not an object'), ('null', 'it is not an object'),
    ('{"customer_id": 1, "dimension": "b", "quantity": 1, "qty": 2}', '"qty" is not a member of an event; known are '
      'customer_id, dimension, quantity, used_at, idempotency_key, tags'),
    ('{"dimension": "b", "quantity": 1}', 'customer_id is missing'),
    ('{"customer_id": 1, "dimension": "b", "quantity": null}', 'quantity is missing'),
    ('{"customer_id": "1", "dimension": "b", "quantity": 1}', 'customer_id is not a whole number'),
    ('{"customer_id": 1.0, "dimension": "b", "quantity": 1}', 'customer_id is not a whole number'),
    ('{"customer_id": 1, "dimension": 7, "quantity": 1}', 'dimension is not a string'),
    ('{"customer_id": 1, "dimension": "b", "quantity": "1"}', 'quantity is not a number'),
    ('{"customer_id": 1, "dimension": "b", "quantity": 1e400}', 'quantity is not within 10^15'),
    ('{"customer_id": 1, "dimension": "b", "quantity": 1, "used_at": 1710000000}', 'used_at is not a time with a zone, such '
      'as "2026-11-25T09:20:00Z"'),
    ('{"customer_id": 1, "dimension": "b", "quantity": 1, "used_at": "2024-03-10T12:00:00"}', 'used_at is not a time with a '
      'zone, such as "2026-11-25T09:20:00Z"'),
    ('{"customer_id": 1, "dimension": "b", "quantity": 1, "used_at": "now"}', 'used_at is not a time with a zone, such as '
      '"2026-11-25T09:20:00Z"'),
    ('{"customer_id": 1, "dimension": "b", "quantity": 1, "used_at": "2024-02-30T12:00:00Z"}', 'used_at '
      '"2024-02-30T12:00:00Z" is on no calendar'),
    ('{"customer_id": 1, "dimension": "b", "quantity": 1, "used_at": "2024-03-10T12:00:00+99:00"}', 'used_at '
      '"2024-03-10T12:00:00+99:00" is on no calendar'),
    ('{"customer_id": 1, "dimension": "b", "quantity": 1, "idempotency_key": 5}', 'idempotency_key is not a string of 1 to '
      '255 characters'),
    ('{"customer_id": 1, "dimension": "b", "quantity": 1, "tags": {"t": null}}', 'tags is not an object of 1 to 5 tags that '
      'AWS takes, such as {"team": "blue"}')) v (element, wanted);
SELECT is(pg_temp.said_of(:'event', :'event', element), wanted, 'the row''s own checks name the element: ' || wanted)
  FROM (VALUES ('{"customer_id": 99, "dimension": "b", "quantity": 1}', 'TG404 element 3 (customer_id 99, dimension "b", '
      'used_at 2024-03-10T12:30:00Z): there is no such customer'),
    ('{"customer_id": 1, "dimension": "b", "quantity": 1, "used_at": "2024-01-01T00:00:00Z"}', 'TG400 element 3 (customer_id '
      '1, dimension "b", used_at 2024-01-01T00:00:00Z): it is older than the product''s horizon, 62 days')) v (element, wanted);
SELECT is(pg_temp.said_of('{"customer_id": 1, "dimension": "b", "quantity": 1, "idempotency_key": "y"}',
    '{"customer_id": 1, "dimension": "b", "quantity": 2, "idempotency_key": "y"}', :'event'),
  'TG409 element 2: the idempotency key "y" of customer 1 was used for usage of another quantity',
  'a key twice in the array with other content');
SELECT is(pg_temp.said($$(SELECT jsonb_agg(jsonb_build_object('customer_id', 1, 'dimension', 'b', 'quantity',
      CASE n WHEN 900 THEN 2 ELSE 1 END, 'idempotency_key', 'z' || n % 500)) FROM generate_series(1, 1000) n)$$),
  'TG409 element 900: the idempotency key "z400" of customer 1 was used for usage of another quantity', 'far within');
SELECT is(count(*), 10008::bigint, 'nothing of what was refused is there') FROM tollgate.usage_event;
SELECT is(state_as('tollgate_app', statement), '42501', 'tollgate_app may not: ' || statement)
  FROM unnest(ARRAY['SELECT tollgate.add_usage(ARRAY[''{}''::jsonb])', 'SELECT tollgate.event_problem(''{}'')']) statement;
SELECT events, units > 0 FROM tollgate.roll_up() \g /dev/null
-- A procedure that runs for days.
BEGIN;
DO $$ BEGIN
  PERFORM pg_sleep(1.2);
  PERFORM tollgate.record_usage(2, 'b', 1, idempotency_key => 'slept');
END $$;
SELECT cmp_ok(used_at, '>', '2024-03-10 12:30:01Z'::timestamptz, 'usage of now is of when it is reported, not of when a CALL began')
  FROM tollgate.usage_event WHERE idempotency_key = 'slept';
ROLLBACK;
SELECT is_empty('SELECT tollgate.audit_ledger()', 'the audit finds nothing wrong');

SELECT * FROM finish();
