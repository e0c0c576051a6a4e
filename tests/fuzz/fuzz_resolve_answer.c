/* What AWS, or whoever stands in between, answers to ResolveCustomer: a success, or an error. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/error.h"
#include "aws/metering_answer.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_text(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	check(len < size && text_is_utf8(text, len));
}

static void read_success(const char *body, size_t len)
{
	struct metering_customer who;
	struct err err = { "" };
	enum status rc = metering_parse_customer(body, len, &who, &err);

	check(rc == OK || (rc == ERR_RETRY && *err.text));
	if (rc)
		return;
	check_text(who.product_code, sizeof who.product_code);
	check_text(who.customer_identifier, sizeof who.customer_identifier);
	check_text(who.customer_aws_account_id, sizeof who.customer_aws_account_id);
	check_text(who.license_arn, sizeof who.license_arn);
	check(*who.product_code &&
		(*who.customer_identifier || *who.customer_aws_account_id || *who.license_arn));
}

static void read_error(const char *body, size_t len)
{
	struct http_answer answer = { .status = 400, .body = BUF_INIT(HTTP_BODY_MAX) };
	struct error error;

	buf_add(&answer.body, body, len);
	error_read("ResolveCustomer", &answer, &error);
	check_text(error.code, sizeof error.code);
	check_text(error.message, sizeof error.message);
	check(error.advice != NULL);
	buf_done(&answer.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of exactly this size, so that reading on past the end is seen. */
	char *body = malloc(size ? size : 1);

	check(body != NULL);
	if (size)
		memcpy(body, data, size);
	read_success(body, size);
	read_error(body, size);
	free(body);
	return 0;
}
