-- What a seller may write into product and dimension.
SELECT plan(104);

SELECT lives_ok($$INSERT INTO tollgate.product (product_code, name) VALUES ('prod-1', 'One')$$,
  'a code and a name are enough');
SELECT is(form_fields, '[]', 'without fields of its own') FROM tollgate.product;

CREATE FUNCTION pg_temp.refused(field text, value text, message text, state text DEFAULT '23514')
  RETURNS SETOF text LANGUAGE sql AS $$
  SELECT tap.throws_ok(format('UPDATE tollgate.product SET %I = %L', field, value), state, message,
    format('%s refused: %s', field, left(to_json(value)::text, 60)))
$$;
CREATE FUNCTION pg_temp.taken(field text, value text) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT tap.lives_ok(format('UPDATE tollgate.product SET %I = %L', field, value),
    format('%s taken: %s', field, left(coalesce(to_json(value)::text, 'null'), 60)))
$$;

SELECT pg_temp.taken('product_code', code) FROM unnest(ARRAY['aZ09-/=:_.@', repeat('x', 255)]) code;
SELECT pg_temp.refused('product_code', code, NULL)
  FROM unnest(ARRAY['', 'with blank', 'é', repeat('x', 256), E'a\n']) code;
SELECT pg_temp.refused('name', name, NULL) FROM unnest(ARRAY['', '   ', repeat('x', 201)]) name;
SELECT throws_ok('UPDATE tollgate.product SET name = NULL', '23502', NULL, 'name refused: null');
SELECT pg_temp.refused('seller_name', repeat('x', 201), NULL);
SELECT pg_temp.refused('access_note', repeat('x', 1001), NULL);

-- Links.
SELECT pg_temp.taken('logo_url', url) FROM unnest(ARRAY[NULL, 'https://example.com',
  'https://example.com/', 'https://example.com:8443/a/b.png?v=1&w=%C3%A9~!$()*+,;=@:_-[]',
  'https://example.com?x']) url;
SELECT pg_temp.refused('logo_url', url, NULL) FROM unnest(ARRAY['', 'http://example.com/',
  'HTTPS://example.com/', 'javascript:alert(1)', 'https://', 'https:///path', '//example.com',
  'https://user@example.com/', 'https://example.com/#top', 'https://example.com/a b',
  'https://example.com/"x"', 'https://example.com/<x>', 'https://example.com/é',
  'https://example.com:x/', E'https://example.com/\n', 'https://example.com/' || repeat('x', 2000)
  ]) url;
SELECT pg_temp.refused(field, 'http://example.com', NULL)
  FROM unnest(ARRAY['support_url', 'terms_url', 'privacy_url', 'handoff_url']) field;
SELECT pg_temp.refused(field, 'http://localhost', NULL)
  FROM unnest(ARRAY['support_url', 'logo_url']) field;
SELECT pg_temp.taken('handoff_url', url) FROM unnest(ARRAY['https://app.example.com/link?from=aws',
  'http://localhost', 'http://localhost:3000/link', 'http://127.0.0.1:3000/link',
  'http://127.0.0.1/']) url;
SELECT pg_temp.refused('handoff_url', url, NULL) FROM unnest(ARRAY['http://localhost.example.com/',
  'http://127.0.0.1.example.com/', 'http://127x0.0.1/', 'http://localhost@example.com/',
  'https://app.example.com/#x', 'http://localhost/#x']) url;

SELECT pg_temp.taken('support_email', 'help+aws@example.com');
SELECT pg_temp.refused('support_email', address, NULL) FROM unnest(ARRAY['', 'help', '@example.com',
  'a@', 'a@b@c', 'a b@example.com', E'a\n@example.com', repeat('x', 251) || '@b.c']) address;

-- Form fields: the message names the field.
SELECT pg_temp.taken('form_fields', form) FROM unnest(ARRAY['[]', '[{"name": "a", "label": "A"}]',
  '[{"name": "a_9", "label": "A", "hint": "h", "required": true, "max_length": 2000,
     "type": "multiline"}, {"name": "b", "label": "B", "type": "tel", "max_length": 1}]']) form;
