/* GET /console: what buyers were metered, what it would cost them, and the newest calls with their
 * errors. It refreshes by itself, by a header, so that no script is needed; /console?still does
 * not, for who reads it slowly. */
#include <string.h>

#include "sandbox/sandbox.h"
#include "sandbox/shop.h"
#include "sandbox/view_list.h"
#include "sandbox_queries.h"

#define REFRESH_S "5"

/* A statement each, whose columns are the items' names in their order. */
static const struct part {
	enum shop_console_name name;
	size_t query, columns;
} parts[] = {
	{ CONSOLE_BILLS, SANDBOX_SHOW_BILLS, N_BILL },
	{ CONSOLE_RECORDS, SANDBOX_SHOW_RECORDS, N_RECORD },
	{ CONSOLE_USAGE, SANDBOX_SHOW_USAGE, N_USAGE },
	{ CONSOLE_ANSWERS, SANDBOX_SHOW_ANSWERS, N_ANSWER },
};

enum { N_PARTS = sizeof parts / sizeof parts[0] };

/* The columns of sql/queries/sandbox/tell_state.sql. */
enum column { NOW, EDITION };

struct console {
	struct db_result state, rows[N_PARTS];
	struct view_list lists[N_PARTS];
	struct view_value values[N_CONSOLE];
};

static void console_done(struct console *console)
{
	for (size_t i = 0; i < N_PARTS; i++) {
		view_list_done(&console->lists[i]);
		db_result_done(&console->rows[i]);
	}
	db_result_done(&console->state);
}

static bool console_load(
	struct sandbox *sandbox, const struct request *request, struct console *console)
{
	const char *edition;

	if (sandbox_query(sandbox, request, SANDBOX_TELL_STATE, NULL, 0, &console->state))
		return false;
	edition = db_result_text(&console->state, 0, EDITION);
	console->values[CONSOLE_NOW].text = db_result_text(&console->state, 0, NOW);
	console->values[CONSOLE_EDITION].text = edition ? edition : sandbox->limits->edition;
	for (size_t i = 0; i < N_PARTS; i++) {
		struct view_list *list = &console->lists[i];

		if (sandbox_query(sandbox, request, parts[i].query, NULL, 0, &console->rows[i]) ||
			!view_list_fill(list, &console->rows[i], NULL, 0, parts[i].columns))
			return false;
		console->values[parts[i].name] =
			(struct view_value){ .items = list->items, .n_items = list->n };
	}
	return true;
}

void console_show(void *app, struct request *request, struct reply *reply)
{
	__attribute__((cleanup(console_done))) struct console console = { 0 };
	bool still = !strcmp(request->query, "still");

	if (!console_load(app, request, &console)) {
		shop_refuse(app, request, reply, 503, "The console is closed",
			"The sandbox cannot reach its database. Its log says why.");
		return;
	}
	console.values[CONSOLE_STILL].flag = still;
	if (!still)
		reply_header(reply, "Refresh", REFRESH_S);
	shop_send(app, request, reply, SHOP_CONSOLE, console.values);
}
