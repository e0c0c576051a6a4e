/* POST /control/rate: how many calls of each action AWS takes in a second in a region;
 * 0: any number. Its quota is also an account's, and the sandbox's key is of one. */
#include <stdio.h>

#include "sandbox/control.h"
#include "sandbox/sandbox.h"
#include "sandbox_queries.h"

enum { RATE_MAX = 100000 };

static const struct control_member members[] = {
	{ "CallsPerSecond", CONTROL_NUMBER, true },
	{ 0 },
};

void control_rate(void *app, struct request *request, struct reply *reply)
{
	auto_json *input = control_read(request, reply, members);
	auto_json *output = cJSON_CreateObject();
	const cJSON *rate;
	char text[32];

	if (!input)
		return;
	rate = json_member(input, "CallsPerSecond");
	if (!json_whole(rate, 0, RATE_MAX)) {
		control_refuse(reply, 400,
			"CallsPerSecond must be a whole number from 0, which is no limit, to %d.", RATE_MAX);
		return;
	}
	snprintf(text, sizeof text, "%.0f", rate->valuedouble);
	if (sandbox_query(app, request, SANDBOX_SET_RATE, (const char *const[]){ text }, 1, NULL))
		control_unavailable(reply);
	else
		control_answer(reply, output);
}
