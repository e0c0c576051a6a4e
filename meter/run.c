#include "meter/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "aws/limits.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "meter/clock.h"
#include "meter/housekeep.h"
#include "meter/point.h"
#include "meter/send.h"
#include "meter_queries.h"

enum {
	PATIENCE_MS = 60 * 60 * 1000, /* a roll-up of many millions */
	NUMBER_SIZE = 24,
	SUMMARY_BYTES_MAX = 4096,
};

/* ---- connections ---- */

static enum status open_aws(struct run *run, struct err *err)
{
	enum status rc = aws_new(RUN_CALLS_MAX, &run->aws, err);

	if (rc)
		return rc;
	aws_set_limits(run->aws, run->limits);
	aws_set_rate(run->aws, run->conf.meter_calls_per_second);
	return aws_accounts_new(run->aws, &run->accounts, err);
}

static int64_t number_at(const struct db_result *rows, size_t column)
{
	const char *text = db_result_text(rows, 0, column);
	long number = 0;

	if (text && !text_number(text, 0, 0x7fffffffffffffff, &number))
		number = 0;
	return number;
}

/* ERR_CONFLICT: another run holds the lock; ERR_MISSING: --product names none. */
static enum status open_ledger(struct run *run, struct err *err)
{
	const char *const values[] = { run->options->product };
	auto_result lock = { 0 }, begun = { 0 };
	enum status rc = db_open(&meter_queries, &run->db, err);

	if (!rc)
		rc = db_be_patient(run->db, PATIENCE_MS, err);
	if (!rc)
		rc = db_run(run->db, METER_TRY_LOCK, NULL, 0, &lock, err);
	if (!rc && *db_result_text(&lock, 0, 0) != 't')
		return err_set(err, ERR_CONFLICT, "another run of tollgate-meter is under way");
	if (!rc)
		rc = db_run(run->db, METER_BEGIN_RUN, values, 1, &begun, err);
	if (rc)
		return rc;
	run->id = number_at(&begun, 0);
	run->tally.lost_calls = number_at(&begun, 1);
	log_event(LOG_INFO, "begun", LOG_NUM("run", run->id),
		LOG_TEXT("endpoint", aws_endpoint(run->aws)),
		LOG_NUM("lost_calls", run->tally.lost_calls));
	point_reach("run_begun");
	return OK;
}

/* ---- phases ---- */

static enum status roll_up(struct run *run, struct err *err)
{
	auto_result rows = { 0 };
	enum status rc = db_run(run->db, METER_ROLL_UP, NULL, 0, &rows, err);

	if (rc)
		return rc;
	run->tally.events = number_at(&rows, 1);
	run->tally.lines = number_at(&rows, 3);
	log_event(LOG_INFO, "rolled_up", LOG_NUM("events", run->tally.events),
		LOG_TEXT("units", db_result_text(&rows, 0, 2)), LOG_NUM("lines", run->tally.lines));
	point_reach("rolled_up");
	return OK;
}

/* Whether a signal ends the run before a phase is through. */
static bool is_stopped(struct run *run)
{
	run->facts.unsettled |= *run->stop != 0;
	return *run->stop != 0;
}

static enum status freeze_hour(struct run *run, const char *hour, const char *const limits[3],
	struct err *err)
{
	const char *const values[] = { hour, limits[0], limits[1], limits[2], aws_region(run->aws) };
	auto_result rows = { 0 };
	enum status rc = db_run(run->db, METER_FREEZE_HOUR, values, 5, &rows, err);

	if (rc)
		return rc;
	run->tally.frozen += number_at(&rows, 0);
	if (number_at(&rows, 0))
		log_event(LOG_INFO, "frozen", LOG_TEXT("hour", hour),
			LOG_NUM("records", number_at(&rows, 0)),
			LOG_TEXT("units", db_result_text(&rows, 0, 1)));
	return OK;
}

