-- POST of "I already have an account". $1 SHA-256 of the code (its text, as in the URL) in hex,
-- $2 product code, $3 CustomerIdentifier, $4 CustomerAWSAccountId, $5 LicenseArn.
SELECT tollgate.make_handoff($1, $2, $3, $4, $5) AS customer_id;
