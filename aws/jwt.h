/* The signature that RegisterUsage answers: a JSON Web Token in the compact form (RFC 7515, 7519),
 * signed with RSASSA-PSS over SHA-256 (RFC 7518: PS256). */
#ifndef AWS_JWT_H
#define AWS_JWT_H

#include <stdint.h>

#include "base/err.h"

/* What the product's signatures are verified with. Zeroed: none. */
struct jwt_key {
	struct evp_pkey_st *pkey;
};

#define auto_jwt_key __attribute__((cleanup(jwt_key_done))) struct jwt_key

/* ERR_INPUT: not a public RSA key of at least 1024 bits, as PEM (BEGIN PUBLIC KEY). */
MUST_CHECK enum status jwt_key_load(const char *pem, struct jwt_key *ret_key, struct err *err);
void jwt_key_done(struct jwt_key *key);

/* What the token has to be about. */
struct jwt_claims {
	const char *product_code;
	int64_t public_key_version;
	const char *nonce; /* "": none, and then the token may have none */
};

/* Claims may be spelled ProductCode or productCode, as AWS's reference and its sample do; where
 * both stand, both must hold. Others are ignored.
 * ERR_REMOTE: it does not hold; the text says which part, and shows nothing of it.  ERR_LOCAL: no
 * memory. */
MUST_CHECK enum status jwt_verify(const struct jwt_key *key, const char *token,
	const struct jwt_claims *expected, struct err *err);

#endif
