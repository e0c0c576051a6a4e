-- What the seller's app may write, and what is refused, with a message that names the row.
SELECT plan(85);

-- ---- rights ----
SELECT is(state_as('tollgate_app', 'INSERT INTO tollgate.usage_event (customer_id, dimension, quantity,
    used_at, idempotency_key, tags) VALUES (1, ''a'', 1, ''2024-03-10 12:00Z'', ''k'', ''{"t": "x"}'')'),
  '00000', 'tollgate_app adds usage, with a key and tags');
SELECT is(state_as('tollgate_app', format('INSERT INTO tollgate.usage_event (customer_id, dimension,
    quantity, used_at, %s) VALUES (1, ''a'', 1, ''2024-03-10 12:00Z'', %L)', name, value)), '42501',
    'tollgate_app does not write ' || name)
  FROM (VALUES ('xid', '3'), ('recorded_at', '2024-01-01'), ('generation', '2')) v (name, value);
SELECT is(state_as('tollgate_app', statement), '42501', 'tollgate_app may not: ' || statement)
  FROM unnest(ARRAY['SELECT quantity FROM tollgate.usage_event',
    'UPDATE tollgate.usage_event SET quantity = 0', 'DELETE FROM tollgate.usage_event',
    'TRUNCATE tollgate.usage_event']) statement;

-- ---- INSERT and COPY ----
SET ROLE tollgate_app;
COPY tollgate.usage_event (customer_id, dimension, quantity, used_at, idempotency_key, tags) FROM stdin;
1	a	1.5	2024-03-10 12:00:00+00	c1	\N
1	a	-0.25	2024-03-10 12:00:00+00	\N	{"team": "blue"}
2	b	0	2024-03-10 12:34:59+00	c1	\N
\.
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at)
  SELECT 2, 'b', 1, timestamptz '2024-03-10 11:00Z' FROM generate_series(1, 1000);
RESET ROLE;
SELECT is(count(*) || ' ' || sum(quantity), '1003 1001.25', 'COPY and INSERT of many rows')
  FROM tollgate.usage_event;
SELECT is(count(DISTINCT xid)::int, 2, 'each row has the id of its transaction')
  FROM tollgate.usage_event;

-- ---- a bad row is named, and the whole statement refused ----
CREATE FUNCTION pg_temp.refused(sqlstate_and_message text, name text, VARIADIC rows text[])
  RETURNS text LANGUAGE sql AS $$
  SELECT tap.is(split_part(tap.said_as('tollgate_app', 'INSERT INTO tollgate.usage_event (customer_id, '
    'dimension, quantity, used_at, tags) VALUES ' || array_to_string(rows, ', ')), E'\n', 1),
    sqlstate_and_message, name)
$$;
\set good '(1, ''a'', 1, ''2024-03-10 12:00Z'', NULL)'
SELECT pg_temp.refused('TG404 row 2 (customer_id 99, dimension "a", used_at 2024-03-10T12:00:00Z): '
  'there is no such customer', 'an unknown customer',
  :'good', '(99, ''a'', 1, ''2024-03-10 12:00Z'', NULL)');
SELECT pg_temp.refused('TG404 row 3 (customer_id 3, dimension "b", used_at 2024-03-10T12:00:00Z): the '
  'product q has no such dimension', 'a dimension of another product',
  :'good', :'good', '(3, ''b'', 1, ''2024-03-10 12:00Z'', NULL)');
SELECT pg_temp.refused('TG404 row 1 (customer_id 1, dimension "A", used_at 2024-03-10T12:00:00Z): the '
  'product p has no such dimension', 'a dimension in other letters',
  '(1, ''A'', 1, ''2024-03-10 12:00Z'', NULL)');
SELECT pg_temp.refused('TG400 row 1 (customer_id 1, dimension "a", used_at 2024-03-10T12:36:00Z): it is '
  'over five minutes ahead of this server''s clock', 'usage from the future',
  '(1, ''a'', 1, ''2024-03-10 12:36Z'', NULL)');
