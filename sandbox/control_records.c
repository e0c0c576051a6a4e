/* GET /control/records: what BatchMeterUsage honoured, in the order received. */
#include "sandbox/control.h"
#include "sandbox/sandbox.h"
#include "sandbox_queries.h"

/* 100,000 records and more. */
enum { ANSWER_BYTES_MAX = 64 * 1024 * 1024 };

void control_records(void *app, struct request *request, struct reply *reply)
{
	auto_json *output = cJSON_CreateObject();
	auto_result rows = { 0 };

	if (sandbox_query(app, request, SANDBOX_LIST_RECORDS, NULL, 0, &rows)) {
		control_unavailable(reply);
		return;
	}
	reply->body.max = ANSWER_BYTES_MAX;
	json_put(output, "Records", cJSON_CreateRaw(db_result_text(&rows, 0, 0)));
	control_answer(reply, output);
}
