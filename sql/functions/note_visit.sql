CREATE OR REPLACE FUNCTION tollgate.note_visit(request text, visited double precision,
  product text, token text, outcome text, aws_request text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  IF outcome = 'resolved' THEN
    RAISE EXCEPTION USING ERRCODE = 'TG400',
      MESSAGE = 'a visit that resolved has a customer: register_visit';
  END IF;
  INSERT INTO registration (request_id, product_code, visited_at, outcome, token_sha256,
      aws_request_id)
    VALUES (request, nullif(product, ''), coalesce(least(to_timestamp(visited), now()), now()),
      outcome, decode(nullif(token, ''), 'hex'), nullif(aws_request, ''))
    ON CONFLICT (request_id) DO NOTHING;
END
$$;
COMMENT ON FUNCTION tollgate.note_visit(text, double precision, text, text, text, text) IS
  'Stores a visit that led to no customer, and why. The same request again changes nothing';
