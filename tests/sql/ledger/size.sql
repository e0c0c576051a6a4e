-- What grows with the size of the ledger: the rows that a statement reads, counted at one size, against what
-- a cost for each pair of rows would be. No clock.
SELECT plan(19);

-- Rows of a table and entries of its indexes that were read so far: within a transaction the difference counts.
CREATE FUNCTION pg_temp.rows_read(of_table regclass) RETURNS bigint LANGUAGE sql AS $$
  SELECT sum(pg_stat_get_xact_tuples_returned(r) + pg_stat_get_xact_tuples_fetched(r))
    FROM (SELECT of_table::oid UNION ALL SELECT indexrelid FROM pg_index WHERE indrelid = of_table) o (r)
$$;
\set begin 'BEGIN; SELECT pg_temp.rows_read(:table) AS before \\gset'
\set read '(pg_temp.rows_read(:table) - :before)'
-- The most rows that a step of a statement's plan gave.
CREATE FUNCTION pg_temp.most_rows(statement text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ' || statement INTO plan;
  RETURN (SELECT max((step->>'Actual Rows')::bigint * (step->>'Actual Loops')::bigint)
    FROM jsonb_path_query(plan::jsonb, '$.** ? (exists(@."Actual Loops"))') step);
END
$$;
CREATE FUNCTION pg_temp.use(at timestamptz, quantity numeric) RETURNS void LANGUAGE sql AS $$
  INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
    SELECT c.id, 'a', quantity, at FROM tollgate.customer c WHERE c.product_code = 'size'
$$;
INSERT INTO tollgate.product (product_code, name) VALUES ('size', 'S');
INSERT INTO tollgate.dimension (product_code, dimension) VALUES ('size', 'a'), ('size', 'b');
INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by, created_at)
  SELECT 'size', 'size-' || n, 'customer_identifier', '2024-01-01Z' FROM generate_series(1, 300) n;
INSERT INTO tollgate.customer_event (customer_id, kind, happened_at)
  SELECT id, 'landed', created_at FROM tollgate.customer WHERE product_code = 'size';

-- ---- hours that came since the last ANALYZE, of which the planner expects no record ----

\set table '\'tollgate.metering_record\''
SELECT pg_temp.use('2024-03-10 06:10Z', 1), pg_temp.use('2024-03-10 07:10Z', 1) \g /dev/null
SELECT FROM tollgate.roll_up() \g /dev/null
SELECT freeze('2024-03-10 06:00Z'), freeze('2024-03-10 07:00Z') \g /dev/null
ANALYZE;
SELECT pg_temp.use('2024-03-10 08:10Z', 1) \g /dev/null
SELECT FROM tollgate.roll_up() \g /dev/null
SELECT freeze('2024-03-10 08:00Z') \g /dev/null
SELECT pg_temp.use('2024-03-10 08:20Z', 1) \g /dev/null
SELECT FROM tollgate.roll_up() \g /dev/null
:begin
SELECT freeze('2024-03-10 08:00Z') \g /dev/null
SELECT cmp_ok(:read, '<', 3000::bigint,
  'whether each of 300 keys has its record already reads no others');
COMMIT;
:begin
SELECT FROM tollgate.freeze_hours('2024-03-10 07:00Z', '2024-03-10 08:00Z', '24 hours', '6 hours', '10 minutes', 2147483647,
  'us-east-1') \g /dev/null
SELECT cmp_ok(:read, '<', 6000::bigint, 'nor does it where hours are coalesced');
COMMIT;
UPDATE tollgate.product SET heartbeat = 'b' WHERE product_code = 'size';
SELECT freeze('2024-03-10 09:00Z') \g /dev/null
:begin
SELECT freeze('2024-03-10 09:00Z') \g /dev/null
SELECT cmp_ok(:read, '<', 3000::bigint,
  'which of 300 customers have no record yet for the heartbeat is read once for all of them');
