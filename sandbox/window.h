/* Which Timestamps an action takes. */
#ifndef SANDBOX_WINDOW_H
#define SANDBOX_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/limits.h"

/* Whether usage at that time (seconds since 1970) may be metered now: it is not in the future, not
 * older than the action takes, and, in an edition whose months close, not of a month that has. */
bool window_takes(
	const struct limits *limits, const struct limits_action *action, int64_t now_ms, double used_s);

#endif
