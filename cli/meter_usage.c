#include <cjson/cJSON.h>
#include <sysexits.h>

#include "aws/json.h"
#include "aws/metering.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/records.h"

static int meter(const struct job *job, const struct allocations *allocations)
{
	const struct metering_usage usage = {
		.product_code = json_text_of(job->request, "ProductCode"),
		.timestamp_s = input_number(job->request, "Timestamp"),
		.dimension = json_text_of(job->request, "UsageDimension"),
		.quantity = input_number(job->request, "UsageQuantity"),
		.dry_run = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(job->request, "DryRun")),
		.allocations = allocations->list,
		.n_allocations = allocations->n,
		.client_token = json_text_of(job->request, "ClientToken"),
	};
	auto_output output = OUTPUT_INIT;
	char id[METERING_ID_SIZE];
	struct aws_answer answer;
	struct err err;
	enum status rc = metering_meter(job->aws, &usage, job->deadline_ms, id, &answer, &err);

	if (rc)
		return exit_explain(rc, &answer, &err);
	if (usage.dry_run) {
		exit_say("%s: AWS would allow this call; nothing is metered (HTTP %d, request id %s)",
			answer.code, answer.http_status, answer.request_id);
		return EX_OK;
	}
	output_begin(&output, NULL, '{');
	output_text(&output, "MeteringRecordId", id);
	output_end(&output, '}');
	return output_show(&output);
}

int meter_usage_perform(const struct job *job)
{
	struct allocations allocations;
	struct err err;
	enum status rc = allocations_read(
		cJSON_GetObjectItemCaseSensitive(job->request, "UsageAllocations"), &allocations, &err);
	int code = rc ? exit_explain(rc, NULL, &err) : meter(job, &allocations);

	allocations_done(&allocations);
	return code;
}
