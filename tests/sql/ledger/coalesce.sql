-- Coalescing: which hours become one record where not all would be sent in time, and what stays apart.
SELECT plan(57);

-- use: rows of usage, rolled up. groups: what the meter would freeze together at so many records an hour.
\set use 'INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, tags)'
\set use :use ' SELECT c, d, q, t::timestamptz, g::jsonb FROM (VALUES '
\set roll ') v (c, d, q, t, g); SELECT rollup_id FROM tollgate.roll_up() \\g /dev/null'
CREATE FUNCTION pg_temp.groups(records_an_hour bigint, until timestamptz DEFAULT NULL, past interval DEFAULT '24 hours',
  month_closes interval DEFAULT '6 hours') RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(min(g.hours_a_record) || ' saves ' || min(g.records_saved) || ': '
      || string_agg(to_char(g.first AT TIME ZONE 'UTC', 'DDHH24') || '-' || to_char(g.last AT TIME ZONE 'UTC', 'DDHH24'),
        ' ' ORDER BY g.last), 'none')
    FROM tollgate.group_hours(past, month_closes, '10 minutes', until, 'us-east-1', records_an_hour) g
$$;
CREATE FUNCTION pg_temp.size(records_an_hour bigint) RETURNS int LANGUAGE sql AS $$
  SELECT max(hours_a_record)
    FROM tollgate.group_hours('24 hours', '6 hours', '10 minutes', NULL, 'us-east-1', records_an_hour)
$$;
CREATE FUNCTION pg_temp.freeze(first timestamptz, last timestamptz, most bigint DEFAULT 2147483647)
  RETURNS text LANGUAGE sql AS $$
  SELECT records || ' ' || units
    FROM tollgate.freeze_hours(first, last, '24 hours', '6 hours', '10 minutes', most, 'us-east-1')
$$;
-- The newest records: those that came after the record with this id.
CREATE FUNCTION pg_temp.records(after bigint) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(string_agg(tap.record(r), E'\n' ORDER BY customer_id, dimension, hour), 'none')
    FROM tollgate.metering_record r WHERE id > after
$$;
CREATE FUNCTION pg_temp.last_id() RETURNS bigint LANGUAGE sql AS
  $$ SELECT coalesce(max(id), 0) FROM tollgate.metering_record $$;

-- ---- whose record it is ----
SELECT is(to_char(tollgate.record_hour(hour, newest, size) AT TIME ZONE 'UTC', 'DD HH24'), wanted, name)
  FROM (VALUES (timestamptz '2024-03-10 11:00Z', timestamptz '2024-03-10 11:00Z', 4, '10 11', 'the newest hour''s is its own'),
    ('2024-03-10 08:00Z', '2024-03-10 11:00Z', 4, '10 11', 'four hours a record: counted back from the newest'),
    ('2024-03-10 07:00Z', '2024-03-10 11:00Z', 4, '10 07', 'then the next four'),
    ('2024-03-10 07:00Z', '2024-03-10 11:00Z', 1, '10 07', 'one hour a record'),
    ('2024-03-09 12:00Z', '2024-03-10 11:00Z', 24, '10 11', 'over the end of a day'),
    ('2024-03-31 12:00Z', '2024-04-01 04:00Z', 24, '31 23', 'not over the end of a month'),
    ('2024-04-01 00:00Z', '2024-04-01 04:00Z', 24, '01 04', 'nor over its beginning'),
    ('2024-02-29 20:00Z', '2024-03-01 04:00Z', 2, '29 21', 'in the month that ended, counted back from its last hour'),
    ('2024-02-29 23:00Z', '2024-03-01 04:00Z', 8, '29 23', 'which has a record'))
    v (hour, newest, size, wanted, name);