static enum status freeze(struct run *run, struct err *err)
{
	const struct limits_action *batch = limits_find_action(run->limits, "BatchMeterUsage");
	const struct limits_member *records = limits_find_member(batch->request, "UsageRecords");
	char past[NUMBER_SIZE], closes[NUMBER_SIZE], margin[NUMBER_SIZE], most[NUMBER_SIZE];
	const char *const asked[] = { past, closes, margin }, *const limits[] = { past, closes, most };
	auto_result hours = { 0 };
	enum status rc;

	snprintf(past, sizeof past, "%d", batch->past_s);
	snprintf(closes, sizeof closes, "%d", run->limits->month_closes_s);
	snprintf(margin, sizeof margin, "%d", RUN_MARGIN_S);
	snprintf(most, sizeof most, "%" PRId64, limits_find_member(records->members, "Quantity")->max);
	rc = db_run(run->db, METER_LIST_HOURS, asked, 3, &hours, err);
	for (size_t i = 0; !rc && i < db_result_rows(&hours) && !is_stopped(run); i++)
		rc = freeze_hour(run, db_result_text(&hours, i, 0), limits, err);
	if (!rc)
		point_reach("frozen");
	return rc;
}

/* What AWS does not take any more. */
static enum status expire(struct run *run, struct err *err)
{
	char margin[NUMBER_SIZE];
	const char *const values[] = { margin };
	auto_result rows = { 0 };
	enum status rc;

	snprintf(margin, sizeof margin, "%d", RUN_MARGIN_S);
	rc = db_run(run->db, METER_EXPIRE_RECORDS, values, 1, &rows, err);
	if (rc)
		return rc;
	run->tally.moved = number_at(&rows, 0);
	run->tally.expired_unknown = number_at(&rows, 2);
	run->facts.refused |= run->tally.expired_unknown > 0; /* a person has to settle them */
	if (run->tally.moved || run->tally.expired_unknown)
		log_event(LOG_WARN, "out_of_time", LOG_NUM("moved", run->tally.moved),
			LOG_TEXT("moved_units", db_result_text(&rows, 0, 1)),
			LOG_NUM("unknown", run->tally.expired_unknown));
	point_reach("expired");
	return OK;
}

/* Hours are frozen, and records moved, only by a clock that AWS agrees with. */
static enum status freeze_all(struct run *run, struct err *err)
{
	enum status rc = clock_compare(run, err);

	if (!rc)
		rc = expire(run, err);
	return rc ? rc : freeze(run, err);
}

static enum status send(struct run *run, struct err *err)
{
	const struct tally *tally = &run->tally;
	enum status rc = send_all(run, err);

	log_event(LOG_INFO, "sent", LOG_NUM("calls", tally->calls), LOG_NUM("billed", tally->billed),
		LOG_NUM("billed_units", tally->billed_units), LOG_NUM("refused", tally->refused),
		LOG_NUM("unconfirmed", tally->unconfirmed), LOG_NUM("unknown", tally->unknown),
		LOG_NUM("held", tally->held));
	return rc;
}

/* What is frozen is sent whatever came before: its time runs out. The first failure is told. */
static enum status run_phases(struct run *run, struct err *err)
{
	struct err other;
	enum status rc = OK, sent;

	if (!run->options->no_rollup && !is_stopped(run))
		rc = roll_up(run, err);
	if (!rc && !is_stopped(run))
		rc = freeze_all(run, err);
	if (db_is_lost(run->db) || *run->stop)
		return rc;
	if (rc)
		log_event(LOG_ERROR, "not_frozen", LOG_TEXT("error", err->text));
	sent = send(run, rc ? &other : err);
	if (rc && sent)
		log_event(LOG_ERROR, "not_sent", LOG_TEXT("error", other.text));
	return rc ? rc : sent;
}

/* ---- the end ---- */

