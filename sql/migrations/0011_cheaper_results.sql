-- A result is made by statements that read its record and its call, and neither can be deleted: the
-- keys had nothing to find, and looking was half of the cost of storing a result.
ALTER TABLE tollgate.metering_result DROP CONSTRAINT IF EXISTS metering_result_record_id_fkey,
  DROP CONSTRAINT IF EXISTS metering_result_call_id_fkey;

-- settle_calls() has taken its place, and check_answers() looks at all of them.
DROP FUNCTION IF EXISTS tollgate.settle_call(bigint, int, text, text, boolean, jsonb);
DROP FUNCTION IF EXISTS tollgate.check_answers(bigint, bigint[], jsonb);

-- Each record is noted twice while it is open, in columns without an index: with room in its page, no
-- index has to hear of it.
ALTER TABLE tollgate.open_record SET (fillfactor = 50);

-- What is frozen is the sum of what is open, and what is billed is what is nowhere else: two sums less
-- to keep with each record. The view is made anew, without them.
DROP VIEW IF EXISTS tollgate.balance;
DROP TRIGGER IF EXISTS metering_record_kept ON tollgate.metering_record;
ALTER TABLE tollgate.month_sum DROP COLUMN IF EXISTS frozen, DROP COLUMN IF EXISTS billed;
CREATE INDEX open_record_of_customer ON tollgate.open_record (customer_id);
