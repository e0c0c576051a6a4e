CREATE OR REPLACE FUNCTION tollgate.redeem_handoff(code text, OUT customer_id bigint,
  OUT product_code text, OUT customer_identifier text, OUT customer_aws_account_id text,
  OUT license_arn text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, tollgate, pg_temp AS $$
BEGIN
  -- The clock of this moment: now() would stand still in a transaction that the app keeps open.
  UPDATE handoff h SET redeemed_at = clock_timestamp() FROM customer c
    WHERE h.code_sha256 = sha256(convert_to(code, 'UTF8')) AND h.redeemed_at IS NULL
      AND h.expires_at > clock_timestamp() AND c.id = h.customer_id
    RETURNING c.id, c.product_code, c.customer_identifier, c.customer_aws_account_id, c.license_arn
    INTO customer_id, product_code, customer_identifier, customer_aws_account_id, license_arn;
  IF NOT FOUND THEN
    -- One answer for all: a guesser learns nothing from it.
    RAISE EXCEPTION USING ERRCODE = 'TG404', MESSAGE = 'this code is not valid',
      HINT = 'A code works once, within two minutes. Let the buyer start from AWS Marketplace again.';
  END IF;
END
$$;
COMMENT ON FUNCTION tollgate.redeem_handoff(text) IS
  'For the seller''s app: who came with this code from "I already have an account". Works once, '
  'within two minutes. Before linking, let the signed-in user confirm. TG404: not valid';
