#include "meter/phases.h"

#include <inttypes.h>
#include <stdio.h>

#include "aws/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "meter/point.h"
#include "meter/row.h"
#include "meter_queries.h"

enum { NUMBER_SIZE = 24 };

bool phase_is_stopped(struct run *run)
{
	run->facts.unsettled |= *run->stop != 0;
	return *run->stop != 0;
}

enum status phase_roll_up(struct run *run, struct err *err)
{
	auto_result rows = { 0 };
	enum status rc;

	progress_phase(run->progress, "rolling up");
	rc = db_run(run->db, METER_ROLL_UP, NULL, 0, &rows, err);
	if (rc)
		return rc;
	run->tally.rolled_up = row_number(&rows, 0, 1);
	text_copy(run->tally.rolled_up_units, sizeof run->tally.rolled_up_units, row_units(&rows, 0, 2));
	run->tally.lines = row_number(&rows, 0, 3);
	log_event(LOG_INFO, "rolled_up", LOG_NUM("events", run->tally.rolled_up),
		LOG_TEXT("units", run->tally.rolled_up_units), LOG_NUM("lines", run->tally.lines));
	point_reach("rolled_up");
	return OK;
}

enum status phase_expire(struct run *run, struct err *err)
{
	struct tally *tally = &run->tally;
	char margin[NUMBER_SIZE];
	const char *const values[] = { margin };
	auto_result rows = { 0 };
	enum status rc;

	progress_phase(run->progress, "looking for what is out of time");
	snprintf(margin, sizeof margin, "%d", RUN_MARGIN_S);
	rc = db_run(run->db, METER_EXPIRE_RECORDS, values, 1, &rows, err);
	if (rc)
		return rc;
	tally->moved = row_number(&rows, 0, 0);
	tally->moved_units = row_number(&rows, 0, 1);
	tally->expired = row_number(&rows, 0, 2);
	tally->expired_units = row_number(&rows, 0, 3);
	run->facts.refused |= tally->expired > 0; /* a person has to settle them */
	if (tally->moved || tally->expired)
		log_event(LOG_WARN, "out_of_time", LOG_NUM("moved", tally->moved),
			LOG_NUM("moved_units", tally->moved_units), LOG_NUM("unknown", tally->expired),
			LOG_NUM("unknown_units", tally->expired_units));
	point_reach("expired");
	return OK;
}

static enum status freeze_hour(struct run *run, const char *hour, const char *const limits[3],
	struct err *err)
{
	const char *const values[] = { hour, limits[0], limits[1], limits[2], aws_region(run->aws) };
	auto_result rows = { 0 };
	enum status rc = db_run(run->db, METER_FREEZE_HOUR, values, 5, &rows, err);

	if (rc)
		return rc;
	run->tally.frozen += row_number(&rows, 0, 0);
	run->tally.frozen_units += row_number(&rows, 0, 1);
	if (row_number(&rows, 0, 0))
		log_event(LOG_INFO, "frozen", LOG_TEXT("hour", hour),
			LOG_NUM("records", row_number(&rows, 0, 0)),
			LOG_NUM("units", row_number(&rows, 0, 1)));
	return OK;
}

/* Hours come oldest first, each with the second at which it ended. */
static bool is_wanted(const struct run *run, const struct db_result *hours, size_t i)
{
	return !run->options->until_s || row_number(hours, i, 1) <= run->options->until_s;
}

enum status phase_freeze(struct run *run, struct err *err)
{
	const struct limits_action *batch = limits_find_action(run->limits, "BatchMeterUsage");
	const struct limits_member *records = limits_find_member(batch->request, "UsageRecords");
	char past[NUMBER_SIZE], closes[NUMBER_SIZE], margin[NUMBER_SIZE], most[NUMBER_SIZE];
	const char *const asked[] = { past, closes, margin }, *const limits[] = { past, closes, most };
	auto_result hours = { 0 };
	enum status rc;

	progress_phase(run->progress, "freezing");
	snprintf(past, sizeof past, "%d", batch->past_s);
	snprintf(closes, sizeof closes, "%d", run->limits->month_closes_s);
	snprintf(margin, sizeof margin, "%d", RUN_MARGIN_S);
	snprintf(most, sizeof most, "%" PRId64, limits_find_member(records->members, "Quantity")->max);
	rc = db_run(run->db, METER_LIST_HOURS, asked, 3, &hours, err);
	for (size_t i = 0; !rc && i < db_result_rows(&hours) && !phase_is_stopped(run); i++)
		if (is_wanted(run, &hours, i))
			rc = freeze_hour(run, db_result_text(&hours, i, 0), limits, err);
	if (!rc)
		point_reach("frozen");
	return rc;
}
