CREATE OR REPLACE FUNCTION tollgate.export_contact(customer_id bigint)
  RETURNS TABLE (email text, fields jsonb, created_at timestamptz, updated_at timestamptz)
  LANGUAGE sql STABLE SET search_path = pg_catalog, tollgate, pg_temp AS $$
  SELECT c.email, c.fields, c.created_at, c.updated_at FROM contact c
    WHERE c.customer_id = export_contact.customer_id ORDER BY c.created_at;
$$;
COMMENT ON FUNCTION tollgate.export_contact(bigint) IS
  'All personal data kept about the people of this customer, for somebody who asks for theirs';
