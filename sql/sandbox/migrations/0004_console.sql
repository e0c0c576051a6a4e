-- What the console shows of calls: their answers, those included that never reached an action.

CREATE TABLE sandbox.answer (
  request_id text PRIMARY KEY,
  answered_at timestamptz NOT NULL,
  action text,
  status int NOT NULL,
  result text NOT NULL,
  fault text
);
CREATE INDEX answer_newest ON sandbox.answer (answered_at);
COMMENT ON TABLE sandbox.answer IS 'Every call of the API and how it was answered';
COMMENT ON COLUMN sandbox.answer.request_id IS 'AWS''s request id, without its hyphens';
COMMENT ON COLUMN sandbox.answer.answered_at IS 'By the sandbox''s clock';
COMMENT ON COLUMN sandbox.answer.action IS 'Null: the call named none that there is';
COMMENT ON COLUMN sandbox.answer.status IS 'Of HTTP; what a fault did to it on the way does not show';
COMMENT ON COLUMN sandbox.answer.result IS 'AWS''s error, or Success';
COMMENT ON COLUMN sandbox.answer.fault IS 'What it met, or null';
