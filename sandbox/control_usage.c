/* GET /control/usage: what MeterUsage honoured, in the order received. */
#include "sandbox/control.h"
#include "sandbox/sandbox.h"
#include "sandbox_queries.h"

/* As for /control/records. */
enum { ANSWER_BYTES_MAX = 64 * 1024 * 1024 };

void control_usage(void *app, struct request *request, struct reply *reply)
{
	auto_json *output = cJSON_CreateObject();
	auto_result rows = { 0 };

	if (sandbox_query(app, request, SANDBOX_LIST_USAGE, NULL, 0, &rows)) {
		control_unavailable(reply);
		return;
	}
	reply->body.max = ANSWER_BYTES_MAX;
	json_put(output, "Usage", cJSON_CreateRaw(db_result_text(&rows, 0, 0)));
	control_answer(reply, output);
}
