-- What an app reports: counters, retention, and the audit of it.

-- An app that knows only how far a counter has come reports that, and its growth is usage.

CREATE DOMAIN tollgate.counter_name AS text COLLATE "C" CHECK (char_length(VALUE) BETWEEN 1 AND 255);
COMMENT ON DOMAIN tollgate.counter_name IS 'A counter''s, as the app names it';

CREATE TABLE tollgate.counter (
  customer_id bigint NOT NULL,
  dimension text COLLATE "C" NOT NULL,
  counter tollgate.counter_name NOT NULL,
  last_read_at timestamptz NOT NULL,
  last_reading numeric NOT NULL,
  PRIMARY KEY (customer_id, dimension, counter)
) WITH (fillfactor = 60);
COMMENT ON TABLE tollgate.counter IS
  'Derived: the newest reading of each counter. Whoever adds a reading locks its row, so two never '
  'grow from the same one';
COMMENT ON COLUMN tollgate.counter.customer_id IS 'Whose';
COMMENT ON COLUMN tollgate.counter.dimension IS 'Of what';
COMMENT ON COLUMN tollgate.counter.counter IS 'Its name; another dimension''s is another counter';
COMMENT ON COLUMN tollgate.counter.last_read_at IS 'When it was read last';
COMMENT ON COLUMN tollgate.counter.last_reading IS 'What it said then';

CREATE TABLE tollgate.counter_reading (
  customer_id bigint NOT NULL,
  dimension text COLLATE "C" NOT NULL,
  counter tollgate.counter_name NOT NULL,
  read_at timestamptz NOT NULL,
  reading numeric NOT NULL,
  tags tollgate.tag_set,
  growth numeric NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (customer_id, dimension, counter, read_at),
  CONSTRAINT counter_reading_range CHECK (reading >= 0 AND reading < 1e15),
  CONSTRAINT counter_reading_decimals CHECK (reading = round(reading, 9)),
  CONSTRAINT counter_reading_growth CHECK (growth BETWEEN 0 AND reading)
);
CREATE INDEX counter_reading_by_time ON tollgate.counter_reading (read_at);
COMMENT ON TABLE tollgate.counter_reading IS
  'What counters said, as the seller''s app reports it with record_reading(). Never changed; kept '
  'for the product''s horizon, and each counter''s last for ever';
COMMENT ON COLUMN tollgate.counter_reading.customer_id IS 'Whose';
COMMENT ON COLUMN tollgate.counter_reading.dimension IS 'Of what';
COMMENT ON COLUMN tollgate.counter_reading.counter IS 'The counter';
COMMENT ON COLUMN tollgate.counter_reading.read_at IS 'When it was read; its growth was used then';
COMMENT ON COLUMN tollgate.counter_reading.reading IS 'What it said';
COMMENT ON COLUMN tollgate.counter_reading.tags IS 'Of the growth; null: none';
COMMENT ON COLUMN tollgate.counter_reading.growth IS
  'Since the reading before it; what became usage. 0: the first one, or one that came after a newer';
COMMENT ON COLUMN tollgate.counter_reading.recorded_at IS 'When it was written; informs only';

-- Retention: events go by whole roll-ups, oldest first; their lines stay.

ALTER TABLE tollgate.product ADD COLUMN usage_dropped_until timestamptz;
COMMENT ON COLUMN tollgate.product.usage_dropped_until IS
  'Usage up to then may have been dropped with its idempotency key, so it is refused, also where the '
  'horizon was raised since. Kept by drop_old_usage(); null: nothing was dropped';
COMMENT ON COLUMN tollgate.product.horizon IS
  'How old usage may be when it is recorded; older usage is refused. Events are kept a day longer';

CREATE TABLE tollgate.rollup_dropped (
  rollup_id bigint PRIMARY KEY,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  dropped_at timestamptz NOT NULL
);
COMMENT ON TABLE tollgate.rollup_dropped IS
  'Roll-ups whose events were deleted, without a gap from the first one on: their lines say what was '
  'accepted';
COMMENT ON COLUMN tollgate.rollup_dropped.rollup_id IS 'The roll-up';
COMMENT ON COLUMN tollgate.rollup_dropped.xid IS
  'The transaction in which its events, and no others, could be deleted';
COMMENT ON COLUMN tollgate.rollup_dropped.dropped_at IS 'When';
CREATE TRIGGER rollup_dropped_append_only BEFORE UPDATE OR DELETE ON tollgate.rollup_dropped
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate.refuse_change('it is append-only');

CREATE FUNCTION tollgate.check_drop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
COMMENT ON FUNCTION tollgate.check_drop() IS
  'The trigger that lets go only what retention may drop; its body is in functions/';
DROP TRIGGER usage_event_append_only ON tollgate.usage_event;
CREATE TRIGGER usage_event_append_only BEFORE UPDATE ON tollgate.usage_event
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate.refuse_change('a correction is one more event');
CREATE TRIGGER usage_event_kept AFTER DELETE ON tollgate.usage_event
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tollgate.check_drop();
CREATE TRIGGER counter_reading_append_only BEFORE UPDATE ON tollgate.counter_reading
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate.refuse_change('a correction is a negative usage event');
CREATE TRIGGER counter_reading_kept AFTER DELETE ON tollgate.counter_reading
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION tollgate.check_drop();

-- The audit, of a period too, and when it was.

DROP FUNCTION IF EXISTS tollgate.audit_ledger();
DROP FUNCTION IF EXISTS tollgate.audit_balance();

CREATE TABLE tollgate.ledger_audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  audited_at timestamptz NOT NULL,
  since timestamptz,
  problems bigint NOT NULL,
  first_problem text,
  CONSTRAINT ledger_audit_problem_size CHECK (char_length(first_problem) <= 1000)
);
COMMENT ON TABLE tollgate.ledger_audit IS 'Each time that tollgate-meter had the ledger audited';
COMMENT ON COLUMN tollgate.ledger_audit.id IS 'Their order';
COMMENT ON COLUMN tollgate.ledger_audit.audited_at IS 'When';
COMMENT ON COLUMN tollgate.ledger_audit.since IS
  'The events of the roll-ups since then were counted again; null: all that were there';
COMMENT ON COLUMN tollgate.ledger_audit.problems IS 'How many lines audit_ledger() had; 0: all is right';
COMMENT ON COLUMN tollgate.ledger_audit.first_problem IS 'The first of them';
CREATE TRIGGER ledger_audit_append_only BEFORE UPDATE OR DELETE ON tollgate.ledger_audit
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate.refuse_change('it is append-only');
