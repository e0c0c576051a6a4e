#include "meter/housekeep.h"

#include <string.h>

#include "base/log.h"
#include "meter/point.h"
#include "meter/row.h"
#include "meter_queries.h"

enum { DROPS_MAX = 20 }; /* a run, of a million events each, or of one roll-up that has more */

/* The columns of sql/queries/meter/drop_old_usage.sql. */
enum { ROLLUPS, EVENTS, READINGS, KEPT };
/* The columns of sql/queries/meter/audit_daily.sql. */
enum { AUDITED, PROBLEMS, FIRST_PROBLEM };

static bool may_go_on(const struct run *run)
{
	return !*run->stop && !db_is_lost(run->db);
}

/* Whatever the database refuses here is a bug of ours, but for an outage. */
static void fail(struct run *run, const char *event, enum status rc, const struct err *err)
{
	log_event(LOG_ERROR, event, LOG_TEXT("error", err->text));
	if (rc == ERR_RETRY)
		run->facts.unsettled = true;
	else
		run->facts.broken = true;
}

/* One transaction's worth. False: nothing more is due, or it failed. */
static bool drop_some(struct run *run)
{
	auto_result row = { 0 };
	struct err err;
	enum status rc = db_run(run->db, METER_DROP_OLD_USAGE, NULL, 0, &row, &err);
	const char *kept;
	bool any;

	if (rc) {
		fail(run, "not_dropped", rc, &err);
		return false;
	}
	any = row_number(&row, 0, ROLLUPS) > 0 || row_number(&row, 0, READINGS) > 0;
	if (any)
		log_event(LOG_INFO, "dropped", LOG_NUM("rollups", row_number(&row, 0, ROLLUPS)),
			LOG_NUM("events", row_number(&row, 0, EVENTS)),
			LOG_NUM("readings", row_number(&row, 0, READINGS)));
	point_reach("dropped");
	kept = db_result_text(&row, 0, KEPT);
	if (kept && !any)
		log_event(LOG_WARN, "usage_kept", LOG_TEXT("why", kept));
	return any;
}

static void audit(struct run *run)
{
	auto_result row = { 0 };
	struct err err;
	enum status rc = db_run(run->db, METER_AUDIT_DAILY, NULL, 0, &row, &err);

	if (rc) {
		fail(run, "not_audited", rc, &err);
		return;
	}
	if (strcmp(db_result_text(&row, 0, AUDITED), "t") != 0)
		return;
	if (!row_number(&row, 0, PROBLEMS)) {
		log_event(LOG_INFO, "audited", LOG_NUM("problems", 0));
		return;
	}
	run->facts.broken = true;
	log_event(LOG_ERROR, "audit_failed", LOG_NUM("problems", row_number(&row, 0, PROBLEMS)),
		LOG_TEXT("first", db_result_text(&row, 0, FIRST_PROBLEM)),
		LOG_TEXT("todo", "SELECT tollgate.audit_ledger() shows them all; it is a bug: report it"));
}

void housekeep(struct run *run)
{
	for (int n = 0; n < DROPS_MAX && may_go_on(run) && drop_some(run); n++)
		continue;
	if (may_go_on(run))
		audit(run);
}
