-- The end of a subscription, repairs by people, and what is written off.

-- ---- the end of a subscription ----

ALTER DOMAIN tollgate.event_kind DROP CONSTRAINT event_kind_check;
ALTER DOMAIN tollgate.event_kind ADD CHECK (VALUE IN
  ('landed', 'contact_given', 'honoured', 'not_subscribed', 'ending', 'ended', 'resumed'));
COMMENT ON COLUMN tollgate.customer_event.kind IS
  'landed: first visit; contact_given: a session sent the form; honoured: AWS took a record; '
  'not_subscribed: AWS said so; ending: the subscription ended, AWS takes its last usage for an hour '
  'more; ended: that hour is over; resumed: they subscribed again, or it was a mistake';
CREATE INDEX customer_event_of_end ON tollgate.customer_event (customer_id, id)
  WHERE kind IN ('ending', 'ended', 'resumed');

ALTER TABLE tollgate.product
  ADD COLUMN heartbeat text COLLATE "C",
  ADD COLUMN round_up boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT product_heartbeat_dimension FOREIGN KEY (product_code, heartbeat)
    REFERENCES tollgate.dimension (product_code, dimension);
COMMENT ON COLUMN tollgate.product.heartbeat IS
  'A dimension of which each customer without usage gets a record of quantity 0 each hour, as AWS '
  'advises; null: none. Usage that comes later is billed in a later hour then';
COMMENT ON COLUMN tollgate.product.round_up IS
  'What is left of less than a unit when a subscription ends: true: it is billed as one; false: it '
  'is written off';

COMMENT ON COLUMN tollgate.product.aws_region IS
  'Where AWS Marketplace is called for the product; null: in the region of Tollgate''s settings. Who '
  'had a record is metered where that was sent (see customer.metered_region)';

ALTER TABLE tollgate.customer
  ADD COLUMN metered_region text COLLATE "C",
  ADD CONSTRAINT customer_metered_region_shape CHECK (metered_region ~ '^[a-z0-9-]{1,63}$');
COMMENT ON COLUMN tollgate.customer.metered_region IS
  'Where AWS is told of this customer''s usage, since the first record; null: none was frozen yet. '
  'AWS deduplicates within a region only, so it stays (see change_region)';

-- How a customer is metered changes with a row in admin_action only, in the same transaction.
DROP TRIGGER customer_keeps_identity ON tollgate.customer;
CREATE TRIGGER customer_keeps_identity BEFORE UPDATE ON tollgate.customer FOR EACH ROW
  WHEN (NEW.id <> OLD.id OR NEW.product_code <> OLD.product_code
    OR NEW.created_at <> OLD.created_at
    OR (OLD.license_arn IS NOT NULL AND tollgate.license_id(NEW.license_arn)
      IS DISTINCT FROM tollgate.license_id(OLD.license_arn))
    OR (OLD.metered_by = 'customer_identifier'
      AND NEW.customer_identifier IS DISTINCT FROM OLD.customer_identifier)
    OR (OLD.metered_by = 'account'
      AND NEW.customer_aws_account_id IS DISTINCT FROM OLD.customer_aws_account_id))
  EXECUTE FUNCTION tollgate.refuse_change(
    'what a customer is metered by does not change, or AWS bills the same usage twice');
CREATE FUNCTION tollgate.keep_shape() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
COMMENT ON FUNCTION tollgate.keep_shape() IS
  'The trigger of customer.metered_by; its body is in functions/';
CREATE TRIGGER customer_keeps_shape BEFORE UPDATE ON tollgate.customer FOR EACH ROW
  WHEN (NEW.metered_by <> OLD.metered_by) EXECUTE FUNCTION tollgate.keep_shape();

-- Records of nothing, for the heartbeat.
ALTER TABLE tollgate.metering_record DROP CONSTRAINT metering_record_adds_up,
  ADD CONSTRAINT metering_record_adds_up CHECK (units = quantity + carried
    AND (lines > 0 OR (quantity = 0 AND units = 0)));

-- ---- repairs ----

ALTER DOMAIN tollgate.line_kind DROP CONSTRAINT line_kind_check;
ALTER DOMAIN tollgate.line_kind
  ADD CHECK (VALUE IN ('usage', 'carry', 'moved', 'repaired'));
COMMENT ON DOMAIN tollgate.line_kind IS
  'usage: of events; carry: what a record left over; moved: a record that never got to AWS in time; '
  'repaired: what a person sends again of a record that was not billed, or not in full';

CREATE DOMAIN tollgate.repair_action AS text COLLATE "C"
  CHECK (VALUE IN ('retried', 'remapped', 'shortfall', 'settled', 'written_off'));
