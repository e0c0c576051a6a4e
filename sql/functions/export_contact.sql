CREATE OR REPLACE FUNCTION tollgate.export_contact(customer_id bigint, reason text)
  RETURNS TABLE (email text, fields jsonb, created_at timestamptz, updated_at timestamptz)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  exported bigint;
BEGIN
  PERFORM tollgate.check_repair(customer_id, reason);
  RETURN QUERY
    SELECT c.email, c.fields, c.created_at, c.updated_at FROM contact c
      WHERE c.customer_id = export_contact.customer_id ORDER BY c.created_at;
  GET DIAGNOSTICS exported = ROW_COUNT;
  INSERT INTO admin_action (action, customer_id, reason)
    VALUES (format('export_contact: %s rows', exported), customer_id, reason);
END
$$;
COMMENT ON FUNCTION tollgate.export_contact(bigint, text) IS
  'All personal data kept about the people of this customer, for somebody who asks for theirs. Give a '
  'reason, such as "asked for by email on 2026-11-02"; it is kept';
