-- record_reading(): how much a counter grew is usage, once.
SELECT plan(61);

-- What it returns to the app, or why it refuses: counter, reading, time of 10 March.
CREATE FUNCTION pg_temp.read(counter text, reading numeric, at text, tags jsonb DEFAULT NULL, customer bigint DEFAULT 1,
  dimension text DEFAULT 'a') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  growth numeric;
BEGIN
  SET LOCAL ROLE tollgate_app;
  growth := tollgate.record_reading(customer, dimension, counter, reading, ('2024-03-10 ' || at || 'Z')::timestamptz, tags);
  RESET ROLE;
  RETURN trim_scale(growth);
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;
-- The usage of a dimension: "quantity hour tags", in the order of its time.
CREATE FUNCTION pg_temp.usage(customer bigint, dim text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(concat_ws(' ', trim_scale(quantity), to_char(used_at AT TIME ZONE 'UTC', 'HH24:MI'), tags), ', '
    ORDER BY used_at, quantity) FROM tollgate.usage_event WHERE customer_id = customer AND dimension = dim
$$;

-- ---- growth ----
SELECT is(pg_temp.read('c', 100, '08:00'), '0', 'the first reading is where it starts from');
SELECT is(pg_temp.usage(1, 'a'), NULL, 'and no usage');
SELECT is(pg_temp.read('c', 130.5, '09:00'), '30.5', 'the next one grew');
SELECT is(pg_temp.read('c', 130.5, '09:30'), '0', 'one that is as before did not');
SELECT is(pg_temp.read('c', 131, '10:00', '{"t": "x"}'), '0.5', 'growth has the tags of its reading');
SELECT is(pg_temp.read('c', 140, '11:00'), '9', 'whatever those of the one before were');
SELECT is(pg_temp.usage(1, 'a'), '30.5 09:00, 0.5 10:00 {"t": "x"}, 9 11:00', 'the growth is usage of the time of its reading');
SELECT is(pg_temp.read('c', 12, '12:00'), '12', 'a lower one: the counter began anew');
SELECT is(pg_temp.read('c', 0, '12:10'), '0', 'also from nothing');
SELECT is(pg_temp.read('c', 3, '12:20'), '3', 'and goes on from there');
SELECT is(pg_temp.read('c', 135, '10:30'), '0', 'one that comes after a newer one grows nothing');
SELECT is(pg_temp.read('c', 1, '07:00'), '0', 'nor does one from before the first');
SELECT is(pg_temp.read('c', 4, '12:30'), '1', 'and the newest one stays the one to grow from');
SELECT is(pg_temp.usage(1, 'a'), '30.5 09:00, 0.5 10:00 {"t": "x"}, 9 11:00, 12 12:00, 3 12:20, 1 12:30', 'all of it');
SELECT is(string_agg(trim_scale(reading) || ' ' || trim_scale(growth), ', ' ORDER BY read_at), '1 0, 100 0, 130.5 30.5, 130.5 0, '
  '131 0.5, 135 0, 140 9, 12 12, 0 0, 3 3, 4 1', 'every reading is kept') FROM tollgate.counter_reading;

-- ---- once ----
SELECT is(pg_temp.read('c', reading, at, tags), wanted, 'the same reading again returns the same: ' || reading)
  FROM (VALUES (100, '08:00', NULL::jsonb, '0'), (130.50, '09:00', NULL, '30.5'), (131, '10:00', '{"t": "x"}', '0.5'),
    (12, '12:00', NULL, '12'), (4, '12:30', NULL, '1'), (135, '10:30', NULL, '0')) v (reading, at, tags, wanted);
SELECT is(pg_temp.read('c', reading, at, tags), 'TG409 reading of the counter "c" (customer_id 1, dimension "a", read_at '
    '2024-03-10T' || at || ':00Z): another reading, or the same with other tags, is there for this time', name)
  FROM (VALUES (101, '08:00', NULL::jsonb, 'another first reading'), (5, '12:30', NULL, 'another last reading'),
    (131, '10:00', NULL, 'the same without its tags'), (131, '10:00', '{"t": "y"}', 'the same with other tags'))
    v (reading, at, tags, name);
SELECT is(pg_temp.usage(1, 'a'), '30.5 09:00, 0.5 10:00 {"t": "x"}, 9 11:00, 12 12:00, 3 12:20, 1 12:30', 'nothing is new');
SELECT is(pg_temp.read('c', 5, '12:31'), '1', 'a counter goes on after all that');

-- ---- each its own ----
SELECT is(pg_temp.read('C', 50, '09:00'), '0', 'names are compared byte by byte');
SELECT is(pg_temp.read('c', 50, '09:00', customer => 2), '0', 'another customer''s');
SELECT is(pg_temp.read('c', 50, '09:00', dimension => 'b'), '0', 'another dimension''s');
SELECT is(pg_temp.read('c', 60, '10:00', customer => 2), '10', 'each grows by itself: customer');
SELECT is(pg_temp.read('c', 70, '10:00', dimension => 'b'), '20', 'each grows by itself: dimension');
SELECT is(pg_temp.usage(2, 'a') || '; ' || pg_temp.usage(1, 'b'), '10 10:00; 20 10:00', 'and is usage of its own');
SELECT is(pg_temp.read('big', 0, '09:00'), '0', 'from nothing');
SELECT is(pg_temp.read('big', 999999999999999.999999999, '10:00'), '999999999999999.999999999', 'to the largest');

-- ---- what is refused ----
SELECT is(pg_temp.read(counter, reading, at, tags, customer, dimension), wanted, wanted)
  FROM (VALUES ('d', 1, '12:00', NULL::jsonb, 99, 'a', 'TG404 reading of the counter "d" (customer_id 99, dimension "a", read_at '
      '2024-03-10T12:00:00Z): there is no such customer'),
    ('d', 1, '12:00', NULL, NULL, 'a', 'TG404 reading of the counter "d" (customer_id , dimension "a", read_at '
      '2024-03-10T12:00:00Z): there is no such customer'),
    ('d', 1, '12:00', NULL, 1, 'z', 'TG404 reading of the counter "d" (customer_id 1, dimension "z", read_at '
      '2024-03-10T12:00:00Z): the product p has no such dimension'),
    ('d', 1, '12:00', NULL, 1, NULL, 'TG404 reading of the counter "d" (customer_id 1, dimension "", read_at '
      '2024-03-10T12:00:00Z): the product p has no such dimension'),
    ('d', 1, '12:00', '{"t": "x"}', 1, 'inc', 'TG400 reading of the counter "d" (customer_id 1, dimension "inc", read_at '
      '2024-03-10T12:00:00Z): it has tags, and the dimension has an included quantity; one excludes the other'),
    ('d', 1, '12:36', NULL, 1, 'a', 'TG400 reading of the counter "d" (customer_id 1, dimension "a", read_at '
      '2024-03-10T12:36:00Z): it is over five minutes ahead of this server''s clock')) v (counter, reading, at, tags, customer,
        dimension, wanted);
SELECT is(pg_temp.read(counter, reading, '12:00', tags), 'TG400 reading of the counter "' || coalesce(counter, '') || '" (customer_id 1, '
    'dimension "a", read_at 2024-03-10T12:00:00Z): ' || wanted, wanted)
  FROM (VALUES ('d', -0.1, NULL::jsonb, 'the reading is not within 0 and 10^15'),
    ('d', 1e15, NULL, 'the reading is not within 0 and 10^15'), ('d', 'NaN', NULL, 'the reading is not within 0 and 10^15'),
    ('d', 'Infinity', NULL, 'the reading is not within 0 and 10^15'), ('d', NULL, NULL, 'the reading is missing'),
    ('d', 1.0000000001, NULL, 'the reading has more than 9 decimals'),
    ('', 1, NULL, 'the counter''s name is not of 1 to 255 characters'),
    (NULL, 1, NULL, 'the counter''s name is not of 1 to 255 characters'),
    ('d', 1, '{"t": ""}', 'tags is not an object of 1 to 5 tags that AWS takes, such as {"team": "blue"}'))
    v (counter, reading, tags, wanted);
SELECT alike(pg_temp.read(repeat('d', 256), 1, '12:00'), 'TG400%the counter''s name is not of 1 to 255 characters', '256 characters');
SELECT alike(pg_temp.read('d', 1, NULL), 'TG400%read_at is missing', 'a reading needs its time');
SELECT is(said_as('tollgate_app', 'SELECT tollgate.record_reading(1, ''a'', ''d'', 1, ''2024-01-08 12:29:59Z'')') ~
  '^TG400 reading of the counter "d" \(customer_id 1, dimension "a", read_at 2024-01-08T12:29:59Z\): it is older than the '
  'product''s horizon, 62 days', true, 'older than the horizon');
SELECT is(count(*)::int, 0, 'nothing of what was refused is there') FROM tollgate.counter WHERE counter = 'd';
SELECT is(state_as('tollgate_app', statement), '42501', 'tollgate_app may not: ' || statement)
  FROM unnest(ARRAY['SELECT FROM tollgate.counter', 'SELECT FROM tollgate.counter_reading',
    'INSERT INTO tollgate.counter_reading (customer_id) VALUES (1)']) statement;
SELECT is_empty('SELECT FROM tollgate.counter c WHERE (c.last_read_at, c.last_reading) IS DISTINCT FROM
  (SELECT (r.read_at, r.reading) FROM tollgate.counter_reading r WHERE (r.customer_id, r.dimension, r.counter) =
    (c.customer_id, c.dimension, c.counter) ORDER BY r.read_at DESC LIMIT 1)', 'each counter has its newest reading');
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT is(sum(quantity), (SELECT sum(growth) FROM tollgate.counter_reading), 'what is rolled up is what grew')
  FROM tollgate.rollup_line;
-- A procedure that runs for days.
BEGIN;
SELECT lives_ok($$DO 'BEGIN
  PERFORM pg_sleep(1.2);
  PERFORM tollgate.record_reading(1, ''a'', ''slept'', 1, tollgate.ledger_time() + interval ''5 minutes 1 second'');
END'$$, 'what is ahead of the clock is so when it is reported, not when a CALL began');
ROLLBACK;
SELECT is_empty('SELECT tollgate.audit_ledger()', 'the audit finds nothing wrong');

SELECT * FROM finish();
