CREATE OR REPLACE VIEW tollgate.record_state AS
  SELECT r.id AS record_id, r.customer_id, r.dimension, r.hour, r.used_at, r.quantity,
      CASE WHEN p.action = 'written_off' THEN 'written_off' WHEN p.honoured > 0 THEN 'billed'
        WHEN p.record_id IS NOT NULL THEN 'moved' WHEN s.outcome IS NOT NULL THEN s.outcome
        WHEN o.uncertain THEN 'uncertain' ELSE 'frozen' END AS state,
      coalesce(s.code, o.code) AS code, s.metering_record_id,
      o.attempts + CASE WHEN c.call_id IS NOT NULL THEN 1 ELSE 0 END AS attempts, o.deadline,
      s.settled_at, p.action AS repair, p.honoured
    FROM tollgate.metering_record r
    LEFT JOIN tollgate.metering_result s ON s.record_id = r.id
    LEFT JOIN tollgate.open_record o ON o.record_id = r.id
    LEFT JOIN (SELECT n.call_id, unnest(n.records) AS record_id FROM tollgate.open_call n) c
      ON c.record_id = r.id
    LEFT JOIN tollgate.metering_repair p ON p.record_id = r.id;
COMMENT ON VIEW tollgate.record_state IS 'Each record and what became of it';
COMMENT ON COLUMN tollgate.record_state.record_id IS 'The record';
COMMENT ON COLUMN tollgate.record_state.customer_id IS 'Whose';
COMMENT ON COLUMN tollgate.record_state.dimension IS 'Of what';
COMMENT ON COLUMN tollgate.record_state.hour IS 'The start of the hour';
COMMENT ON COLUMN tollgate.record_state.used_at IS 'The Timestamp that AWS gets';
COMMENT ON COLUMN tollgate.record_state.quantity IS 'Whole units';
COMMENT ON COLUMN tollgate.record_state.state IS
  'frozen: to be sent; uncertain: sent, and AWS''s answer is not known; else its outcome, or what a '
  'person made of it: billed, moved, written_off';
COMMENT ON COLUMN tollgate.record_state.code IS 'AWS''s status or error';
COMMENT ON COLUMN tollgate.record_state.metering_record_id IS 'AWS''s id of it';
COMMENT ON COLUMN tollgate.record_state.attempts IS 'Calls so far, while it is open';
COMMENT ON COLUMN tollgate.record_state.deadline IS 'From then on AWS does not take it';
COMMENT ON COLUMN tollgate.record_state.settled_at IS 'When its outcome was known';
COMMENT ON COLUMN tollgate.record_state.repair IS 'What a person decided (see repair_action)';
COMMENT ON COLUMN tollgate.record_state.honoured IS
  'How many units of it AWS has, as that person found out';
