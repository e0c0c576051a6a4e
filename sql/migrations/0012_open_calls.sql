-- Which record is in a call just now, its call says: noting that with each record was an update before
-- each call, and a row version to be cleared away after it.
CREATE TABLE tollgate.open_call (
  call_id bigint PRIMARY KEY,
  records bigint[] NOT NULL
);
COMMENT ON TABLE tollgate.open_call IS
  'A queue, derived: calls without an answer. Their records have no result, and a record is never in '
  'two';
COMMENT ON COLUMN tollgate.open_call.call_id IS 'The call';
COMMENT ON COLUMN tollgate.open_call.records IS 'Its records';
INSERT INTO tollgate.open_call (call_id, records)
  SELECT c.id, c.records FROM tollgate.metering_call c
    WHERE c.id IN (SELECT o.call_id FROM tollgate.open_record o);
UPDATE tollgate.open_record SET attempts = attempts - 1 WHERE call_id IS NOT NULL;

DROP VIEW IF EXISTS tollgate.waiting, tollgate.at_risk;
DROP FUNCTION IF EXISTS tollgate.open_code(tollgate.open_record),
  tollgate.settle_calls(jsonb);
ALTER TABLE tollgate.open_record DROP COLUMN call_id, RESET (fillfactor),
  ADD COLUMN allocations int NOT NULL DEFAULT 0;
UPDATE tollgate.open_record o SET allocations = a.n
  FROM (SELECT record_id, count(*) AS n FROM tollgate.record_allocation GROUP BY 1) a
  WHERE a.record_id = o.record_id;
COMMENT ON COLUMN tollgate.open_record.attempts IS 'Calls that it was in and that are over';
COMMENT ON COLUMN tollgate.open_record.allocations IS 'In how many parts it is shared out';

CREATE TRIGGER metering_call_kept AFTER INSERT ON tollgate.metering_call
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tollgate.keep_sums();
CREATE TRIGGER metering_answer_kept AFTER INSERT ON tollgate.metering_answer
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tollgate.keep_sums();
