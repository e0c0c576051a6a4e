-- The console: what is billed twice is found by index, and the newest calls are the newest whatever
-- the sandbox's clock was set to.

CREATE INDEX usage_record_of_customer ON sandbox.usage_record
  (product_code, customer_aws_account_id, used_hour, dimension);

ALTER TABLE sandbox.answer ADD noted_at timestamptz;
UPDATE sandbox.answer SET noted_at = least(answered_at, now());
ALTER TABLE sandbox.answer ALTER noted_at SET NOT NULL, ALTER noted_at SET DEFAULT clock_timestamp();
COMMENT ON COLUMN sandbox.answer.noted_at IS 'The real time';
DROP INDEX sandbox.answer_newest;
CREATE INDEX answer_newest ON sandbox.answer (noted_at);
