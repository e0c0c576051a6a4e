#include "meter/ending.h"

#include "base/clock.h"
#include "base/log.h"
#include "meter/json.h"
#include "meter/phases.h"
#include "meter/row.h"
#include "meter_queries.h"

enum { LOOK_EVERY_MS = 500 };

/* The columns of sql/queries/meter/list_ending.sql. */
enum column { CUSTOMER, UNTIL, WAITING, OPEN };

enum status ending_begin(struct run *run, struct err *err)
{
	const char *const values[] = { run->options->final };
	auto_result rows = { 0 };
	enum status rc = db_run(run->db, METER_BEGIN_ENDING, values, 1, &rows, err);

	if (rc == ERR_MISSING || rc == ERR_CONFLICT)
		return err_wrap(err, rc, "--final %s", run->options->final);
	if (!rc)
		log_event(LOG_INFO, "last_call", LOG_TEXT("customer", run->options->final),
			LOG_TEXT("until", db_result_text(&rows, 0, 0)));
	return rc;
}

enum status ending_look(struct run *run, bool *ret_found, struct err *err)
{
	int64_t now_ms = clock_monotonic_ms(), newest;
	auto_result rows = { 0 };
	enum status rc;

	*ret_found = false;
	if (run->ending.looked_ms && now_ms - run->ending.looked_ms < LOOK_EVERY_MS)
		return OK;
	rc = db_run(run->db, METER_LOOK_ENDING, NULL, 0, &rows, err);
	if (rc)
		return rc;
	newest = row_number(&rows, 0, 0);
	*ret_found = newest > run->ending.newest;
	run->ending.newest = newest;
	run->ending.looked_ms = now_ms;
	return OK;
}

enum status ending_freeze(struct run *run, struct err *err)
{
	enum status rc = OK;

	if (!run->options->no_rollup)
		rc = phase_roll_up(run, err);
	if (!rc)
		rc = phase_freeze_ending(run, err);
	return rc;
}

enum status ending_tell(struct run *run, struct buf *json, struct err *err)
{
	auto_result rows = { 0 };
	enum status rc = db_run(run->db, METER_LIST_ENDING, NULL, 0, &rows, err);

	if (rc)
		return rc;
	buf_putc(json, '[');
	for (size_t i = 0; i < db_result_rows(&rows); i++) {
		log_event(LOG_WARN, "ending", LOG_TEXT("customer", db_result_text(&rows, i, CUSTOMER)),
			LOG_TEXT("run_again_before", db_result_text(&rows, i, UNTIL)),
			LOG_TEXT("waiting_units", db_result_text(&rows, i, WAITING)),
			LOG_NUM("left", row_number(&rows, i, OPEN)));
		buf_puts(json, i ? ",{" : "{");
		json_add_number(json, "customer", row_number(&rows, i, CUSTOMER));
		json_add_text(json, "run_again_before", db_result_text(&rows, i, UNTIL));
		json_name(json, "waiting_units");
		buf_puts(json, row_units(&rows, i, WAITING));
		json_add_number(json, "left", row_number(&rows, i, OPEN));
		buf_putc(json, '}');
	}
	buf_putc(json, ']');
	return OK;
}
