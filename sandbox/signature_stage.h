/* Where signing went wrong: does it again with the mistakes that signers make, one at a time, until
 * the signature that was sent comes out. For the log of whoever writes a signer. */
#ifndef SANDBOX_SIGNATURE_STAGE_H
#define SANDBOX_SIGNATURE_STAGE_H

#include "aws/sigv4.h"
#include "fcgi/request.h"

/* A request whose signature is wrong, as it should have been signed. */
struct stage_input {
	const struct request *request;    /* in whose parameters the headers have their first order */
	const struct sigv4_request *right;
	const struct sigv4_scope *scope;
	const char *access_key_id, *secret;
	const char *signature;            /* what was sent, 64 characters */
};

/* Holds nothing of the request but its hash: fit for a log. */
struct stage_finding {
	const char *stage; /* canonical_request, string_to_sign, signing_key, signature */
	char detail[200];  /* the mistake */
	char canonical_sha256[65]; /* of the right canonical request */
};

void signature_stage_find(const struct stage_input *in, struct stage_finding *ret_finding);

#endif
