-- POST /register that led to no customer. $1 request id, $2 visited at (epoch seconds, null: now),
-- $3 product code or null, $4 SHA-256 of the token in hex, $5 outcome (registration.outcome),
-- $6 AWS's request id.
SELECT tollgate.note_visit($1, $2, $3, $4, $5, $6);
