/* POST /control/clock: moves the sandbox's time, which runs on from there; null brings it back. */
#include <stdlib.h>

#include "sandbox/control.h"
#include "sandbox/sandbox.h"
#include "sandbox_queries.h"

static const struct control_member members[] = {
	{ "Now", CONTROL_NUMBER_OR_NULL, true },
	{ 0 },
};

void control_clock(void *app, struct request *request, struct reply *reply)
{
	auto_json *input = control_read(request, reply, members);
	auto_json *output = cJSON_CreateObject();
	auto_result result = { 0 };
	const cJSON *now;
	char text[CONTROL_EPOCH_SIZE];

	if (!input)
		return;
	now = json_member(input, "Now");
	if (now && !control_epoch(now, text)) {
		control_refuse(reply, 400,
			"Now must be epoch seconds between 2000 and 2100, or null for the real time.");
		return;
	}
	if (sandbox_query(app, request, SANDBOX_SET_CLOCK, (const char *const[]){ now ? text : NULL },
			1, &result)) {
		control_unavailable(reply);
		return;
	}
	json_put(output, "Now", cJSON_CreateNumber(strtod(db_result_text(&result, 0, 0), NULL)));
	control_answer(reply, output);
}
