-- MeterUsage and RegisterUsage: who calls them, what was honoured, and the keys that sign.

CREATE TABLE sandbox.caller (
  session_token_sha256 bytea PRIMARY KEY,
  customer_aws_account_id text COLLATE "C" NOT NULL,
  platform text NOT NULL,
  region text COLLATE "C",
  CONSTRAINT caller_session_token_sha256_length CHECK (octet_length(session_token_sha256) IN (0, 32)),
  CONSTRAINT caller_platform_known CHECK (platform IN ('ec2', 'ecs', 'eks', 'none')),
  CONSTRAINT caller_region_of_all_but_the_default CHECK ((region IS NULL) = (session_token_sha256 = ''))
);
INSERT INTO sandbox.caller VALUES ('', '123456789012', 'ecs', NULL);
COMMENT ON TABLE sandbox.caller IS
  'The buyers'' instances, tasks and pods that call MeterUsage and RegisterUsage: each is its session token';
COMMENT ON COLUMN sandbox.caller.session_token_sha256 IS
  'The token itself is nowhere. Empty: the default caller, as who calls without a token, or with one that nobody registered';
COMMENT ON COLUMN sandbox.caller.customer_aws_account_id IS 'The buyer''s, twelve digits';
COMMENT ON COLUMN sandbox.caller.platform IS 'What it runs on: ec2, ecs, eks, or none of AWS''s';
COMMENT ON COLUMN sandbox.caller.region IS
  'Where it runs; null: the default caller, which runs everywhere and is subscribed to everything';

CREATE TABLE sandbox.usage (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  metering_record_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  session_token_sha256 bytea NOT NULL REFERENCES sandbox.caller,
  region text COLLATE "C" NOT NULL,
  product_code text COLLATE "C" NOT NULL,
  dimension text COLLATE "C" NOT NULL,
  used_hour timestamptz NOT NULL,
  quantity bigint NOT NULL,
  allocations jsonb,
  customer_aws_account_id text COLLATE "C" NOT NULL,
  platform text NOT NULL,
  CONSTRAINT usage_once UNIQUE (session_token_sha256, region, product_code, dimension, used_hour),
  CONSTRAINT usage_quantity_not_negative CHECK (quantity >= 0)
);
COMMENT ON TABLE sandbox.usage IS
  'What MeterUsage honoured: one quantity a caller, product, dimension and hour';
COMMENT ON COLUMN sandbox.usage.id IS 'The order in which it came';
COMMENT ON COLUMN sandbox.usage.metering_record_id IS 'As answered, each time it was sent';
COMMENT ON COLUMN sandbox.usage.session_token_sha256 IS 'Who called';
COMMENT ON COLUMN sandbox.usage.region IS 'Where the call was signed for; regions do not know of each other';
COMMENT ON COLUMN sandbox.usage.product_code IS 'Of what';
COMMENT ON COLUMN sandbox.usage.dimension IS 'In what it is counted';
COMMENT ON COLUMN sandbox.usage.used_hour IS 'The start of the hour';
COMMENT ON COLUMN sandbox.usage.quantity IS 'For the hour; the first one counts';
COMMENT ON COLUMN sandbox.usage.allocations IS 'UsageAllocations as they were sent, or null';
COMMENT ON COLUMN sandbox.usage.customer_aws_account_id IS 'The caller''s at that time';
COMMENT ON COLUMN sandbox.usage.platform IS 'The caller''s at that time';

CREATE TABLE sandbox.client_token (
  session_token_sha256 bytea NOT NULL REFERENCES sandbox.caller,
  region text COLLATE "C" NOT NULL,
  client_token text COLLATE "C" NOT NULL,
  parameters jsonb NOT NULL,
  metering_record_id uuid NOT NULL REFERENCES sandbox.usage (metering_record_id),
  PRIMARY KEY (session_token_sha256, region, client_token)
);
COMMENT ON TABLE sandbox.client_token IS 'The ClientTokens of usage that was honoured';
COMMENT ON COLUMN sandbox.client_token.session_token_sha256 IS 'Who called';
COMMENT ON COLUMN sandbox.client_token.region IS 'Where';
COMMENT ON COLUMN sandbox.client_token.client_token IS 'As it was sent';
COMMENT ON COLUMN sandbox.client_token.parameters IS 'What it was sent with: all else is a conflict';
COMMENT ON COLUMN sandbox.client_token.metering_record_id IS 'What was answered';

CREATE TABLE sandbox.registration (
  session_token_sha256 bytea NOT NULL REFERENCES sandbox.caller,
  product_code text COLLATE "C" NOT NULL,
  PRIMARY KEY (session_token_sha256, product_code)
);
COMMENT ON TABLE sandbox.registration IS
  'The callers that RegisterUsage has let in: it does not ask again whether they may';
COMMENT ON COLUMN sandbox.registration.session_token_sha256 IS 'Who called';
COMMENT ON COLUMN sandbox.registration.product_code IS 'For what';

CREATE TABLE sandbox.signing_key (
  version int PRIMARY KEY,
  request_id text UNIQUE,
  private_key text NOT NULL,
  public_key text NOT NULL,
  rotated_at timestamptz,
  CONSTRAINT signing_key_version_positive CHECK (version > 0)
);
COMMENT ON TABLE sandbox.signing_key IS
  'RSA pairs of RegisterUsage''s signature. The first is made when it is first needed, and stays';
COMMENT ON COLUMN sandbox.signing_key.version IS 'PublicKeyVersion';
COMMENT ON COLUMN sandbox.signing_key.request_id IS
  'Of the control call that made it, so that it is safe to repeat; null for the first';
COMMENT ON COLUMN sandbox.signing_key.private_key IS 'PEM, PKCS #8';
COMMENT ON COLUMN sandbox.signing_key.public_key IS 'PEM, SubjectPublicKeyInfo';
COMMENT ON COLUMN sandbox.signing_key.rotated_at IS
  'PublicKeyRotationTimestamp, by the sandbox''s clock: from then on it has expired, though it still signs; null: never';
