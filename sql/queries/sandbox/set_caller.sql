-- POST /control/callers. $1 SHA-256 of the session token in hex, $2 account, $3 platform, $4 region.
INSERT INTO sandbox.caller (session_token_sha256, customer_aws_account_id, platform, region)
  VALUES (decode($1, 'hex'), $2, $3, $4)
  ON CONFLICT (session_token_sha256) DO UPDATE
    SET customer_aws_account_id = excluded.customer_aws_account_id, platform = excluded.platform,
      region = excluded.region;
