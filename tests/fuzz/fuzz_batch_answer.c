/* What AWS, or whoever stands in between, answers to BatchMeterUsage and to MeterUsage. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/metering_answer.h"
#include "base/text.h"

enum { HOUR_S = 1769857200 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct metering_record licensed[] = {
	{ .timestamp_s = HOUR_S, .dimension = "users", .quantity = 7, .license_arn = "arn:aws:l:::l-1",
		.customer_aws_account_id = "1" },
	{ .timestamp_s = HOUR_S, .dimension = "users", .quantity = 7, .license_arn = "arn:aws:l:::l-1",
		.customer_aws_account_id = "1" },
	{ .timestamp_s = HOUR_S, .dimension = "gb", .license_arn = "arn:aws:l:::l-2",
		.customer_aws_account_id = "1" },
};

static const struct metering_record legacy[] = {
	{ .timestamp_s = HOUR_S, .dimension = "users", .quantity = 7, .customer_identifier = "c" },
};

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_text(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	check(len < size && text_is_utf8(text, len));
}

static void check_result(const struct metering_result *result)
{
	bool has_result = result->outcome != METERING_UNNAMED && result->outcome != METERING_UNPROCESSED;

	check(result->outcome <= METERING_OTHER);
	check_text(result->status, sizeof result->status);
	check_text(result->metering_record_id, sizeof result->metering_record_id);
	check(has_result || (!*result->status && !*result->metering_record_id));
	check((result->outcome == METERING_SUCCESS) == !strcmp(result->status, "Success"));
}

static void read_results(const struct metering_record *records, size_t n, const char *body,
	size_t len)
{
	const struct metering_batch_sent sent = { records, n };
	struct metering_result results[METERING_RECORDS_MAX];
	struct err err = { "" };
	enum status rc = metering_parse_results(sent, body, len, results, &err);

	check(rc == OK || (rc == ERR_RETRY && *err.text));
	for (size_t i = 0; i < n && !rc; i++)
		check_result(&results[i]);
}

static void read_record_id(const char *body, size_t len)
{
	char id[METERING_ID_SIZE];
	struct err err = { "" };
	enum status rc = metering_parse_record_id(body, len, id, &err);

	check(rc == OK || (rc == ERR_RETRY && *err.text));
	if (!rc)
		check_text(id, sizeof id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of exactly this size, so that reading on past the end is seen. */
	char *body = malloc(size ? size : 1);

	check(body != NULL);
	if (size)
		memcpy(body, data, size);
	read_results(licensed, sizeof licensed / sizeof licensed[0], body, size);
	read_results(legacy, sizeof legacy / sizeof legacy[0], body, size);
	read_results(NULL, 0, body, size);
	read_record_id(body, size);
	free(body);
	return 0;
}
