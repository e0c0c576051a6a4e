-- What people do about records that were not billed: each repair takes a reason, leaves an audit row,
-- and the law holds after it.
SELECT plan(105);

INSERT INTO tollgate.customer (product_code, customer_identifier, metered_by)
  SELECT 'p', 'c' || n, 'customer_identifier' FROM generate_series(5, 20) n;
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  SELECT id, 'a', id, '2024-03-10 11:20Z' FROM tollgate.customer WHERE id > 4;
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, tags) VALUES
  (1, 'a', 3, '2024-03-10 11:10Z', '{"t": "x"}'), (1, 'a', 4, '2024-03-10 11:10Z', '{"t": "y"}'),
  (1, 'a', 5.5, '2024-03-10 11:10Z', NULL), (2, 'a', 2, '2024-03-10 11:10Z', '{"t": "x"}');
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT freeze('2024-03-10 11:00Z') \g /dev/null
SELECT run_id FROM tollgate.begin_run() \g /dev/null

-- What stands in the audit of people's work, newest first.
CREATE FUNCTION pg_temp.noted() RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws('; ', action, customer_id, reason) FROM tollgate.admin_action ORDER BY id DESC LIMIT 1
$$;
-- A repair as the admin; its SQLSTATE, or what it returned.
CREATE FUNCTION pg_temp.repair(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  said text;
BEGIN
  SET LOCAL ROLE tollgate_admin;
  EXECUTE 'SELECT tollgate.' || statement INTO said;
  RESET ROLE;
  RETURN said;
EXCEPTION
  WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;
CREATE FUNCTION pg_temp.state(record bigint) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', state, repair, nullif(honoured, 0)) FROM tollgate.record_state WHERE record_id = record
$$;

-- ---- retry ----
SELECT newest(5) AS r \gset
SELECT is(pg_temp.repair(format('retry_record(%s, ''mended'')', :r)), 'TG409', 'what is open can''t be retried');
SELECT refuse(:r, 'InvalidCustomerIdentifierException') \g /dev/null
SELECT is(balance(5, 'a'), 'accepted 5, refused 5', 'a record is refused');
SELECT is(pg_temp.repair(format('retry_record(%s, '' '')', :r)), 'TG400', 'a reason is needed');
SELECT is(pg_temp.repair('retry_record(4711, ''mended'')'), 'TG404', 'and a record');
SELECT is(pg_temp.repair('retry_record(NULL, ''mended'')'), 'TG404', 'that is there');
SELECT is(pg_temp.repair(format('retry_record(%s, ''the id is mended'')', :r)), '5', 'retried: its units wait');
SELECT is(balance(5, 'a'), 'accepted 5, waiting 5', 'once');
SELECT is(pg_temp.state(:r), 'moved retried', 'the old record has ended');
SELECT is(pg_temp.noted(), format('record %s retried: 0 of 5 units at AWS; 5; the id is mended', :r), 'who did what, and why, is kept');
SELECT is(done_by, session_user::text, 'by the role that logged in') FROM tollgate.admin_action ORDER BY id DESC LIMIT 1;
SELECT adds_up('retried');
SELECT is(pg_temp.repair(format('retry_record(%s, ''again'')', :r)), 'TG409', 'a record is repaired once');
SELECT clock('2024-03-10 14:05Z') \g /dev/null
SELECT is(freeze('2024-03-10 11:00Z'), '0 0', 'its hour is frozen');
SELECT is(freeze('2024-03-10 12:00Z'), '1 5', 'the next one takes them');
SELECT answer(newest(5), 'success') \g /dev/null
SELECT is(balance(5, 'a'), 'accepted 5, billed 5', 'and they are billed, once');
SELECT adds_up('billed after all');

-- ---- re-map ----
SELECT newest(6) AS r \gset
SELECT refuse(:r, 'InvalidUsageDimensionException') \g /dev/null
SELECT is(pg_temp.repair(format('remap_record(%s, ''nope'', ''x'')', :r)), 'TG404', 'to a dimension of the product only');
SELECT is(pg_temp.repair(format('remap_record(%s, ''a'', ''x'')', :r)), 'TG400', 'and another one');
SELECT is(pg_temp.repair(format('remap_record(%s, ''inc'', ''it is called inc now'')', :r)), '6', 're-mapped');
SELECT is(balance(6, 'a'), 'accepted 6, remapped 6', 'the units left their dimension');
SELECT is(balance(6, 'inc'), 'waiting 6, remapped -6', 'for another one, whose included quantity they do not use up');
SELECT adds_up('re-mapped');
SELECT is(freeze('2024-03-10 12:00Z'), '1 6', 'there they are frozen');
SELECT answer(newest(6, 'inc'), 'success') \g /dev/null
SELECT is(balance(6, 'inc'), 'billed 6, remapped -6', 'and billed');
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES (6, 'inc', 10, '2024-03-10 12:20Z');
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT is(balance(6, 'inc'), 'accepted 10, included 10, billed 6, remapped -6', 'what is included is so still');
SELECT adds_up('re-mapped and billed');
SELECT refuse(newest(2), 'InvalidUsageDimensionException') \g /dev/null
SELECT is(pg_temp.repair(format('remap_record(%s, ''inc'', ''x'')', newest(2))), 'TG400', 'tags do not go where a quantity is included');

-- ---- a shortfall ----
SELECT newest(7) AS r, newest(8) AS s, newest(9) AS t \gset
SELECT answer(:r, 'duplicate', false, 'DuplicateRecord'), answer(:s, 'duplicate', false, 'DuplicateRecord'),
  answer(:t, 'duplicate', false, 'DuplicateRecord') \g /dev/null
SELECT is(pg_temp.repair(format('retry_record(%s, ''x'')', :r)), 'TG409', 'what AWS has another quantity of is not billed anew');
SELECT is(pg_temp.repair(format('remap_record(%s, ''b'', ''x'')', :r)), 'TG409', 'nor in another dimension');
SELECT is(pg_temp.repair(format('book_shortfall(%s, %s, ''x'')', :r, n)), 'TG400', 'no such quantity: ' || n)
  FROM unnest(ARRAY['-1', '2147483648', 'NULL']) n;
SELECT is(pg_temp.repair(format('book_shortfall(%s, 4, ''the report says 4'')', :r)), '3', 'what is missing');
SELECT is(balance(7, 'a'), 'accepted 7, waiting 3, billed 4', 'is booked, what stands there is billed');
SELECT is(pg_temp.state(:r), 'billed shortfall 4', 'as the record says');
SELECT is(pg_temp.repair(format('book_shortfall(%s, 8, ''equal'')', :s)), '0', 'nothing is missing');
SELECT is(balance(8, 'a'), 'accepted 8, billed 8', 'all is billed');
SELECT is(pg_temp.repair(format('book_shortfall(%s, 11, ''more'')', :t)), '-2', 'more stands there than was used');
SELECT is(balance(9, 'a'), 'accepted 9, waiting -2, billed 11', 'so that is taken off later usage');
SELECT adds_up('shortfalls');
SELECT is(freeze('2024-03-10 12:00Z'), '1 3', 'an open hour takes the shortfall');
SELECT refuse(newest(10), 'InvalidCustomerIdentifierException') \g /dev/null
SELECT is(pg_temp.repair(format('book_shortfall(%s, 1, ''x'')', newest(10))), 'TG409', 'only where AWS has something');

-- ---- unknown, unconfirmed ----
SELECT newest(11) AS r, newest(12) AS s, newest(13) AS t, newest(14) AS u \gset
SELECT answer(r, 'failed', true) FROM unnest(ARRAY[:r, :s, :t, :u]) r \g /dev/null
SELECT answer(:r, 'not_subscribed', false, 'CustomerNotSubscribed'), answer(:s, 'duplicate', false, 'DuplicateRecord'),
  answer(:t, 'not_subscribed', false, 'CustomerNotSubscribed') \g /dev/null
SELECT is(pg_temp.repair(format('settle_record(%s, 14, ''x'')', :u)), 'TG409', 'what is open settles itself');
SELECT is(balance(11, 'a') || '; ' || balance(12, 'a'), 'accepted 11, unknown 11; accepted 12, unconfirmed 12', 'nobody knows');
SELECT is(pg_temp.repair(format('%s(%s, %s''x'')', f, :r, more)), 'TG409', 'an unknown record is not for ' || f)
  FROM (VALUES ('retry_record', ''), ('remap_record', '''b'', '), ('book_shortfall', '3, ')) v (f, more);
SELECT is(pg_temp.repair(format('change_region(%s, ''eu-west-1'', ''moved'')', c)), 'TG409', 'another region may have it: customer ' || c)
  FROM unnest(ARRAY[11, 12]) c;
SELECT is(pg_temp.repair(format('settle_record(%s, 0, ''not in the report'')', :r)), '11', 'AWS has none of it');
SELECT is(pg_temp.repair(format('settle_record(%s, 12, ''in the report'')', :s)), '0', 'AWS has all of it');
SELECT is(balance(11, 'a') || '; ' || balance(12, 'a'), 'accepted 11, waiting 11; accepted 12, billed 12', 'settled');
SELECT is(pg_temp.repair(format('write_off_record(%s, ''not worth it'')', :t)), '13', 'or it is written off');
SELECT is(pg_temp.state(:t) || '; ' || balance(13, 'a'), 'written_off written_off; accepted 13, written_off 13', 'for ever');
SELECT is(pg_temp.repair('change_region(11, ''eu-west-1'', ''moved'')'), '', 'the region changes once it is settled');
SELECT adds_up('settled by a person');

-- ---- with tags ----
SELECT newest(1) AS r \gset
BEGIN;
SELECT refuse(:r, 'InvalidUsageDimensionException') \g /dev/null
SELECT is(pg_temp.repair(format('remap_record(%s, ''inc'', ''x'')', :r)), 'TG400', 'tags go to no dimension with an included quantity');
SELECT is(pg_temp.repair(format('remap_record(%s, ''b'', ''x'')', :r)), '12', 'but to any other');
SELECT is(string_agg(concat_ws(' ', dimension, tags, trim_scale(billable)), ', ' ORDER BY dimension, tags),
  'a {} 0.5, b {} 5, b {"t": "x"} 3, b {"t": "y"} 4', 'a line each') FROM tollgate.waiting_line WHERE customer_id = 1;
SELECT adds_up('re-mapped with tags');
ROLLBACK;
SELECT answer(:r, 'duplicate', false, 'DuplicateRecord') \g /dev/null
BEGIN;
SELECT is(pg_temp.repair(format('book_shortfall(%s, 14, ''x'')', :r)), '-2', 'more may stand there than it had');
SELECT is(string_agg(concat_ws(' ', tags, billed, trim_scale(waiting)), ', ' ORDER BY tags), '{} 5 0, {"t": "x"} 3 0, {"t": "y"} 6 -2', 'which is of the last set of tags')
  FROM tollgate.audit_balance() WHERE customer_id = 1;
SELECT adds_up('more than it had, with tags');
ROLLBACK;
SELECT is(pg_temp.repair(format('book_shortfall(%s, 6, ''x'')', :r)), '6', 'what stands there fills the sets of tags in their order');
SELECT is(string_agg(concat_ws(' ', tags, billed, trim_scale(waiting)), ', ' ORDER BY tags), '{} 5 0, {"t": "x"} 1 2, {"t": "y"} 0 4', 'each set adds up')
  FROM tollgate.audit_balance() WHERE customer_id = 1;
SELECT adds_up('tags');

-- ---- what waits ----
SELECT is(pg_temp.repair('write_off_waiting(5, ''a'', ''x'')'), 'TG404', 'nothing waits');
SELECT is(trim_scale(pg_temp.repair('write_off_waiting(1, ''a'', ''they complained'')')::numeric), 6.5, 'what waits is written off');
SELECT is(balance(1, 'a'), 'accepted 12.5, billed 6, written_off 6.5', 'fractions too');
SELECT is((SELECT count(*) FROM tollgate.waiting_line WHERE customer_id = 1)::int, 0, 'and leaves the queue');
SELECT is(pg_temp.noted(), 'write_off_waiting: 6.5 units of a; 1; they complained', 'with its reason');
SELECT adds_up('written off');

-- ---- region and shape ----
SELECT is(pg_temp.repair('change_region(14, ''eu-west-1'', ''moved'')'), 'TG409', 'not while AWS may have what we do not know of');
-- Who has sums of two months.
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES
  (19, 'a', 0.25, '2024-02-28 11:00Z'), (19, 'b', 0.5, '2024-02-28 11:00Z');
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT newest(19) AS r \gset
SELECT answer(:r, 'failed', true), answer(:r, 'not_subscribed') \g /dev/null
SELECT is(pg_temp.repair('change_region(19, ''eu-west-1'', ''moved'')'), 'TG409', 'nor while a record is unknown');
SELECT is(pg_temp.repair(format('settle_record(%s, 18, ''looked up'')', :r)), '1', 'but when it is settled');
SELECT is(pg_temp.repair('change_region(19, ''eu-west-1'', ''moved'')'), '', 'they move');
SELECT adds_up('settled in one of two months');
SELECT is(trim_scale(pg_temp.repair('write_off_waiting(19, ''a'', ''x'')')::numeric), 1.25, 'what waits of both is written off, and nothing of another dimension');
SELECT adds_up('written off in both');
SELECT tollgate.begin_calls(max(id), format('[[%s]]', newest(20))::jsonb) FROM tollgate.metering_run \g /dev/null
SELECT is(pg_temp.repair('change_region(20, ''eu-west-1'', ''moved'')'), 'TG409', 'nor while a call is under way');
SELECT is(pg_temp.repair('change_region(8, ''EU'', ''moved'')'), 'TG400', 'a region is named as AWS does');
SELECT pg_temp.repair('change_region(8, ''eu-west-1'', ''moved'')') \g /dev/null
SELECT is(pg_temp.noted(), 'change_region: eu-west-1; 8; moved', 'what was changed, and why, is kept');
SELECT is(pg_temp.repair('change_metered_by(8, ''account'', ''x'')'), 'TG409', 'metered by what AWS has told us only');
UPDATE tollgate.customer SET customer_aws_account_id = '888888888888' WHERE id = 8;
SELECT is(pg_temp.repair('change_metered_by(8, ''license'', ''x'')'), 'TG409', 'a license too');
BEGIN;
UPDATE tollgate.customer SET license_arn = 'arn:l-8' WHERE id = 8;
SELECT is(pg_temp.repair('change_metered_by(8, ''license'', ''x'')'), '', 'or has told us since');
ROLLBACK;
SELECT is(pg_temp.repair('change_metered_by(8, ''account'', ''they asked'')'), '', 'as of the account');
SELECT is(pg_temp.noted(), 'change_metered_by: account; 8; they asked', 'and why');
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) VALUES (8, 'a', 1, '2024-03-10 12:20Z');
SELECT events FROM tollgate.roll_up() \g /dev/null
SELECT freeze('2024-03-10 12:00Z') \g /dev/null
SELECT is(string_agg(concat_ws(' ', metered_by, aws_region), ', ' ORDER BY id), 'customer_identifier us-east-1, account eu-west-1',
  'the next record goes there, in that shape; what is frozen stays as it is') FROM tollgate.metering_record WHERE customer_id = 8;

-- ---- a role or a region that was wrong ----
SELECT newest(15) AS r, newest(16) AS s, newest(17) AS t, newest(18) AS u \gset
SELECT answer(:r, 'failed', false, 'InvalidProductCodeException'), answer(:s, 'failed', true, 'InternalError') \g /dev/null
SELECT tollgate.begin_calls(max(id), jsonb_build_array(jsonb_build_array(:t))) FROM tollgate.metering_run \g /dev/null
SELECT is(pg_temp.repair('redirect_records(15, ''x'')'), '0', 'nothing was set right');
SELECT is(pg_temp.state(:r), 'frozen', 'so the record stays');
UPDATE tollgate.product SET aws_role_arn = 'arn:aws:iam::111122223333:role/right' WHERE product_code = 'p';
SELECT is(pg_temp.repair('redirect_records(15, '' '')'), 'TG400', 'a reason is needed to redirect');
SELECT is(pg_temp.repair('redirect_records(15, ''the role was wrong'')'), '15', 'redirected: its units wait');
SELECT is(balance(15, 'a'), 'accepted 15, waiting 15', 'once');
SELECT is(pg_temp.state(:r), 'moved', 'the old record has ended');
SELECT is(pg_temp.noted(), 'redirect_records: 1 of 15 units; 15; the role was wrong', 'who did it, and why');
SELECT is(pg_temp.repair('redirect_records(15, ''again'')') || '; ' || pg_temp.noted(),
  '0; redirect_records: 1 of 15 units; 15; the role was wrong', 'once more does nothing');
SELECT is(pg_temp.repair('redirect_records(18, ''x'')'), '18', 'so does one that nobody sent');
SELECT is(pg_temp.repair('redirect_records(16, ''x'')') || ' ' || pg_temp.state(:s), '0 uncertain', 'what AWS may have stays');
SELECT is(pg_temp.repair('redirect_records(17, ''x'')') || ' ' || pg_temp.state(:t), '0 frozen', 'and what is in a call');
SELECT run_id FROM tollgate.begin_run() \g /dev/null
SELECT is(pg_temp.repair('redirect_records(17, ''x'')') || ' ' || pg_temp.state(:t), '0 uncertain',
  'also when the program was killed in it');
SELECT freeze('2024-03-10 12:00Z') \g /dev/null
SELECT is((SELECT concat_ws(' ', quantity, aws_role_arn) FROM tollgate.metering_record WHERE id = newest(15)),
  '15 arn:aws:iam::111122223333:role/right', 'the next free hour takes them, with the right role');
SELECT pg_temp.repair('change_region(15, ''eu-west-1'', ''x'')'), pg_temp.repair('redirect_records(15, ''x'')') \g /dev/null
SELECT clock('2024-03-10 15:05Z') \g /dev/null
SELECT freeze('2024-03-10 13:00Z') \g /dev/null
SELECT is((SELECT concat_ws(' ', quantity, aws_region) FROM tollgate.metering_record WHERE id = newest(15)), '15 eu-west-1',
  'and after that, in the right region');
SELECT answer(newest(15), 'success') \g /dev/null
SELECT is(balance(15, 'a'), 'accepted 15, billed 15', 'they are billed, once');
SELECT is(string_agg(call, ', '), NULL, 'nothing is done without a reason')
  FROM (VALUES ('retry_record(%s, %L)'), ('remap_record(%s, ''b'', %L)'), ('book_shortfall(%s, 1, %L)'),
      ('settle_record(%s, 1, %L)'), ('write_off_record(%s, %L)'), ('write_off_waiting(14, ''a'', %2$L)'),
      ('end_customer(14, NULL, %2$L)'), ('resume_customer(14, %2$L)'), ('change_region(8, ''us-east-1'', %2$L)'),
      ('change_metered_by(8, ''customer_identifier'', %2$L)'), ('redirect_records(14, %2$L)')) c (call),
    (VALUES (NULL), (' '), (repeat('x', 1001))) r (reason)
  WHERE pg_temp.repair(format(call, newest(14), reason)) <> 'TG400';
SELECT adds_up('at the end');
SELECT * FROM finish();