SELECT pg_temp.refused('TG400 row 1 (customer_id 1, dimension "a", used_at infinity): it is over five '
  'minutes ahead of this server''s clock', 'usage from the end of time',
  '(1, ''a'', 1, ''infinity'', NULL)');
SELECT pg_temp.refused('TG400 row 2 (customer_id 1, dimension "a", used_at 2024-01-08T12:29:59Z): it is '
  'older than the product''s horizon, 62 days', 'usage older than the horizon',
  :'good', '(1, ''a'', 1, ''2024-01-08 12:29:59Z'', NULL)');
SELECT pg_temp.refused('TG400 row 1 (customer_id 1, dimension "a", used_at -infinity): it is older than '
  'the product''s horizon, 62 days', 'usage from the beginning of time',
  '(1, ''a'', 1, ''-infinity'', NULL)');
SELECT pg_temp.refused('TG400 row 1 (customer_id 1, dimension "inc", used_at 2024-03-10T12:00:00Z): it '
  'has tags, and the dimension has an included quantity; one excludes the other',
  'tags and an included quantity', '(1, ''inc'', 1, ''2024-03-10 12:00Z'', ''{"t": "x"}'')');
SELECT pg_temp.refused('TG404 row 2 (customer_id 2, dimension "no", used_at 2024-03-10T12:00:00Z): the '
  'product p has no such dimension', 'of several bad rows the first is named', :'good',
  '(2, ''no'', 1, ''2024-03-10 12:00Z'', NULL)', '(1, ''a'', 1, ''2030-01-01Z'', NULL)',
  '(99, ''a'', 1, ''2024-03-10 12:00Z'', NULL)');
SELECT pg_temp.refused(NULL, 'five minutes ahead is not too far',
  '(1, ''a'', 1, ''2024-03-10 12:35Z'', NULL)');
SELECT pg_temp.refused('TG400 row 1 (customer_id 1, dimension "a", used_at 2024-03-10T12:35:00Z): it is '
  'over five minutes ahead of this server''s clock', 'a moment more is',
  '(1, ''a'', 1, ''2024-03-10 12:35:00.2Z'', NULL)');
SELECT is(said_as('tollgate', $$COPY tollgate.usage_event (customer_id, dimension, quantity, used_at)
    FROM PROGRAM 'sleep 0.3; printf "1\ta\t1\t2024-03-10 12:35:00.2Z\n"'$$), NULL,
  'but not for a COPY that has lasted since');
SELECT pg_temp.refused(NULL, 'as old as the horizon is not too old',
  '(1, ''a'', 1, ''2024-01-08 12:30Z'', NULL)');
UPDATE tollgate.product SET horizon = '2 days' WHERE product_code = 'q';
SELECT pg_temp.refused(NULL, 'each product has its horizon: within',
  '(3, ''a'', 1, ''2024-03-08 12:30Z'', NULL)', '(1, ''a'', 1, ''2024-03-01Z'', NULL)');
SELECT pg_temp.refused('TG400 row 2 (customer_id 3, dimension "a", used_at 2024-03-08T12:29:00Z): it is '
  'older than the product''s horizon, 2 days', 'each product has its horizon: beyond',
  '(1, ''a'', 1, ''2024-03-01Z'', NULL)', '(3, ''a'', 1, ''2024-03-08 12:29Z'', NULL)');

SELECT alike(said_as('tollgate', $$COPY tollgate.usage_event (customer_id, dimension, quantity, used_at)
    FROM PROGRAM 'printf "%s\ta\t1\t2024-03-10 12:00Z\n" 1 1 7 8'$$),
  'TG404 row 3 (customer_id 7, dimension "a", used_at 2024-03-10T12:00:00Z): there is no such customer%',
  'COPY names its row');
SELECT is(count(*)::int, 1003, 'nothing of a refused statement is there') FROM tollgate.usage_event;

