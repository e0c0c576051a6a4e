-- RegisterUsage and /control/keys. $1 the version of a signing key. Its public half as PEM.
SELECT public_key FROM sandbox.signing_key WHERE version = $1;
