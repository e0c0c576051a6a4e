#include <cjson/cJSON.h>
#include <sysexits.h>

#include "aws/json.h"
#include "aws/metering.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/input.h"
#include "cli/records.h"

/* What became of a record that was not honoured. */
static const char *const advice[] = {
	[METERING_UNNAMED] = "AWS's answer does not name it; send it again, nothing is billed twice",
	[METERING_SUCCESS] = "",
	[METERING_CUSTOMER_NOT_SUBSCRIBED] = "this customer has no subscription to the product that is "
		"in force; nothing is billed",
	[METERING_DUPLICATE_RECORD] = "this hour has a record with another quantity, and the first one "
		"stays",
	[METERING_UNPROCESSED] = "AWS did not come to it; send it again as it is",
	[METERING_OTHER] = "no reference says what this status means; nothing may be billed",
};

static void show_results(struct output *output, const struct records *records,
	const struct metering_result *results)
{
	output_begin(output, "Results", '[');
	for (size_t i = 0; i < records->n; i++) {
		if (results[i].outcome == METERING_UNNAMED || results[i].outcome == METERING_UNPROCESSED)
			continue;
		output_begin(output, NULL, '{');
		record_show(output, "UsageRecord", &records->list[i]);
		output_text(output, "MeteringRecordId", results[i].metering_record_id);
		output_text(output, "Status", results[i].status);
		output_end(output, '}');
	}
	output_end(output, ']');
}

static void show_unprocessed(struct output *output, const struct records *records,
	const struct metering_result *results)
{
	output_begin(output, "UnprocessedRecords", '[');
	for (size_t i = 0; i < records->n; i++)
		if (results[i].outcome == METERING_UNPROCESSED)
			record_show(output, NULL, &records->list[i]);
	output_end(output, ']');
}

static int show(const struct records *records, const struct metering_result *results)
{
	auto_output output = OUTPUT_INIT;
	int code;

	output_begin(&output, NULL, '{');
	show_results(&output, records, results);
	show_unprocessed(&output, records, results);
	output_end(&output, '}');
	code = output_show(&output);
	for (size_t i = 0; i < records->n; i++) {
		const struct metering_result *result = &results[i];

		if (result->outcome == METERING_SUCCESS)
			continue;
		exit_say("record %zu: %s%s%s", i + 1, result->status, *result->status ? ": " : "",
			advice[result->outcome]);
		code = exit_worse(code, exit_of_outcome(result->outcome));
	}
	return code;
}

static int meter(const struct job *job, const struct records *records)
{
	struct metering_result results[METERING_RECORDS_MAX];
	struct aws_answer answer;
	struct err err;
	enum status rc = metering_batch(job->aws, json_text_of(job->request, "ProductCode"),
		records->list, records->n, job->deadline_ms, results, &answer, &err);

	return rc ? exit_explain(rc, &answer, &err) : show(records, results);
}

int batch_meter_usage_perform(const struct job *job)
{
	struct records records;
	struct err err;
	enum status rc = records_read(
		cJSON_GetObjectItemCaseSensitive(job->request, "UsageRecords"), &records, &err);
	int code = rc ? exit_explain(rc, NULL, &err) : meter(job, &records);

	records_done(&records);
	return code;
}
