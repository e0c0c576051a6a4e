-- POST /control/tokens and /shop/subscribe. $1 SHA-256 of the token in hex, $2 product code,
-- $3 account or null, $4 LicenseArn or null, what is taken where those are new: $5 account,
-- $6 CustomerIdentifier, $7 LicenseArn; $8 offer type or null, $9 expired, $10 subscribed at (epoch
-- seconds) or null, shapes or nulls: $11 CustomerIdentifier, $12 ProductCode,
-- $13 CustomerAWSAccountId, $14 LicenseArn.
SELECT problem, coalesce(title, $2) AS title, $2 AS product_code, identifier, account_id, arn,
    shows_identifier
  FROM sandbox.issue_token($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, ARRAY[$11, $12, $13, $14]);
