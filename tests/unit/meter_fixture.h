/* Records and calls made by hand, for the tests of meter/. */
#ifndef TESTS_UNIT_METER_FIXTURE_H
#define TESTS_UNIT_METER_FIXTURE_H

#include <stdlib.h>

#include "meter/product.h"
#include "meter/queue.h"
#include "tests/unit/unit.h"

/* Of the product "p", metered by CustomerIdentifier; dimensions and customers tell them apart. */
static inline struct record *make_record(int64_t id, int64_t customer_id, const char *dimension)
{
	struct record *record = calloc(1, sizeof *record);

	assert_non_null(record);
	record->id = id;
	record->customer_id = customer_id;
	record->product_code = "p";
	record->role.region = "us-east-1";
	record->sent = (struct metering_record){ .timestamp_s = 1000000000, .dimension = dimension,
		.quantity = 1, .customer_identifier = "c" };
	record->bytes = record_bytes(record);
	return record;
}

static inline struct call *make_call(struct product *product, int64_t customer_id, size_t n)
{
	struct call *call = call_new();

	assert_non_null(call);
	call->product = product;
	for (size_t i = 0; i < n; i++)
		call_add(call, make_record((int64_t)i + 1, customer_id, "d"));
	return call;
}

static inline void answer_error(struct call *call, const char *code, enum error_class class,
	enum error_about about)
{
	call->rc = ERR_INPUT;
	call->answer = (struct aws_answer){ .http_status = 400, .tries = 1, .class = class,
		.about = about };
	snprintf(call->answer.code, sizeof call->answer.code, "%s", code);
	snprintf(call->err.text, sizeof call->err.text, "%s", code);
}

#endif
