#include "meter/held_back.h"

#include <stdio.h>

#include "base/log.h"
#include "meter/json.h"
#include "meter/row.h"
#include "meter_queries.h"

enum {
	PATIENCE_S = 5 * 60, /* a COPY of millions may well take so long */
	NUMBER_SIZE = 24,
};

/* The columns of sql/queries/meter/usage_held_back.sql. */
enum column { PID, GID, ROLE, APPLICATION, SINCE, HELD_S };

static void log_holder(const struct db_result *rows, size_t i)
{
	const char *gid = db_result_text(rows, i, GID);

	log_event(LOG_WARN, "usage_held_back", LOG_TEXT("pid", db_result_text(rows, i, PID)),
		LOG_TEXT("prepared", gid), LOG_TEXT("role", db_result_text(rows, i, ROLE)),
		LOG_TEXT("application", db_result_text(rows, i, APPLICATION)),
		LOG_TEXT("since", db_result_text(rows, i, SINCE)),
		LOG_NUM("held_s", row_number(rows, i, HELD_S)),
		LOG_TEXT("todo", gid ? "what it added is billed after COMMIT PREPARED; ROLLBACK PREPARED "
							   "drops it"
							 : "what it added is billed once it commits; pg_terminate_backend(pid) "
							   "drops it"));
}

enum status held_back_tell(struct run *run, struct buf *json, struct err *err)
{
	char patience[NUMBER_SIZE];
	const char *const values[] = { patience };
	auto_result rows = { 0 };
	enum status rc;

	snprintf(patience, sizeof patience, "%d", PATIENCE_S);
	rc = db_run(run->db, METER_USAGE_HELD_BACK, values, 1, &rows, err);
	if (rc)
		return rc;
	buf_putc(json, '[');
	for (size_t i = 0; i < db_result_rows(&rows); i++) {
		const char *pid = db_result_text(&rows, i, PID);

		log_holder(&rows, i);
		buf_puts(json, i ? ",{" : "{");
		if (pid)
			json_add_number(json, "pid", row_number(&rows, i, PID));
		json_add_text(json, "prepared", db_result_text(&rows, i, GID));
		json_add_text(json, "role", db_result_text(&rows, i, ROLE));
		json_add_text(json, "application", db_result_text(&rows, i, APPLICATION));
		json_add_text(json, "since", db_result_text(&rows, i, SINCE));
		json_add_number(json, "held_s", row_number(&rows, i, HELD_S));
		buf_putc(json, '}');
	}
	buf_putc(json, ']');
	return OK;
}
