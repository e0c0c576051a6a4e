CREATE OR REPLACE FUNCTION tollgate.resume_customer(customer_id bigint, reason text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  PERFORM tollgate.check_repair(customer_id, reason);
  PERFORM tollgate.lock_ledger();
  IF NOT EXISTS (SELECT FROM subscription_end e WHERE e.customer_id = resume_customer.customer_id) THEN
    RAISE EXCEPTION USING ERRCODE = 'TG409',
      MESSAGE = format('the subscription of the customer %s has not ended', customer_id);
  END IF;
  INSERT INTO customer_event (customer_id, kind, happened_at)
    VALUES (customer_id, 'resumed', ledger_time());
  PERFORM tollgate.restore_deadlines_of(customer_id);
  INSERT INTO admin_action (action, customer_id, reason)
    VALUES ('resume_customer', customer_id, reason);
END
$$;
COMMENT ON FUNCTION tollgate.resume_customer(bigint, text) IS
  'Notes that a customer subscribed again, or that the end was a mistake: their usage is billed as '
  'before. A buyer who comes with a new registration token is resumed by that. TG409: not ended';
