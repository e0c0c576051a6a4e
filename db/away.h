/* Whether the server is known to be away: then only one caller a second tries it, and all others
 * are answered at once. Arithmetic only: the owner brings clock and lock. */
#ifndef DB_AWAY_H
#define DB_AWAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* Zeroed: nothing is known against the server. */
struct away {
	enum status status; /* OK: not away */
	struct err err;     /* why */
	int64_t retry_at_ms;
	bool is_probed; /* somebody is trying it */
};

/* OK: go on; *ret_is_probe says whether this caller is the one who tries, and so must end with
 * away_begin, away_end or away_drop. Otherwise why not. */
MUST_CHECK enum status away_check(
	struct away *away, int64_t now_ms, bool *ret_is_probe, struct err *err);

/* It is away, for this reason. */
void away_begin(struct away *away, int64_t now_ms, enum status status, const struct err *err);

/* It is there. */
void away_end(struct away *away);

/* The caller who was to try did not come to it. */
void away_drop(struct away *away);

#endif
