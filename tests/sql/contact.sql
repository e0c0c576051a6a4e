-- What people type: who gets to see, replace, erase it.
SELECT plan(44);

INSERT INTO tollgate.product (product_code, name) VALUES ('p', 'P');

CREATE FUNCTION pg_temp.hash(session text) RETURNS text LANGUAGE sql AS $$
  SELECT encode(sha256(convert_to(session, 'UTF8')), 'hex')
$$;
CREATE FUNCTION pg_temp.send(session text, identifier text, email text,
  names text[] DEFAULT '{}', answers text[] DEFAULT '{}', request text DEFAULT 'r')
  RETURNS bigint LANGUAGE sql AS $$
  SELECT tollgate.add_contact(pg_temp.hash(session), 'p', identifier, '', '', email, names, answers,
    request)
$$;
CREATE FUNCTION pg_temp.seen(session text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(name || '=' || value, ' ')
    FROM tollgate.contact_of_session(pg_temp.hash(session))
$$;
CREATE FUNCTION pg_temp.bad(email text, names text[], answers text[], what text)
  RETURNS SETOF text LANGUAGE sql AS $$
  SELECT tap.throws_ok(format('SELECT pg_temp.send(''bad'', ''i1'', %L, %L, %L)', email, names,
    answers), 'TG400', NULL, 'refused: ' || what)
$$;

SELECT tollgate.register_visit('v1', NULL, 'p', 'i1', NULL, NULL, NULL, NULL, NULL) \g /dev/null
SELECT is(pg_temp.send('s1', 'i1', 'ann@example.com', '{company,phone}', '{Acme,123}', 'r1'),
  (SELECT id FROM tollgate.customer), 'the contact belongs to the customer of these identities');
SELECT is(pg_temp.seen('s1'), 'email=ann@example.com phone=123 company=Acme',
  'a session sees what it typed, email first');
SELECT is(pg_temp.seen('s2'), NULL, 'another session sees nothing');
SELECT is(string_agg(kind || ' ' || request_id, ', ' ORDER BY id), 'landed v1, contact_given r1',
  'the customer gave a contact') FROM tollgate.customer_event;

SELECT is(pg_temp.send('s2', 'i1', 'bob@example.com'), (SELECT id FROM tollgate.customer),
  'another session of the customer');
SELECT is(pg_temp.seen('s1'), 'email=ann@example.com phone=123 company=Acme',
  'does not touch the first one''s');
SELECT is(count(*), 2::bigint, 'and adds a row') FROM tollgate.contact;

SELECT lives_ok($$SELECT pg_temp.send('s1', 'i1', 'ann@example.org', '{company}', '{Bcme}', 'r3')$$,
  'the same session again');
SELECT is(pg_temp.seen('s1'), 'email=ann@example.org company=Bcme', 'replaces what it typed');
SELECT is(pg_temp.seen('s2'), 'email=bob@example.com', 'and nobody else''s');
SELECT is(count(*), 2::bigint, 'with no new row') FROM tollgate.contact;
SELECT is(count(*), 2::bigint, 'and no new event: one a session') FROM tollgate.customer_event
  WHERE kind = 'contact_given';
SELECT is(request_id, 'r3', 'the request that wrote it last is kept') FROM tollgate.contact
  WHERE email = 'ann@example.org';

-- A session keeps its customer, whatever later visits make of the identities.
SELECT is(pg_temp.send('s1', 'i-other', 'ann@example.org'),
  (SELECT id FROM tollgate.customer WHERE customer_identifier = 'i1'),
    'a session keeps its customer');
SELECT is(count(*), 1::bigint, 'and makes no other') FROM tollgate.customer;

-- The visit may still be in a journal.
SELECT lives_ok($$SELECT pg_temp.send('s3', 'i-new', 'eve@example.com', '{}', '{}', 'r4')$$,
  'a contact before its customer');
SELECT is(string_agg(e.kind || ' ' || e.request_id, ', ' ORDER BY e.id),
  'landed r4, contact_given r4', 'makes the customer')
  FROM tollgate.customer_event e JOIN tollgate.customer c ON c.id = e.customer_id
  WHERE c.customer_identifier = 'i-new';
SELECT is((tollgate.register_visit('v4', extract(epoch FROM now() - interval '1 hour'), 'p',
  'i-new',
  'a-new', NULL, NULL, NULL, NULL)).customer_id, (SELECT c.id FROM tollgate.customer c
  WHERE customer_identifier = 'i-new'), 'the visit, when it is replayed, finds it');
SELECT is(customer_aws_account_id, 'a-new', 'and adds what it knows') FROM tollgate.customer
  WHERE customer_identifier = 'i-new';
SELECT throws_ok($$SELECT tollgate.add_contact(pg_temp.hash('x'), 'nowhere', 'i', '', '',
  'a@example.com', '{}', '{}', 'r')$$, 'TG404', NULL, 'a product that is not sold here');
SELECT throws_ok($$SELECT tollgate.add_contact(pg_temp.hash('x'), 'p', '', NULL, '',
  'a@example.com', '{}', '{}', 'r')$$, 'TG400', NULL, 'a contact of nobody');
SELECT throws_ok($$SELECT tollgate.add_contact('abcd', 'p', 'i1', NULL, '',
  'a@example.com', '{}', '{}', 'r')$$, '23514', NULL, 'a session''s hash has 32 bytes');

-- What the form checks is checked here again.
SELECT pg_temp.bad(NULL, '{}', '{}', 'no email');
SELECT pg_temp.bad('', '{}', '{}', 'an empty email');
SELECT pg_temp.bad('no address', '{}', '{}', 'an email without @');
SELECT pg_temp.bad(E'a\n@example.com', '{}', '{}', 'an email with a control character');
SELECT pg_temp.bad(repeat('a', 250) || '@b.cd', '{}', '{}', 'an email of 255 characters');
SELECT pg_temp.bad('a@b.c', '{a,b}', '{1}', 'a field without a value');
SELECT pg_temp.bad('a@b.c', '{email}', '{x@y.z}', 'a second email');
SELECT pg_temp.bad('a@b.c', '{A}', '{1}', 'a field''s name in capitals');
SELECT pg_temp.bad('a@b.c', '{a,a}', '{1,2}', 'a field twice');
SELECT pg_temp.bad('a@b.c', '{a}', ARRAY[repeat('x', 2001)], 'a value of 2001 characters');
SELECT pg_temp.bad('a@b.c', (SELECT array_agg('f' || i) FROM generate_series(1, 21) i),
  array_fill('x'::text, ARRAY[21]), '21 fields');
SELECT lives_ok($$SELECT pg_temp.send('max', 'i1', repeat('a', 250) || '@b.c',
  (SELECT array_agg('f' || i) FROM generate_series(1, 20) i),
  array_fill(repeat('é', 2000), ARRAY[20]))$$, 'taken: as much as is allowed');

-- Erasing and showing, by an admin.
SELECT is((SELECT count(*) FROM tollgate.export_contact(c.id, 'asked for by phone')), 3::bigint,
  'all that is kept about the people of a customer')
  FROM tollgate.customer c WHERE customer_identifier = 'i1';
SELECT throws_ok(format('SELECT * FROM tollgate.%s(%s, %L)', function, id, reason), 'TG400', NULL,
  function || ' needs a reason') FROM tollgate.customer, (VALUES (NULL), ('  ')) none (reason),
    (VALUES ('erase_contact'), ('export_contact')) needs (function)
  WHERE customer_identifier = 'i1';
SELECT throws_ok(format('SELECT * FROM tollgate.%s(0, ''x'')', function), 'TG404',
  'no customer has the id 0', function || ' needs a customer')
  FROM (VALUES ('erase_contact'), ('export_contact')) needs (function);
SELECT is(tollgate.erase_contact(id, 'asked for by mail'), 3::bigint, 'erased')
  FROM tollgate.customer WHERE customer_identifier = 'i1';
SELECT is(concat_ws('; ', (SELECT count(*) FROM tollgate.contact),
    (SELECT count(*) FROM tollgate.registration), (SELECT count(*) FROM tollgate.customer)),
  '1; 2; 2', 'only the contacts of this customer are gone');
SELECT results_eq('SELECT action, reason, done_by FROM tollgate.admin_action
    WHERE customer_id = (SELECT id FROM tollgate.customer WHERE customer_identifier = ''i1'')
    ORDER BY id',
  $$VALUES ('export_contact: 3 rows', 'asked for by phone', 'tollgate'),
    ('erase_contact: 3 rows', 'asked for by mail', 'tollgate')$$, 'who did it, and why');

SELECT * FROM finish();
