-- Grouped. POST /register, and the journal's replay. $1 request id, $2 visited at (epoch seconds; null:
-- now), $3 product code, $4 CustomerIdentifier, $5 CustomerAWSAccountId, $6 LicenseArn, $7 SHA-256
-- of the token in hex, $8 offer type as claimed, $9 AWS's request id.
SELECT customer_id, created
  FROM tollgate.register_visits($1, $2, $3, $4, $5, $6, $7, $8, $9) ORDER BY place;
