/* JSON Web Tokens as RegisterUsage answers them: PS256, which is RSASSA-PSS with SHA-256, MGF1 with
 * SHA-256 and a salt of 32 bytes (RFC 7518 §3.5); and the RSA pairs for that. */
#ifndef SANDBOX_JWT_H
#define SANDBOX_JWT_H

#include <stdbool.h>

#include "base/buf.h"

enum {
	JWT_PEM_MAX = 4096,       /* RSA 2048 needs 1704 */
	JWT_BYTES_MAX = 8 * 1024, /* product code and nonce: 255 characters of six bytes at most */
};

/* Makes an RSA pair of 2048 bits, as PEM: PKCS #8 and SubjectPublicKeyInfo. Both buffers are empty
 * and have room for JWT_PEM_MAX; wipe the private one. False: OpenSSL cannot, or no memory. */
MUST_CHECK bool jwt_make_pair(struct buf *ret_private_pem, struct buf *ret_public_pem);

/* Appends the token of that payload, which is JSON, in its compact form. False: the key is none, or
 * no memory. */
MUST_CHECK bool jwt_sign(struct buf *out, const char *private_pem, const struct buf *payload);

#endif
