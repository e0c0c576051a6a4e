-- BatchMeterUsage. $1 request id, $2 region, $3 ProductCode or null, $4 its UsageRecords as JSON,
-- $5 a digit for each of them: 1, leave it unprocessed; $6 the sandbox's time in milliseconds since
-- 1970, $7 how many different keys the tags of a record may have. One row with AWS's error and
-- what is wrong, or a row for each record, in their order.
SELECT problem, why, status, record_id
  FROM sandbox.meter_batch($1, $2, $3, $4, $5, to_timestamp($6::bigint / 1000.0), $7)
  ORDER BY place;
