#include "meter/dry_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/log.h"
#include "meter/clock.h"
#include "meter/held_back.h"
#include "meter/json.h"
#include "meter/phases.h"
#include "meter/reader.h"
#include "meter/row.h"
#include "meter/show.h"
#include "meter/summary.h"
#include "meter_queries.h"

enum { END_BYTES_MAX = 64 * 1000, COPY_BYTES = 64 * 1024 };

static enum status refuse_output(struct err *err)
{
	return err_set(
		err, ERR_LOCAL, "what would be sent cannot be written down: %s", strerror(errno));
}

/* What a run does before it sends. A roll-up has to be the first thing of its transaction. */
static enum status prepare(struct run *run, bool is_time_right, struct err *err)
{
	const char *const values[] = { run->options->product };
	auto_result begun = { 0 };
	enum status rc = OK;

	if (!run->options->no_rollup)
		rc = phase_roll_up(run, err);
	if (!rc)
		rc = db_run(run->db, METER_BEGIN_RUN, values, 1, &begun, err);
	if (rc)
		return rc;
	run->tally.lost_calls = row_number(&begun, 0, 1);
	if (is_time_right)
		rc = phase_expire(run, err);
	if (!rc && is_time_right)
		rc = phase_freeze(run, err);
	return rc;
}

/* Page by page, so that it takes as little memory for a million as for one. */
static enum status show_records(struct run *run, struct show *show, struct err *err)
{
	struct reader reader = reader_of(run);
	enum status rc = reader_begin(&reader, err);

	while (!rc && !reader.done) {
		struct queue page = { 0 };

		rc = reader_page(&reader, &page, err);
		for (const struct record *at = page.page; at && !rc; at = at->next)
			if (!show_record(show, at))
				rc = refuse_output(err);
		queue_done(&page);
		if (!rc && phase_is_stopped(run))
			rc = err_set(err, ERR_RETRY, "a signal ended it");
	}
	return rc;
}

static enum status show_end_of(struct run *run, struct show *show, struct err *err)
{
	auto_buf held_back = BUF_INIT(END_BYTES_MAX), json = BUF_INIT(2 * END_BYTES_MAX);
	enum status rc = summary_count(run, err);

	if (!rc)
		rc = held_back_tell(run, &held_back, err);
	if (rc)
		return rc;
	summary_write(&run->tally, true, &json);
	json_name(&json, "held_back");
	buf_add(&json, held_back.data, held_back.len);
	if (json.failed)
		return err_set(err, ERR_LOCAL, "no memory for the summary");
	return show_end(show, buf_text(&json)) ? OK : refuse_output(err);
}

/* All of it goes into `show` first: whoever reads it may be slow, and would hold up the ledger. */
static enum status rehearse(
	struct run *run, bool is_time_right, struct show *show, struct err *err)
{
	struct err other;
	enum status rc = db_run(run->db, METER_BEGIN_TRANSACTION, NULL, 0, NULL, err);

	if (!rc)
		rc = prepare(run, is_time_right, err);
	progress_phase(run->progress, "listing");
	if (!rc)
		rc = show_records(run, show, err);
	if (!rc)
		rc = show_end_of(run, show, err);
	/* Where it fails, the end of the connection does the same. */
	if (!db_is_lost(run->db) && db_run(run->db, METER_ROLL_BACK, NULL, 0, NULL, &other))
		log_event(LOG_WARN, "not_rolled_back", LOG_TEXT("error", other.text));
	return rc;
}

static bool copy(FILE *from, FILE *to)
{
	static char bytes[COPY_BYTES];
	size_t n;

	rewind(from);
	while ((n = fread(bytes, 1, sizeof bytes, from)) > 0)
		if (fwrite(bytes, 1, n, to) != n)
			return false;
	return !ferror(from) && !fflush(to);
}

static int end(struct run *run, enum status rc, const struct err *err, FILE *spool)
{
	if (rc) {
		log_event(LOG_ERROR, "stopped", LOG_TEXT("error", err->text));
		return rc == ERR_RETRY ? EX_TEMPFAIL : EX_CONFIG;
	}
	if (!copy(spool, stdout)) {
		log_event(LOG_ERROR, "no_output", LOG_TEXT("error", strerror(errno)));
		return EX_IOERR;
	}
	return exit_status(run->facts);
}

int dry_run(struct run *run)
{
	struct err err, clock_err;
	struct show show = { .json = run->options->json, .out = tmpfile() };
	enum status clock, rc;
	int status;

	if (!show.out) {
		rc = refuse_output(&err);
		return end(run, rc, &err, NULL);
	}
	log_event(LOG_INFO, "begun", LOG_TEXT("dry_run", "yes"),
		LOG_TEXT("endpoint", aws_endpoint(run->aws)));
	/* No transaction is open while AWS is called. Without its time a run freezes nothing. */
	progress_phase(run->progress, "comparing clocks");
	clock = clock_compare(run, &clock_err);
	if (clock)
		log_event(LOG_ERROR, "not_frozen", LOG_TEXT("error", clock_err.text));
	rc = rehearse(run, !clock, &show, &err);
	/* With it the lock: whoever reads what follows may take long, and would keep runs from it. */
	db_free(run->db);
	run->db = NULL;
	run->facts = (struct exit_facts){ .misconfigured = exit_needs_person(clock),
		.unsettled = clock != OK };
	progress_free(run->progress);
	run->progress = NULL;
	status = end(run, rc, &err, show.out);
	fclose(show.out);
	log_event(status ? LOG_WARN : LOG_INFO, "finished", LOG_TEXT("dry_run", "yes"),
		LOG_NUM("exit", status), LOG_NUM("records", show.records), LOG_NUM("units", show.units));
	return status;
}
