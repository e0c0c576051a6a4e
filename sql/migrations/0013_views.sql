-- For views for people, without reading all customers or records: who cannot be metered, and whether
-- anything of an hour was frozen.
CREATE INDEX customer_without_account ON tollgate.customer (id)
  WHERE metered_by = 'license' AND customer_aws_account_id IS NULL;
CREATE INDEX metering_record_by_hour ON tollgate.metering_record (hour);
