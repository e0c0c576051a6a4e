/* Verifies AWS Signature Version 4, as the real service does before it looks at anything else. */
#ifndef SANDBOX_SIGNATURE_H
#define SANDBOX_SIGNATURE_H

#include <stdint.h>

#include "fcgi/request.h"
#include "sandbox/errors.h"
#include "sandbox/region.h"

/* Checks the request's Authorization header against its method, headers and body, the sandbox's one
 * key pair, and the time. Only the header form is known, not the query string's.
 * REFUSAL_NONE: it holds. Otherwise why it is refused; ret_why gets the sentence for the caller. */
enum refusal signature_check(
	const struct request *request, int64_t now_s, int skew_s, struct buf *ret_why);

/* The region that a signature, checked before, is for. False: there is none. */
bool signature_region(const struct request *request, char ret_region[REGION_SIZE]);

/* Reads YYYYMMDDTHHMMSSZ; false if it is no such time. */
bool signature_parse_time(const char *text, int64_t *ret_s);

#endif
