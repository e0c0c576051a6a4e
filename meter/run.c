#include "meter/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

#include "aws/limits.h"
#include "base/clock.h"
#include "base/log.h"
#include "meter/advice.h"
#include "meter/clock.h"
#include "meter/dry_run.h"
#include "meter/ending.h"
#include "meter/guard.h"
#include "meter/housekeep.h"
#include "meter/phases.h"
#include "meter/point.h"
#include "meter/row.h"
#include "meter/send.h"
#include "meter/summary.h"
#include "meter_queries.h"

enum {
	LOCK_EVERY_MS = 200,
	NUMBER_SIZE = 24,
	PATH_BYTES_MAX = 4096,
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

/* ERR_MISSING: an option names what there is not. */
static enum status check_options(struct run *run, struct err *err)
{
	const struct run_options *options = run->options;
	char until[NUMBER_SIZE];
	const char *const values[] = { options->product, options->until_s ? until : NULL };
	auto_result rows = { 0 };
	enum status rc;

	snprintf(until, sizeof until, "%" PRId64, options->until_s);
	rc = db_run(run->db, METER_CHECK_OPTIONS, values, 2, &rows, err);
	if (rc)
		return rc;
	if (*db_result_text(&rows, 0, 0) != 't')
		return err_set(err, ERR_MISSING, "--product: there is no product \"%s\"; the table "
			"tollgate.product lists them", options->product);
	if (*db_result_text(&rows, 0, 1) == 't')
		return err_set(err, ERR_MISSING, "--until %s is in the future, by the database's clock; "
			"only hours that are over are billed", options->until);
	return OK;
}

/* ERR_MISSING: an option names what there is not; ERR_CONFLICT: see ending_begin. */
static enum status open_ledger(struct run *run, struct err *err)
{
	enum status rc = db_be_patient(run->db, RUN_PATIENCE_MS, err);

	if (!rc)
		rc = check_options(run, err);
	if (!rc && run->options->final)
		rc = ending_begin(run, err);
	return rc;
}

static enum status try_lock(struct run *run, bool *ret_got, struct err *err)
{
	auto_result lock = { 0 };
	enum status rc = db_run(run->db, METER_TRY_LOCK, NULL, 0, &lock, err);

	*ret_got = !rc && *db_result_text(&lock, 0, 0) == 't';
	return rc;
}

/* Whoever has the lock serves the customer of a last call first; that one waits, then goes on.
 * ERR_CONFLICT: another run has it; ERR_RETRY: a signal ended the wait. */
static enum status lock_ledger(struct run *run, struct err *err)
{
	bool got;
	enum status rc = try_lock(run, &got, err);

	if (rc || got)
		return rc;
	if (!run->options->final)
		return err_set(err, ERR_CONFLICT, "another run of tollgate-meter is under way");
	log_event(LOG_INFO, "waiting", LOG_TEXT("for", "another run, which bills this customer first"));
	while (!rc && !got && !*run->stop) {
		clock_sleep_ms(LOCK_EVERY_MS);
		rc = try_lock(run, &got, err);
	}
	if (!rc && !got)
		return err_set(err, ERR_RETRY, "a signal ended it");
	return rc;
}

static enum status begin(struct run *run, struct err *err)
{
	const char *const values[] = { run->options->product };
	auto_result begun = { 0 };
	enum status rc = db_run(run->db, METER_BEGIN_RUN, values, 1, &begun, err);

	if (rc)
		return rc;
	run->id = row_number(&begun, 0, 0);
	run->tally.lost_calls = row_number(&begun, 0, 1);
	log_event(LOG_INFO, "begun", LOG_NUM("run", run->id),
		LOG_TEXT("endpoint", aws_endpoint(run->aws)),
		LOG_NUM("lost_calls", run->tally.lost_calls));
	point_reach("run_begun");
	return OK;
}

/* ---- phases ---- */

/* Hours are frozen, and records moved, only by a clock that AWS agrees with. */
static enum status freeze_all(struct run *run, struct err *err)
{
	enum status rc;

	progress_phase(run->progress, "comparing clocks");
	rc = clock_compare(run, err);
	run->may_freeze = rc == OK;
	if (!rc)
		rc = phase_expire(run, err);
	return rc ? rc : phase_freeze(run, err);
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
	bool ending;
	enum status rc = ending_look(run, &ending, err), sent;

	if (!rc && !run->options->no_rollup && !phase_is_stopped(run))
		rc = phase_roll_up(run, err);
	if (!rc && !phase_is_stopped(run))
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

static int end(struct run *run, enum status rc, const struct err *why)
{
	if (rc) {
		log_event(LOG_ERROR, "stopped", LOG_TEXT("error", why->text));
		run->facts.misconfigured |= exit_needs_person(rc);
		run->facts.unsettled = true;
	}
	summary_tell(run);
	return exit_status(run->facts);
}

/* Before anything was done. */
static int refuse(int status, const char *todo, const struct err *err)
{
	log_event(LOG_ERROR, "not_started", LOG_TEXT("error", err->text), LOG_NUM("exit", status),
		LOG_TEXT("todo", todo));
	return status;
}

static int status_of(enum status rc)
{
	return rc == ERR_CONFLICT ? EX_CANTCREAT
		: rc == ERR_MISSING   ? EX_USAGE
		: rc == ERR_RETRY     ? EX_TEMPFAIL
							  : EX_CONFIG;
}

static int run_it(struct run *run)
{
	struct err err = { 0 };
	enum status rc = open_aws(run, &err);

	if (!rc) {
		rc = db_open(&meter_queries, &run->db, &err);
		if (rc == ERR_RETRY)
			return refuse(EX_TEMPFAIL, advice_unconnected(), &err);
	}
	if (!rc)
		rc = open_ledger(run, &err);
	if (rc == ERR_CONFLICT) /* the last call came too late for what is left */
		return refuse(EX_DATAERR, advice_find(EX_DATAERR), &err);
	if (!rc)
		rc = lock_ledger(run, &err);
	if (!rc)
		rc = guard_check(run, &err);
	if (!rc && run->options->dry_run)
		return dry_run(run);
	if (!rc)
		rc = begin(run, &err);
	if (rc)
		return refuse(status_of(rc), advice_find(status_of(rc)), &err);
	rc = run_phases(run, &err);
	progress_phase(run->progress, "counting what is old");
	housekeep(run);
	progress_free(run->progress);
	run->progress = NULL;
	return end(run, rc, &err);
}

int run_meter(const struct conf *conf, const struct run_options *options,
	const volatile sig_atomic_t *stop)
{
	struct run run = { .conf = *conf,
		.limits = limits_find(conf->api_edition),
		.options = options,
		.stop = stop,
		.state_dir = BUF_INIT(PATH_BYTES_MAX) };
	int status;

	run.progress = options->quiet ? NULL : progress_new();
	status = run_it(&run);
	progress_free(run.progress);
	db_free(run.db);
	aws_accounts_free(run.accounts);
	aws_free(run.aws);
	buf_done(&run.state_dir);
	return status;
}