COMMIT;
-- 300 customers, 3 hours; one of the customers was away for four years.
INSERT INTO tollgate.customer_event (customer_id, kind, happened_at, request_id)
  SELECT max(id), kind, at::timestamptz, request
    FROM tollgate.customer, (VALUES ('ending', '2020-03-02Z', NULL), ('resumed', '2024-03-02Z', 'r')) e (kind, at, request)
    WHERE product_code = 'size' GROUP BY kind, at, request ORDER BY kind;
SELECT cmp_ok(pg_temp.most_rows($$SELECT * FROM tollgate.records_due('2024-03-10 08:00Z', '2024-03-10 10:00Z', 1, '24 hours',
    '6 hours', '10 minutes', 'us-east-1')$$), '<', 3000::bigint,
  'how many records a heartbeat would make asks for no hour of a time away but those that are frozen');
UPDATE tollgate.product SET heartbeat = NULL WHERE product_code = 'size';

\set table '\'tollgate.waiting_line\''
-- ---- retention, where a fraction of each customer's waits for ever ----

INSERT INTO tollgate.metering_result (record_id, outcome, settled_at)
  SELECT record_id, 'billed', tollgate.ledger_time() FROM tollgate.open_record;
-- Of each of five roll-ups.
SELECT $$SELECT pg_temp.use('2024-03-10 12:10Z', 0.1)$$, 'SELECT FROM tollgate.roll_up()' FROM generate_series(1, 5) \gexec
UPDATE tollgate.product SET horizon = '1 day' WHERE product_code = 'size';
SELECT clock('2024-03-14 12:30Z') \g /dev/null
:begin
SELECT is(rollups || ' ' || events, '8 2700', 'all are dropped') FROM tollgate.drop_old_usage();
SELECT cmp_ok(:read, '<', 3000::bigint, 'and 1500 lines that wait are read once, not for each roll-up');
COMMIT;

\set table '\'tollgate.usage_event\''
-- While a transaction that adds usage is open for long.
SELECT clock('2024-03-14 12:30Z') \g /dev/null
BEGIN;
SELECT pg_temp.use('2024-03-14 11:10Z', 0.001) \g /dev/null
PREPARE TRANSACTION 'size';
SELECT $$SELECT pg_temp.use('2024-03-14 11:10Z', 0.001)$$, 'SELECT FROM tollgate.roll_up()' FROM generate_series(1, 40) \gexec
COMMIT PREPARED 'size';
SELECT FROM tollgate.roll_up() \g /dev/null
SELECT clock('2024-03-18 12:30Z') \g /dev/null
ANALYZE tollgate.usage_event;
:begin
SELECT is(rollups || ' ' || events, '41 12300', 'usage of a time in which a transaction was open is dropped')
  FROM tollgate.drop_old_usage();
SELECT cmp_ok(:read, '<', 90000::bigint,
  'and each of 12300 events is read for its own roll-up');
COMMIT;

-- ---- a ledger that is adopted, where the fractions that wait are of many hours ----

SELECT clock('2024-04-20 12:30Z') \g /dev/null
UPDATE tollgate.product SET horizon = '62 days', usage_dropped_until = NULL WHERE product_code = 'size';
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  SELECT c.id, 'b', 0.5, timestamptz '2024-04-20 10:10Z' - c.id * interval '1 hour' FROM tollgate.customer c
    WHERE c.product_code = 'size';
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  SELECT max(c.id), 'b', 1, timestamptz '2024-04-20 10:10Z' FROM tollgate.customer c WHERE c.product_code = 'size';
SELECT FROM tollgate.roll_up() \g /dev/null
SELECT count(*) AS lines FROM tollgate.waiting_line \gset
\set table '\'tollgate.waiting_line\''
:begin
SELECT is(unknown || ' ' || unknown_units, '1 1', 'whole units become unknown')
  FROM tollgate.give_up_gap('2024-04-20 12:00Z');
SELECT cmp_ok(:read, '<', 50 * :lines::bigint, 'and what waits is not read for each hour of the fractions');
COMMIT;
SELECT adds_up('the size of the ledger');

