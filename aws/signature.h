/* The headers of a signed POST to "/": what the actions of AWS Marketplace and of STS share. */
#ifndef AWS_SIGNATURE_H
#define AWS_SIGNATURE_H

#include <stdint.h>

#include "aws/creds.h"
#include "aws/sigv4.h"

enum { SIGNATURE_HEADERS = 6 };

/* What is signed. The texts must outlive the signature. */
struct signature_request {
	const char *host, *content_type;
	const char *target; /* X-Amz-Target; NULL: none */
	const char *region, *service;
	const struct buf *body;
	int64_t epoch_s; /* the time that it says */
};

struct signature {
	struct sigv4_header headers[SIGNATURE_HEADERS];
	size_t n_headers;
	const char *session_token; /* "" for none */
	struct buf text;           /* what they point into; secret */
	unsigned generation;       /* of the credentials, for the signer */
	int64_t signed_s;          /* the time that it says */
};

/* The key of a day; zeroed, it is none. Empty the date when the credentials change. */
struct signature_key {
	struct sigv4_key key;
	char date[9];
};

/* Keeps the day's key in *key. Free the result with signature_done.
 * ERR_LOCAL: no memory. */
MUST_CHECK enum status signature_make(const struct signature_request *request,
	const struct creds *creds, struct signature_key *key, struct signature *ret_signature,
	struct err *err);

/* Wipe it. */
void signature_done(struct signature *signature);
void signature_key_done(struct signature_key *key);

#endif
