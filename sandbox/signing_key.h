/* The RSA pairs that sign RegisterUsage's answers, a version each. They are in the database, so
 * that all processes sign with the same. */
#ifndef SANDBOX_SIGNING_KEY_H
#define SANDBOX_SIGNING_KEY_H

#include "sandbox/sandbox.h"

enum { SIGNING_KEY_FIRST = 1 };

/* Gets a row with the public half of that version as PEM, or none if there is no such version. The
 * first one is made when it is first asked for; of several that are made at once, one stays.
 * ERR_LOCAL: also when no pair can be made. Others as sandbox_query. */
MUST_CHECK enum status signing_key_find(struct sandbox *sandbox, const struct request *request,
	long version, struct db_result *ret_public_pem);

/* Makes the next version and gets a row with its number; the one before expires at that time (epoch
 * seconds), or now if it is NULL. Statuses as above. */
MUST_CHECK enum status signing_key_rotate(struct sandbox *sandbox, const struct request *request,
	const char *expires, struct db_result *ret_version);

#endif
