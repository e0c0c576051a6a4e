-- Freezing: what a record of an hour gets, and what is carried.
SELECT plan(88);
-- What is planned from here on takes it for empty.
VACUUM tollgate.metering_record;

-- use: rows of usage, rolled up. at: moves the clock. shown: the newest records.
\set use 'INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, tags)'
\set use :use ' SELECT c, d, q, t::timestamptz, g::jsonb FROM (VALUES '
\set roll ') v (c, d, q, t, g); SELECT rollup_id FROM tollgate.roll_up() \\g /dev/null'
CREATE FUNCTION pg_temp.records(day_hour text) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(tap.record(r), E'\n' ORDER BY customer_id, dimension), 'none')
    FROM tollgate.metering_record r
    WHERE r.hour = ('2024-03-' || day_hour || ':00Z')::timestamptz
$$;
CREATE FUNCTION pg_temp.waits() RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(format('%s %s %s %s', customer_id, dimension, kind, trim_scale(billable)),
    E'\n' ORDER BY customer_id, dimension, kind, billable), 'nothing') FROM tollgate.waiting_line
$$;

-- ---- when ----
:use (1, 'a', 1.5, '2024-03-10 11:20Z', NULL), (1, 'a', 3, '2024-03-10 12:10Z', NULL) :roll
SELECT clock('2024-03-10 12:00:59.9Z') \g /dev/null
SELECT throws_ok('SELECT freeze(''2024-03-10 11:00Z'')', 'TG400', NULL, 'an hour is not over at its end');
SELECT clock('2024-03-10 12:01Z') \g /dev/null
SELECT is(freeze('2024-03-10 11:00Z'), '1 1', 'an hour is over one minute after its end');
SELECT throws_ok(format('SELECT freeze(%L)', hour), 'TG400', NULL, name)
  FROM (VALUES ('2024-03-10 12:00Z', 'the running hour is never frozen'),
    ('2024-03-10 13:00Z', 'nor one to come'),
    ('2024-03-10 10:30Z', 'an hour begins at its start')) v (hour, name);

-- ---- what ----
SELECT is(pg_temp.records('10 11'), '1 a 10 11 11:20:00 1 0.5', 'whole units are frozen');
SELECT is(lines || ' ' || units, '1 1.5', 'a record keeps the number and sum of its lines')
  FROM tollgate.metering_record;
