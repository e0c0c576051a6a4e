/* BatchMeterUsage: honours usage of a product's customers, the first quantity of each hour (API
 * reference: BatchMeterUsage). What spoils a request leaves nothing of it behind. */
#include <stdio.h>
#include <string.h>

#include "sandbox/actions.h"
#include "sandbox/echo.h"
#include "sandbox/window.h"
#include "sandbox_queries.h"

enum {
	RECORDS_BYTES_MAX = 4 * 1024 * 1024, /* as much as a body has */
	WHY_BYTES_MAX = 500,
	NUMBER_SIZE = 24,
};

/* The columns of sql/queries/sandbox/meter_batch.sql. */
enum column { PROBLEM, WHY, STATUS, RECORD_ID };

/* A request as it is worked on. */
struct batch {
	const char *product_code; /* NULL: the records name licenses */
	cJSON *records;           /* as they are repeated in the answer */
	struct buf text;          /* the same for the database */
	size_t n;
	char skipped[FAULT_RECORDS_MAX + 1]; /* '1': the fault leaves it unprocessed */
};

static const char *text_of(const cJSON *object, const char *name)
{
	const char *text = json_text(object, name);

	return text && *text ? text : NULL;
}

/* What is wrong with how a record names its customer, or NULL. An empty text names nobody. */
static const char *identity_problem(const struct batch *batch, const cJSON *record)
{
	bool identifier = text_of(record, "CustomerIdentifier");
	bool account = text_of(record, "CustomerAWSAccountId");
	bool license = text_of(record, "LicenseArn");

	if (identifier && account)
		return "CustomerIdentifier and CustomerAWSAccountId exclude each other.";
	if (identifier && license)
		return "CustomerIdentifier and LicenseArn exclude each other.";
	if (!identifier && !account)
		return "CustomerAWSAccountId, or CustomerIdentifier, must name a customer.";
	if (license && batch->product_code)
		return "LicenseArn and the request's ProductCode exclude each other.";
	if (!license && !batch->product_code)
		return "LicenseArn, or the request's ProductCode, must name a product.";
	return NULL;
}

static bool refuse_record(struct call *call, size_t place, const char *error, const char *sentence)
{
	auto_buf why = BUF_INIT(WHY_BYTES_MAX);

	buf_printf(&why, "Record %zu: %s", place, sentence);
	call_refuse_as(call, error, buf_text(&why));
	return false;
}

/* What can be said without the database. False: the call is refused. */
static bool check(struct call *call, const struct batch *batch)
{
	const struct limits_action *limits = limits_find_action(call->limits, call->action->name);
	const cJSON *record;
	size_t place = 0;

	/* In 2019 a request without records is of a product too. */
	if (!batch->n && !batch->product_code && !strcmp(call->limits->edition, "2019")) {
		call_refuse(call, REFUSAL_INVALID,
			"1 validation error detected: Value null at 'productCode' failed to satisfy "
			"constraint: Member must not be null");
		return false;
	}
	cJSON_ArrayForEach(record, batch->records)
	{
		const char *problem = identity_problem(batch, record);

		place++;
		if (problem)
			return refuse_record(call, place, "ValidationException", problem);
	}
	place = 0;
	cJSON_ArrayForEach(record, batch->records)
	{
		place++;
		if (!window_takes(
				call->limits, limits, call->now_ms, json_member(record, "Timestamp")->valuedouble))
			return refuse_record(call, place, "TimestampOutOfBoundsException",
				"The Timestamp is in the future, or too old to be metered.");
	}
	return true;
}

/* Meets the fault that waits for one of the records. */
static bool begin(struct call *call, struct batch *batch)
{
	struct call_match matches[FAULT_RECORDS_MAX];
	const cJSON *record;
	size_t n = 0;

	cJSON_ArrayForEach(record, batch->records)
	{
		matches[n].customer_identifier = json_text(record, "CustomerIdentifier");
		matches[n].license_arn = json_text(record, "LicenseArn");
		matches[n++].dimension = json_text(record, "Dimension");
	}
	if (!call_begin_any(call, matches, n))
		return false;
	for (size_t i = 0; i < n; i++) {
		bool skips = call->fault.effect == FAULT_UNPROCESSED || call->fault.effect == FAULT_PARTIAL;

		batch->skipped[i] = skips && fault_concerns(&call->fault, i, n) ? '1' : '0';
	}
	return true;
}

