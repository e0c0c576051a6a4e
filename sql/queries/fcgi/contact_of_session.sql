-- The sign-up and the thank-you page: what this session typed. $1 SHA-256 of the session in hex.
SELECT name, value FROM tollgate.contact_of_session($1);
