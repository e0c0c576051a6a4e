-- Counters: an app that knows only how far a counter has come reports that, and its growth is usage.

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
CREATE TRIGGER counter_reading_append_only BEFORE UPDATE OR DELETE ON tollgate.counter_reading
  FOR EACH STATEMENT EXECUTE FUNCTION tollgate.refuse_change('a correction is a negative usage event');
