-- MeterUsage. $1 SHA-256 of the session token in hex or null, $2 region of the signature, $3 the
-- request, $4 how old a Timestamp may be in seconds, $5 how many keys tags may have, $6 whether only
-- subscribers may.
SELECT problem, record_id FROM sandbox.meter_usage($1, $2, $3, $4, $5, $6);