static void write_summary(const struct run *run, const char *waiting, struct buf *json)
{
	const struct tally *t = &run->tally;

	buf_printf(json,
		"{\"events\":%" PRId64 ",\"frozen\":%" PRId64 ",\"calls\":%" PRId64 ",\"billed\":%" PRId64
		",\"billed_units\":%" PRId64 ",\"refused\":%" PRId64 ",\"refused_units\":%" PRId64
		",\"unconfirmed\":%" PRId64 ",\"unconfirmed_units\":%" PRId64 ",\"unknown\":%" PRId64
		",\"unknown_units\":%" PRId64 ",\"moved\":%" PRId64 ",\"out_of_time_unknown\":%" PRId64
		",\"held\":%" PRId64 ",\"left\":%" PRId64
		",\"left_uncertain\":%" PRId64 ",\"waiting\":%s}",
		t->events, t->frozen, t->calls, t->billed, t->billed_units, t->refused, t->refused_units,
		t->unconfirmed, t->unconfirmed_units, t->unknown, t->unknown_units, t->moved,
		t->expired_unknown, t->held, t->left,
		t->left_uncertain, waiting);
}

/* What is left, and the end of the run in the ledger. */
static enum status sum_up(struct run *run, struct err *err)
{
	auto_result rows = { 0 };
	auto_buf json = BUF_INIT(SUMMARY_BYTES_MAX);
	char id[NUMBER_SIZE], code[NUMBER_SIZE];
	const char *values[] = { id, code, NULL };
	enum status rc = db_run(run->db, METER_SUM_UP, NULL, 0, &rows, err);

	if (rc)
		return rc;
	run->tally.left = number_at(&rows, 1);
	run->tally.left_uncertain = number_at(&rows, 2);
	run->facts.unsettled |= run->tally.left > 0;
	write_summary(run, db_result_text(&rows, 0, 0), &json);
	snprintf(id, sizeof id, "%" PRId64, run->id);
	snprintf(code, sizeof code, "%d", exit_status(run->facts));
	values[2] = buf_text(&json);
	point_reach("ending");
	rc = db_run(run->db, METER_END_RUN, values, 3, NULL, err);
	if (rc)
		return rc;
	log_event(exit_status(run->facts) ? LOG_WARN : LOG_INFO, "finished",
		LOG_NUM("exit", exit_status(run->facts)), LOG_NUM("billed", run->tally.billed),
		LOG_NUM("left", run->tally.left), LOG_NUM("left_uncertain", run->tally.left_uncertain),
		LOG_TEXT("waiting_units", db_result_text(&rows, 0, 0)),
		LOG_TEXT("next_deadline", db_result_text(&rows, 0, 3)));
	return OK;
}

static int end(struct run *run, enum status rc, const struct err *why)
{
	struct err err;

	if (rc) {
		log_event(LOG_ERROR, "stopped", LOG_TEXT("error", why->text));
		run->facts.misconfigured |= rc == ERR_LOCAL || rc == ERR_INPUT;
		run->facts.unsettled = true;
	}
	if (sum_up(run, &err)) {
		log_event(LOG_ERROR, "no_summary", LOG_TEXT("error", err.text));
		run->facts.unsettled = true;
	}
	return exit_status(run->facts);
}

/* Before anything was done. */
static int refuse(enum status rc, const struct err *err)
{
	log_event(LOG_ERROR, "not_started", LOG_TEXT("error", err->text));
	if (rc == ERR_CONFLICT)
		return EX_CANTCREAT;
	if (rc == ERR_MISSING)
		return EX_USAGE;
	return rc == ERR_RETRY ? EX_TEMPFAIL : EX_CONFIG;
}

int run_meter(const struct conf *conf, const struct run_options *options,
	const volatile sig_atomic_t *stop)
{
	struct run run = { .conf = *conf,
		.limits = limits_find(conf->api_edition),
		.options = options,
		.stop = stop };
	struct err err = { 0 };
	enum status rc = open_aws(&run, &err);
	int status;

	if (!rc)
		rc = open_ledger(&run, &err);
	if (rc) {
		status = refuse(rc, &err);
	} else {
		rc = run_phases(&run, &err);
		housekeep(&run);
		status = end(&run, rc, &err);
	}
	db_free(run.db);
	aws_accounts_free(run.accounts);
	aws_free(run.aws);
	return status;
}
