CREATE OR REPLACE FUNCTION tollgate.change_metered_by(customer_id bigint, metered_by text, reason text)
  RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  PERFORM tollgate.check_repair(customer_id, reason);
  PERFORM tollgate.lock_ledger();
  IF metered_by NOT IN ('license', 'customer_identifier', 'account') OR metered_by IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400',
      MESSAGE = 'metered_by is license, customer_identifier or account';
  ELSIF (SELECT CASE change_metered_by.metered_by WHEN 'license' THEN coalesce(c.license_arn, '') = ''
          OR c.customer_aws_account_id IS NULL
        WHEN 'account' THEN c.customer_aws_account_id IS NULL
        ELSE c.customer_identifier IS NULL END
      FROM customer c WHERE c.id = change_metered_by.customer_id) THEN
    RAISE EXCEPTION USING ERRCODE = 'TG409',
      MESSAGE = format('AWS has not told us the %s of the customer %s', CASE metered_by
        WHEN 'license' THEN 'license and account' WHEN 'account' THEN 'account'
        ELSE 'CustomerIdentifier' END, customer_id);
  END IF;
  INSERT INTO admin_action (action, customer_id, reason)
    VALUES (format('change_metered_by: %s', metered_by), customer_id, reason);
  UPDATE customer c SET metered_by = change_metered_by.metered_by, updated_at = now()
    WHERE c.id = change_metered_by.customer_id;
END
$$;
COMMENT ON FUNCTION tollgate.change_metered_by(bigint, text, text) IS
  'From the next record on, the customer is sent to AWS in this shape. An hour of a dimension has one '
  'record, in one shape, so none is billed in two; what is frozen keeps its own. TG409: the identity '
  'is not known';
