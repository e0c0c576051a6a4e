-- POST of the sign-up form. $1 SHA-256 of the session in hex, $2 product code, $3
-- CustomerIdentifier, $4 CustomerAWSAccountId, $5 LicenseArn, $6 email, $7 the fields' names,
-- $8 their values, $9 request id.
SELECT tollgate.add_contact($1, $2, $3, $4, $5, $6, $7, $8, $9) AS customer_id;
