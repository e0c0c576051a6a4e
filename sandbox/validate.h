/* The reference's limits, checked by the service's own code over the table that the client checks
 * with its own: what AWS refuses before an action sees the call. */
#ifndef SANDBOX_VALIDATE_H
#define SANDBOX_VALIDATE_H

#include "aws/limits.h"
#include "sandbox/errors.h"
#include "sandbox/json.h"

/* Checks a call's input against its action's members, whatever their depth. Members that the table
 * does not know are ignored, null ones are absent. As AWS does it, all of the input has to be of
 * the right kinds before a limit is looked at.
 * REFUSAL_NONE: it fits.  REFUSAL_NOT_JSON: a member has another kind of value.  REFUSAL_INVALID: a
 * limit is broken. ret_why gets the sentence for the caller, without the value of a token. */
enum refusal validate_input(
	const struct limits_member *members, const cJSON *input, struct buf *ret_why);

#endif
