-- When a signing key is first needed. $1 private key, $2 public key, as PEM. Of several that are
-- made at once, one stays.
INSERT INTO sandbox.signing_key (version, private_key, public_key) VALUES (1, $1, $2)
  ON CONFLICT (version) DO NOTHING;
