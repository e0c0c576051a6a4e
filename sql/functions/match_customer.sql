-- No search_path of its own, as in the other functions that only these here call: setting it costs
-- a tenth of a visit. So every name is qualified.
CREATE OR REPLACE FUNCTION tollgate.match_customer(product text, identifier text, account text,
  license text) RETURNS bigint
  LANGUAGE plpgsql AS $$
DECLARE
  found_id bigint;
BEGIN
  IF license IS NOT NULL THEN
    SELECT c.id INTO found_id FROM tollgate.customer c
      WHERE c.license_id = tollgate.license_id(license) AND c.product_code = product;
    IF found_id IS NULL AND identifier IS NOT NULL THEN
      found_id := tollgate.adopt_license(product, identifier, license);
    END IF;
  ELSIF identifier IS NOT NULL THEN
    SELECT c.id INTO found_id FROM tollgate.customer c
      WHERE c.customer_identifier = identifier AND c.product_code = product
      ORDER BY c.metered_by = 'customer_identifier' DESC, c.license_id IS NULL DESC, c.id LIMIT 1;
  ELSE
    SELECT c.id INTO found_id FROM tollgate.customer c
      WHERE c.customer_aws_account_id = account AND c.product_code = product
      ORDER BY c.metered_by = 'account' DESC, c.license_id IS NULL DESC, c.id LIMIT 1;
  END IF;
  RETURN found_id;
END
$$;
COMMENT ON FUNCTION tollgate.match_customer(text, text, text, text) IS
  'Which customer the identities that AWS resolved belong to, null if none yet. By license; else '
  'the buyer of this CustomerIdentifier without a license adopts it; without a license by '
  'CustomerIdentifier; with neither by account';