-- ---- how many hours ----
SELECT is(pg_temp.groups(1), 'none', 'nothing waits, nothing is frozen');
-- An outage of 20 hours; four keys. The first hour's records AWS takes until the 11th at 00:00: that is 3.75 hours
-- before the margin, and half of it 1.875; the last one's half is 11.375.
SELECT clock('2024-03-10 20:05Z') \g /dev/null
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  SELECT c, d, 2, timestamptz '2024-03-10 00:20Z' + h * interval '1 hour'
    FROM generate_series(1, 2) c, (VALUES ('a'), ('b')) d (d), generate_series(0, 19) h;
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT is(pg_temp.size(NULL), 1, 'never: each hour is frozen by itself, late or not');
SELECT is(pg_temp.groups(8), '1 saves 0: ' || (SELECT string_agg(format('10%1$s-10%1$s', to_char(h, 'FM00')), ' ' ORDER BY h)
  FROM generate_series(0, 19) h), 'so it is when all fits: 80 records in 91');
SELECT is(pg_temp.groups(7), '2 saves 40: ' || (SELECT string_agg(format('10%s-10%s', to_char(h, 'FM00'), to_char(h + 1, 'FM00')),
  ' ' ORDER BY h) FROM generate_series(0, 18, 2) h), 'and not when it does not: 80 in 79.6');
SELECT is(pg_temp.groups(3), '3 saves 52: 1000-1001 1002-1004 1005-1007 1008-1010 1011-1013 1014-1016 1017-1019',
  'as few hours a record as it takes');
SELECT is(pg_temp.groups(1), '12 saves 72: 1000-1007 1008-1019', 'counted back from the newest hour, which has records');
SELECT is(pg_temp.groups(0), '24 saves 76: 1000-1019', 'where nothing would do, all of them');
SELECT is(pg_temp.groups(7, '2024-03-10 05:00Z'), '1 saves 0: 1000-1000 1001-1001 1002-1002 1003-1003 1004-1004',
  '--until: only those hours, and only they have to fit');
SELECT is(pg_temp.groups(0, '2024-03-10 05:00Z'), '6 saves 16: 1000-1004', 'grouped among themselves');
SELECT is(pg_temp.groups(0, past => '1 hour', month_closes => '0'), '1 saves 0: 1019-1019',
  'the edition of 2019 takes one hour: there is nothing to coalesce');

-- What is open goes before.
:use (3, 'a', 1, '2024-03-10 00:40Z', NULL), (3, 'a', 1, '2024-03-10 01:40Z', NULL), (3, 'a', 1, '2024-03-10 02:40Z', NULL),
  (3, 'a', 1, '2024-03-10 03:40Z', NULL), (3, 'a', 1, '2024-03-10 04:40Z', NULL), (3, 'a', 1, '2024-03-10 05:40Z', NULL),
  (3, 'a', 1, '2024-03-10 06:40Z', NULL), (3, 'a', 1, '2024-03-10 07:40Z', NULL), (3, 'a', 1, '2024-03-10 08:40Z', NULL),
  (3, 'a', 1, '2024-03-10 09:40Z', NULL), (3, 'a', 1, '2024-03-10 10:40Z', NULL), (3, 'a', 1, '2024-03-10 11:40Z', NULL) :roll
SELECT is(pg_temp.size(8), 2, 'twelve more: 92 records do not fit');
SELECT f.records FROM generate_series(timestamptz '2024-03-10 00:00Z', '2024-03-10 11:00Z', '1 hour') h,
  tollgate.freeze_records(h, h, '24 hours', '6 hours', '10 minutes', 2147483647, 'us-east-1', ARRAY[3], ARRAY['a'], false) f
  \g /dev/null
