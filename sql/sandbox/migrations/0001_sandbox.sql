-- The sandbox's own state: what is for sale, who bought it, tokens, faults, and its clock. A database
-- of its own, apart from Tollgate's: nothing of AWS's inside is known to a seller but through the API.
--
-- Names and identifiers have the collation "C": they are compared byte by byte, as AWS does.

CREATE FUNCTION sandbox.license_id(arn text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN CASE
    WHEN starts_with(split_part(translate(arn, '/', ':'), ':', -1), 'l-')
    THEN split_part(translate(arn, '/', ':'), ':', -1)
    ELSE arn
  END;
COMMENT ON FUNCTION sandbox.license_id(text) IS
  'What is the same in all spellings of a license''s ARN: its l-… tail, or all of an ARN without one';

CREATE TABLE sandbox.product (
  product_code text COLLATE "C" PRIMARY KEY,
  title text NOT NULL,
  about text NOT NULL,
  identity text NOT NULL,
  CONSTRAINT product_identity_known CHECK (identity IN ('legacy', 'license'))
);
COMMENT ON TABLE sandbox.product IS 'What the shop sells. Tokens can be made for other product codes too';
COMMENT ON COLUMN sandbox.product.product_code IS 'As ResolveCustomer answers it';
COMMENT ON COLUMN sandbox.product.title IS 'In the shop';
COMMENT ON COLUMN sandbox.product.about IS 'In the shop, a sentence';
COMMENT ON COLUMN sandbox.product.identity IS
  'legacy: a buyer is a CustomerIdentifier, as in the API reference of 2019; license: an AWS account with a license, as for products listed since 2026-06';

CREATE TABLE sandbox.dimension (
  product_code text COLLATE "C" NOT NULL REFERENCES sandbox.product,
  dimension text COLLATE "C" NOT NULL,
  unit_price numeric NOT NULL,
  PRIMARY KEY (product_code, dimension),
  CONSTRAINT dimension_unit_price_positive CHECK (unit_price > 0)
);
COMMENT ON TABLE sandbox.dimension IS 'What usage of a product is counted in';
COMMENT ON COLUMN sandbox.dimension.product_code IS 'Whose dimension it is';
COMMENT ON COLUMN sandbox.dimension.dimension IS 'As in BatchMeterUsage';
COMMENT ON COLUMN sandbox.dimension.unit_price IS 'US dollars for one';

INSERT INTO sandbox.product (product_code, title, about, identity) VALUES
  ('prod-legacy', 'Orchard Analytics', 'Dashboards and reports for growers.', 'legacy'),
  ('prod-license', 'Orchard Vault', 'Encrypted storage with a key for each team.', 'license');
INSERT INTO sandbox.dimension (product_code, dimension, unit_price)
  SELECT product_code, dimension, unit_price
  FROM sandbox.product, (VALUES ('users', 12.00), ('requests', 0.002), ('gigabytes', 0.10))
    dimension (dimension, unit_price);

CREATE TABLE sandbox.customer (
  product_code text COLLATE "C" NOT NULL,
  customer_aws_account_id text COLLATE "C" NOT NULL,
  customer_identifier text COLLATE "C" NOT NULL UNIQUE,
  PRIMARY KEY (product_code, customer_aws_account_id)
);
COMMENT ON TABLE sandbox.customer IS 'A buyer of a product, however many licenses they have of it';
COMMENT ON COLUMN sandbox.customer.product_code IS 'Not always one of the shop''s';
COMMENT ON COLUMN sandbox.customer.customer_aws_account_id IS 'Twelve digits';
COMMENT ON COLUMN sandbox.customer.customer_identifier IS 'Every buyer has one; which seller gets to see it depends on the product';

CREATE TABLE sandbox.license (
  license_id text COLLATE "C" PRIMARY KEY,
  license_arn text COLLATE "C" NOT NULL,
  product_code text COLLATE "C" NOT NULL,
  customer_aws_account_id text COLLATE "C" NOT NULL,
  subscribed_at timestamptz NOT NULL,
  offer_type text,
  FOREIGN KEY (product_code, customer_aws_account_id) REFERENCES sandbox.customer
);
CREATE INDEX license_by_customer ON sandbox.license (product_code, customer_aws_account_id);
COMMENT ON TABLE sandbox.license IS 'A subscription';
COMMENT ON COLUMN sandbox.license.license_id IS 'Its ARN''s l-… tail (sandbox.license_id)';
COMMENT ON COLUMN sandbox.license.license_arn IS 'As it was first spelled';
COMMENT ON COLUMN sandbox.license.product_code IS 'Of what';
COMMENT ON COLUMN sandbox.license.customer_aws_account_id IS 'Whose';
COMMENT ON COLUMN sandbox.license.subscribed_at IS 'By the sandbox''s clock';
COMMENT ON COLUMN sandbox.license.offer_type IS 'free-trial, or null';

CREATE TABLE sandbox.token (
  token_sha256 bytea PRIMARY KEY,
  license_id text COLLATE "C" NOT NULL REFERENCES sandbox.license,
  license_arn text COLLATE "C" NOT NULL,
  expires_at timestamptz NOT NULL,
  customer_identifier_shape text NOT NULL,
  product_code_shape text NOT NULL,
  customer_aws_account_id_shape text NOT NULL,
  license_arn_shape text NOT NULL,
  CONSTRAINT token_sha256_length CHECK (octet_length(token_sha256) = 32),
  CONSTRAINT token_shapes_known CHECK (ARRAY['set', 'absent', 'null', 'empty'] @>
    ARRAY[customer_identifier_shape, product_code_shape, customer_aws_account_id_shape,
      license_arn_shape])
);
CREATE INDEX token_by_license ON sandbox.token (license_id);
COMMENT ON TABLE sandbox.token IS 'Registration tokens';
COMMENT ON COLUMN sandbox.token.token_sha256 IS 'The token itself is nowhere';
COMMENT ON COLUMN sandbox.token.license_id IS 'What it resolves to';
COMMENT ON COLUMN sandbox.token.license_arn IS 'As this token''s answer spells it';
COMMENT ON COLUMN sandbox.token.expires_at IS 'By the sandbox''s clock; from then on ExpiredTokenException';
COMMENT ON COLUMN sandbox.token.customer_identifier_shape IS 'How ResolveCustomer shows the CustomerIdentifier: set, absent, null or empty';
COMMENT ON COLUMN sandbox.token.product_code_shape IS 'The same for ProductCode';
COMMENT ON COLUMN sandbox.token.customer_aws_account_id_shape IS 'The same for CustomerAWSAccountId';
COMMENT ON COLUMN sandbox.token.license_arn_shape IS 'The same for LicenseArn';

CREATE TABLE sandbox.fault (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  request_id text NOT NULL UNIQUE,
  action text NOT NULL,
  fault text NOT NULL,
  remaining int NOT NULL,
  delay_ms int NOT NULL,
  customer_identifier text COLLATE "C",
  license_id text COLLATE "C",
  CONSTRAINT fault_remaining_positive CHECK (remaining > 0),
  CONSTRAINT fault_delay_ms_not_negative CHECK (delay_ms >= 0)
);
COMMENT ON TABLE sandbox.fault IS 'What the next calls will meet; a row goes with its last one';
COMMENT ON COLUMN sandbox.fault.id IS 'The order in which they are met';
COMMENT ON COLUMN sandbox.fault.request_id IS 'Of the control call, so that it is safe to repeat';
COMMENT ON COLUMN sandbox.fault.action IS 'Of the API';
COMMENT ON COLUMN sandbox.fault.fault IS 'AWS''s error, or one of the sandbox''s own';
COMMENT ON COLUMN sandbox.fault.remaining IS 'How many calls will still meet it';
COMMENT ON COLUMN sandbox.fault.delay_ms IS 'How long the call waits first';
COMMENT ON COLUMN sandbox.fault.customer_identifier IS 'Only calls about this customer; null: any';
COMMENT ON COLUMN sandbox.fault.license_id IS 'Only calls about this license; null: any';

CREATE TABLE sandbox.call (
  request_id text PRIMARY KEY,
  action text NOT NULL,
  began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  throttled boolean NOT NULL,
  fault text,
  delay_ms int
);
CREATE INDEX call_by_action ON sandbox.call (action, began_at);
COMMENT ON TABLE sandbox.call IS 'Calls of the API that were signed and complete, whatever became of them';
COMMENT ON COLUMN sandbox.call.request_id IS 'AWS''s request id, without its hyphens';
COMMENT ON COLUMN sandbox.call.action IS 'Of the API';
COMMENT ON COLUMN sandbox.call.began_at IS 'The real time, since the rate is one';
COMMENT ON COLUMN sandbox.call.throttled IS 'Refused because of the rate';
COMMENT ON COLUMN sandbox.call.fault IS 'What it met, or null';
COMMENT ON COLUMN sandbox.call.delay_ms IS 'How long it had to wait for that';

CREATE TABLE sandbox.setting (
  single boolean PRIMARY KEY DEFAULT true,
  clock_ahead interval NOT NULL DEFAULT '0',
  calls_per_second int NOT NULL DEFAULT 0,
  CONSTRAINT setting_only_row CHECK (single),
  CONSTRAINT setting_calls_per_second_not_negative CHECK (calls_per_second >= 0)
);
INSERT INTO sandbox.setting DEFAULT VALUES;
COMMENT ON TABLE sandbox.setting IS 'What /control/ has set: one row';
COMMENT ON COLUMN sandbox.setting.single IS 'True, so that there is one row';
COMMENT ON COLUMN sandbox.setting.clock_ahead IS 'Of the real time; it may be negative';
COMMENT ON COLUMN sandbox.setting.calls_per_second IS 'How many calls an action takes; 0: any number';
