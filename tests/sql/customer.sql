-- What holds for every customer row, whoever writes it.
SELECT plan(28);

INSERT INTO tollgate.product (product_code, name) VALUES ('p', 'P'), ('q', 'Q');

CREATE FUNCTION pg_temp.add(product text, identifier text, account text, license text, metered text)
  RETURNS text LANGUAGE sql AS $$
  SELECT format('INSERT INTO tollgate.customer (product_code, customer_identifier, '
    'customer_aws_account_id, license_arn, metered_by) VALUES (%L, %L, %L, %L, %L)',
    product, identifier, account, license, metered)
$$;

SELECT is(tollgate.license_id(arn), wanted, 'the license of ' || arn) FROM (VALUES
  ('arn:aws:license-manager::123456789012:license:l-abc', 'l-abc'),
  ('aws:license-manager:us-east-1:123456789012:l-abc', 'l-abc'),
  ('arn:aws:license-manager::123456789012:license/l-abc', 'l-abc'),
  ('arn:aws:license-manager::123456789012:license:x-abc',
    'arn:aws:license-manager::123456789012:license:x-abc'),
  ('l-abc', 'l-abc'), ('', '')) spelling (arn, wanted);
SELECT is(tollgate.license_id(NULL), NULL, 'no ARN, no license');

SELECT lives_ok(pg_temp.add('p', 'i1', 'a1', 'arn:x:l-1', 'license'), 'metered by license');
SELECT is((SELECT license_id FROM tollgate.customer), tollgate.license_id('arn:x:l-1'),
  'the column and the function agree on what a license is');
SELECT throws_ok(pg_temp.add('p', 'i2', 'a2', 'aws:y/l-1', 'license'), '23505', NULL,
  'one row a license, however it is spelled');
SELECT lives_ok(pg_temp.add('q', 'i1', 'a1', 'arn:x:l-1', 'license'), 'per product');
SELECT lives_ok(pg_temp.add('p', 'i1', NULL, NULL, 'customer_identifier'),
  'metered by CustomerIdentifier, which a row metered by license may have too');
SELECT throws_ok(pg_temp.add('p', 'i1', 'a9', NULL, 'customer_identifier'), '23505', NULL,
  'one row is metered by a CustomerIdentifier');
SELECT lives_ok(pg_temp.add('p', NULL, 'a1', NULL, 'account'), 'metered by account');
SELECT throws_ok(pg_temp.add('p', NULL, 'a1', NULL, 'account'), '23505', NULL,
  'one row is metered by an account');
SELECT throws_ok(pg_temp.add('p', 'i5', NULL, NULL, 'account'), '23514', NULL,
  'what it is metered by is there');
SELECT throws_ok(pg_temp.add('p', 'i5', NULL, NULL, 'guess'), '23514', NULL,
  'metered by one of the three');
SELECT throws_ok(pg_temp.add('none', 'i5', NULL, NULL, 'customer_identifier'), '23503', NULL,
  'a customer has a product');
SELECT throws_ok(pg_temp.add('p', '', NULL, NULL, 'customer_identifier'), '23514', NULL,
  'an empty identifier is none');
SELECT throws_ok(pg_temp.add('p', repeat('x', 256), NULL, NULL, 'customer_identifier'), '23514',
  NULL, 'an identifier has at most 255 bytes');

SELECT throws_ok('DELETE FROM tollgate.customer', 'TG409', NULL, 'a customer is not deleted');
SELECT throws_ok($$UPDATE tollgate.customer SET metered_by = 'license'
    WHERE metered_by = 'account'$$,
  'TG409', NULL, 'what a customer is metered by does not change');
SELECT throws_ok(
  $$UPDATE tollgate.customer SET customer_identifier = 'x'
    WHERE metered_by = 'customer_identifier'$$,
  'TG409', NULL, 'nor the CustomerIdentifier by which it is');
SELECT throws_ok($$UPDATE tollgate.customer SET license_arn = 'arn:x:l-2'
    WHERE license_id = 'l-1'$$,
  'TG409', NULL, 'a license is not exchanged for another');
SELECT lives_ok($$UPDATE tollgate.customer SET license_arn = 'aws:y:l-1' WHERE license_id = 'l-1'$$,
  'its spelling may change');
INSERT INTO tollgate.customer (product_code, license_arn, license_id, metered_by) VALUES
  ('p', 'arn:x:l-8', 'l-wrong', 'license'), ('p', 'arn:x:l-9', 'l-9', 'license');
SELECT results_eq($$SELECT license_id FROM tollgate.customer WHERE license_arn IN ('arn:x:l-8', 'arn:x:l-9') ORDER BY id$$,
  $$VALUES ('l-8' COLLATE "C"), ('l-9')$$, 'the license of a new row is that of its ARN, whatever is given');
UPDATE tollgate.customer SET license_id = NULL WHERE license_id = 'l-9';
UPDATE tollgate.customer SET license_id = 'l-wrong' WHERE license_arn IS NULL;
SELECT is((SELECT string_agg(license_id, ' ' ORDER BY id) FROM tollgate.customer), 'l-1 l-1 l-8 l-9',
  'and does not change without it');
SELECT throws_ok('UPDATE tollgate.product SET product_code = ''r'' WHERE product_code = ''p''',
  '23503', NULL, 'the code of a product with customers does not change');

SELECT * FROM finish();
