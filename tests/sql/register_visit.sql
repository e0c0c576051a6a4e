-- Who it is: the rules by which a visit finds or makes its customer.
SELECT plan(58);

INSERT INTO tollgate.product (product_code, name) VALUES ('p', 'P'), ('q', 'Q');
CREATE SEQUENCE pg_temp.request;

-- A visit now, or at `at` (a replay); the customer's id. AWS's answers may hold '' for nothing.
CREATE FUNCTION pg_temp.visit(product text, identifier text, account text, license text,
  at timestamptz DEFAULT NULL, offer_type text DEFAULT NULL) RETURNS bigint LANGUAGE sql AS $$
  SELECT customer_id FROM tollgate.register_visit('r' || nextval('pg_temp.request'),
    extract(epoch FROM at)::double precision, product, identifier, account, license,
    repeat('ab', 32), offer_type, 'aws-1')
$$;
CREATE FUNCTION pg_temp.row(who bigint) RETURNS tollgate.customer LANGUAGE sql AS $$
  SELECT c FROM tollgate.customer c WHERE id = who
$$;

-- What is stored.
SELECT results_eq($$SELECT created FROM tollgate.register_visit('once', NULL, 'p', 'i0', 'a0',
  'arn:x:l-0', repeat('0f', 32), 'free-trial', 'aws-0')$$, ARRAY[true],
  'the first visit makes a customer');
SELECT results_eq($$SELECT created FROM tollgate.register_visit('twice', NULL, 'p', 'i0', 'a0',
  'arn:x:l-0', repeat('0f', 32), NULL, NULL)$$, ARRAY[false], 'the second does not');
SELECT is(concat_ws(' ', product_code, customer_identifier, customer_aws_account_id, license_arn,
    license_id, offer_type_claimed), 'p i0 a0 arn:x:l-0 l-0 free-trial',
  'the customer has what AWS said, and the offer as claimed') FROM tollgate.customer;
SELECT is(concat_ws(' ', product_code, outcome, encode(token_sha256, 'hex'), offer_type_claimed,
    aws_request_id, customer_id IS NOT NULL, visited_at = now()),
  'p resolved ' || repeat('0f', 32) || ' free-trial aws-0 t t',
  'the visit has the token''s hash, AWS''s request id, and the customer')
  FROM tollgate.registration WHERE request_id = 'once';
SELECT is(string_agg(concat_ws(' ', kind, happened_at = now(), request_id), ', '), 'landed t once',
  'landed once, however often they visit') FROM tollgate.customer_event;

-- The same request again.
SELECT results_eq($$SELECT created FROM tollgate.register_visit('once', NULL, 'p', 'i0', 'a0',
  'arn:x:l-0', repeat('0f', 32), 'other', 'aws-9')$$, ARRAY[true],
  'the same request again has the same answer');
SELECT results_eq($$SELECT created FROM tollgate.register_visit('twice', NULL, 'p', 'i0', 'a0',
  'arn:x:l-0', repeat('0f', 32), NULL, NULL)$$, ARRAY[false], 'also one that made no customer');
SELECT is(offer_type_claimed, 'free-trial', 'and changes nothing') FROM tollgate.customer;
SELECT is(count(*), 2::bigint, 'and no visit is stored twice') FROM tollgate.registration;
SELECT tollgate.note_visit('late', NULL, NULL, repeat('0f', 32), 'aws_unavailable',
  NULL) \g /dev/null
SELECT tollgate.register_visit('late', NULL, 'p', 'i0', 'a0', 'arn:x:l-0', repeat('0f', 32), NULL,
  NULL) \g /dev/null
SELECT is(outcome, 'resolved', 'a request noted as failed may still succeed')
  FROM tollgate.registration WHERE request_id = 'late';

-- Bad input.
SELECT throws_ok($$SELECT tollgate.register_visit('x', NULL, 'nowhere', 'i', NULL, NULL, NULL, NULL,
  NULL)$$, 'TG404', 'no such product', 'a product that is not sold here');
SELECT throws_ok($$SELECT tollgate.register_visit('x', NULL, 'p', '', NULL, '', NULL, NULL, NULL)$$,
  'TG400', 'AWS named no customer: neither CustomerIdentifier nor CustomerAWSAccountId nor '
  'LicenseArn',
  'no identity at all');
SELECT throws_ok($$SELECT tollgate.register_visit('x', NULL, 'p', 'i', NULL, NULL, 'abc', NULL,
  NULL)$$, '22023', NULL, 'a hash that is none');
SELECT throws_ok($$SELECT tollgate.register_visit(NULL, NULL, 'p', 'i', NULL, NULL, NULL, NULL,
  NULL)$$, '23502', NULL, 'no request id');

