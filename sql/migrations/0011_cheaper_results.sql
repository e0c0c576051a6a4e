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
