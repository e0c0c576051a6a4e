-- POST /control/subscriptions/end. $1 LicenseArn, or $2 account and $3 product code. One row for each
-- subscription that is over now, or was before: when it ended (epoch seconds).
UPDATE sandbox.license SET ended_at = least(ended_at, sandbox.now())
  WHERE license_id = sandbox.license_id($1)
    OR (customer_aws_account_id = $2 AND product_code = $3)
  RETURNING license_arn, extract(epoch FROM ended_at);