-- ---- numbers ----
SELECT alike(said_as('tollgate_app', format('INSERT INTO tollgate.usage_event (customer_id, dimension,
    quantity, used_at) VALUES (1, ''a'', %L, ''2024-03-10 12:00Z'')', quantity)),
    '23514 %usage_event_quantity_' || rule || '%(1, a, ' || quantity || ', %',
    'quantity ' || quantity || ' is refused, the row is shown')
  FROM (VALUES ('NaN', 'range'), ('Infinity', 'range'), ('-Infinity', 'range'),
    ('1000000000000000', 'range'), ('-1000000000000000', 'range'), ('0.0000000001', 'decimals'),
    ('1.0000000009', 'decimals')) v (quantity, rule);
SELECT is(state_as('tollgate_app', format('INSERT INTO tollgate.usage_event (customer_id, dimension,
    quantity, used_at) VALUES (1, ''a'', %L, ''2024-03-10 12:00Z'')', quantity)), '00000',
    'quantity ' || quantity || ' is taken')
  FROM unnest(ARRAY['0', '-1', '0.000000001', '999999999999999.999999999', '1.50000000000']) quantity;
SELECT is(state_as('tollgate_app', format('INSERT INTO tollgate.usage_event (customer_id, dimension,
    quantity, used_at) VALUES (%s, %s, %s, %s)', v[1], v[2], v[3], v[4])), '23502', 'null is refused')
  FROM (VALUES (ARRAY['NULL', '''a''', '1', 'now()']), (ARRAY['1', 'NULL', '1', 'now()']),
    (ARRAY['1', '''a''', 'NULL', 'now()']), (ARRAY['1', '''a''', '1', 'NULL'])) t (v);
SELECT alike(said_as('tollgate', $$COPY tollgate.usage_event (customer_id, dimension, quantity, used_at)
    FROM PROGRAM 'printf "1\ta\t%s\t2024-03-10 12:00Z\n" 1 1e-10 1'$$), '%COPY usage_event, line 2%',
  'COPY names the line of an impossible number');

-- ---- idempotency keys ----
SELECT is(state_as('tollgate_app', format('INSERT INTO tollgate.usage_event (customer_id, dimension,
    quantity, used_at, idempotency_key) VALUES (%s, ''a'', 1, ''2024-03-10 12:00Z'', %L)', who, key)),
    wanted, name)
  FROM (VALUES (1, 'c1', '23505', 'a known key fails'),
    (3, 'c1', '00000', 'a key is unique for each customer only'),
    (1, 'C1', '00000', 'a key is compared byte by byte'),
    (1, '', '23514', 'an empty key is refused'),
    (1, repeat('k', 255), '00000', 'a key of 255 characters'),
    (1, repeat('k', 256), '23514', 'a key of 256 characters is refused')) v (who, key, wanted, name);
SELECT is(state_as('tollgate_app', 'INSERT INTO tollgate.usage_event (customer_id, dimension, quantity,
    used_at, idempotency_key) SELECT 1, ''a'', 1, ''2024-03-10 12:00Z'', ''same'' FROM generate_series(1, 2)'),
  '23505', 'a key twice in one statement fails');
SET ROLE tollgate_app;
INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, idempotency_key)
  VALUES (1, 'a', 999, '2024-03-10 12:00Z', 'c1'), (1, 'a', 2, '2024-03-10 12:00Z', 'c2')
  ON CONFLICT DO NOTHING;
RESET ROLE;
SELECT is(string_agg(idempotency_key || ' ' || quantity, ', ' ORDER BY idempotency_key), 'c1 1.5, c2 2',
    'ON CONFLICT DO NOTHING keeps the first content, without a word')
  FROM tollgate.usage_event WHERE customer_id = 1 AND idempotency_key IS NOT NULL;
SELECT is(state_as('tollgate_app', 'INSERT INTO tollgate.usage_event (customer_id, dimension, quantity,
    used_at, idempotency_key) VALUES (1, ''a'', 1, ''2024-03-10 12:00Z'', ''c1'')
    ON CONFLICT (customer_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING'), '42501',
  'ON CONFLICT with its columns needs rights that the app does not have');

-- ---- tags ----
SELECT is(state_as('tollgate_app', format('INSERT INTO tollgate.usage_event (customer_id, dimension,
    quantity, used_at, tags) VALUES (1, ''a'', 1, ''2024-03-10 12:00Z'', %L)', tags)), wanted,
    'tags ' || left(tags, 60))
  FROM (VALUES ('{"a b+-=._:/@": "x Y9"}', '00000'),
    ('{"1": "x", "2": "x", "3": "x", "4": "x", "5": "x"}', '00000'),
    ('{"1": "x", "2": "x", "3": "x", "4": "x", "5": "x", "6": "x"}', '23514'),
    (format('{"%s": "%s"}', repeat('k', 100), repeat('v', 256)), '00000'),
    (format('{"%s": "v"}', repeat('k', 101)), '23514'),
    (format('{"k": "%s"}', repeat('v', 257)), '23514'),
    ('{}', '23514'), ('[]', '23514'), ('"x"', '23514'), ('null', '23514'), ('{"a": ""}', '23514'),
    ('{"": "a"}', '23514'), ('{"a": 1}', '23514'), ('{"a": null}', '23514'), ('{"a": ["x"]}', '23514'),
    ('{"a": "ü"}', '23514'), ('{"a*": "x"}', '23514'), ('{"a": "x\ny"}', '23514')) v (tags, wanted);
SELECT pg_temp.refused('23514 row 3 (customer_id 1, dimension "a", used_at 2024-03-10T12:00:00Z): tags '
  'is not an object of 1 to 5 tags that AWS takes, such as {"team": "blue"}', 'tags are refused by row',
  :'good', '(1, ''a'', 1, ''2024-03-10 12:00Z'', ''{"t": "x"}'')',
  '(1, ''a'', 1, ''2024-03-10 12:00Z'', ''{"t": "x,y"}'')', :'good');
SELECT is(count(*) FILTER (WHERE tollgate.is_tags(t)) || ' of ' || count(*), '0 of 12', 'what looks like tags is none')
  FROM unnest(ARRAY['{"a": ", "}', '{"a": "\""}', '{"a": "b\\"}', '{"a": "\": \"b"}', '{"a": "b", "c": 1}',
    '{"a": "b", "c": {}}', '{"a": {"b": "c"}}', '[{"a": "b"}]', '"{\"a\": \"b\"}"', '{"a": "}"}', '{"a\": \"b": "c"}',
    '{"a, ": "b"}']::jsonb[]) t;
SELECT is(count(*) FILTER (WHERE tollgate.is_tags(t)) || ' of ' || count(*), '2 of 5', 'each key and value has its length')
  FROM unnest(ARRAY[format('{"%s": "v", "l": "w"}', repeat('k', 100)), format('{"k": "v", "l": "%s"}', repeat('w', 256)),
    format('{"%s": "v", "l": "w"}', repeat('k', 101)), format('{"k": "v", "l": "%s"}', repeat('w', 257)),
    format('{"%s": "%s"}', repeat('k', 101), repeat('w', 256))]::jsonb[]) t;

-- ---- for ever ----
SELECT is(state_as('tollgate', statement), 'TG409', 'also the owner may not: ' || statement)
  FROM unnest(ARRAY['UPDATE tollgate.usage_event SET quantity = 0', 'DELETE FROM tollgate.usage_event',
    'DELETE FROM tollgate.dimension', 'UPDATE tollgate.dimension SET dimension = ''z'' WHERE dimension = ''a''',
    'DELETE FROM tollgate.customer']) statement;
SELECT is(state_as('tollgate_admin', statement), '00000', 'tollgate_admin may: ' || statement)
  FROM unnest(ARRAY['UPDATE tollgate.dimension SET included = 5 WHERE dimension = ''a''',
    'UPDATE tollgate.product SET horizon = ''10 days''']) statement;
SELECT is(state_as('tollgate_admin', statement), '23514', 'nobody may: ' || statement)
  FROM unnest(ARRAY['UPDATE tollgate.dimension SET included = -1', 'UPDATE tollgate.dimension SET included = ''NaN''',
    'UPDATE tollgate.product SET horizon = ''1 hour''']) statement;
SELECT is_empty('SELECT tollgate.audit_ledger()', 'the audit finds nothing wrong');

SELECT * FROM finish();
