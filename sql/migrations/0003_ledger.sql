-- The ledger: usage becomes billed records, once. Append-only from the event to the result; each
-- row points to the one before it, and states are views. What is not append-only is derived and can
-- be made anew: the two queues (what waits, what is open) and the sums behind the balance, which
-- triggers keep, so that no function that adds a row can forget them.
--
--   usage_event → rollup_line → record_line → metering_record → metering_call → metering_answer
--                                                             → metering_result
--
-- From the event to the record there are no foreign keys: they cost half the time of a freeze, and
-- would say nothing new. What a row points to can't be deleted, only functions of ours add rows,
-- and audit_ledger() counts them.

CREATE FUNCTION tollgate.hour_of(moment timestamptz) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN date_bin('1 hour', moment, timestamptz '2000-01-01 00:00:00+00');
COMMENT ON FUNCTION tollgate.hour_of(timestamptz) IS 'The start of the hour, UTC';

CREATE FUNCTION tollgate.second_of(moment timestamptz) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN date_bin('1 second', moment, timestamptz '2000-01-01 00:00:00+00');
COMMENT ON FUNCTION tollgate.second_of(timestamptz) IS 'Without its fraction, rounded down';

CREATE FUNCTION tollgate.month_of(moment timestamptz) RETURNS date
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN date_trunc('month', moment AT TIME ZONE 'UTC')::date;
COMMENT ON FUNCTION tollgate.month_of(timestamptz) IS 'The first day of the month, UTC';

