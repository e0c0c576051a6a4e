-- "I already have an account": a code that tells the seller's app who came.
SELECT plan(17);

INSERT INTO tollgate.product (product_code, name) VALUES ('p', 'P');

CREATE FUNCTION pg_temp.make(code text, identifier text, account text, license text)
  RETURNS bigint LANGUAGE sql AS $$
  SELECT tollgate.make_handoff(encode(sha256(convert_to(code, 'UTF8')), 'hex'), 'p', identifier,
    account, license)
$$;
CREATE FUNCTION pg_temp.refused(code text, what text) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT tap.throws_ok(format('SELECT tollgate.redeem_handoff(%L)', code), 'TG404',
    'this code is not valid', what)
$$;

SELECT is(pg_temp.make('code-1', 'i1', 'a1', 'arn:x:l-1'),
  (tollgate.register_visit('r1', NULL, 'p', 'i1', 'a1', 'arn:x:l-1', NULL, NULL, NULL)).customer_id,
  'the customer is found or made by the same rules');
SELECT is(count(*), 1::bigint, 'once') FROM tollgate.customer;
SELECT is(expires_at - created_at, interval '2 minutes', 'a code is good for two minutes')
  FROM tollgate.handoff;
SELECT is(pg_temp.make('code-1', 'i1', 'a1', 'arn:x:l-1'), (SELECT id FROM tollgate.customer),
  'stored again, it is the same');
SELECT is(count(*), 1::bigint, 'and one') FROM tollgate.handoff;

SELECT pg_temp.refused('code-2', 'a code that nobody made');
SELECT pg_temp.refused(NULL, 'no code');
SELECT pg_temp.refused('', 'an empty code');
SELECT pg_temp.refused(encode(code_sha256, 'hex'), 'what is stored is not the code')
  FROM tollgate.handoff;
SELECT is((SELECT concat_ws(' ', customer_id = (SELECT id FROM tollgate.customer), product_code,
  customer_identifier, customer_aws_account_id, license_arn)
    FROM tollgate.redeem_handoff('code-1')),
  't p i1 a1 arn:x:l-1', 'the code tells who came');
SELECT pg_temp.refused('code-1', 'a second time');

SELECT pg_temp.make('late', 'i1', NULL, NULL) \g /dev/null
UPDATE tollgate.handoff SET created_at = now() - interval '3 minutes',
  expires_at = now() - interval '1 minute'
  WHERE redeemed_at IS NULL;
SELECT pg_temp.refused('late', 'too late');
SELECT pg_temp.make('late', 'i1', NULL, NULL) \g /dev/null
SELECT pg_temp.refused('late', 'not revived by storing it again');

SELECT pg_temp.make('in time', 'i1', NULL, NULL) \g /dev/null
UPDATE tollgate.handoff SET expires_at = clock_timestamp() + interval '10 seconds'
  WHERE redeemed_at IS NULL AND expires_at > now();
SELECT lives_ok('SELECT tollgate.redeem_handoff(''in time'')', 'in time');
SELECT pg_temp.make('just over', 'i1', NULL, NULL) \g /dev/null
UPDATE tollgate.handoff SET expires_at = clock_timestamp() WHERE redeemed_at IS NULL AND expires_at > now();
SELECT pg_temp.refused('just over', 'too late, however early its transaction began');

SELECT throws_ok($$SELECT tollgate.make_handoff('abcd', 'p', 'i1', NULL, NULL)$$, '23514', NULL,
  'a code''s hash has 32 bytes');
SELECT throws_ok($$SELECT tollgate.make_handoff(repeat('ab', 32), 'nowhere', 'i1', NULL, NULL)$$,
  'TG404', NULL, 'a product that is not sold here');

SELECT * FROM finish();
