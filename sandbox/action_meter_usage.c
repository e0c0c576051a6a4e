/* MeterUsage: usage that a buyer's own instance reports (API reference: MeterUsage). Honoured once
 * a caller, dimension and hour; the same again has the same answer. */
#include <stdio.h>

#include "sandbox/actions.h"
#include "sandbox/caller.h"
#include "sandbox/echo.h"
#include "sandbox_queries.h"

/* The columns of sql/queries/sandbox/meter_usage.sql. */
enum column { PROBLEM, RECORD_ID };

enum {
	PARAMETERS_BYTES_MAX = 8 * 1024 * 1024, /* a request has less, and a byte can become six */
	NUMBER_SIZE = 24,
};

static bool meter(struct call *call, const char *asked, struct db_result *ret_row)
{
	const struct limits_action *of = limits_find_action(call->limits, call->action->name);
	/* The reference of 2019 has no such error for this action. */
	bool entitled_only = limits_error_status(call->limits, of, "CustomerNotEntitledException") != 0;
	char hash[TOKEN_HASH_SIZE], past_s[NUMBER_SIZE], keys_max[NUMBER_SIZE];
	const char *const values[] = { caller_session(call, hash), call->region, asked, past_s,
		keys_max, entitled_only ? "true" : "false" };

	snprintf(past_s, sizeof past_s, "%d", of->past_s);
	snprintf(keys_max, sizeof keys_max, "%d", call->limits->tag_keys_max);
	return !sandbox_query(call->sandbox, call->request, SANDBOX_METER_USAGE, values,
		sizeof values / sizeof values[0], ret_row);
}

static void answer(struct call *call, const char *record_id)
{
	auto_json *output = cJSON_CreateObject();

	json_put(output, "MeteringRecordId", cJSON_CreateString(record_id));
	call_answer(call, output);
}

static void handle(struct call *call)
{
	auto_json *known =
		echo_structure(limits_find_action(call->limits, call->action->name)->request, call->input);
	auto_buf asked = BUF_INIT(PARAMETERS_BYTES_MAX);
	auto_result row = { 0 };
	struct call_match match = { .dimension = json_text(call->input, "UsageDimension") };
	const char *problem;

	if (!call_begin(call, &match))
		return;
	json_print(&asked, known);
	if (asked.failed) {
		call_refuse(call, REFUSAL_FAILED, "The sandbox has no memory.");
		return;
	}
	if (!meter(call, buf_text(&asked), &row)) {
		call_refuse(call, REFUSAL_OUR_DATABASE, "The sandbox cannot reach its database.");
		return;
	}
	problem = db_result_text(&row, 0, PROBLEM);
	if (problem)
		caller_refuse(call, problem);
	else
		answer(call, db_result_text(&row, 0, RECORD_ID));
}

const struct action action_meter_usage = { "MeterUsage", handle };
