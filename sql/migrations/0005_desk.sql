-- What the views for people need so that none of them reads the events or the records of years.

CREATE INDEX rollup_line_of_customer ON tollgate.rollup_line (customer_id, used_hour);

-- Without what an outage of AWS moved, which may be very much and asks nothing of anybody.
DROP INDEX tollgate.metering_result_not_billed;
CREATE INDEX metering_result_for_people ON tollgate.metering_result (record_id)
  WHERE outcome IN ('refused', 'unconfirmed', 'unknown');

ALTER TABLE tollgate.open_record
  ADD COLUMN customer_id bigint,
  ADD COLUMN dimension tollgate.dimension_name,
  ADD COLUMN hour timestamptz,
  ADD COLUMN quantity bigint;
UPDATE tollgate.open_record o
  SET customer_id = r.customer_id, dimension = r.dimension, hour = r.hour, quantity = r.quantity
  FROM tollgate.metering_record r WHERE r.id = o.record_id;
ALTER TABLE tollgate.open_record
  ALTER COLUMN customer_id SET NOT NULL,
  ALTER COLUMN dimension SET NOT NULL,
  ALTER COLUMN hour SET NOT NULL,
  ALTER COLUMN quantity SET NOT NULL;
COMMENT ON TABLE tollgate.open_record IS
  'A queue, derived: records without a result. It has the record''s columns that people ask for, '
  'so that listing what is open does not read the records of years';
COMMENT ON COLUMN tollgate.open_record.customer_id IS
  'Whose; as in the record, like all that follows';
COMMENT ON COLUMN tollgate.open_record.dimension IS 'Of what';
COMMENT ON COLUMN tollgate.open_record.hour IS 'The start of the hour';
COMMENT ON COLUMN tollgate.open_record.quantity IS 'Whole units';

CREATE TABLE tollgate.aws_window (
  single boolean PRIMARY KEY DEFAULT true,
  past interval NOT NULL DEFAULT '24 hours',
  month_closes interval NOT NULL DEFAULT '6 hours',
  CONSTRAINT aws_window_only_row CHECK (single)
);
INSERT INTO tollgate.aws_window DEFAULT VALUES;
COMMENT ON TABLE tollgate.aws_window IS
  'How old usage may be that AWS takes, by the edition that the last freeze went by: one row. '
  'Informs only';
COMMENT ON COLUMN tollgate.aws_window.single IS 'True, so that there is one row';
COMMENT ON COLUMN tollgate.aws_window.past IS 'So old';
COMMENT ON COLUMN tollgate.aws_window.month_closes IS
  'How long into a month AWS takes last month''s usage; 0: as long as any other';
