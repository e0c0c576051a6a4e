-- GET /control/records: what BatchMeterUsage honoured, in the order received, as one JSON array.
SELECT coalesce('[' || string_agg((r.record || jsonb_build_object(
      'Quantity', r.quantity, 'ProductCode', r.product_code, 'Region', r.region,
      'MeteringRecordId', r.metering_record_id, 'RequestId', r.request_id,
      'Hour', extract(epoch FROM r.used_hour)::bigint,
      'ReceivedAt', trim_scale(extract(epoch FROM r.received_at))
    ))::text, ',' ORDER BY c.began_at, r.request_id, r.place) || ']', '[]')
  FROM sandbox.usage_record r JOIN sandbox.call c USING (request_id);
