#include "meter/phases.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "aws/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "meter/point.h"
#include "meter/row.h"
#include "meter_queries.h"

enum {
	NUMBER_SIZE = 24,
	S_AN_HOUR = 3600,
	CALLS_PER_SECOND_USUAL = 10, /* AWS's quota, unless a seller asked for more */
};

bool phase_is_stopped(struct run *run)
{
	run->facts.unsettled |= *run->stop != 0;
	return *run->stop != 0;
}

enum status phase_roll_up(struct run *run, struct err *err)
{
	struct tally *tally = &run->tally;
	const char *const before[] = { *tally->rolled_up_units ? tally->rolled_up_units : "0" };
	auto_result rows = { 0 };
	enum status rc;

	progress_phase(run->progress, "rolling up");
	rc = db_run(run->db, METER_ROLL_UP, before, 1, &rows, err);
	if (rc)
		return rc;
	tally->rolled_up += row_number(&rows, 0, 1);
	text_copy(tally->rolled_up_units, sizeof tally->rolled_up_units, row_units(&rows, 0, 2));
	tally->lines += row_number(&rows, 0, 3);
	log_event(LOG_INFO, "rolled_up", LOG_NUM("events", run->tally.rolled_up),
		LOG_TEXT("units", run->tally.rolled_up_units), LOG_NUM("lines", run->tally.lines));
	point_reach("rolled_up");
	return OK;
}

/* Customers whose last hour is over: what they have left of less than a unit. */
static enum status close_customers(struct run *run, struct err *err)
{
	auto_result rows = { 0 };
	enum status rc = db_run(run->db, METER_CLOSE_CUSTOMERS, NULL, 0, &rows, err);

	if (rc)
		return rc;
	text_copy(run->tally.written_off_units, TALLY_UNITS_SIZE, row_units(&rows, 0, 1));
	if (row_number(&rows, 0, 0))
		log_event(LOG_INFO, "ended", LOG_NUM("customers", row_number(&rows, 0, 0)),
			LOG_TEXT("written_off_units", run->tally.written_off_units));
	point_reach("closed");
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
	return close_customers(run, err);
}

/* What the edition says of a Timestamp's age and of quantities, as the queries take it. */
struct limits_text {
	char past[NUMBER_SIZE], closes[NUMBER_SIZE], margin[NUMBER_SIZE], most[NUMBER_SIZE];
};

static void write_limits(const struct limits *limits, struct limits_text *ret_text)
{
	const struct limits_action *batch = limits_find_action(limits, "BatchMeterUsage");
	const struct limits_member *records = limits_find_member(batch->request, "UsageRecords");

	snprintf(ret_text->past, NUMBER_SIZE, "%d", batch->past_s);
	snprintf(ret_text->closes, NUMBER_SIZE, "%d", limits->month_closes_s);
	snprintf(ret_text->margin, NUMBER_SIZE, "%d", RUN_MARGIN_S);
	snprintf(ret_text->most, NUMBER_SIZE, "%" PRId64,
		limits_find_member(records->members, "Quantity")->max);
}

static const char *late_before(const struct run *run)
{
	return *run->tally.late_units ? run->tally.late_units : "0";
}

/* hour: NULL: of several, of customers who are ending. */
static void count_frozen(struct run *run, const struct db_result *rows, const char *hour)
{
	int64_t records = row_number(rows, 0, 0), units = row_number(rows, 0, 1);

	run->tally.frozen += records;
	run->tally.frozen_units += units;
	text_copy(run->tally.late_units, TALLY_UNITS_SIZE, row_units(rows, 0, 2));
	if (records)
		log_event(LOG_INFO, hour ? "frozen" : "frozen_ending", LOG_TEXT("hour", hour),
			LOG_NUM("records", records), LOG_NUM("units", units));
}

static enum status freeze_hours(struct run *run, const char *first, const char *last,
	const struct limits_text *limits, struct err *err)
{
	const char *const values[] = { first, last, limits->past, limits->closes, limits->most,
		aws_region(run->aws), late_before(run) };
	auto_result rows = { 0 };
	enum status rc = db_run(run->db, METER_FREEZE_HOURS, values, 7, &rows, err);

	if (!rc)
		count_frozen(run, &rows, last);
	return rc;
}

enum status phase_freeze_ending(struct run *run, struct err *err)
{
	struct limits_text limits;
	const char *const values[] = { limits.past, limits.closes, limits.most, aws_region(run->aws),
		late_before(run) };
	auto_result rows = { 0 };
	enum status rc;

	write_limits(run->limits, &limits);
	rc = db_run(run->db, METER_FREEZE_ENDING, values, 5, &rows, err);
	if (rc)
		return rc;
	count_frozen(run, &rows, NULL);
	point_reach("frozen_ending");
	return OK;
}

/* The columns of sql/queries/meter/list_hours.sql. */
enum column { FIRST, LAST, HOURS_A_RECORD, RECORDS_SAVED };

/* How many records AWS takes in an hour, by the quota that was set or else AWS's own. */
static int64_t records_an_hour(const struct run *run)
{
	const struct limits_action *batch = limits_find_action(run->limits, "BatchMeterUsage");
	long calls = run->conf.meter_calls_per_second;

	return (calls ? calls : CALLS_PER_SECOND_USUAL) * S_AN_HOUR *
		limits_find_member(batch->request, "UsageRecords")->max;
}

static enum status list_hours(struct run *run, const struct limits_text *limits,
	struct db_result *ret_hours, struct err *err)
{
	char until[NUMBER_SIZE], rate[NUMBER_SIZE];
	bool may_coalesce = !strcmp(run->conf.meter_coalesce, "when_late");
	const char *const values[] = { limits->past, limits->closes, limits->margin,
		run->options->until_s ? until : NULL, aws_region(run->aws), may_coalesce ? rate : NULL };

	snprintf(until, sizeof until, "%" PRId64, run->options->until_s);
	snprintf(rate, sizeof rate, "%" PRId64, records_an_hour(run));
	return db_run(run->db, METER_LIST_HOURS, values, 6, ret_hours, err);
}

static void tell_coalesced(struct run *run, const struct db_result *hours)
{
	int64_t hours_a_record = row_number(hours, 0, HOURS_A_RECORD);

	if (hours_a_record <= 1)
		return;
	run->tally.hours_a_record = hours_a_record;
	run->tally.records_saved = row_number(hours, 0, RECORDS_SAVED);
	log_event(LOG_WARN, "coalesced", LOG_NUM("hours_a_record", hours_a_record),
		LOG_NUM("records_saved", run->tally.records_saved));
}

enum status phase_freeze(struct run *run, struct err *err)
{
	struct limits_text limits;
	auto_result hours = { 0 };
	enum status rc;

	progress_phase(run->progress, "freezing");
	write_limits(run->limits, &limits);
	rc = list_hours(run, &limits, &hours, err);
	if (!rc && db_result_rows(&hours))
		tell_coalesced(run, &hours);
	for (size_t i = 0; !rc && i < db_result_rows(&hours) && !phase_is_stopped(run); i++)
		rc = freeze_hours(run, db_result_text(&hours, i, FIRST), db_result_text(&hours, i, LAST),
			&limits, err);
	if (!rc)
		point_reach("frozen");
	if (!rc && !run->options->until_s && !phase_is_stopped(run))
		rc = phase_freeze_ending(run, err);
	if (!rc && *run->tally.late_units && strcmp(run->tally.late_units, "0") != 0)
		log_event(LOG_WARN, "late", LOG_TEXT("units", run->tally.late_units),
			LOG_TEXT("billed", "in a later hour: AWS does not take that of their use any more"));
	return rc;
}