SELECT pg_temp.refused('form_fields', form, message, 'TG400') FROM (VALUES
  ('{}', 'form_fields is not an array of at most 20 fields'),
  ('null', 'form_fields is not an array of at most 20 fields'),
  ('[1]', 'form_fields: field 1 is not an object'),
  ('[{"label": "A"}]', 'form_fields: field 1 needs a name: a-z, then up to 39 of a-z 0-9 _'),
  ('[{"name": "A", "label": "A"}]',
    'form_fields: field 1 "A" needs a name: a-z, then up to 39 of a-z 0-9 _'),
  ('[{"name": "email", "label": "A"}]',
    'form_fields: field 1 "email" is named email, which every form has already'),
  ('[{"name": "a", "label": "A"}, {"name": "a", "label": "B"}]',
    'form_fields: field 1 "a" has a name that another field has too'),
  ('[{"name": "a"}]', 'form_fields: field 1 "a" needs a label of 1 to 100 characters'),
  ('[{"name": "a", "label": ""}]', 'form_fields: field 1 "a" needs a label of 1 to 100 characters'),
  ('[{"name": "a", "label": "A"}, {"name": "zip", "label": "Z", "lenght": 5}]',
    'form_fields: field 2 "zip" has the unknown key "lenght"; allowed are name, label, hint, '
    'required, max_length and type'),
  ('[{"name": "a", "label": "A", "hint": 1}]',
    'form_fields: field 1 "a" has a hint that is not a text of at most 200 characters'),
  ('[{"name": "a", "label": "A", "required": "yes"}]',
    'form_fields: field 1 "a" has a required that is not true or false'),
  ('[{"name": "a", "label": "A", "max_length": 0}]',
    'form_fields: field 1 "a" has a max_length that is not a whole number from 1 to 2000'),
  ('[{"name": "a", "label": "A", "max_length": 1.5}]',
    'form_fields: field 1 "a" has a max_length that is not a whole number from 1 to 2000'),
  ('[{"name": "a", "label": "A", "max_length": "9"}]',
    'form_fields: field 1 "a" has a max_length that is not a whole number from 1 to 2000'),
  ('[{"name": "a", "label": "A", "type": "password"}]',
    'form_fields: field 1 "a" has a type that is not text, tel, url or multiline')
) refused (form, message);
SELECT throws_ok($$UPDATE tollgate.product SET form_fields = (SELECT jsonb_agg(jsonb_build_object(
    'name', 'f' || i, 'label', 'F')) FROM generate_series(1, 21) i)$$, 'TG400',
  'form_fields is not an array of at most 20 fields', 'form_fields refused: 21 of them');

-- Dimensions.
SELECT throws_ok($$INSERT INTO tollgate.dimension VALUES ('none', 'users')$$, '23503', NULL,
  'a dimension needs a product');
UPDATE tollgate.product SET product_code = 'prod-1';
SELECT lives_ok($$INSERT INTO tollgate.dimension VALUES ('prod-1', 'users', 'Seats')$$,
  'a dimension of a product');
SELECT throws_ok($$INSERT INTO tollgate.dimension VALUES ('prod-1', '')$$, '23514', NULL,
  'a dimension has a name');

-- Another seller's account of AWS.
SELECT pg_temp.taken('aws_role_arn', arn) FROM unnest(ARRAY[
  'arn:aws:iam::123456789012:role/tollgate', 'arn:aws-cn:iam::123456789012:role/path/to+=,.@_-x']) arn;
SELECT pg_temp.refused('aws_role_arn', arn, NULL) FROM unnest(ARRAY['', 'tollgate',
  'arn:aws:iam::12345678901:role/x', 'arn:aws:iam::123456789012:user/x',
  'arn:aws:iam::123456789012:role/', 'arn:aws:iam::123456789012:role/a b',
  'arn:aws:iam::123456789012:role/' || repeat('x', 2048)]) arn;
SELECT pg_temp.taken('aws_external_id', 'Tollgate:1/2=+,.@_-');
SELECT pg_temp.refused('aws_external_id', id, NULL) FROM unnest(ARRAY['', 'x', 'a b', repeat('x', 1225)]) id;
SELECT pg_temp.refused('aws_role_arn', NULL, NULL);
SELECT pg_temp.taken('aws_region', 'eu-central-1');
SELECT pg_temp.refused('aws_region', region, NULL) FROM unnest(ARRAY['', 'EU', 'eu.central']) region;

SELECT * FROM finish();
