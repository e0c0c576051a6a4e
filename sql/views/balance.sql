-- Billed is what was accepted and is nowhere else: a sum of its own would be written with each record
-- that AWS honours. audit_ledger() counts the honoured records against it.
CREATE OR REPLACE VIEW tollgate.balance AS
  SELECT b.customer_id, b.dimension, trim_scale(b.accepted) AS accepted,
      trim_scale(b.waiting) AS waiting, trim_scale(b.carried) AS carried,
      trim_scale(b.included) AS included, b.frozen, trim_scale(b.unconfirmed) AS unconfirmed,
      trim_scale(b.unknown) AS unknown,
      trim_scale(b.accepted - b.waiting - b.carried - b.included - b.frozen - b.unconfirmed
        - b.unknown - b.refused - b.written_off - b.remapped) AS billed,
      trim_scale(b.refused) AS refused, trim_scale(b.written_off) AS written_off,
      trim_scale(b.remapped) AS remapped
    FROM (
      SELECT m.*, coalesce(o.frozen, 0) AS frozen
        FROM (SELECT m.customer_id, m.dimension, tollgate.add_up(m.accepted) AS accepted,
              tollgate.add_up(m.waiting) AS waiting, tollgate.add_up(m.carried) AS carried,
              tollgate.add_up(m.included) AS included,
              tollgate.add_up(m.unconfirmed) AS unconfirmed, tollgate.add_up(m.unknown) AS unknown,
              tollgate.add_up(m.refused) AS refused, tollgate.add_up(m.written_off) AS written_off,
              tollgate.add_up(m.remapped) AS remapped
            FROM tollgate.month_sum m GROUP BY m.customer_id, m.dimension) m
        LEFT JOIN (SELECT r.customer_id, r.dimension, sum(r.quantity) AS frozen
            FROM tollgate.open_record r GROUP BY r.customer_id, r.dimension) o
          ON o.customer_id = m.customer_id AND o.dimension = m.dimension) b;
COMMENT ON VIEW tollgate.balance IS
  'Where each unit is that was rolled up: accepted is the sum of all that follows. audit_balance() '
  'counts each from the events and records';
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
