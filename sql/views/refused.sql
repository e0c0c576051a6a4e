CREATE OR REPLACE VIEW tollgate.refused AS
  SELECT s.record_id, r.customer_id, r.dimension, r.hour, r.quantity AS units, s.outcome,
      coalesce(s.code, 'no answer') AS code,
      coalesce(w.reason, 'AWS refuses it with a code that is not known here.') AS reason,
      CASE s.outcome WHEN 'refused' THEN concat_ws(' ', w.to_do,
          coalesce(w.when_refused, 'Mended: retry_record(record, reason). Else: '
            'write_off_record(record, reason).'))
        ELSE w.to_do
      END AS to_do, s.settled_at, s.call_id, a.aws_request_id, w.no
    FROM tollgate.metering_result s
    JOIN tollgate.metering_record r ON r.id = s.record_id
    LEFT JOIN tollgate.metering_answer a ON a.call_id = s.call_id
    LEFT JOIN tollgate.list_reasons() w
      ON w.code = CASE WHEN s.outcome = 'refused' THEN coalesce(s.code, 'no answer')
        WHEN s.code = 'restored' THEN s.code ELSE s.outcome END
    WHERE s.outcome IN ('refused', 'unconfirmed', 'unknown')
      AND NOT EXISTS (SELECT FROM tollgate.metering_repair p WHERE p.record_id = s.record_id);
COMMENT ON VIEW tollgate.refused IS
  'Records that AWS did not bill, or perhaps did, and nobody decided about: why, and what a person '
  'can do';
COMMENT ON COLUMN tollgate.refused.record_id IS 'The record';
COMMENT ON COLUMN tollgate.refused.customer_id IS 'Whose';
COMMENT ON COLUMN tollgate.refused.dimension IS 'Of what';
COMMENT ON COLUMN tollgate.refused.hour IS 'The start of the hour';
COMMENT ON COLUMN tollgate.refused.units IS 'Whole units';
COMMENT ON COLUMN tollgate.refused.outcome IS
  'refused, unconfirmed or unknown (see record_outcome)';
COMMENT ON COLUMN tollgate.refused.code IS 'AWS''s status or error, as it said last';
COMMENT ON COLUMN tollgate.refused.reason IS 'What that means';
COMMENT ON COLUMN tollgate.refused.to_do IS 'What to mend, and the function that then settles it';
COMMENT ON COLUMN tollgate.refused.settled_at IS 'When its outcome was known';
COMMENT ON COLUMN tollgate.refused.call_id IS 'The call that decided it; null: none did';
COMMENT ON COLUMN tollgate.refused.aws_request_id IS 'For AWS''s support';
COMMENT ON COLUMN tollgate.refused.no IS
  'The reason''s number in list_reasons(), for lists; null: not there';
