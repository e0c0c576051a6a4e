CREATE OR REPLACE VIEW tollgate.balance AS
  SELECT m.customer_id, m.dimension,
      trim_scale(sum(m.accepted)) AS accepted,
      trim_scale(sum(m.waiting)) AS waiting,
      trim_scale(sum(m.carried)) AS carried,
      trim_scale(sum(m.included)) AS included,
      trim_scale(sum(m.frozen)) AS frozen,
      trim_scale(sum(m.unconfirmed)) AS unconfirmed,
      trim_scale(sum(m.unknown)) AS unknown,
      trim_scale(sum(m.billed)) AS billed,
      trim_scale(sum(m.refused)) AS refused,
      trim_scale(sum(m.written_off)) AS written_off,
      trim_scale(sum(m.remapped)) AS remapped
    FROM tollgate.month_sum m
    GROUP BY m.customer_id, m.dimension;
COMMENT ON VIEW tollgate.balance IS
  'Where each unit is that was rolled up: accepted is the sum of all that follows, or '
  'audit_balance() shows where it is not';
COMMENT ON COLUMN tollgate.balance.customer_id IS 'Whose';
COMMENT ON COLUMN tollgate.balance.dimension IS 'Of what';
COMMENT ON COLUMN tollgate.balance.accepted IS 'All usage that was rolled up';
COMMENT ON COLUMN tollgate.balance.waiting IS 'To be frozen, when its hour is over';
COMMENT ON COLUMN tollgate.balance.carried IS
  'Left over by a record, such as fractions: joins the next one';
COMMENT ON COLUMN tollgate.balance.included IS 'Not billed: within the included quantity';
COMMENT ON COLUMN tollgate.balance.frozen IS
  'In records that AWS has not answered for good; also those of whose call no answer came';
COMMENT ON COLUMN tollgate.balance.unconfirmed IS
  'AWS has another quantity for the hour, perhaps from an attempt of ours whose answer was lost';
COMMENT ON COLUMN tollgate.balance.unknown IS
  'AWS may have honoured it, and will not say any more';
COMMENT ON COLUMN tollgate.balance.billed IS 'Honoured by AWS';
COMMENT ON COLUMN tollgate.balance.refused IS 'Refused by AWS, for good';
COMMENT ON COLUMN tollgate.balance.written_off IS 'Never to be billed';
COMMENT ON COLUMN tollgate.balance.remapped IS
  'Billed in another dimension; negative: of another dimension, billed in this one';
