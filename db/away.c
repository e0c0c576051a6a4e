#include "db/away.h"

enum { RETRY_MS = 1000 };

enum status away_check(struct away *away, int64_t now_ms, bool *ret_is_probe, struct err *err)
{
	if (away->status && (away->is_probed || now_ms < away->retry_at_ms)) {
		*err = away->err;
		return away->status;
	}
	*ret_is_probe = away->status != OK;
	if (away->status)
		away->is_probed = true;
	return OK;
}

void away_begin(struct away *away, int64_t now_ms, enum status status, const struct err *err)
{
	*away = (struct away){ .status = status, .err = *err, .retry_at_ms = now_ms + RETRY_MS };
}

void away_end(struct away *away)
{
	away->status = OK;
	away->is_probed = false;
}

void away_drop(struct away *away)
{
	away->is_probed = false;
}
