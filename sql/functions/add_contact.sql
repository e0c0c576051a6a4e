CREATE OR REPLACE FUNCTION tollgate.add_contact(session text, product text, identifier text,
  account text, license text, email text, names text[], answers text[], request text)
  RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
DECLARE
  session_hash bytea := decode(session, 'hex');
  who bigint;
  typed jsonb;
BEGIN
  -- Checked here and not only by the table, whose messages show the row.
  IF NOT coalesce(tollgate.is_email(email), false) THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400', CONSTRAINT = 'contact_email_shape',
      MESSAGE = 'the email address is missing, longer than 254 '
      'characters or not of the shape somebody@somewhere';
  END IF;
  typed := tollgate.contact_fields(names, answers);

  -- The second time round only when the same session's other request was quicker.
  FOR attempt IN 1..2 LOOP
    UPDATE contact c SET email = add_contact.email, fields = typed, request_id = request,
        updated_at = now()
      WHERE c.session_sha256 = session_hash RETURNING c.customer_id INTO who;
    EXIT WHEN FOUND;
    who := (tollgate.ensure_customer(product, identifier, account, license, NULL, request,
      now())).customer_id;
    INSERT INTO contact (session_sha256, customer_id, email, fields, request_id)
      VALUES (session_hash, who, email, typed, request) ON CONFLICT DO NOTHING;
    IF FOUND THEN
      INSERT INTO customer_event (customer_id, kind, happened_at, request_id)
        VALUES (who, 'contact_given', now(), request);
      EXIT;
    END IF;
  END LOOP;
  RETURN who;
END
$$;
COMMENT ON FUNCTION
  tollgate.add_contact(text, text, text, text, text, text, text[], text[], text) IS
  'Stores what a session (SHA-256 in hex) typed; sent again, it replaces what the same session '
  'typed and nothing else. The customer is found by identities as in register_visit. TG400: email '
  'or fields out of bounds; TG404: no such product';