SELECT is((SELECT count(*) FROM tollgate.open_record), 12::bigint, 'twelve are open');
SELECT is(pg_temp.size(8), 2, 'they count as well');
UPDATE tollgate.open_record SET deadline = '2024-03-10 20:16Z';
SELECT is(pg_temp.size(8), 2, 'whenever they are due');
SELECT is(pg_temp.size(9), 1, 'but those that are late already do not make others wait');
UPDATE tollgate.open_record SET deadline = '2024-03-10 20:15Z';
SELECT is(pg_temp.size(8), 1, 'what AWS does not take any more does not count');
UPDATE tollgate.open_record SET deadline = '2024-03-10 20:16Z';
UPDATE tollgate.product SET aws_role_arn = 'arn:aws:iam::123456789012:role/r', aws_external_id = 'ext' WHERE product_code = 'q';
SELECT is(pg_temp.size(8), 1, 'another seller account has a quota of its own');
UPDATE tollgate.product SET aws_role_arn = NULL, aws_external_id = NULL WHERE product_code = 'q';
UPDATE tollgate.customer SET metered_region = 'eu-west-1' WHERE id = 3;
SELECT is(pg_temp.size(8), 1, 'so has another region');
UPDATE tollgate.customer SET metered_region = 'us-east-1' WHERE id = 3;

