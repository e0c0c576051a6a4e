/* POST /control/faults: what the next calls of an action meet. */
#include <stdio.h>
#include <string.h>

#include "sandbox/actions.h"
#include "sandbox/api.h"
#include "sandbox/control.h"
#include "sandbox_queries.h"

static const struct control_member members[] = {
	{ "Action", CONTROL_TEXT, true },
	{ "Fault", CONTROL_TEXT, true },
	{ "Count", CONTROL_NUMBER, true },
	{ "DelayMs", CONTROL_NUMBER, false },
	{ "Match", CONTROL_OBJECT, false },
	{ 0 },
};

static const struct control_member match_members[] = {
	{ "CustomerIdentifier", CONTROL_TEXT, false },
	{ "LicenseArn", CONTROL_TEXT, false },
	{ "Dimension", CONTROL_TEXT, false },
	{ 0 },
};

enum { LIST_BYTES_MAX = 4096, NUMBER_SIZE = 24 };

/* False: the reply lists what there is. */
static bool check_names(
	const struct sandbox *sandbox, struct reply *reply, const char *action, const char *fault)
{
	auto_buf list = BUF_INIT(LIST_BYTES_MAX);
	enum fault_effect effect = fault_find(sandbox->limits, action, fault);

	if (!api_action(action)) {
		api_action_list(&list);
		control_refuse(reply, 400, "There is no such Action. Allowed: %s.", buf_text(&list));
		return false;
	}
	if (effect == FAULT_NONE) {
		fault_list(&list);
		control_refuse(reply, 400, "There is no such Fault. Allowed: %s.", buf_text(&list));
		return false;
	}
	if (fault_is_of_records(effect) && strcmp(action, action_batch_meter_usage.name) != 0) {
		control_refuse(reply, 400, "The Fault %s is of the Action %s alone.", fault,
			action_batch_meter_usage.name);
		return false;
	}
	return true;
}

static bool check_numbers(struct reply *reply, const cJSON *count, const cJSON *delay)
{
	if (!json_whole(count, 1, FAULT_COUNT_MAX)) {
		control_refuse(reply, 400, "Count must be a whole number from 1 to %d.", FAULT_COUNT_MAX);
		return false;
	}
	if (delay && !json_whole(delay, 0, FAULT_DELAY_MS_MAX)) {
		control_refuse(
			reply, 400, "DelayMs must be a whole number from 0 to %d.", FAULT_DELAY_MS_MAX);
		return false;
	}
	return true;
}

static long delay_of(const struct sandbox *sandbox, const cJSON *input)
{
	const cJSON *delay = json_member(input, "DelayMs");
	enum fault_effect effect =
		fault_find(sandbox->limits, json_text(input, "Action"), json_text(input, "Fault"));

	if (delay)
		return (long)delay->valuedouble;
	return effect == FAULT_SLOW ? FAULT_SLOW_DELAY_MS : 0;
}

static void add(
	struct sandbox *sandbox, const struct request *request, struct reply *reply, const cJSON *input)
{
	const cJSON *match = json_member(input, "Match");
	char count[NUMBER_SIZE], delay[NUMBER_SIZE];
	const char *const values[] = { request->id, json_text(input, "Action"),
		json_text(input, "Fault"), count, delay, json_text(match, "CustomerIdentifier"),
		json_text(match, "LicenseArn"), json_text(match, "Dimension") };
	auto_json *output = cJSON_CreateObject();

	snprintf(count, sizeof count, "%.0f", json_member(input, "Count")->valuedouble);
	snprintf(delay, sizeof delay, "%ld", delay_of(sandbox, input));
	if (sandbox_query(
			sandbox, request, SANDBOX_ADD_FAULT, values, sizeof values / sizeof values[0], NULL))
		control_unavailable(reply);
	else
		control_answer(reply, output);
}

void control_faults(void *app, struct request *request, struct reply *reply)
{
	struct sandbox *sandbox = app;
	auto_json *input = control_read(request, reply, members);
	const cJSON *match = input ? json_member(input, "Match") : NULL;

	if (!input || (match && !control_check(reply, "Match", match, match_members)))
		return;
	if (check_names(sandbox, reply, json_text(input, "Action"), json_text(input, "Fault")) &&
		check_numbers(reply, json_member(input, "Count"), json_member(input, "DelayMs")))
		add(sandbox, request, reply, input);
}
