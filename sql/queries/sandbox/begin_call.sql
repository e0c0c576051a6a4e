-- Every call that is signed and complete. $1 request id, $2 action; of its records, lists of $3
-- CustomerIdentifiers, $4 LicenseArns and $5 dimensions, with nulls for what one does not name.
SELECT throttled, fault, delay_ms, matched FROM sandbox.begin_call($1, $2, $3, $4, $5);
