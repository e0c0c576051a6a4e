#include "aws/metering_match.h"

#include <assert.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "aws/json.h"
#include "aws/metering_read.h"

/* The members by which a record is known. Allocations tell no two apart that these do not. */
static const struct {
	const char *name;
	size_t offset; /* of the text, in a record */
} texts[] = {
	{ "CustomerIdentifier", offsetof(struct metering_record, customer_identifier) },
	{ "CustomerAWSAccountId", offsetof(struct metering_record, customer_aws_account_id) },
	{ "LicenseArn", offsetof(struct metering_record, license_arn) },
	{ "Dimension", offsetof(struct metering_record, dimension) },
};

enum { N_TEXTS = sizeof texts / sizeof texts[0] };

/* AWS's times have milliseconds; ours are whole seconds. */
static const double clock_tick_s = 0.001;

/* What an answer repeats of a record. */
struct echo {
	const char *texts[N_TEXTS]; /* NULL: not there */
	bool has_timestamp, has_quantity;
	double timestamp_s, quantity;
	bool names; /* at least one member that we know */
};

/* Of one answer. A record that nothing went to yet is METERING_UNNAMED. */
struct match {
	struct metering_batch_sent sent;
	struct metering_result results[METERING_RECORDS_MAX];
};

static enum status read_echo(const struct cJSON *json, struct echo *echo, struct err *err)
{
	enum status rc;

	*echo = (struct echo){ .names = false };
	if (!cJSON_IsObject(json))
		return err_set(err, ERR_RETRY, "a UsageRecord in AWS's answer is not a structure");
	for (size_t i = 0; i < N_TEXTS; i++) {
		const struct cJSON *member;

		rc = metering_read_member(json, texts[i].name, &member, err);
		if (!rc && member)
			rc = metering_read_text(json, texts[i].name, &echo->texts[i], err);
		if (rc)
			return rc;
		echo->names |= member != NULL;
	}
	rc = metering_read_number(json, "Timestamp", &echo->has_timestamp, &echo->timestamp_s, err);
	if (!rc)
		rc = metering_read_number(json, "Quantity", &echo->has_quantity, &echo->quantity, err);
	echo->names |= echo->has_timestamp || echo->has_quantity;
	return rc;
}

static const char *text_of(const struct metering_record *record, size_t i)
{
	const char *text;

	memcpy(&text, (const char *)record + texts[i].offset, sizeof text);
	return text ? text : "";
}

static bool is_same(const struct echo *echo, const struct metering_record *record)
{
	double apart_s = echo->timestamp_s - (double)record->timestamp_s;

	for (size_t i = 0; i < N_TEXTS; i++) {
		const char *sent = text_of(record, i);

		/* What was not sent tells no two apart, whoever fills it in. */
		if (*sent && echo->texts[i] && strcmp(echo->texts[i], sent) != 0)
			return false;
	}
	if (echo->has_timestamp && !(apart_s > -clock_tick_s && apart_s < clock_tick_s))
		return false;
	/* Both are whole numbers far below 2^53. */
	return !(echo->quantity < (double)record->quantity) &&
		!(echo->quantity > (double)record->quantity);
}

/* The result that the echo's record is to get. */
static enum status find_result(struct match *match, const struct echo *echo,
	struct metering_result **ret_result, struct err *err)
{
	const struct metering_batch_sent *sent = &match->sent;
	bool known = false;

	/* An echo of nothing can only be of the only record. */
	for (size_t i = 0; i < sent->n_records && (echo->names || sent->n_records == 1); i++) {
		if (echo->names && !is_same(echo, &sent->records[i]))
			continue;
		known = true;
		if (match->results[i].outcome != METERING_UNNAMED)
			continue;
		*ret_result = &match->results[i];
		return OK;
	}
	return err_set(err, ERR_RETRY, known ? "AWS's answer names a record more often than it was sent"
										 : "AWS's answer names a record that was not sent");
}

static enum metering_outcome find_outcome(const char *status)
{
	if (!strcmp(status, "Success"))
		return METERING_SUCCESS;
	if (!strcmp(status, "CustomerNotSubscribed"))
		return METERING_CUSTOMER_NOT_SUBSCRIBED;
	return strcmp(status, "DuplicateRecord") ? METERING_OTHER : METERING_DUPLICATE_RECORD;
}

/* A UsageRecordResult. */
static enum status take_result(struct match *match, const struct cJSON *json, struct err *err)
{
	struct metering_result *result;
	struct echo echo = { .names = false };
	const struct cJSON *record;
	enum status rc;

	if (!cJSON_IsObject(json))
		return err_set(err, ERR_RETRY, "an item of Results in AWS's answer is not a structure");
	rc = metering_read_member(json, "UsageRecord", &record, err);
	if (!rc && record)
		rc = read_echo(record, &echo, err);
	if (!rc)
		rc = find_result(match, &echo, &result, err);
	if (!rc)
		rc = metering_read_text_to(json, "Status", result->status, sizeof result->status, err);
	if (!rc)
		rc = metering_read_text_to(json, "MeteringRecordId", result->metering_record_id,
			sizeof result->metering_record_id, err);
	if (!rc)
		result->outcome = find_outcome(result->status);
	return rc;
}

static enum status take_unprocessed(struct match *match, const struct cJSON *json,
	struct err *err)
{
	struct metering_result *result;
	struct echo echo;
	enum status rc = read_echo(json, &echo, err);

	if (!rc)
		rc = find_result(match, &echo, &result, err);
	if (!rc)
		result->outcome = METERING_UNPROCESSED;
	return rc;
}

enum status metering_match(struct metering_batch_sent sent, const struct cJSON *json,
	struct metering_result *ret_results, struct err *err)
{
	struct match match = { .sent = sent };
	const struct cJSON *result, *unprocessed;
	enum status rc;

	assert(sent.n_records <= METERING_RECORDS_MAX);
	rc = metering_read_list(json, "Results", &result, err);
	if (!rc)
		rc = metering_read_list(json, "UnprocessedRecords", &unprocessed, err);
	for (; !rc && result; result = result->next)
		rc = take_result(&match, result, err);
	for (; !rc && unprocessed; unprocessed = unprocessed->next)
		rc = take_unprocessed(&match, unprocessed, err);
	if (!rc && sent.n_records)
		memcpy(ret_results, match.results, sent.n_records * sizeof match.results[0]);
	return rc;
}

enum status metering_parse_results(struct metering_batch_sent sent, const char *body, size_t len,
	struct metering_result *ret_results, struct err *err)
{
	struct cJSON *json = NULL;
	enum status rc = json_parse(body, len, &json, err);

	if (!rc)
		rc = metering_match(sent, json, ret_results, err);
	cJSON_Delete(json);
	return rc;
}