-- ---- what a group becomes ----
SELECT is(pg_temp.freeze('2024-03-10 00:00Z', '2024-03-10 07:00Z'), '4 64', 'eight hours become a record for each key');
SELECT is(pg_temp.records(12), '1 a 10 07 07:20:00 16 0
1 b 10 07 07:20:00 16 0
2 a 10 07 07:20:00 16 0
2 b 10 07 07:20:00 16 0', 'of the last one, with the Timestamp of its latest usage');
SELECT is(pg_temp.freeze('2024-03-10 00:00Z', '2024-03-10 07:00Z'), '0 0', 'once');
SELECT is(pg_temp.freeze('2024-03-10 08:00Z', '2024-03-10 19:00Z'), '4 96', 'and twelve more');
SELECT adds_up('coalesced hours');
SELECT throws_ok(format('SELECT pg_temp.freeze(%L, %L)', first, last), 'TG400', NULL, name)
  FROM (VALUES ('2024-02-29 22:00Z', '2024-03-01 01:00Z', 'a group never crosses the end of a month'),
    ('2024-03-10 19:00Z', '2024-03-10 18:00Z', 'its hours are in their order'),
    ('2024-03-10 18:30Z', '2024-03-10 19:00Z', 'it begins with an hour'),
    ('2024-03-10 18:00Z', '2024-03-10 20:00Z', 'the running hour is in no group')) v (first, last, name);

-- An hour that a key has a record of: late usage of those before is billed hour by hour, as without coalescing.
SELECT clock('2024-04-01 01:05Z') \g /dev/null
:use (1, 'a', 5, '2024-03-31 23:10Z', NULL) :roll
SELECT pg_temp.last_id() AS last \gset
SELECT is(pg_temp.freeze('2024-03-31 23:00Z', '2024-03-31 23:00Z'), '1 5', 'the last hour of a month');
SELECT tollgate.begin_run() \g /dev/null
SELECT answer(pg_temp.last_id(), 'unnamed') \g /dev/null
:use (1, 'a', 7, '2024-03-31 20:10Z', NULL), (1, 'a', 0.5, '2024-03-31 21:10Z', NULL), (1, 'a', 1, '2024-03-31 22:10Z', NULL),
  (1, 'b', 7, '2024-03-31 20:10Z', NULL), (2, 'a', 3, '2024-04-01 00:10Z', NULL) :roll
SELECT is(pg_temp.groups(0), '6 saves 1: 3120-3123 0100-0100', 'the last hour of a month has records of its own');
SELECT is(pg_temp.freeze('2024-03-31 20:00Z', '2024-03-31 23:00Z'), '3 15', 'all of the month that ended is billed in it');
SELECT is(pg_temp.records(:last), '1 a 31 20 20:10:00 7 0
1 a 31 22 22:10:00 1 0.5
1 a 31 23 23:10:00 5 0
1 b 31 23 23:59:59 7 0', 'by the hour where the last one has a record already, be it uncertain');
SELECT is((SELECT count(*) FROM tollgate.open_record WHERE record_id = :last + 1 AND uncertain), 1::bigint, 'that one is untouched');
SELECT adds_up('late usage');

-- Who is ending, more than a record takes, and tags that are too many for one.
SELECT clock('2024-05-10 06:05Z') \g /dev/null
SELECT records FROM tollgate.group_hours('24 hours', '6 hours', '10 minutes', NULL, 'us-east-1', NULL) g,
  tollgate.freeze_hour(g.last, '24 hours', '6 hours', '10 minutes', 2147483647, 'us-east-1') \g /dev/null
SELECT pg_temp.last_id() AS last \gset
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  SELECT 1, 'a', 1, timestamptz '2024-05-10 03:10Z' + h * interval '1 hour' FROM generate_series(0, 2) h
  UNION ALL SELECT 2, 'b', 300000, timestamptz '2024-05-10 03:10Z' + h * interval '1 hour' FROM generate_series(0, 2) h;
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, tags)
  SELECT 3, 'a', 2, timestamptz '2024-05-10 03:10Z' + h * interval '1 hour', jsonb_build_object('k' || h, 'x', 'l' || h, 'y')
    FROM generate_series(0, 2) h
  UNION ALL SELECT 4, 'a', 2.5, timestamptz '2024-05-10 03:10Z' + h * interval '1 hour', jsonb_build_object('k', h::text)
    FROM generate_series(0, 2) h
  UNION ALL SELECT 2, 'a', 300000, timestamptz '2024-05-10 03:10Z' + h * interval '1 hour', jsonb_build_object('k', k)
    FROM (VALUES (0, 'x'), (1, 'x'), (1, 'y'), (2, 'y')) v (h, k);
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT tollgate.begin_ending(1, '2024-05-10 06:01Z') \g /dev/null
SELECT is(pg_temp.freeze('2024-05-10 03:00Z', '2024-05-10 05:00Z', 1000000), '11 2100015', 'keys that stay apart');
SELECT is(pg_temp.records(:last), '1 a 10 03 03:10:00 1 0.5
1 a 10 04 04:10:00 1 0.5
1 a 10 05 05:10:00 1 0.5
2 a 10 03 03:10:00 300000 0
2 a 10 04 04:10:00 600000 0
2 a 10 05 05:10:00 300000 0
2 b 10 05 05:10:00 900000 0
3 a 10 03 03:10:00 2 0
3 a 10 04 04:10:00 2 0
3 a 10 05 05:10:00 2 0
4 a 10 05 05:10:00 6 1.5',
  'by the hour: who is ending, more than AWS''s largest quantity, more keys of tags than AWS takes; fractions are carried');
SELECT is((SELECT string_agg(quantity || ' ' || tags, ', ' ORDER BY tags) FROM tollgate.record_allocation a
  WHERE record_id = (SELECT max(id) FROM tollgate.metering_record WHERE customer_id = 4)),
  '2 {"k": "0"}, 2 {"k": "1"}, 2 {"k": "2"}', 'of tags that fit, a share for each set');
SELECT adds_up('keys apart');

-- Of fractions only whole units make records, in whichever hour they are reached.
CREATE FUNCTION pg_temp.due(size int) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(to_char(deadline AT TIME ZONE 'UTC', 'DD HH24:MI') || ' ' || records, ', ' ORDER BY deadline)
    FROM tollgate.records_due('2024-05-12 00:00Z', '2024-05-12 05:00Z', size, '24 hours', '6 hours', '10 minutes', 'r')
    WHERE NOT is_open
$$;
SELECT clock('2024-05-12 06:05Z') \g /dev/null
SELECT tollgate.write_off_waiting(4, 'a', 'to have none') \g /dev/null
:use (2, 'a', 0.6, '2024-05-12 00:10Z', NULL), (2, 'a', 0.6, '2024-05-12 01:10Z', NULL), (2, 'a', 0.6, '2024-05-12 02:10Z', NULL),
  (2, 'a', 0.6, '2024-05-12 05:10Z', NULL), (2, 'b', -1, '2024-05-12 00:10Z', NULL), (2, 'b', 1.5, '2024-05-12 01:10Z', NULL) :roll
SELECT is(pg_temp.due(1), '13 01:00 1, 13 05:00 1', 'records that are due: of whole units');
SELECT is(pg_temp.due(3), '13 02:00 1, 13 05:00 1', 'and hours together');
UPDATE tollgate.product SET heartbeat = 'a' WHERE product_code = 'q';
SELECT is(pg_temp.due(3), '13 02:00 1, 13 05:00 1', 'a heartbeat: of who was a customer then');
SET session_replication_role = replica;
UPDATE tollgate.customer SET created_at = '2024-05-01' WHERE id IN (3, 4);
SET session_replication_role = DEFAULT;
INSERT INTO tollgate.customer_event (customer_id, kind, happened_at) VALUES (3, 'landed', '2024-05-01'), (4, 'landed', '2024-05-01');
SELECT is(pg_temp.due(3), '13 02:00 3, 13 05:00 3', 'a record for each without usage');
BEGIN;
INSERT INTO tollgate.customer_event (customer_id, kind, happened_at, request_id) VALUES (4, 'ending', '2024-05-11 23:10Z', NULL),
  (4, 'resumed', '2024-05-12 03:10Z', 'r1');
SELECT is(pg_temp.due(3), '13 02:00 2, 13 05:00 3', 'none of the time between an end and a new subscription');
ROLLBACK;
SELECT pg_temp.last_id() AS last \gset
SELECT is(pg_temp.freeze('2024-05-12 00:00Z', '2024-05-12 05:00Z'), '3 2', 'a heartbeat of a group');
SELECT is(pg_temp.records(:last), '2 a 12 05 05:10:00 2 0.4
3 a 12 05 05:59:59 0 0
4 a 12 05 05:59:59 0 0', 'is one of its last hour');
SELECT adds_up('heartbeats');
SELECT clock('2024-06-01 05:05Z') \g /dev/null
UPDATE tollgate.product SET heartbeat = NULL;
:use (2, 'a', 1, '2024-05-31 22:10Z', NULL), (2, 'a', 1, '2024-05-31 23:10Z', NULL), (2, 'a', 1, '2024-06-01 03:10Z', NULL) :roll
SELECT is((SELECT string_agg(to_char(deadline AT TIME ZONE 'UTC', 'DD HH24:MI') || ' ' || records, ', ' ORDER BY deadline)
    FROM tollgate.records_due('2024-05-31 06:00Z', '2024-06-01 04:00Z', 1, '24 hours', '6 hours', '10 minutes', 'r')
    WHERE NOT is_open), '01 06:00 2, 02 03:00 1', 'last month''s are due when AWS closes it');
SELECT f.records FROM tollgate.group_hours('24 hours', '6 hours', '10 minutes', NULL, 'us-east-1', NULL) g,
  tollgate.freeze_hours(g.first, g.last, '24 hours', '6 hours', '10 minutes', 2147483647, 'us-east-1') f \g /dev/null
:use (2, 'a', 1, '2024-06-01 02:10Z', NULL) :roll
SELECT is(pg_temp.size(0), 1, 'what saves no record is not coalesced');

-- ---- late, apart and together ----
SELECT clock('2024-06-10 12:05Z') \g /dev/null
-- The first of them is too much for one record; a unit of theirs waits since the 1st.
:use (2, 'a', 3, '2024-06-09 08:20Z', NULL), (2, 'a', 4, '2024-06-10 10:10Z', NULL), (3, 'a', 2, '2024-06-09 08:20Z', NULL),
  (3, 'a', 1, '2024-06-10 10:10Z', NULL) :roll
SELECT is(records || ' ' || units || ' ' || trim_scale(late), '3 11 6', 'what is late is told of both')
  FROM tollgate.freeze_hours('2024-06-10 09:00Z', '2024-06-10 10:00Z', '24 hours', '6 hours', '10 minutes', 5, 'us-east-1');
SELECT * FROM finish();
