/* AWS's error names and their HTTP statuses: what the sandbox refuses by itself, and all that a
 * fault may ask for. */
#ifndef SANDBOX_ERRORS_H
#define SANDBOX_ERRORS_H

#include "aws/limits.h"
#include "base/buf.h"

/* Why a call is refused. AWS's name for it depends on the edition; its status is in the limits. */
enum refusal {
	REFUSAL_NONE,
	REFUSAL_NO_ACTION, /* X-Amz-Target is missing, or the body's type is another protocol's */
	REFUSAL_UNKNOWN_ACTION,
	REFUSAL_UNSIGNED,
	REFUSAL_INCOMPLETE_SIGNATURE,
	REFUSAL_UNKNOWN_KEY,
	REFUSAL_BAD_SIGNATURE,
	REFUSAL_STALE_SIGNATURE,
	REFUSAL_NOT_JSON,
	REFUSAL_INVALID, /* a member breaks the reference's limits */
	REFUSAL_NO_API,  /* in that region */
	REFUSAL_TOO_LARGE,
	REFUSAL_CUT_SHORT,
	REFUSAL_TOO_FAST,
	REFUSAL_BAD_TOKEN,
	REFUSAL_EXPIRED_TOKEN,
	REFUSAL_FAILED,       /* neither the caller's fault nor anything that should happen */
	REFUSAL_OUR_DATABASE, /* nothing of AWS's: the sandbox has lost its own database */
	N_REFUSALS
};

/* AWS's name for it in that edition. */
const char *refusal_name(enum refusal refusal, const struct limits *limits);

/* The status of an error of that edition, of the other one if this has none of that name, or 0 if
 * no reference has. `action` may be NULL; its own errors come first. */
int errors_status(const struct limits *limits, const char *action, const char *name);

/* All names in alphabetical order, with commas. */
void errors_list(struct buf *out);

#endif
