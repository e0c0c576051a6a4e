/* What AWS repeats of a request: the members that it knows, as they were sent, and no others. */
#ifndef SANDBOX_ECHO_H
#define SANDBOX_ECHO_H

#include "aws/limits.h"
#include "sandbox/json.h"

/* A copy of an object within its limits, without members that are null or not in the table. The
 * caller frees it. Without memory it is NULL, or spoilt as json_put says. */
cJSON *echo_structure(const struct limits_member *members, const cJSON *sent);

#endif
