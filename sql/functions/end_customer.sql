CREATE OR REPLACE FUNCTION tollgate.end_customer(customer_id bigint, ends_at timestamptz, reason text)
  RETURNS timestamptz
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  closes timestamptz;
BEGIN
  PERFORM tollgate.check_repair(customer_id, reason);
  closes := tollgate.begin_ending(customer_id, ends_at);
  INSERT INTO admin_action (action, customer_id, reason)
    VALUES (format('end_customer: at %s', closes - interval '1 hour'), customer_id, reason);
  RETURN closes;
END
$$;
COMMENT ON FUNCTION tollgate.end_customer(bigint, timestamptz, text) IS
  'Notes that a customer''s subscription ended (ends_at null: just now). The next run of '
  'tollgate-meter sends all their usage, that of the running hour too; it has to come before the '
  'moment that this returns. No record is of a later hour than the end, if an earlier one is free';