-- metered_by, at creation.
SELECT is((pg_temp.row(pg_temp.visit(product, identifier, account, license))).metered_by::text,
    wanted, 'metered by ' || wanted || ': ' || what)
  FROM (VALUES
    ('p', 'm1', 'n1', 'arn:x:l-m1', 'license', 'all three'),
    ('p', '', 'n2', 'arn:x:l-m2', 'license', 'account and license'),
    ('p', 'm3', 'n3', '', 'customer_identifier', 'identifier and account'),
    ('p', 'm4', NULL, NULL, 'customer_identifier', 'identifier alone'),
    ('p', 'm5', '', 'arn:x:l-m5', 'customer_identifier',
      'identifier and a license without account'),
    ('p', '', 'n6', '', 'account', 'account alone'),
    ('p', '', '', 'arn:x:l-m7', 'license', 'license alone')
  ) visit (product, identifier, account, license, wanted, what);

-- By license: its tail decides, whatever else AWS says.
SELECT is(pg_temp.visit('p', 'm1', 'n1', 'aws:y:us-east-1:l-m1'),
  pg_temp.visit('p', 'm1', 'n1', 'arn:x:l-m1'), 'two spellings of one license are one customer');
SELECT is(pg_temp.visit('p', NULL, NULL, 'arn:x:l-m1'), pg_temp.visit('p', 'm1', 'n1',
  'arn:x:l-m1'),
  'the license alone finds them');
SELECT isnt(pg_temp.visit('p', 'm1', 'n1', 'arn:x:l-m1b'), pg_temp.visit('p', 'm1', 'n1',
  'arn:x:l-m1'),
  'a second license of the same buyer is another customer');
SELECT is((pg_temp.row(pg_temp.visit('p', 'm1', 'n1', 'arn:x:l-m1'))).license_arn::text,
  'arn:x:l-m1',
  'the first keeps its own license');
SELECT isnt(pg_temp.visit('q', 'm1', 'n1', 'arn:x:l-m1'), pg_temp.visit('p', 'm1', 'n1',
  'arn:x:l-m1'),
  'another product is another customer');

-- A buyer of 2019 who comes back with a license.
CREATE TEMP TABLE legacy AS SELECT pg_temp.visit('p', 'old', 'o1', NULL) AS id;
SELECT is(pg_temp.visit('p', 'old', 'o1', 'arn:x:l-old'), id, 'the row without a license adopts it')
  FROM legacy;
SELECT is((pg_temp.row(id)).license_id, 'l-old', 'and has it from then on') FROM legacy;
SELECT is((pg_temp.row(id)).metered_by::text, 'customer_identifier',
  'but is metered as before, or AWS would bill twice') FROM legacy;
SELECT isnt(pg_temp.visit('p', 'old', 'o1', 'arn:x:l-old2'), id,
  'a later license is another customer')
  FROM legacy;
SELECT is(pg_temp.visit('p', 'old', 'o1', NULL), id,
  'without a license they are the customer metered by their identifier') FROM legacy;
SELECT isnt(pg_temp.visit('q', 'old', 'o1', 'arn:x:l-q'), id, 'only within the product')
  FROM legacy;

-- A license without the identifier adopts nothing: the account may hold several.
SELECT isnt(pg_temp.visit('p', NULL, 'n3', 'arn:x:l-n3'), pg_temp.visit('p', 'm3', 'n3', NULL),
  'an account does not make a license theirs');

-- Without a license.
CREATE TEMP TABLE two AS SELECT pg_temp.visit('p', 'two', 't1', 'arn:x:l-t1') AS first,
  pg_temp.visit('p', 'two', 't1', 'arn:x:l-t2') AS second;
SELECT is(pg_temp.visit('p', 'two', 't1', ''), first,
  'of two licenses of one identifier, the oldest')
  FROM two;
SELECT is(pg_temp.visit('p', '', 't1', NULL), first, 'of two licenses of one account, the oldest')
  FROM two;
CREATE TEMP TABLE lone AS SELECT pg_temp.visit('p', 'new', 't1', NULL) AS id;
SELECT is(pg_temp.visit('p', NULL, 't1', NULL), id, 'by account, one without a license comes first')
  FROM lone;
CREATE TEMP TABLE account AS SELECT pg_temp.visit('p', NULL, 'u1', NULL) AS id;
SELECT pg_temp.visit('p', 'u-other', 'u1', NULL) \g /dev/null
SELECT is(pg_temp.visit('p', NULL, 'u1', NULL), id, 'by account, who is metered by it comes first')
  FROM account;
SELECT isnt(pg_temp.visit('p', 'u-third', 'u1', NULL), id, 'another identifier is another customer')
  FROM account;

-- Merged and never wiped.
CREATE TEMP TABLE merged AS SELECT pg_temp.visit('p', NULL, 'v1', 'arn:x:l-v') AS id;
SELECT is(pg_temp.visit('p', 'v', 'v1', 'arn:x:l-v', NULL, 'free-trial'), id,
  'a later visit knows more')
  FROM merged;
