CREATE OR REPLACE FUNCTION tollgate.erase_contact(customer_id bigint, reason text) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  erased bigint;
BEGIN
  PERFORM tollgate.check_repair(customer_id, reason);
  DELETE FROM contact c WHERE c.customer_id = erase_contact.customer_id;
  GET DIAGNOSTICS erased = ROW_COUNT;
  INSERT INTO admin_action (action, customer_id, reason)
    VALUES (format('erase_contact: %s rows', erased), customer_id, reason);
  RETURN erased;
END
$$;
COMMENT ON FUNCTION tollgate.erase_contact(bigint, text) IS
  'Erases what people of this customer typed into the form; returns how many rows. The customer, '
  'its visits and its bills stay. Give a reason, such as "asked for by email on 2026-11-02"; it '
  'is kept';
