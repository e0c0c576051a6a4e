#include "aws/metering.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "aws/json.h"
#include "aws/metering_allocations.h"
#include "aws/metering_answer.h"
#include "aws/metering_read.h"
#include "aws/metering_write.h"

enum { ANSWER_BYTES_MAX = 64 * 1024 }; /* an id, and members that we do not know */

static const char action[] = "MeterUsage";

static enum status read_record_id(const struct cJSON *json, char ret_id[METERING_ID_SIZE],
	struct err *err)
{
	char id[METERING_ID_SIZE] = "";
	enum status rc = metering_read_text_to(json, "MeteringRecordId", id, sizeof id, err);

	if (rc)
		return rc;
	/* Nothing else in it says that it is an answer to this call. */
	if (!*id)
		return err_set(err, ERR_RETRY, "AWS's answer has no MeteringRecordId");
	memcpy(ret_id, id, sizeof id);
	return OK;
}

enum status metering_parse_record_id(const char *body, size_t len, char ret_id[METERING_ID_SIZE],
	struct err *err)
{
	struct cJSON *json = NULL;
	enum status rc = json_parse(body, len, &json, err);

	if (!rc)
		rc = read_record_id(json, ret_id, err);
	cJSON_Delete(json);
	return rc;
}

static void write_usage(struct metering_writer *w, const struct metering_usage *usage)
{
	metering_write_text(w, "ProductCode", usage->product_code);
	metering_write_timestamp(w, "Timestamp", usage->timestamp_s);
	metering_write_text(w, "UsageDimension", usage->dimension);
	metering_write_integer(w, "UsageQuantity", usage->quantity);
	metering_write_boolean(w, "DryRun", usage->dry_run);
	metering_write_allocations(w, usage->allocations, usage->n_allocations, usage->quantity);
	metering_write_text(w, "ClientToken", usage->client_token);
}

/* AWS answers a dry run with an error, this one where the call itself would be allowed. */
static enum status end_failed(const struct metering_usage *usage, enum status rc,
	char ret_id[METERING_ID_SIZE], struct aws_answer *answer, struct err *err)
{
	if (strcmp(answer->code, "DryRunOperation") != 0)
		return rc;
	if (usage->dry_run) {
		ret_id[0] = '\0';
		return OK;
	}
	answer->class = ERROR_TRANSIENT;
	return err_set(err, ERR_RETRY, "%s: AWS answered as if to a dry run, and this was none",
		action);
}

static enum status end_answered(const struct metering_usage *usage, const struct cJSON *json,
	char ret_id[METERING_ID_SIZE], struct err *err)
{
	if (usage->dry_run)
		return err_set(err, ERR_RETRY, "AWS answered a dry run with success: it may have metered "
			"the usage");
	return read_record_id(json, ret_id, err);
}

enum status metering_meter(struct aws *aws, const struct metering_usage *usage,
	int64_t deadline_ms, char ret_id[METERING_ID_SIZE], struct aws_answer *ret_answer,
	struct err *err)
{
	auto_metering_writer request;
	const struct aws_call call = { .secret = usage->client_token ? usage->client_token : "",
		.answer_bytes_max = ANSWER_BYTES_MAX, .deadline_ms = deadline_ms, .once = true };
	struct cJSON *json = NULL;
	enum status rc;

	metering_write_begin(&request, aws->limits, action, 0, err);
	write_usage(&request, usage);
	rc = metering_send(&request, aws, call, &json, ret_answer);
	if (rc)
		return end_failed(usage, rc, ret_id, ret_answer, err);
	rc = end_answered(usage, json, ret_id, err);
	cJSON_Delete(json);
	return rc ? metering_nonsense(action, ret_answer, err) : OK;
}