SELECT is((pg_temp.row(id)).customer_identifier::text, 'v', 'which is added') FROM merged;
SELECT pg_temp.visit('p', '', '', 'arn:x:l-v', NULL, '') \g /dev/null
SELECT is(concat_ws(' ', customer_identifier, customer_aws_account_id, offer_type_claimed),
  'v v1 free-trial', 'a visit that knows less wipes nothing')
  FROM tollgate.customer JOIN merged USING (id);
SELECT pg_temp.visit('p', '', '', 'arn:x:l-v', NULL, 'public') \g /dev/null
SELECT is(concat_ws(' ', customer_identifier, customer_aws_account_id, offer_type_claimed),
  'v v1 public', 'nor does one that knows less of one thing and more of another')
  FROM tollgate.customer JOIN merged USING (id);
SELECT pg_temp.visit('p', 'v', '', NULL, NULL, '') \g /dev/null
SELECT pg_temp.visit('p', 'v', 'v1-new', NULL, NULL, '') \g /dev/null
SELECT is(concat_ws(' ', customer_identifier, customer_aws_account_id, license_arn,
    offer_type_claimed), 'v v1-new arn:x:l-v public', 'nor one without the license')
  FROM tollgate.customer JOIN merged USING (id);
SELECT pg_temp.visit('p', 'v-new', 'v2', 'aws:y:l-v', NULL, 'other') \g /dev/null
SELECT is(concat_ws(' ', customer_identifier, customer_aws_account_id, license_arn,
    offer_type_claimed), 'v-new v2 aws:y:l-v other', 'the newest visit replaces')
  FROM tollgate.customer JOIN merged USING (id);
SELECT pg_temp.visit('p', 'other', 'o9', 'arn:x:l-old') \g /dev/null
SELECT is((pg_temp.row(id)).customer_identifier::text, 'old',
  'but not the identifier that the customer is metered by') FROM legacy;
SELECT is((pg_temp.row(id)).customer_aws_account_id::text, 'o9', 'only what they are not')
  FROM legacy;
SELECT tollgate.change_metered_by(id, 'account', 'x') FROM legacy \g /dev/null
SELECT pg_temp.visit('p', 'old', 'o10', NULL) \g /dev/null
SELECT is((pg_temp.row(id)).customer_aws_account_id::text, 'o9', 'nor the account, of who is metered by that')
  FROM legacy;
CREATE TEMP TABLE quiet AS SELECT c.ctid AS place, c.id FROM tollgate.customer c, merged
  WHERE c.id = merged.id;
SELECT pg_temp.visit('p', 'v-new', 'v2', 'aws:y:l-v', NULL, 'other') \g /dev/null
SELECT is(c.ctid, quiet.place, 'a visit that says nothing new writes no customer')
  FROM tollgate.customer c JOIN quiet USING (id);

-- Replayed from a journal: with its own time, and never over newer values.
CREATE TEMP TABLE replay AS
  SELECT pg_temp.visit('p', 'w', 'w1', NULL, now() - interval '2 hours') AS id;
SELECT is((pg_temp.row(id)).created_at::timestamptz, now() - interval '2 hours',
  'a replayed visit makes a customer as of its time') FROM replay;
SELECT is(happened_at::timestamptz, now() - interval '2 hours', 'who landed then')
  FROM tollgate.customer_event JOIN replay ON customer_id = replay.id;
SELECT pg_temp.visit('p', 'w', 'w2', NULL, now() - interval '1 hour') \g /dev/null
SELECT is((pg_temp.row(id)).customer_aws_account_id::text, 'w2', 'a newer one replaces')
  FROM replay;
SELECT pg_temp.visit('p', 'w', 'w3', NULL, now() - interval '90 minutes', 'free-trial') \g /dev/null
SELECT is((pg_temp.row(id)).customer_aws_account_id::text, 'w2', 'an older one does not')
  FROM replay;
SELECT is((pg_temp.row(id)).offer_type_claimed::text, 'free-trial', 'but fills what was empty')
  FROM replay;
SELECT pg_temp.visit('p', 'w', 'w4', NULL, now() + interval '1 year') \g /dev/null
SELECT is(max(visited_at)::timestamptz, now(), 'a visit of the future is one of now')
  FROM tollgate.registration;
SELECT pg_temp.visit('p', 'w', 'w5', NULL) \g /dev/null
SELECT is((pg_temp.row(id)).customer_aws_account_id::text, 'w5', 'so it stands in nobody''s way')
  FROM replay;
SELECT throws_ok($$SELECT pg_temp.visit('p', 'w', NULL, NULL, '-infinity')$$, '23514', NULL,
  'a visit before all time is refused');

-- Two licenses of one buyer, of whom AWS names no account.
SELECT isnt(pg_temp.visit('p', 'pz', NULL, 'arn:x:l-pz1'), pg_temp.visit('p', 'pz', NULL, 'arn:x:l-pz2'),
  'another license of one identifier is another customer');
SELECT is(string_agg(metered_by, ' ' ORDER BY id), 'customer_identifier license', 'metered by its license')
  FROM tollgate.customer WHERE customer_identifier = 'pz';
SELECT * FROM finish();