CREATE FUNCTION tollgate.is_tags(tags jsonb) RETURNS boolean
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN jsonb_typeof(tags) = 'object'
    AND (SELECT count(*) BETWEEN 1 AND 5 AND bool_and(jsonb_typeof(t.value) = 'string'
        AND t.key ~ '^[a-zA-Z0-9+ =._:/@-]{1,100}$'
        AND t.value #>> '{}' ~ '^[a-zA-Z0-9+ =._:/@-]+$' AND char_length(t.value #>> '{}') <= 256)
      FROM jsonb_each(tags) t);
END
$$;
COMMENT ON FUNCTION tollgate.is_tags(jsonb) IS
  'Whether it is an object of 1 to 5 tags that AWS takes: keys of 100 characters, values of 256';

CREATE DOMAIN tollgate.tag_set AS jsonb
  CHECK (jsonb_typeof(VALUE) = 'object' AND octet_length(VALUE::text) <= 2000);
COMMENT ON DOMAIN tollgate.tag_set IS
  'Tags that passed is_tags(), or {}: none. Five of the longest have 1,820 bytes';
CREATE DOMAIN tollgate.dimension_name AS text COLLATE "C"
  CHECK (char_length(VALUE) BETWEEN 1 AND 255);
COMMENT ON DOMAIN tollgate.dimension_name IS 'A dimension''s, as in the table dimension';
CREATE DOMAIN tollgate.aws_code AS text COLLATE "C" CHECK (char_length(VALUE) BETWEEN 1 AND 255);
COMMENT ON DOMAIN tollgate.aws_code IS
  'A status, error or id that AWS gave; at most 255 characters';

ALTER TABLE tollgate.product
  ADD COLUMN horizon interval NOT NULL DEFAULT '62 days',
  ADD CONSTRAINT product_horizon_range CHECK (horizon BETWEEN '1 day' AND '400 days');
COMMENT ON COLUMN tollgate.product.horizon IS
  'How old usage may be when it is recorded; older usage is refused. Events are kept so long';

ALTER TABLE tollgate.dimension
  ADD COLUMN included numeric,
  ADD CONSTRAINT dimension_included_range CHECK (included >= 0 AND included < 1e15
    AND included = round(included, 9));
COMMENT ON COLUMN tollgate.dimension.included IS
  'What a customer may use in a month (UTC) without being metered; null: all usage is metered. '
  'Such a dimension has no tags. A change counts for usage that is rolled up after it';
CREATE TRIGGER dimension_stays BEFORE DELETE ON tollgate.dimension FOR EACH STATEMENT
  EXECUTE FUNCTION tollgate.refuse_change('usage and bills refer to dimensions for ever');
CREATE TRIGGER dimension_keeps_name BEFORE UPDATE ON tollgate.dimension FOR EACH ROW
  WHEN (NEW.product_code <> OLD.product_code OR NEW.dimension <> OLD.dimension)
  EXECUTE FUNCTION tollgate.refuse_change('usage and bills refer to dimensions for ever');

CREATE TABLE tollgate.ledger (
  single boolean PRIMARY KEY DEFAULT true,
  generation int NOT NULL DEFAULT 1,
  CONSTRAINT ledger_only_row CHECK (single)
);
INSERT INTO tollgate.ledger DEFAULT VALUES;
COMMENT ON TABLE tollgate.ledger IS 'The ledger''s identity: one row';
COMMENT ON COLUMN tollgate.ledger.single IS 'True, so that there is one row';
COMMENT ON COLUMN tollgate.ledger.generation IS
  'Raised when the database was restored from a dump: older transaction ids mean nothing then';

-- ---- events ----

CREATE TABLE tollgate.usage_event (
  customer_id bigint NOT NULL,
  dimension text COLLATE "C" NOT NULL,
  quantity numeric NOT NULL,
  used_at timestamptz NOT NULL,
  idempotency_key text COLLATE "C",
  tags jsonb,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  generation int NOT NULL DEFAULT 1,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  -- NaN is greater than any number.
  CONSTRAINT usage_event_quantity_range CHECK (quantity > -1e15 AND quantity < 1e15),
  CONSTRAINT usage_event_quantity_decimals CHECK (quantity = round(quantity, 9)),
  CONSTRAINT usage_event_key_length CHECK (char_length(idempotency_key) BETWEEN 1 AND 255),
  CONSTRAINT usage_event_tags_as_aws CHECK (tollgate.is_tags(tags))
);
CREATE INDEX usage_event_by_transaction ON tollgate.usage_event (generation, xid);
CREATE UNIQUE INDEX usage_event_key ON tollgate.usage_event (customer_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
COMMENT ON TABLE tollgate.usage_event IS
  'Usage as the seller''s app reports it: INSERT or COPY (customer_id, dimension, quantity, '
  'used_at, idempotency_key, tags). Never changed; a correction is one more event, with a '
  'negative quantity';
COMMENT ON COLUMN tollgate.usage_event.customer_id IS 'Whose usage; a customer''s id';
COMMENT ON COLUMN tollgate.usage_event.dimension IS 'A dimension of the customer''s product';
COMMENT ON COLUMN tollgate.usage_event.quantity IS
  'How much: below 10^15, at most 9 decimals. Whole units are billed, a fraction waits for more';
COMMENT ON COLUMN tollgate.usage_event.used_at IS
  'When it was used: not over five minutes ahead of the server''s clock, and not older than the '
  'product''s horizon';
COMMENT ON COLUMN tollgate.usage_event.idempotency_key IS
  'Makes a repeat safe: unique for each customer. Beware of ON CONFLICT DO NOTHING, which hides a '
  'repeat with other content';
COMMENT ON COLUMN tollgate.usage_event.tags IS
  'For AWS''s cost allocation, such as {"team": "blue"}: 1 to 5, as AWS takes them; null: none';
COMMENT ON COLUMN tollgate.usage_event.recorded_at IS 'When it was written; informs only';
COMMENT ON COLUMN tollgate.usage_event.generation IS
  'Of the ledger: transaction ids mean something within one only';
COMMENT ON COLUMN tollgate.usage_event.xid IS
  'The transaction that wrote it, by which each roll-up takes what none before it saw';

CREATE FUNCTION tollgate.check_usage() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
COMMENT ON FUNCTION tollgate.check_usage() IS
  'The trigger of usage_event; its body is in functions/';
CREATE TRIGGER usage_event_checked AFTER INSERT ON tollgate.usage_event
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tollgate.check_usage();
CREATE TRIGGER usage_event_append_only BEFORE UPDATE OR DELETE ON tollgate.usage_event
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate.refuse_change('a correction is one more event');

-- ---- roll-up ----

CREATE TABLE tollgate.rollup (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  generation int NOT NULL,
  snapshot pg_snapshot NOT NULL,
  rolled_up_at timestamptz NOT NULL,
  events bigint NOT NULL,
  units numeric NOT NULL
);
COMMENT ON TABLE tollgate.rollup IS 'Each time that new events became lines';
COMMENT ON COLUMN tollgate.rollup.id IS 'Their order';
COMMENT ON COLUMN tollgate.rollup.generation IS 'Of the ledger, as in usage_event';
COMMENT ON COLUMN tollgate.rollup.snapshot IS
  'What its statement saw: the next one takes what this one could not see';
COMMENT ON COLUMN tollgate.rollup.rolled_up_at IS 'When';
COMMENT ON COLUMN tollgate.rollup.events IS 'How many it took';
COMMENT ON COLUMN tollgate.rollup.units IS 'The sum of their quantities';

CREATE DOMAIN tollgate.line_kind AS text
  CHECK (VALUE IN ('usage', 'carry', 'moved'));
COMMENT ON DOMAIN tollgate.line_kind IS
  'usage: of events; carry: what a record left over; moved: a record that never got to AWS in time';

CREATE TABLE tollgate.rollup_line (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind tollgate.line_kind NOT NULL,
  rollup_id bigint,
  origin_record_id bigint,
  customer_id bigint NOT NULL,
  dimension tollgate.dimension_name NOT NULL,
  tags tollgate.tag_set NOT NULL,
  used_hour timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL,
  events bigint NOT NULL,
  quantity numeric NOT NULL,
  billable numeric NOT NULL,
  CONSTRAINT rollup_line_has_one_origin CHECK ((kind = 'usage') = (rollup_id IS NOT NULL)
    AND (kind = 'usage') = (origin_record_id IS NULL)),
  CONSTRAINT rollup_line_within_hour CHECK (tollgate.hour_of(last_used_at) = used_hour)
);
CREATE UNIQUE INDEX rollup_line_origin ON tollgate.rollup_line (origin_record_id, kind, tags)
  WHERE origin_record_id IS NOT NULL;
CREATE INDEX rollup_line_of_rollup ON tollgate.rollup_line (rollup_id) WHERE rollup_id IS NOT NULL;
COMMENT ON TABLE tollgate.rollup_line IS
  'What one roll-up gives one customer, dimension, set of tags and hour of use; and what a record '
  'gave back';
COMMENT ON COLUMN tollgate.rollup_line.id IS 'Their order';
COMMENT ON COLUMN tollgate.rollup_line.kind IS 'Where it comes from (see the domain line_kind)';
COMMENT ON COLUMN tollgate.rollup_line.rollup_id IS 'The roll-up, of usage';
COMMENT ON COLUMN tollgate.rollup_line.origin_record_id IS 'The record, of the other kinds';
COMMENT ON COLUMN tollgate.rollup_line.customer_id IS 'Whose';
COMMENT ON COLUMN tollgate.rollup_line.dimension IS 'Of what';
COMMENT ON COLUMN tollgate.rollup_line.tags IS 'The tags that its events share; {}: none';
COMMENT ON COLUMN tollgate.rollup_line.used_hour IS 'When it was used: the start of the hour';
COMMENT ON COLUMN tollgate.rollup_line.last_used_at IS 'The latest of its events';
COMMENT ON COLUMN tollgate.rollup_line.events IS 'How many';
COMMENT ON COLUMN tollgate.rollup_line.quantity IS 'Their sum';
COMMENT ON COLUMN tollgate.rollup_line.billable IS
  'What of it counts beyond the included quantity: billable(used after) - billable(used before), '
  'so it is negative where a correction gives back what was metered';

CREATE TABLE tollgate.waiting_line (
  line_id bigint PRIMARY KEY,
  used_hour timestamptz NOT NULL,
  customer_id bigint NOT NULL,
  dimension tollgate.dimension_name NOT NULL,
  tags tollgate.tag_set NOT NULL,
  kind tollgate.line_kind NOT NULL,
  last_used_at timestamptz NOT NULL,
  billable numeric NOT NULL
);
CREATE INDEX waiting_line_by_hour ON tollgate.waiting_line (used_hour);
COMMENT ON TABLE tollgate.waiting_line IS
  'A queue, derived: lines that are in no record yet, but for those with nothing to bill. It has '
  'their columns too, so that freezing does not read the lines of years';
COMMENT ON COLUMN tollgate.waiting_line.line_id IS 'The line';
COMMENT ON COLUMN tollgate.waiting_line.used_hour IS 'As in the line, like all that follows';
COMMENT ON COLUMN tollgate.waiting_line.customer_id IS 'Whose';
COMMENT ON COLUMN tollgate.waiting_line.dimension IS 'Of what';
COMMENT ON COLUMN tollgate.waiting_line.tags IS 'The tags; {}: none';
COMMENT ON COLUMN tollgate.waiting_line.kind IS 'Where it comes from';
COMMENT ON COLUMN tollgate.waiting_line.last_used_at IS 'The latest of its events';
COMMENT ON COLUMN tollgate.waiting_line.billable IS 'What waits';

-- ---- records ----

CREATE TABLE tollgate.metering_record (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint NOT NULL,
  dimension tollgate.dimension_name NOT NULL,
  hour timestamptz NOT NULL,
  used_at timestamptz NOT NULL,
  quantity bigint NOT NULL,
  product_code tollgate.identity NOT NULL,
  metered_by tollgate.metered_by NOT NULL,
  customer_identifier tollgate.identity,
  customer_aws_account_id tollgate.identity,
  license_arn tollgate.arn,
  aws_role_arn text COLLATE "C",
  aws_external_id text COLLATE "C",
  aws_region text COLLATE "C" NOT NULL,
  lines bigint NOT NULL,
  units numeric NOT NULL,
  carried numeric NOT NULL,
  frozen_at timestamptz NOT NULL,
  CONSTRAINT metering_record_key UNIQUE (customer_id, dimension, hour),
  CONSTRAINT metering_record_quantity_as_aws CHECK (quantity BETWEEN 0 AND 2147483647),
  CONSTRAINT metering_record_within_hour CHECK (tollgate.hour_of(used_at) = hour
    AND used_at <= frozen_at),
  CONSTRAINT metering_record_whole_seconds CHECK (used_at = tollgate.second_of(used_at)),
  CONSTRAINT metering_record_adds_up CHECK (lines > 0 AND units = quantity + carried),
  CONSTRAINT metering_record_identity_complete CHECK (CASE metered_by
    WHEN 'license' THEN license_arn IS NOT NULL AND customer_aws_account_id IS NOT NULL
      AND customer_identifier IS NULL
    WHEN 'account' THEN customer_aws_account_id IS NOT NULL
      AND coalesce(license_arn, customer_identifier) IS NULL
    ELSE customer_identifier IS NOT NULL
      AND coalesce(license_arn, customer_aws_account_id) IS NULL
  END),
  CONSTRAINT metering_record_account_size CHECK (char_length(aws_role_arn) <= 2048
    AND char_length(aws_external_id) <= 1224 AND char_length(aws_region) <= 63)
);
COMMENT ON TABLE tollgate.metering_record IS
  'What AWS is told of one customer, dimension and hour: frozen before it is sent the first time, '
  'since AWS keeps the first quantity it gets for an hour';
COMMENT ON COLUMN tollgate.metering_record.id IS 'Their order';
COMMENT ON COLUMN tollgate.metering_record.customer_id IS 'Whose';
COMMENT ON COLUMN tollgate.metering_record.dimension IS 'Of what';
COMMENT ON COLUMN tollgate.metering_record.hour IS
  'The start of the hour, by which AWS deduplicates';
COMMENT ON COLUMN tollgate.metering_record.used_at IS
  'The Timestamp that is sent: of the latest event of that hour, or the hour''s last second. In '
  'whole seconds, rounded down: one that was rounded up could be of the next hour';
COMMENT ON COLUMN tollgate.metering_record.quantity IS 'Whole units';
COMMENT ON COLUMN tollgate.metering_record.product_code IS 'The customer''s';
COMMENT ON COLUMN tollgate.metering_record.metered_by IS 'The shape in which it is sent';
COMMENT ON COLUMN tollgate.metering_record.customer_identifier IS 'As it is sent, or null';
COMMENT ON COLUMN tollgate.metering_record.customer_aws_account_id IS 'As it is sent, or null';
COMMENT ON COLUMN tollgate.metering_record.license_arn IS 'As it is sent, or null';
COMMENT ON COLUMN tollgate.metering_record.aws_role_arn IS
  'The role that is taken for it; null: the credentials as they are';
COMMENT ON COLUMN tollgate.metering_record.aws_external_id IS
  'What the role''s trust policy asks for';
COMMENT ON COLUMN tollgate.metering_record.aws_region IS
  'Where it is sent; AWS deduplicates within a region only';
COMMENT ON COLUMN tollgate.metering_record.lines IS 'How many lines went in';
COMMENT ON COLUMN tollgate.metering_record.units IS 'The sum of their billable units';
COMMENT ON COLUMN tollgate.metering_record.carried IS
  'What it left over, as lines of kind carry: fractions, negatives, excess';
COMMENT ON COLUMN tollgate.metering_record.frozen_at IS 'When';

CREATE TABLE tollgate.record_line (
  line_id bigint PRIMARY KEY,
  record_id bigint NOT NULL
);
CREATE INDEX record_line_of_record ON tollgate.record_line (record_id);
COMMENT ON TABLE tollgate.record_line IS 'Which record a line went into';
COMMENT ON COLUMN tollgate.record_line.line_id IS 'The line: in one record at most';
COMMENT ON COLUMN tollgate.record_line.record_id IS 'The record';

CREATE TABLE tollgate.record_allocation (
  record_id bigint NOT NULL,
  tags tollgate.tag_set NOT NULL,
  quantity bigint NOT NULL,
  PRIMARY KEY (record_id, tags),
  CONSTRAINT record_allocation_quantity_as_aws CHECK (quantity BETWEEN 0 AND 2147483647)
);
COMMENT ON TABLE tollgate.record_allocation IS
  'How a record''s quantity is shared out among sets of tags; only of records with tags';
COMMENT ON COLUMN tollgate.record_allocation.record_id IS 'The record';
COMMENT ON COLUMN tollgate.record_allocation.tags IS 'The tags; {}: what has none';
COMMENT ON COLUMN tollgate.record_allocation.quantity IS 'Its part; all parts add up to the whole';

-- ---- sending ----

CREATE TABLE tollgate.metering_run (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  began_at timestamptz NOT NULL,
  ended_at timestamptz,
  exit_code int,
  summary jsonb,
  CONSTRAINT metering_run_summary_size CHECK (octet_length(summary::text) <= 65536)
);
COMMENT ON TABLE tollgate.metering_run IS 'Each run of tollgate-meter';
COMMENT ON COLUMN tollgate.metering_run.id IS 'Their order';
COMMENT ON COLUMN tollgate.metering_run.began_at IS 'When';
COMMENT ON COLUMN tollgate.metering_run.ended_at IS
  'When it was over; null: it runs, or was killed';
COMMENT ON COLUMN tollgate.metering_run.exit_code IS 'As sysexits has it';
COMMENT ON COLUMN tollgate.metering_run.summary IS 'What it said at its end';

CREATE TABLE tollgate.metering_call (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id bigint NOT NULL REFERENCES tollgate.metering_run,
  called_at timestamptz NOT NULL,
  records bigint[] NOT NULL,
  CONSTRAINT metering_call_size CHECK (cardinality(records) BETWEEN 1 AND 25)
);
COMMENT ON TABLE tollgate.metering_call IS
  'An attempt to send records, committed before the call starts: one without an answer may have '
  'been honoured';
COMMENT ON COLUMN tollgate.metering_call.id IS 'Their order';
COMMENT ON COLUMN tollgate.metering_call.run_id IS 'The run that made it';
COMMENT ON COLUMN tollgate.metering_call.called_at IS 'When';
COMMENT ON COLUMN tollgate.metering_call.records IS 'What was in it';

CREATE TABLE tollgate.metering_answer (
  call_id bigint PRIMARY KEY REFERENCES tollgate.metering_call,
  answered_at timestamptz NOT NULL,
  http_status int NOT NULL,
  code tollgate.aws_code,
  aws_request_id tollgate.request_id,
  uncertain boolean NOT NULL,
  unnamed bigint[] NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE tollgate.metering_answer IS 'What came back of a call';
COMMENT ON COLUMN tollgate.metering_answer.call_id IS 'The call';
COMMENT ON COLUMN tollgate.metering_answer.answered_at IS 'When';
COMMENT ON COLUMN tollgate.metering_answer.http_status IS '0: no answer came';
COMMENT ON COLUMN tollgate.metering_answer.code IS
  'AWS''s error; lost: a run was killed before it could note an answer; null: none';
COMMENT ON COLUMN tollgate.metering_answer.aws_request_id IS 'For AWS''s support';
COMMENT ON COLUMN tollgate.metering_answer.uncertain IS
  'The call may have been carried out although no answer says so';
COMMENT ON COLUMN tollgate.metering_answer.unnamed IS
  'Records that the answer does not name: they may have been honoured';

CREATE DOMAIN tollgate.record_outcome AS text
  CHECK (VALUE IN ('billed', 'refused', 'unconfirmed', 'unknown', 'moved'));
COMMENT ON DOMAIN tollgate.record_outcome IS
  'billed: AWS honoured it; refused: AWS never will; unconfirmed: another quantity may stand at '
  'AWS; unknown: it may have been honoured, and can no longer be sent; moved: not honoured, its '
  'units are a new line';

CREATE TABLE tollgate.metering_result (
  record_id bigint PRIMARY KEY REFERENCES tollgate.metering_record,
  call_id bigint REFERENCES tollgate.metering_call,
  outcome tollgate.record_outcome NOT NULL,
  code tollgate.aws_code,
  metering_record_id tollgate.aws_code,
  settled_at timestamptz NOT NULL
);
CREATE INDEX metering_result_not_billed ON tollgate.metering_result (record_id)
  WHERE outcome <> 'billed';
COMMENT ON TABLE tollgate.metering_result IS 'The end of a record';
COMMENT ON COLUMN tollgate.metering_result.record_id IS 'The record';
COMMENT ON COLUMN tollgate.metering_result.call_id IS 'The call that decided it; null: none did';
COMMENT ON COLUMN tollgate.metering_result.outcome IS 'What became of it (see record_outcome)';
COMMENT ON COLUMN tollgate.metering_result.code IS 'AWS''s status or error';
COMMENT ON COLUMN tollgate.metering_result.metering_record_id IS 'AWS''s MeteringRecordId';
COMMENT ON COLUMN tollgate.metering_result.settled_at IS 'When';

CREATE TABLE tollgate.open_record (
  record_id bigint PRIMARY KEY,
  deadline timestamptz NOT NULL,
  attempts int NOT NULL DEFAULT 0,
  call_id bigint,
  uncertain boolean NOT NULL DEFAULT false,
  code tollgate.aws_code
);
CREATE INDEX open_record_by_deadline ON tollgate.open_record (deadline, record_id);
COMMENT ON TABLE tollgate.open_record IS 'A queue, derived: records without a result';
COMMENT ON COLUMN tollgate.open_record.record_id IS 'The record';
COMMENT ON COLUMN tollgate.open_record.deadline IS 'From then on AWS does not take it';
COMMENT ON COLUMN tollgate.open_record.attempts IS 'Calls that it was in';
COMMENT ON COLUMN tollgate.open_record.call_id IS
  'The call that it is in just now, without an answer yet; null: in none. Never in two';
COMMENT ON COLUMN tollgate.open_record.uncertain IS
  'One of them may have been carried out although no answer says so';
COMMENT ON COLUMN tollgate.open_record.code IS 'Why it is still open, as AWS said last';

-- ---- sums ----

CREATE TABLE tollgate.month_sum (
  customer_id bigint NOT NULL,
  dimension tollgate.dimension_name NOT NULL,
  month date NOT NULL,
  accepted numeric NOT NULL DEFAULT 0,
  waiting numeric NOT NULL DEFAULT 0,
  carried numeric NOT NULL DEFAULT 0,
  included numeric NOT NULL DEFAULT 0,
  frozen numeric NOT NULL DEFAULT 0,
  unconfirmed numeric NOT NULL DEFAULT 0,
  unknown numeric NOT NULL DEFAULT 0,
  billed numeric NOT NULL DEFAULT 0,
  refused numeric NOT NULL DEFAULT 0,
  PRIMARY KEY (customer_id, dimension, month)
) WITH (fillfactor = 60);
COMMENT ON TABLE tollgate.month_sum IS
  'Derived: where the units of a customer''s dimension are, so that nobody counts history. A line '
  'counts in the month of its hour of use, a record in the month of its hour; so the law holds for '
  'the sum of all months';
COMMENT ON COLUMN tollgate.month_sum.customer_id IS 'Whose';
COMMENT ON COLUMN tollgate.month_sum.dimension IS 'Of what';
COMMENT ON COLUMN tollgate.month_sum.month IS 'Its first day, UTC';
COMMENT ON COLUMN tollgate.month_sum.accepted IS
  'Of events that were rolled up: what was used in that month, by which the included quantity goes';
COMMENT ON COLUMN tollgate.month_sum.waiting IS 'In no record yet';
COMMENT ON COLUMN tollgate.month_sum.carried IS 'Left over by a record, and in no other yet';
COMMENT ON COLUMN tollgate.month_sum.included IS 'Within the included quantity';
COMMENT ON COLUMN tollgate.month_sum.frozen IS 'In a record that has no result yet';
COMMENT ON COLUMN tollgate.month_sum.unconfirmed IS 'Another quantity may stand at AWS';
COMMENT ON COLUMN tollgate.month_sum.unknown IS 'It may have been honoured';
COMMENT ON COLUMN tollgate.month_sum.billed IS 'Honoured';
COMMENT ON COLUMN tollgate.month_sum.refused IS 'AWS never will';

CREATE FUNCTION tollgate.keep_sums() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
COMMENT ON FUNCTION tollgate.keep_sums() IS
  'The trigger that keeps the queues and sums; its body is in functions/';
CREATE TRIGGER rollup_line_kept AFTER INSERT ON tollgate.rollup_line
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tollgate.keep_sums();
CREATE TRIGGER record_line_kept AFTER INSERT ON tollgate.record_line
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tollgate.keep_sums();
CREATE TRIGGER metering_record_kept AFTER INSERT ON tollgate.metering_record
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tollgate.keep_sums();
CREATE TRIGGER metering_result_kept AFTER INSERT ON tollgate.metering_result
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tollgate.keep_sums();

DO $$
DECLARE
  kept text;
BEGIN
  FOREACH kept IN ARRAY ARRAY['rollup', 'rollup_line', 'metering_record', 'record_line',
    'record_allocation', 'metering_call', 'metering_answer', 'metering_result']
  LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON tollgate.%I FOR EACH STATEMENT '
      'EXECUTE FUNCTION tollgate.refuse_change(''it is append-only'')',
      kept || '_append_only', kept);
  END LOOP;
END
$$;
