-- What BatchMeterUsage honoured, the end of subscriptions, the settings of /control/settings, and
-- faults that some records of a call meet.

ALTER TABLE sandbox.setting
  ADD edition text,
  ADD repeat_status text NOT NULL DEFAULT 'Success',
  ADD after_end text NOT NULL DEFAULT 'CustomerNotSubscribed',
  ADD grace_seconds int NOT NULL DEFAULT 3600,
  ADD CONSTRAINT setting_edition_known CHECK (edition IN ('today', '2019')),
  ADD CONSTRAINT setting_repeat_status_known CHECK (repeat_status IN ('Success', 'DuplicateRecord')),
  ADD CONSTRAINT setting_after_end_known
    CHECK (after_end IN ('CustomerNotSubscribed', 'InvalidLicenseException')),
  ADD CONSTRAINT setting_grace_seconds_not_negative CHECK (grace_seconds >= 0);
COMMENT ON COLUMN sandbox.setting.edition IS
  'Of the API''s limits; null: what TOLLGATE_API_EDITION says';
COMMENT ON COLUMN sandbox.setting.repeat_status IS
  'Status of a record that was honoured before with the same quantity: Success or DuplicateRecord';
COMMENT ON COLUMN sandbox.setting.after_end IS
  'What records of a license meet after its end: the status CustomerNotSubscribed, or, the whole request, InvalidLicenseException';
COMMENT ON COLUMN sandbox.setting.grace_seconds IS
  'How long after a subscription''s end records of the time before are taken';

ALTER TABLE sandbox.license ADD ended_at timestamptz;
COMMENT ON COLUMN sandbox.license.ended_at IS 'By the sandbox''s clock; null: it goes on';

CREATE TABLE sandbox.usage_record (
  metering_record_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  request_id text NOT NULL REFERENCES sandbox.call,
  place int NOT NULL,
  region text COLLATE "C" NOT NULL,
  product_code text COLLATE "C" NOT NULL,
  customer_aws_account_id text COLLATE "C" NOT NULL,
  license_id text COLLATE "C" REFERENCES sandbox.license,
  dimension text COLLATE "C" NOT NULL,
  used_hour timestamptz NOT NULL,
  quantity bigint NOT NULL,
  record jsonb NOT NULL,
  received_at timestamptz NOT NULL,
  UNIQUE (request_id, place),
  FOREIGN KEY (product_code, customer_aws_account_id) REFERENCES sandbox.customer,
  CONSTRAINT usage_record_quantity_not_negative CHECK (quantity >= 0)
);
-- The two ways to name a buyer are apart: what is metered in both is billed twice.
CREATE UNIQUE INDEX usage_record_of_customer_once ON sandbox.usage_record
  (region, product_code, customer_aws_account_id, used_hour, dimension) WHERE license_id IS NULL;
CREATE UNIQUE INDEX usage_record_of_license_once ON sandbox.usage_record
  (region, license_id, used_hour, dimension) WHERE license_id IS NOT NULL;
COMMENT ON TABLE sandbox.usage_record IS
  'What BatchMeterUsage honoured: one quantity a region, hour, dimension and license, or customer of a product';
COMMENT ON COLUMN sandbox.usage_record.metering_record_id IS 'As answered, each time it was sent';
COMMENT ON COLUMN sandbox.usage_record.request_id IS 'Of the call that it came with';
COMMENT ON COLUMN sandbox.usage_record.place IS 'In that call''s list, from 1';
COMMENT ON COLUMN sandbox.usage_record.region IS
  'What the call was signed for; regions do not know of each other';
COMMENT ON COLUMN sandbox.usage_record.product_code IS 'Of what; with a license, its product';
COMMENT ON COLUMN sandbox.usage_record.customer_aws_account_id IS
  'Whose, however the record named them';
COMMENT ON COLUMN sandbox.usage_record.license_id IS
  'If the record named a license; null: it named a CustomerIdentifier or an account';
COMMENT ON COLUMN sandbox.usage_record.dimension IS 'In what it is counted';
COMMENT ON COLUMN sandbox.usage_record.used_hour IS 'The start of its hour';
COMMENT ON COLUMN sandbox.usage_record.quantity IS 'For the hour; the first one counts';
COMMENT ON COLUMN sandbox.usage_record.record IS
  'The UsageRecord as it was sent, without members that the edition does not know';
COMMENT ON COLUMN sandbox.usage_record.received_at IS 'By the sandbox''s clock';

ALTER TABLE sandbox.fault ADD dimension text COLLATE "C";
COMMENT ON COLUMN sandbox.fault.dimension IS 'Only calls about this dimension; null: any';
ALTER TABLE sandbox.call ADD matched text;
COMMENT ON COLUMN sandbox.call.matched IS
  'A digit for each of its records: 1, the fault is for it; null: the fault had no Match';

SET LOCAL client_min_messages = warning; -- a new database has no functions yet
DROP FUNCTION IF EXISTS sandbox.begin_call(text, text, text, text);
