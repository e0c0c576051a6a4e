/* GET /control/usage: what MeterUsage honoured. */
#include <stdlib.h>

#include "sandbox/control.h"
#include "sandbox/sandbox.h"
#include "sandbox_queries.h"

/* The columns of sql/queries/sandbox/list_usage.sql, whose names are those of the answer. */
static const struct {
	const char *name;
	enum { TEXT, NUMBER, JSON } kind;
} columns[] = {
	{ "ProductCode", TEXT },
	{ "UsageDimension", TEXT },
	{ "UsageQuantity", NUMBER },
	{ "Timestamp", NUMBER },
	{ "CustomerAWSAccountId", TEXT },
	{ "Platform", TEXT },
	{ "Region", TEXT },
	{ "MeteringRecordId", TEXT },
	{ "UsageAllocations", JSON },
};

enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

static cJSON *read_value(const char *text, size_t column)
{
	switch (columns[column].kind) {
	case TEXT:
		return cJSON_CreateString(text);
	case NUMBER:
		return cJSON_CreateNumber(strtod(text, NULL));
	case JSON:
		return cJSON_Parse(text);
	}
	return NULL;
}

/* What was not sent is not shown. */
static cJSON *describe(const struct db_result *rows, size_t row)
{
	cJSON *usage = cJSON_CreateObject();

	for (size_t i = 0; i < N_COLUMNS; i++) {
		const char *text = db_result_text(rows, row, i);

		if (text)
			json_put(usage, columns[i].name, read_value(text, i));
	}
	return usage;
}

void control_usage(void *app, struct request *request, struct reply *reply)
{
	auto_json *output = cJSON_CreateObject();
	cJSON *list = cJSON_CreateArray();
	auto_result rows = { 0 };

	if (sandbox_query(app, request, SANDBOX_LIST_USAGE, NULL, 0, &rows)) {
		cJSON_Delete(list);
		control_unavailable(reply);
		return;
	}
	for (size_t i = 0; i < db_result_rows(&rows); i++)
		json_add(list, describe(&rows, i));
	json_put(output, "Usage", list);
	control_answer(reply, output);
}
