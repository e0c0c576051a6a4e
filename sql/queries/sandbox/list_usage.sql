-- GET /control/usage: what MeterUsage honoured, as it came.
SELECT product_code, dimension, quantity, extract(epoch FROM used_hour)::bigint,
    customer_aws_account_id, platform, region, metering_record_id, allocations
  FROM sandbox.usage ORDER BY id;