-- ---- the first readings of all, in one transaction ----

SELECT max(id) AS id FROM tollgate.customer WHERE product_code = 'size' \gset
\set table '\'tollgate.counter_reading\''
:begin
SELECT is(sum(tollgate.record_reading(:id, 'b', 'c', n, timestamptz '2024-04-20 08:00Z' + n * interval '1 second')),
  399::numeric, '400 readings grow by what is between the first and the last') FROM generate_series(1, 400) n;
SELECT cmp_ok(:read, '<', 4000::bigint, 'and none is looked for among all others');
COMMIT;

-- ---- psql's short names ----

\i ../../sql/psqlrc
\set QUIET 1
\pset format unaligned
SET search_path = tap, public;
INSERT INTO tollgate.product (product_code, name) SELECT 'size-' || n, 'S' FROM generate_series(1, 10) n;
\set table '\'tollgate.customer\''
:begin
\o /dev/null
:products
\o
SELECT cmp_ok(:read, '<', 1000::bigint, ':products reads 304 customers once, not for each product');
COMMIT;
\set table '\'tollgate.customer_event\''
:begin
SET LOCAL enable_seqscan = off; -- as of a table that is not as small as this one
\o /dev/null
:customers
\o
SELECT cmp_ok(:read, '<', 150::bigint, ':customers looks up what became of the fifty that it shows, of 304');
COMMIT;

-- ---- an end, of one of 300 customers whose end was taken back before ----

BEGIN;
INSERT INTO tollgate.customer_event (customer_id, kind, happened_at)
  SELECT id, kind, '2024-04-19Z' FROM tollgate.customer, (VALUES (1, 'ending'), (2, 'resumed')) e (n, kind)
    WHERE product_code = 'size' ORDER BY n;
SELECT pg_temp.rows_read(:table) AS before \gset
SELECT tollgate.begin_ending(:id) \g /dev/null
SELECT :read AS events_read \gset
ROLLBACK;
SELECT cmp_ok(:events_read::bigint, '<', 30::bigint, 'an end reads that customer''s ends, and no others');

-- ---- the queue, of which the planner knows that it is empty, as it is between two runs ----

\set table '\'tollgate.open_record\''
\set order `cat ../../sql/queries/meter/read_in_order.sql`
\set next `cat ../../sql/queries/meter/next_records.sql`
SELECT run_id AS run FROM tollgate.begin_run() \gset
SELECT pg_temp.use('2024-04-20 05:10Z', 1), pg_temp.use('2024-04-20 06:10Z', 1) \g /dev/null
SELECT FROM tollgate.roll_up() \g /dev/null
SELECT freeze('2024-04-20 05:00Z'), freeze('2024-04-20 06:00Z') \g /dev/null
BEGIN;
CREATE TEMP TABLE queue AS TABLE tollgate.open_record;
DELETE FROM tollgate.open_record;
ANALYZE tollgate.open_record;
INSERT INTO tollgate.open_record TABLE queue;
SELECT cmp_ok(count(*), '>', 500::bigint, 'more than a few records are open') FROM queue;
:order \g /dev/null
PREPARE next AS :next
SET LOCAL plan_cache_mode = force_generic_plan;
SELECT pg_temp.rows_read(:table) AS before \gset
EXECUTE next('-infinity', 0, 20, NULL, 600, 100000, false, NULL, NULL) \g /dev/null
SELECT cmp_ok(:read, '<', 100::bigint, 'a page of 20 reads no more than that');
SELECT set_config('enable_sort', 'on', true), set_config('enable_bitmapscan', 'on', true) \g /dev/null
SELECT jsonb_build_array(jsonb_agg(record_id)) AS calls FROM (SELECT record_id FROM queue LIMIT 20) q \gset
SELECT pg_temp.rows_read(:table) AS before \gset
SELECT tollgate.begin_calls(:run, :'calls') \g /dev/null
SELECT cmp_ok(:read, '<', 200::bigint, 'and a call of 20 looks for these');
ROLLBACK;
SELECT * FROM finish();
