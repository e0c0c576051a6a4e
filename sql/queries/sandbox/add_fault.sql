-- POST /control/faults. $1 request id, $2 action, $3 fault, $4 for how many calls, $5 delay in
-- milliseconds; $6 CustomerIdentifier, $7 LicenseArn and $8 dimension or nulls.
INSERT INTO sandbox.fault (request_id, action, fault, remaining, delay_ms, customer_identifier,
    license_id, dimension)
  VALUES ($1, $2, $3, $4, $5, $6, sandbox.license_id($7), $8)
  ON CONFLICT (request_id) DO NOTHING;
