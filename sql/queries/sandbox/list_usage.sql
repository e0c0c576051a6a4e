-- GET /control/usage: what MeterUsage honoured, in the order received, as one JSON array.
SELECT coalesce('[' || string_agg(json_strip_nulls(json_build_object(
      'ProductCode', product_code, 'UsageDimension', dimension, 'UsageQuantity', quantity,
      'Timestamp', extract(epoch FROM used_hour)::bigint,
      'CustomerAWSAccountId', customer_aws_account_id, 'Platform', platform, 'Region', region,
      'MeteringRecordId', metering_record_id, 'UsageAllocations', allocations
    ))::text, ',' ORDER BY id) || ']', '[]')
  FROM sandbox.usage;
