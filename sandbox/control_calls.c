/* GET /control/calls: how many signed and complete calls of each action came since the last reset,
 * whatever became of them. */
#include <stdlib.h>
#include <string.h>

#include "sandbox/api.h"
#include "sandbox/control.h"
#include "sandbox_queries.h"

/* The columns of sql/queries/sandbox/count_calls.sql. */
enum column { ACTION, COUNT };

static double count_of(const struct db_result *rows, const char *action)
{
	for (size_t i = 0; i < db_result_rows(rows); i++)
		if (!strcmp(db_result_text(rows, i, ACTION), action))
			return strtod(db_result_text(rows, i, COUNT), NULL);
	return 0;
}

void control_calls(void *app, struct request *request, struct reply *reply)
{
	auto_json *output = cJSON_CreateObject();
	cJSON *calls = cJSON_CreateArray();
	auto_result rows = { 0 };

	if (sandbox_query(app, request, SANDBOX_COUNT_CALLS, NULL, 0, &rows)) {
		cJSON_Delete(calls);
		control_unavailable(reply);
		return;
	}
	for (const struct action *const *action = api_actions; *action; action++) {
		cJSON *call = cJSON_CreateObject();

		json_put(call, "Action", cJSON_CreateString((*action)->name));
		json_put(call, "Count", cJSON_CreateNumber(count_of(&rows, (*action)->name)));
		json_add(calls, call);
	}
	json_put(output, "Calls", calls);
	control_answer(reply, output);
}
