#include "db/ledger_check.h"

#include "base/text.h"

enum { JSON_BYTES_MAX = 4096 };

enum status ledger_check(struct db *db, size_t query, const struct ledger_state *file,
	struct ledger_check *ret_check, struct err *err)
{
	struct ledger_check check = { 0 };
	const struct {
		char *text;
		size_t size;
	} columns[] = {
		{ check.now.ledger, sizeof check.now.ledger },
		{ check.now.system_identifier, sizeof check.now.system_identifier },
		{ check.now.timeline, sizeof check.now.timeline },
		{ check.now.database, sizeof check.now.database },
		{ check.now.database_name, sizeof check.now.database_name },
		{ check.now.generation, sizeof check.now.generation },
		{ check.now.last_call, sizeof check.now.last_call },
		{ check.now.called_at, sizeof check.now.called_at },
		{ check.problem, sizeof check.problem },
		{ check.gap, sizeof check.gap },
	};
	auto_buf json = BUF_INIT(JSON_BYTES_MAX);
	auto_result rows = { 0 };
	const char *values[] = { NULL };
	enum status rc;

	if (file) {
		ledger_state_json(file, &json);
		values[0] = buf_text(&json);
	}
	if (json.failed)
		return err_set(err, ERR_LOCAL, "no memory to compare the state file");
	rc = db_run(db, query, values, 1, &rows, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
		const char *text = db_result_text(&rows, 0, i);

		/* A problem that is cut is one still. */
		if (text && !text_copy(columns[i].text, columns[i].size, text) &&
			columns[i].text != check.problem)
			return err_set(err, ERR_LOCAL, "compare_state gave a text that is too long");
	}
	*ret_check = check;
	return OK;
}