static bool meter(struct call *call, const struct batch *batch, struct db_result *ret_rows)
{
	char now_ms[NUMBER_SIZE], keys_max[NUMBER_SIZE];

	snprintf(now_ms, sizeof now_ms, "%lld", (long long)call->now_ms);
	snprintf(keys_max, sizeof keys_max, "%d", call->limits->tag_keys_max);
	if (!sandbox_query(call->sandbox, call->request, SANDBOX_METER_BATCH,
			(const char *const[]){ call->request->id, call->region, batch->product_code,
				buf_text(&batch->text), batch->skipped, now_ms, keys_max },
			7, ret_rows))
		return true;
	call_refuse(call, REFUSAL_OUR_DATABASE, "The sandbox cannot reach its database.");
	return false;
}

static cJSON *result_of(const struct db_result *rows, size_t i, cJSON *record)
{
	cJSON *result = cJSON_CreateObject();
	const char *id = db_result_text(rows, i, RECORD_ID);

	json_put(result, "UsageRecord", record);
	if (id)
		json_put(result, "MeteringRecordId", cJSON_CreateString(id));
	json_put(result, "Status", cJSON_CreateString(db_result_text(rows, i, STATUS)));
	return result;
}

/* The order in which records are answered: those that the fault shuffles change places, the last
 * for the first. */
static void order(const struct fault *fault, size_t n, size_t ret_order[FAULT_RECORDS_MAX])
{
	size_t shuffled[FAULT_RECORDS_MAX], n_shuffled = 0;

	for (size_t i = 0; i < n; i++) {
		ret_order[i] = i;
		if (fault->effect == FAULT_SHUFFLED && fault_concerns(fault, i, n))
			shuffled[n_shuffled++] = i;
	}
	for (size_t i = 0; i < n_shuffled; i++)
		ret_order[shuffled[i]] = shuffled[n_shuffled - 1 - i];
}

static void answer(struct call *call, const struct batch *batch, const struct db_result *rows)
{
	auto_json *output = cJSON_CreateObject();
	cJSON *results = cJSON_CreateArray(), *unprocessed = cJSON_CreateArray();
	cJSON *records[FAULT_RECORDS_MAX];
	size_t places[FAULT_RECORDS_MAX];

	json_as_sent(batch->records);
	for (size_t i = 0; i < batch->n; i++)
		records[i] = cJSON_DetachItemFromArray(batch->records, 0);
	order(&call->fault, batch->n, places);
	for (size_t i = 0; i < batch->n; i++) {
		size_t at = places[i];

		if (call->fault.effect == FAULT_DROP && fault_concerns(&call->fault, at, batch->n))
			cJSON_Delete(records[at]);
		else if (db_result_text(rows, at, STATUS))
			json_add(results, result_of(rows, at, records[at]));
		else
			json_add(unprocessed, records[at]);
	}
	json_put(output, "Results", results);
	json_put(output, "UnprocessedRecords", unprocessed);
	call_answer(call, output);
}

static void run(struct call *call, struct batch *batch)
{
	auto_result rows = { 0 };

	if (!begin(call, batch) || !check(call, batch) || !meter(call, batch, &rows))
		return;
	if (db_result_rows(&rows) && db_result_text(&rows, 0, PROBLEM))
		call_refuse_as(call, db_result_text(&rows, 0, PROBLEM), db_result_text(&rows, 0, WHY));
	else
		answer(call, batch, &rows);
}

static void handle(struct call *call)
{
	const struct limits_action *limits = limits_find_action(call->limits, call->action->name);
	auto_json *input = echo_structure(limits->request, call->input);
	struct batch batch = { .product_code = text_of(input, "ProductCode"),
		.records = cJSON_GetObjectItemCaseSensitive(input, "UsageRecords"),
		.text = BUF_INIT(RECORDS_BYTES_MAX) };

	batch.n = (size_t)cJSON_GetArraySize(batch.records);
	json_print(&batch.text, batch.records);
	if (batch.text.failed)
		call_refuse(call, REFUSAL_FAILED, "The sandbox has no memory.");
	else
		run(call, &batch);
	buf_done(&batch.text);
}

const struct action action_batch_meter_usage = { "BatchMeterUsage", handle };
