-- Every call, at its end. $1 request id, $2 action or null, $3 HTTP status, $4 AWS's error or
-- Success, $5 fault or null.
INSERT INTO sandbox.answer (request_id, answered_at, action, status, result, fault)
  VALUES ($1, sandbox.now(), $2, $3, $4, $5)
  ON CONFLICT (request_id) DO NOTHING;
