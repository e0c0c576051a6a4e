-- Calls and answers are made by begin_calls() and settle_calls() alone, each of which has just read the
-- run or the call that it is of, and neither can be deleted: the keys had nothing to find, and looking,
-- by a statement for each row, was a tenth of what a call costs. audit_ledger() looks for them.
ALTER TABLE tollgate.metering_call DROP CONSTRAINT IF EXISTS metering_call_run_id_fkey;
ALTER TABLE tollgate.metering_answer DROP CONSTRAINT IF EXISTS metering_answer_call_id_fkey;
