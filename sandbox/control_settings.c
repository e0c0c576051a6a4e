/* POST /control/settings: what AWS's own sources do not agree on, and the edition. Answers with all
 * that holds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/control.h"
#include "sandbox/sandbox.h"
#include "sandbox_queries.h"

enum { GRACE_SECONDS_MAX = 365 * 24 * 60 * 60, NUMBER_SIZE = 24 };

static const struct control_member members[] = {
	{ "Edition", CONTROL_TEXT, false },
	{ "Repeat", CONTROL_TEXT, false },
	{ "AfterEnd", CONTROL_TEXT, false },
	{ "GraceSeconds", CONTROL_NUMBER, false },
	{ 0 },
};

/* In the order of the statement's parameters and columns. */
static const struct {
	const char *name, *first, *second;
} choices[] = {
	{ "Edition", "today", "2019" },
	{ "Repeat", "Success", "DuplicateRecord" },
	{ "AfterEnd", "CustomerNotSubscribed", "InvalidLicenseException" },
};

enum {
	N_CHOICES = sizeof choices / sizeof choices[0],
	GRACE_SECONDS = N_CHOICES,
	EDITION,
	N_VALUES
};

/* False: the reply says what is allowed. */
static bool read_settings(
	const cJSON *input, struct reply *reply, const char *values[N_VALUES], char grace[NUMBER_SIZE])
{
	const cJSON *seconds = json_member(input, "GraceSeconds");

	for (size_t i = 0; i < N_CHOICES; i++) {
		values[i] = json_text(input, choices[i].name);
		if (values[i] && strcmp(values[i], choices[i].first) != 0 &&
			strcmp(values[i], choices[i].second) != 0) {
			control_refuse(reply, 400, "%s must be \"%s\" or \"%s\".", choices[i].name,
				choices[i].first, choices[i].second);
			return false;
		}
	}
	values[GRACE_SECONDS] = NULL;
	if (!seconds)
		return true;
	if (!json_whole(seconds, 0, GRACE_SECONDS_MAX)) {
		control_refuse(
			reply, 400, "GraceSeconds must be a whole number from 0 to %d.", GRACE_SECONDS_MAX);
		return false;
	}
	snprintf(grace, NUMBER_SIZE, "%.0f", seconds->valuedouble);
	values[GRACE_SECONDS] = grace;
	return true;
}

void control_settings(void *app, struct request *request, struct reply *reply)
{
	struct sandbox *sandbox = app;
	auto_json *input = control_read(request, reply, members);
	auto_json *output = cJSON_CreateObject();
	auto_result row = { 0 };
	const char *values[N_VALUES] = { [EDITION] = sandbox->limits->edition };
	char grace[NUMBER_SIZE];

	if (!input || !read_settings(input, reply, values, grace))
		return;
	if (sandbox_query(sandbox, request, SANDBOX_SET_SETTINGS, values, N_VALUES, &row)) {
		control_unavailable(reply);
		return;
	}
	for (size_t i = 0; i < N_CHOICES; i++)
		json_put(output, choices[i].name, cJSON_CreateString(db_result_text(&row, 0, i)));
	json_put(output, "GraceSeconds",
		cJSON_CreateNumber(strtod(db_result_text(&row, 0, GRACE_SECONDS), NULL)));
	control_answer(reply, output);
}