SELECT is(pg_temp.waits(), '1 a carry 0.5
1 a usage 3', 'the fraction is carried');
SELECT is(deadline, '2024-03-11 11:20Z', 'until when AWS takes it') FROM tollgate.open_record;
SELECT is(freeze('2024-03-10 11:00Z'), '0 0', 'an hour that is frozen stays as it is');
SELECT clock('2024-03-10 13:01Z') \g /dev/null
:use (1, 'a', 0.75, '2024-03-10 12:50:59.999999Z', NULL), (2, 'a', 0.5, '2024-03-10 12:00Z', NULL) :roll
SELECT is(freeze('2024-03-10 12:00Z'), '1 4', 'a fraction joins the next record of its key');
SELECT is(pg_temp.records('10 12'), '1 a 10 12 12:50:59 4 0.25',
  'the Timestamp is that of the latest event of the hour, in whole seconds, never rounded up');
SELECT is(pg_temp.waits(), '1 a carry 0.25
2 a usage 0.5', 'lines that make no whole unit wait');
SELECT clock('2024-03-10 14:01Z') \g /dev/null
SELECT is(freeze('2024-03-10 13:00Z'), '0 0', 'and make no record of their own');
:use (2, 'a', 0.6, '2024-03-10 12:59:59.999Z', NULL) :roll
SELECT is(freeze('2024-03-10 13:00Z'), '1 1', 'with or without usage of that hour');
SELECT is(pg_temp.records('10 13'), '2 a 10 13 13:59:59 1 0.1',
  'without an event of its own hour, the Timestamp is the hour''s last second');
SELECT is_empty('SELECT tollgate.audit_ledger()', 'the audit finds nothing wrong');

-- ---- late usage ----
SELECT clock('2024-03-10 16:01Z') \g /dev/null
:use (1, 'a', 5, '2024-03-10 12:30Z', NULL), (1, 'a', 6, '2024-03-10 13:30Z', NULL), (1, 'b', 7, '2024-03-10 11:30Z',
  NULL) :roll
SELECT is(freeze(hour), wanted, name)
  FROM (VALUES (timestamptz '2024-03-10 11:00Z', '1 7',
    'usage bills in its own hour, where that is not frozen for its key'),
    ('2024-03-10 12:00Z', '0 0', 'a frozen hour takes no more'),
    ('2024-03-10 13:00Z', '1 11', 'late usage bills in the first later hour that is not frozen'),
    ('2024-03-10 14:00Z', '0 0', 'and once')) v (hour, wanted, name);
SELECT is(pg_temp.records('10 13'), '1 a 10 13 13:30:00 11 0.25
2 a 10 13 13:59:59 1 0.1', 'with the Timestamp of that hour''s usage, not of the late one');

-- ---- negative ----
:use (1, 'b', 10, '2024-03-10 14:10Z', NULL), (1, 'b', -3, '2024-03-10 14:20Z', NULL), (2, 'b', -4.5,
  '2024-03-10 14:20Z', NULL) :roll
SELECT is(freeze('2024-03-10 14:00Z'), '1 7', 'a correction lowers the record of its hour');
:use (1, 'b', -30, '2024-03-10 14:30Z', NULL), (2, 'b', 3, '2024-03-10 15:20Z', NULL) :roll
SELECT is(freeze('2024-03-10 15:00Z'), '0 0', 'below zero nothing is frozen, and nothing is forgotten');
SELECT clock('2024-03-10 17:01Z') \g /dev/null
:use (1, 'b', 32, '2024-03-10 16:00Z', NULL), (2, 'b', 2.75, '2024-03-10 16:20Z', NULL) :roll
SELECT is(freeze('2024-03-10 16:00Z'), '2 3', 'it is taken off what comes later');
SELECT is(pg_temp.records('10 16'), '1 b 10 16 16:00:00 2 0
2 b 10 16 16:20:00 1 0.25', 'to the last decimal');
SELECT is_empty('SELECT tollgate.audit_ledger()', 'the audit finds nothing wrong');

-- ---- more than AWS takes ----
SELECT clock('2024-03-10 20:01Z') \g /dev/null
:use (1, 'a', 5000000000.5, '2024-03-10 17:10Z', NULL) :roll
SELECT is(freeze('2024-03-10 17:00Z'), '1 2147483647',
  'a quantity above AWS''s largest is not truncated, and not split into a duplicate');
SELECT is(freeze('2024-03-10 18:00Z'), '1 2147483647', 'a carry makes a record though nothing else was used');
SELECT is(freeze('2024-03-10 19:00Z'), '1 705032706', 'until all of it is billed');
SELECT is(trim_scale(carried), 0.75, 'the fraction still waits') FROM tollgate.metering_record
  WHERE hour = '2024-03-10 19:00Z' AND customer_id = 1;
:use (2, 'a', 2500000, '2024-03-10 19:10Z', NULL) :roll
SELECT is(freeze('2024-03-10 19:00Z', most => 1000000), '1 1000000', 'the edition of 2019 takes a million');
SELECT is_empty('SELECT tollgate.audit_ledger()', 'the audit finds nothing wrong');

-- ---- tags ----
CREATE FUNCTION pg_temp.shares(day_hour text) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(a.quantity || ' ' || a.tags, E'\n' ORDER BY a.tags::text), 'none')
    FROM tollgate.metering_record r JOIN tollgate.record_allocation a ON a.record_id = r.id
    WHERE r.hour = ('2024-03-' || day_hour || ':00Z')::timestamptz AND r.customer_id = 3
$$;
SELECT clock('2024-03-12 00:01Z') \g /dev/null
:use (3, 'a', 1.9, '2024-03-11 01:00Z', '{"t": "x"}'), (3, 'a', 2.8, '2024-03-11 01:20Z', '{"t": "y"}'), (3, 'a', 3.7,
  '2024-03-11 01:00Z', NULL), (3, 'a', 0.6, '2024-03-11 01:00Z', '{"t": "z"}'), (3, 'a', -2, '2024-03-11 01:00Z',
    '{"u": "z"}') :roll
SELECT is(freeze('2024-03-11 00:00Z'), '1 1500000', 'an excess goes on over a day''s end');
SELECT is(freeze('2024-03-11 01:00Z'), '1 6', 'the quantity is the sum of each set''s whole units');
SELECT is(pg_temp.records('11 01'), '3 a 11 01 01:20:00 6 1', 'with the Timestamp of the latest event of any set');
SELECT is(pg_temp.shares('11 01'), '1 {"t": "x"}
2 {"t": "y"}
3 {}', 'shared out among the sets; what has no tags too');
SELECT is(pg_temp.waits(), '1 a carry 0.75
2 a carry 0.1
2 b carry 0.25
3 a carry -2
3 a carry 0.6
3 a carry 0.7
3 a carry 0.8
3 a carry 0.9', 'each set carries its own: a fraction, and what is below zero');
:use (3, 'a', 0.3, '2024-03-11 02:00Z', '{"t": "y"}'), (3, 'a', 1, '2024-03-11 02:00Z', '{"u": "z"}') :roll
SELECT is(freeze('2024-03-11 02:00Z'), '1 1', 'sets are not added up with each other');
SELECT is(pg_temp.shares('11 02'), '1 {"t": "y"}', 'nor taken off each other');
:use (4, 'a', 2, '2024-03-11 02:00Z', NULL), (4, 'a', 0.9, '2024-03-11 02:00Z', '{"u": "z"}') :roll
SELECT is(freeze('2024-03-11 02:00Z'), '1 2', 'a set without a whole unit');
SELECT is_empty($$SELECT FROM tollgate.record_allocation a JOIN tollgate.metering_record r ON r.id = a.record_id
  WHERE r.customer_id = 4$$, 'is no reason to share out the rest');
SELECT is_empty('SELECT tollgate.audit_ledger()', 'the audit finds nothing wrong');

-- AWS's largest quantity, over several sets.
:use (3, 'a', 2147483000, '2024-03-11 03:00Z', '{"t": "x"}'), (3, 'a', 2147483000, '2024-03-11 03:00Z',
  '{"t": "y"}') :roll
SELECT is(freeze('2024-03-11 03:00Z'), '1 2147483647', 'all sets together have AWS''s largest quantity');
SELECT is(freeze('2024-03-11 04:00Z'), '1 2147482353', 'what is left of each is carried');
SELECT is(freeze('2024-03-11 05:00Z'), '0 0', 'and billed once');

-- 2,500 allocations.
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, tags)
  SELECT 3, 'a', 1, h::timestamptz, jsonb_build_object('t', n::text)
    FROM generate_series(1, 2600) n, (VALUES ('2024-03-11 06:00Z'), ('2024-03-11 07:00Z')) v (h);
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT is(freeze('2024-03-11 06:00Z'), '1 2500', 'at most 2,500 allocations');
CREATE TEMP TABLE left_out AS SELECT tags FROM tollgate.waiting_line
  WHERE kind = 'carry' AND billable = 1 AND customer_id = 3;
SELECT is(count(*)::int, 100, 'the other sets are carried') FROM left_out;
SELECT is(freeze('2024-03-11 07:00Z'), '1 2600', 'and come first in the next record');
SELECT is(count(*) || ' ' || sum(a.quantity), '100 200', 'with what they had')
  FROM tollgate.record_allocation a JOIN tollgate.metering_record r ON r.id = a.record_id
    JOIN left_out USING (tags) WHERE r.hour = '2024-03-11 07:00Z';
SELECT is(freeze('2024-03-11 08:00Z'), '1 100', 'until all is billed');
SELECT is_empty('SELECT * FROM tollgate.audit_balance() WHERE difference <> 0',
  'the law holds for each of 2,600 sets of tags');

-- 5 keys.
:use (3, 'a', 1, '2024-03-11 09:00Z', '{"a": "1", "b": "1", "c": "1"}'), (3, 'a', 1, '2024-03-11 09:00Z',
  '{"d": "1", "e": "1"}'), (3, 'a', 1, '2024-03-11 09:00Z', '{"f": "1", "g": "1", "h": "1"}'), (3, 'a', 5,
    '2024-03-11 09:00Z', NULL) :roll
SELECT freeze('2024-03-11 09:00Z') \g /dev/null
SELECT cmp_ok(count(DISTINCT k)::int, '<=', 5, 'at most five different keys in a record')
  FROM tollgate.metering_record r JOIN tollgate.record_allocation a ON a.record_id = r.id,
    jsonb_object_keys(a.tags) k WHERE r.hour = '2024-03-11 09:00Z';
SELECT freeze('2024-03-11 10:00Z') \g /dev/null
SELECT is(sum(quantity), 8::numeric, 'what has others waits for the next')
  FROM tollgate.metering_record WHERE hour IN ('2024-03-11 09:00Z', '2024-03-11 10:00Z');

-- 900 kB.
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, tags)
  SELECT 3, 'a', 1, '2024-03-11 11:00Z', jsonb_build_object(repeat('k', 100), lpad(n::text, 256, 'v'),
      repeat('l', 100), lpad(n::text, 256, 'v'), repeat('m', 100), lpad(n::text, 256, 'v'),
      repeat('n', 100), lpad(n::text, 256, 'v'), repeat('o', 100), lpad(n::text, 256, 'v'))
    FROM generate_series(1, 600) n;
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT is(freeze('2024-03-11 11:00Z'), '1 459', 'as many sets as have 900 kB of JSON');
SELECT cmp_ok(octet_length(json_agg(json_build_object('AllocatedUsageQuantity', 2147483647, 'Tags',
    (SELECT json_agg(json_build_object('Key', key, 'Value', value)) FROM jsonb_each_text(a.tags))))::text),
    '<', 930000, 'which is less than 1 MB as it is sent')
  FROM tollgate.metering_record r JOIN tollgate.record_allocation a ON a.record_id = r.id
  WHERE r.hour = '2024-03-11 11:00Z';
SELECT is(freeze('2024-03-11 12:00Z'), '1 141', 'the rest in the next record');
SELECT is(tollgate.fit_tags(ARRAY['{"a": "1", "b": "1", "c": "1"}', '{"d": "1", "e": "1", "f": "1"}',
  '{"a": "2", "d": "1"}', '{"e": "1"}', '{"f": "1"}', '{}']::jsonb[]),
  '{t,f,t,t,f,t}'::boolean[], 'a set is left out if it brings a sixth key, a later one may fit');
SELECT is_empty('SELECT tollgate.audit_ledger()', 'the audit finds nothing wrong');

-- ---- which hours AWS still accepts ----
CREATE FUNCTION pg_temp.limits(at timestamptz, hour timestamptz, used_at timestamptz, past interval,
  closes interval) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  said text;
BEGIN
  PERFORM tap.clock(at);
  INSERT INTO tollgate.rollup_line (kind, rollup_id, customer_id, dimension, tags, used_hour,
      last_used_at, events, quantity, billable)
    VALUES ('usage', 1, 2, 'a', '{}', tollgate.hour_of(used_at), used_at, 1, 1, 1);
  PERFORM tap.freeze(hour, past, closes);
  SELECT to_char(r.used_at AT TIME ZONE 'UTC', 'MI:SS') || ' ' ||
      to_char(o.deadline AT TIME ZONE 'UTC', 'DD HH24:MI:SS') INTO said
    FROM tollgate.metering_record r JOIN tollgate.open_record o ON o.record_id = r.id
    WHERE r.hour = limits.hour AND r.customer_id = 2;
  RAISE EXCEPTION USING ERRCODE = '00ROK', MESSAGE = coalesce(said, 'waits');
EXCEPTION
  WHEN SQLSTATE '00ROK' THEN RETURN SQLERRM;
END
$$;
SELECT is(pg_temp.limits(at, hour, used_at, past, closes), wanted, name) FROM (VALUES
  (timestamptz '2024-05-11 12:15Z', timestamptz '2024-05-10 12:00Z', timestamptz '2024-05-10 12:25:01Z',
    interval '24 hours', interval '6 hours', '25:01 11 12:25:01', 'ten minutes before the window''s end'),
  ('2024-05-11 12:15Z', '2024-05-10 12:00Z', '2024-05-10 12:25:00Z', '24 hours', '6 hours',
    '59:59 11 12:59:59', 'later than that, with the hour''s last second'),
  ('2024-05-11 12:49:59Z', '2024-05-10 12:00Z', '2024-05-10 12:25:00Z', '24 hours', '6 hours', 'waits',
    'not frozen if AWS would not take it any more: it waits for the next hour'),
  ('2024-05-11 12:49:58Z', '2024-05-10 12:00Z', '2024-05-01 12:25Z', '24 hours', '6 hours', '59:59 11 12:59:59',
    'usage as old as the horizon bills in the oldest hour that AWS accepts'),
  ('2024-06-01 05:49:59Z', '2024-05-31 23:00Z', '2024-05-31 23:30Z', '24 hours', '6 hours', '30:00 01 06:00:00',
    'last month, ten minutes before it closes at 06:00 UTC on the 1st'),
  ('2024-06-01 05:50Z', '2024-05-31 23:00Z', '2024-05-31 23:30Z', '24 hours', '6 hours', 'waits',
    'last month is closed then'),
  ('2024-06-01 05:50Z', '2024-06-01 00:00Z', '2024-05-31 23:30Z', '24 hours', '6 hours', '59:59 02 00:59:59',
    'its usage bills in this month'),
  ('2024-06-01 00:05Z', '2024-05-31 23:00Z', '2024-05-31 23:30Z', '1 hour', '0', '30:00 01 00:30:00',
    'the edition of 2019 knows no month''s end'),
  ('2024-05-10 13:05Z', '2024-05-10 12:00Z', '2024-05-10 12:16Z', '1 hour', '0', '16:00 10 13:16:00',
    'its window is one hour'),
  ('2024-05-10 13:05Z', '2024-05-10 12:00Z', '2024-05-10 12:02Z', '1 hour', '0', '59:59 10 13:59:59',
    'an hour with early usage only is billed all the same'),
  ('2024-05-10 13:50Z', '2024-05-10 12:00Z', '2024-05-10 12:59Z', '1 hour', '0', 'waits',
    'and not after its window')) v (at, hour, used_at, past, closes, wanted, name);

-- The meter's list of hours, by its own statement.
\set list `cat ../../sql/queries/meter/list_hours.sql`
PREPARE list AS :list
CREATE FUNCTION pg_temp.hours(at timestamptz, seconds text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  hour timestamptz;
  hours text[] := '{}';
BEGIN
  PERFORM tap.clock(at);
  FOR hour IN EXECUTE format('EXECUTE list(%s, NULL, ''r'', NULL)', seconds) LOOP
    hours := hours || to_char(hour AT TIME ZONE 'UTC', 'DD HH24');
  END LOOP;
  RETURN concat_ws(' ', hours[1], hours[cardinality(hours)], cardinality(hours));
END
$$;
SELECT is(pg_temp.hours(at, seconds), wanted, name)
  FROM (VALUES (1, timestamptz '2024-05-11 12:15Z', '86400, 21600, 600', '10 12 11 11 24', 'hours: the day before'),
    (2, '2024-05-11 12:00:59Z', '86400, 21600, 600', '10 12 11 10 23', 'hours: only those that are over'),
    (3, '2024-06-01 05:49:59Z', '86400, 21600, 600', '31 05 01 04 24', 'hours: of last month until 05:50'),
    (4, '2024-06-01 05:50Z', '86400, 21600, 600', '01 00 01 04 5', 'hours: then of this one'),
    (5, '2024-06-01 05:50Z', '86400, 0, 600', '31 06 01 04 23', 'hours: an edition that knows no month''s end'),
    (6, '2024-05-10 13:05Z', '3600, 0, 600', '10 12 10 12 1', 'hours: of the edition of 2019'))
    v (n, at, seconds, wanted, name)
  ORDER BY n;

-- ---- who ----
SELECT clock('2024-05-10 13:05Z') \g /dev/null
INSERT INTO tollgate.customer (product_code, license_arn, metered_by) VALUES ('q', 'arn:l-5', 'license');
UPDATE tollgate.product SET aws_role_arn = 'arn:aws:iam::123456789012:role/r', aws_external_id = 'ext',
  aws_region = 'eu-west-1' WHERE product_code = 'q';
UPDATE tollgate.customer SET metered_region = NULL WHERE id = 4; -- as before the first record
:use (1, 'a', 1, '2024-05-10 12:00Z', NULL), (3, 'a', 1, '2024-05-10 12:00Z', NULL), (4, 'a', 1, '2024-05-10 12:00Z',
  NULL), (5, 'a', 1, '2024-05-10 12:00Z', NULL) :roll
SELECT freeze('2024-05-10 12:00Z') \g /dev/null
SELECT is(string_agg(concat_ws(' ', customer_id, product_code, metered_by, customer_identifier,
    customer_aws_account_id, license_arn, aws_role_arn, aws_external_id, aws_region), E'\n'
    ORDER BY customer_id), '1 p customer_identifier i1 us-east-1
3 q license 333 arn:l-3 arn:aws:iam::123456789012:role/r ext us-east-1
4 q account 444 arn:aws:iam::123456789012:role/r ext eu-west-1',
    'identity shape, seller account and region are frozen; a customer who had a record keeps the region')
  FROM tollgate.metering_record WHERE hour = '2024-05-10 12:00Z' AND quantity = 1 AND customer_id <> 2;
SELECT is(billable, 1::numeric, 'a customer whose identity AWS would not take waits')
  FROM tollgate.waiting_line WHERE customer_id = 5;
UPDATE tollgate.customer SET customer_aws_account_id = '555' WHERE id = 5;
UPDATE tollgate.product SET aws_role_arn = NULL, aws_external_id = NULL, aws_region = NULL;
SELECT is(freeze('2024-05-10 12:00Z'), '1 1', 'until it is complete');
SELECT is(count(*)::int, 1, 'what is frozen does not change with its product') FROM tollgate.metering_record
  WHERE aws_region = 'eu-west-1' AND hour = '2024-05-10 12:00Z';

-- ---- the check ----
SELECT lives_ok('SELECT tollgate.check_freeze(0)', 'all records add up');
CREATE FUNCTION pg_temp.tampered(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  SET LOCAL session_replication_role = replica; -- without the triggers that refuse it
  EXECUTE statement;
  PERFORM tollgate.check_freeze(0);
  RAISE EXCEPTION USING ERRCODE = '00ROK';
EXCEPTION
  WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;
SELECT is(pg_temp.tampered(statement), 'TG500', 'a record that does not add up is refused: ' || name)
  FROM (VALUES ('a carry is missing',
      'DELETE FROM tollgate.rollup_line WHERE kind = ''carry'' AND origin_record_id = 1'),
    ('a line is missing', 'DELETE FROM tollgate.record_line WHERE record_id = 1'),
    ('a share is larger', 'UPDATE tollgate.record_allocation SET quantity = quantity + 1 WHERE quantity = 2'),
    ('one set pays for another', 'UPDATE tollgate.record_allocation SET quantity = 3 - quantity WHERE quantity IN (1, 2)
      AND record_id = (SELECT id FROM tollgate.metering_record
        WHERE hour = ''2024-03-11 01:00Z'' AND customer_id = 3)'))
    v (name, statement);

-- ---- cost ----
-- A freeze of 100,000 keys carries as many lines; the plan for them may be one of when there was no record.
BEGIN;
-- What this session has not reported yet counts too.
SELECT seq_scan + idx_scan AS before FROM pg_stat_xact_user_tables WHERE relname = 'metering_record' \gset
INSERT INTO tollgate.rollup_line (kind, origin_record_id, customer_id, dimension, tags, used_hour, last_used_at, events,
    quantity, billable)
  SELECT 'carry', 1000000 + n, 1, 'a', '{}', '2024-05-10 11:00Z', '2024-05-10 11:00Z', 0, 0.5, 0.5 FROM generate_series(1, 100) n;
SELECT seq_scan + idx_scan - :before AS searches FROM pg_stat_xact_user_tables WHERE relname = 'metering_record' \gset
ROLLBACK;
SELECT is(:searches, 0, 'no record is searched for a line that is carried');

-- ---- late ----
:use (2, 'b', 2.5, '2024-05-09 12:30Z', NULL), (2, 'b', 4, '2024-05-09 14:30Z', NULL) :roll
SELECT is(trim_scale(f.late), 2.5, 'it tells how much usage is of an hour that AWS does not take any more')
  FROM tollgate.freeze_hour('2024-05-10 11:00Z', '24 hours', '6 hours', '10 minutes', 2147483647, 'r') f;
SELECT is_empty('SELECT tollgate.audit_ledger()', 'the audit finds nothing wrong');

SELECT * FROM finish();
