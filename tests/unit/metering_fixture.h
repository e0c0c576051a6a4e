/* For tests of metering: usage that is good, so that each test changes one thing of it. */
#ifndef TESTS_UNIT_METERING_FIXTURE_H
#define TESTS_UNIT_METERING_FIXTURE_H

#include "tests/unit/unit.h"

#include "tests/unit/aws_fake.h"

#define LICENSE "arn:aws:license-manager::294406891311:license:l-0123456789abcdef"
#define HOUR_TEXT "1769857200"

enum { HOUR_S = 1769857200 };

static const struct metering_record by_license = { .timestamp_s = HOUR_S, .dimension = "users",
	.quantity = 7, .customer_aws_account_id = "012345678901", .license_arn = LICENSE };
static const struct metering_record by_identifier = { .timestamp_s = HOUR_S, .dimension = "users",
	.quantity = 7, .customer_identifier = "cust-1" };
static const struct metering_record by_account = { .timestamp_s = HOUR_S, .dimension = "users",
	.quantity = 7, .customer_aws_account_id = "012345678901" };

static struct metering_result results[METERING_RECORDS_MAX + 1];

static inline int metering_set_up(void **state)
{
	memset(results, 0x55, sizeof results);
	return fake_set_up(state);
}

static inline void use_edition(const char *edition)
{
	aws_set_limits(aws, limits_find(edition));
}

static inline enum status send_batch(const char *product_code,
	const struct metering_record *records, size_t n)
{
	memset(&answer, 0x55, sizeof answer);
	return metering_batch(aws, product_code, records, n, fake.monotonic_ms + 8000, results,
		&answer, &err);
}

static inline enum status send_usage(const struct metering_usage *usage, char *ret_id)
{
	memset(&answer, 0x55, sizeof answer);
	return metering_meter(aws, usage, fake.monotonic_ms + 8000, ret_id, &answer, &err);
}

/* Nothing left, and the answer and the text say why. */
static inline void assert_refused(enum status rc, const char *text)
{
	if (rc != ERR_INPUT)
		fail_msg("not refused: %s", text);
	fake_check_text(text);
	assert_int_equal(fake.n_sent, 0);
	assert_int_equal(answer.tries, 0);
	assert_int_equal(answer.http_status, 0);
	assert_int_equal(answer.class, ERROR_RECORD);
	assert_false(answer.uncertain);
	assert_string_equal(answer.code, "");
}

/* n times the character, in one of a few places that later calls use again. */
static inline const char *repeat(char c, size_t n)
{
	static char texts[4][2000];
	static unsigned next;
	char *text = texts[next++ % 4];

	assert_true(n < sizeof texts[0]);
	memset(text, c, n);
	text[n] = '\0';
	return text;
}

#define METERING_TEST(test) cmocka_unit_test_setup_teardown(test, metering_set_up, fake_tear_down)

#endif