COMMENT ON DOMAIN tollgate.repair_action IS
  'retried: billed anew; remapped: the same, in another dimension; shortfall: AWS has another '
  'quantity, the difference is billed; settled: a person found out what AWS honoured, the rest is '
  'billed; written_off: never billed';

CREATE TABLE tollgate.metering_repair (
  record_id bigint PRIMARY KEY REFERENCES tollgate.metering_result,
  action tollgate.repair_action NOT NULL,
  honoured bigint NOT NULL,
  admin_action_id bigint NOT NULL UNIQUE REFERENCES tollgate.admin_action,
  repaired_at timestamptz NOT NULL,
  CONSTRAINT metering_repair_honoured_as_aws CHECK (honoured BETWEEN 0 AND 2147483647),
  CONSTRAINT metering_repair_honoured_where_known
    CHECK (honoured = 0 OR action IN ('shortfall', 'settled'))
);
CREATE TRIGGER metering_repair_append_only BEFORE UPDATE OR DELETE ON tollgate.metering_repair
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate.refuse_change('it is append-only');
CREATE TRIGGER metering_repair_kept AFTER INSERT ON tollgate.metering_repair
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tollgate.keep_sums();
COMMENT ON TABLE tollgate.metering_repair IS
  'What a person decided about a record that was not billed; one each. What is to be billed of it '
  'is a line of kind repaired';
COMMENT ON COLUMN tollgate.metering_repair.record_id IS 'The record';
COMMENT ON COLUMN tollgate.metering_repair.action IS 'What was decided (see repair_action)';
COMMENT ON COLUMN tollgate.metering_repair.honoured IS
  'How many units stand at AWS for it, as the person says';
COMMENT ON COLUMN tollgate.metering_repair.admin_action_id IS 'Who, when and why';
COMMENT ON COLUMN tollgate.metering_repair.repaired_at IS 'When, by the ledger''s clock';

-- ---- written off ----

CREATE DOMAIN tollgate.write_off_cause AS text COLLATE "C" CHECK (VALUE IN ('rounding', 'person'));
COMMENT ON DOMAIN tollgate.write_off_cause IS
  'rounding: less than a unit was left when the subscription ended; person: somebody decided so';

CREATE TABLE tollgate.write_off (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cause tollgate.write_off_cause NOT NULL,
  admin_action_id bigint REFERENCES tollgate.admin_action,
  written_off_at timestamptz NOT NULL,
  CONSTRAINT write_off_person_says_why CHECK ((cause = 'person') = (admin_action_id IS NOT NULL))
);
COMMENT ON TABLE tollgate.write_off IS 'Waiting lines that will never be billed';
COMMENT ON COLUMN tollgate.write_off.id IS 'Their order';
COMMENT ON COLUMN tollgate.write_off.cause IS 'Why';
COMMENT ON COLUMN tollgate.write_off.admin_action_id IS 'Who, when and why; null: nobody did';
COMMENT ON COLUMN tollgate.write_off.written_off_at IS 'When, by the ledger''s clock';

CREATE TABLE tollgate.write_off_line (
  line_id bigint PRIMARY KEY,
  write_off_id bigint NOT NULL REFERENCES tollgate.write_off
);
CREATE TRIGGER write_off_line_kept AFTER INSERT ON tollgate.write_off_line
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tollgate.keep_sums();
COMMENT ON TABLE tollgate.write_off_line IS 'Which lines were written off';
COMMENT ON COLUMN tollgate.write_off_line.line_id IS 'The line: it is in no record then';
COMMENT ON COLUMN tollgate.write_off_line.write_off_id IS 'With which';
CREATE TRIGGER write_off_append_only BEFORE UPDATE OR DELETE ON tollgate.write_off
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate.refuse_change('it is append-only');
CREATE TRIGGER write_off_line_append_only BEFORE UPDATE OR DELETE ON tollgate.write_off_line
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate.refuse_change('it is append-only');

ALTER TABLE tollgate.month_sum
  ADD COLUMN written_off numeric NOT NULL DEFAULT 0,
  ADD COLUMN remapped numeric NOT NULL DEFAULT 0;
COMMENT ON COLUMN tollgate.month_sum.written_off IS 'Never to be billed';
COMMENT ON COLUMN tollgate.month_sum.remapped IS
  'Billed in another dimension; negative: of another dimension, billed in this one';

-- Their columns or arguments change; functions/ makes them anew.
DROP FUNCTION IF EXISTS tollgate.audit_balance();
DROP FUNCTION IF EXISTS tollgate.parts_of_hour(timestamptz, bigint);
