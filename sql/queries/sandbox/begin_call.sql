-- Every call that is signed and complete. $1 request id, $2 action, $3 region; of its records,
-- lists of $4 CustomerIdentifiers, $5 LicenseArns and $6 dimensions, with nulls for what one does not name.
SELECT throttled, fault, delay_ms, matched FROM sandbox.begin_call($1, $2, $3, $4, $5, $6);
