-- Every call that is signed and complete. $1 request id, $2 action, $3 CustomerIdentifier and
-- $4 LicenseArn that it is about, or nulls.
SELECT throttled, fault, delay_ms FROM sandbox.begin_call($1, $2, $3, $4);
