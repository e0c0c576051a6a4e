CREATE OR REPLACE FUNCTION tollgate.merge_visit(who bigint, identifier text, account text,
  license text, offer_type text, newest boolean) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  identifier := nullif(identifier, '');
  account := nullif(account, '');
  license := nullif(license, '');
  offer_type := nullif(offer_type, '');
  -- Nothing is written for a visit that says nothing new. The values are computed in the UPDATE,
  -- from the row as it is once it is locked, so that two visits at once both count.
  UPDATE tollgate.customer c SET updated_at = now(),
      customer_identifier = CASE WHEN newest AND c.metered_by <> 'customer_identifier'
        THEN coalesce(identifier, c.customer_identifier)
        ELSE coalesce(c.customer_identifier, identifier) END,
      customer_aws_account_id = CASE WHEN newest AND c.metered_by <> 'account'
        THEN coalesce(account, c.customer_aws_account_id)
        ELSE coalesce(c.customer_aws_account_id, account) END,
      license_arn = CASE WHEN newest THEN coalesce(license, c.license_arn)
        ELSE coalesce(c.license_arn, license) END,
      offer_type_claimed = CASE WHEN newest THEN coalesce(offer_type, c.offer_type_claimed)
        ELSE coalesce(c.offer_type_claimed, offer_type) END
    WHERE c.id = who AND (
      (identifier <> c.customer_identifier AND newest AND c.metered_by <> 'customer_identifier')
      OR (account <> c.customer_aws_account_id AND newest AND c.metered_by <> 'account')
      OR (license <> c.license_arn AND newest)
      OR (offer_type <> c.offer_type_claimed AND newest)
      OR (identifier IS NOT NULL AND c.customer_identifier IS NULL)
      OR (account IS NOT NULL AND c.customer_aws_account_id IS NULL)
      OR (license IS NOT NULL AND c.license_arn IS NULL)
      OR (offer_type IS NOT NULL AND c.offer_type_claimed IS NULL));
END
$$;
COMMENT ON FUNCTION tollgate.merge_visit(bigint, text, text, text, text, boolean) IS
  'Adds what a visit knows to its customer. The newest visit replaces older values, any visit '
  'fills empty ones, none empties any; what the customer is metered by stays';
