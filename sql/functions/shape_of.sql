CREATE OR REPLACE FUNCTION tollgate.shape_of(identifier text, account text, license text)
  RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN license IS NOT NULL AND account IS NOT NULL THEN 'license'
    WHEN identifier IS NOT NULL THEN 'customer_identifier'
    WHEN account IS NOT NULL THEN 'account'
    ELSE 'license'
  END;
COMMENT ON FUNCTION tollgate.shape_of(text, text, text) IS
  'What a new customer with these identities is metered by';
