-- ResolveCustomer. $1 SHA-256 of the token in hex. Each member of the answer: its value, and how it
-- is shown.
SELECT t.expires_at <= sandbox.now() AS expired,
    c.customer_identifier, t.customer_identifier_shape,
    c.product_code, t.product_code_shape,
    c.customer_aws_account_id, t.customer_aws_account_id_shape,
    t.license_arn, t.license_arn_shape
  FROM sandbox.token t
  JOIN sandbox.license l USING (license_id)
  JOIN sandbox.customer c USING (product_code, customer_aws_account_id)
  WHERE t.token_sha256 = decode($1, 'hex');
