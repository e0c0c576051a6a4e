-- The peer's tables, in a database of its own.
CREATE TABLE customers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_code text NOT NULL,
  customer_identifier text NOT NULL,
  aws_account_id text NOT NULL,
  license_arn text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (product_code, customer_identifier)
);
CREATE TABLE usage_records (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_identifier text NOT NULL,
  dimension text NOT NULL,
  quantity int NOT NULL,
  used_at timestamptz NOT NULL,
  sent_at timestamptz,
  status text,
  metering_record_id text
);
CREATE INDEX unsent ON usage_records (id) WHERE sent_at IS NULL;
