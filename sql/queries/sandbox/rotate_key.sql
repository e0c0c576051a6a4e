-- POST /control/keys. $1 request id, $2 private key and $3 public key of the next version, as PEM,
-- $4 when the one before expires (epoch seconds), or null for now.
SELECT sandbox.rotate_key($1, $2, $3, $4);
