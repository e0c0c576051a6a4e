-- RegisterUsage. $1 SHA-256 of the session token in hex or null, $2 region of the signature,
-- $3 ProductCode, $4 PublicKeyVersion, $5 the platforms that are supported, as an array.
SELECT problem, private_key, extract(epoch FROM rotated_at)
  FROM sandbox.register_usage($1, $2, $3, $4, $5);
