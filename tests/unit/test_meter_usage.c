/* MeterUsage: what is sent and refused, and what each answer means, to a dry run too. */
#include "aws/metering_answer.h"
#include "tests/unit/metering_fixture.h"

static const struct metering_usage good = { .product_code = "prod", .timestamp_s = HOUR_S,
	.dimension = "users", .quantity = 7 };
static const struct metering_usage dry = { .product_code = "prod", .timestamp_s = HOUR_S,
	.dimension = "users", .quantity = 7, .dry_run = true };

static char id[METERING_ID_SIZE];

static enum status answer_with(const struct metering_usage *usage, struct fake_step step)
{
	strcpy(id, "untouched");
	fake.n_steps = fake.n_sent = 0;
	fake_add(step);
	return send_usage(usage, id);
}

static enum status answer_ok(const struct metering_usage *usage, const char *body)
{
	return answer_with(usage, (struct fake_step){ .body = body, .request_id = "req-1" });
}

static enum status answer_error(const struct metering_usage *usage, int status, const char *body)
{
	return answer_with(usage, (struct fake_step){ .http_status = status, .body = body });
}

static void assert_sent(const struct metering_usage *usage, const char *body)
{
	if (answer_ok(usage, "{\"MeteringRecordId\":\"i\"}") != OK)
		fail_msg("%s", err.text);
	assert_string_equal(buf_text(&fake.sent[0].body), body);
}

static void assert_usage_refused(struct metering_usage usage, const char *text)
{
	fake.n_steps = fake.n_sent = 0;
	strcpy(id, "untouched");
	assert_refused(send_usage(&usage, id), text);
	assert_string_equal(id, "untouched");
}

static void test_usage_is_sent(void **state)
{
	(void)state;
	assert_sent(&good, "{\"ProductCode\":\"prod\",\"Timestamp\":" HOUR_TEXT ","
		"\"UsageDimension\":\"users\",\"UsageQuantity\":7}");
	assert_string_equal(fake_sent_header(0, "x-amz-target"), "AWSMPMeteringService.MeterUsage");
	assert_true(fake.sent[0].once);
}

static void test_edition_of_2019_has_dry_run_always(void **state)
{
	(void)state;
	use_edition("2019");
	assert_sent(&good, "{\"ProductCode\":\"prod\",\"Timestamp\":" HOUR_TEXT ","
		"\"UsageDimension\":\"users\",\"UsageQuantity\":7,\"DryRun\":false}");
}

static void test_quantity_of_0_is_sent(void **state)
{
	struct metering_usage usage = good;

	(void)state;
	usage.quantity = 0;
	assert_sent(&usage, "{\"ProductCode\":\"prod\",\"Timestamp\":" HOUR_TEXT ","
		"\"UsageDimension\":\"users\",\"UsageQuantity\":0}");
}

static void test_dry_run_is_sent_as_one(void **state)
{
	static const char *const editions[] = { "today", "2019" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		use_edition(editions[i]);
		assert_int_equal(answer_error(&dry, 400, "{\"__type\":\"DryRunOperation\"}"), OK);
		assert_string_equal(buf_text(&fake.sent[0].body), "{\"ProductCode\":\"prod\","
			"\"Timestamp\":" HOUR_TEXT ",\"UsageDimension\":\"users\",\"UsageQuantity\":7,"
			"\"DryRun\":true}");
	}
}

static void test_client_token_is_today_s(void **state)
{
	struct metering_usage usage = good;

	(void)state;
	usage.client_token = "token-1";
	assert_sent(&usage, "{\"ProductCode\":\"prod\",\"Timestamp\":" HOUR_TEXT ","
		"\"UsageDimension\":\"users\",\"UsageQuantity\":7,\"ClientToken\":\"token-1\"}");
	use_edition("2019");
	assert_usage_refused(usage, "MeterUsage: ClientToken: is not in the API's edition \"2019\"");
	assert_null(strstr(err.text, "token-1"));
}

static void test_client_token_has_its_length(void **state)
{
	struct metering_usage usage = good;

	(void)state;
	usage.client_token = repeat('t', 64);
	assert_int_equal(answer_ok(&usage, "{\"MeteringRecordId\":\"i\"}"), OK);
	usage.client_token = repeat('t', 65);
	assert_usage_refused(usage, "ClientToken: has 65 characters; allowed are 1 to 64");
}

static void test_required_members_are_there(void **state)
{
	static const char *const editions[] = { "today", "2019" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct metering_usage usage = good;

		use_edition(editions[i]);
		usage.product_code = NULL;
		assert_usage_refused(usage, "MeterUsage: ProductCode: is required");
		usage.product_code = "";
		assert_usage_refused(usage, "MeterUsage: ProductCode: is required");
		usage = good;
		usage.dimension = "";
		assert_usage_refused(usage, "MeterUsage: UsageDimension: is required");
		usage = good;
		usage.timestamp_s = 0;
		assert_usage_refused(usage, "MeterUsage: Timestamp: is 0; allowed are");
	}
}

static void test_members_have_their_limits(void **state)
{
	struct metering_usage usage = good;

	(void)state;
	usage.product_code = repeat('p', 256);
	assert_usage_refused(usage, "ProductCode: has 256 characters; allowed are 0 to 255");
	usage.product_code = "a b";
	assert_usage_refused(usage, "ProductCode: has another form");
	usage = good;
	usage.dimension = repeat('d', 256);
	assert_usage_refused(usage, "UsageDimension: has 256 characters; allowed are 1 to 255");
	usage.dimension = "\xff";
	assert_usage_refused(usage, "UsageDimension: is not UTF-8");
}

static void test_quantities_are_each_edition_s(void **state)
{
	struct metering_usage usage = good;

	(void)state;
	usage.quantity = 2147483648;
	assert_usage_refused(usage, "UsageQuantity: is 2147483648; allowed is 0 to 2147483647");
	usage.quantity = -1;
	assert_usage_refused(usage, "UsageQuantity: is -1; allowed is 0 to 2147483647");
	use_edition("2019");
	usage.quantity = 1000001;
	assert_usage_refused(usage, "UsageQuantity: is 1000001; allowed is 0 to 1000000");
	usage.quantity = 1000000;
	assert_int_equal(answer_ok(&usage, "{\"MeteringRecordId\":\"i\"}"), OK);
}

static void test_record_id_is_read(void **state)
{
	(void)state;
	assert_int_equal(answer_ok(&good, "{\"New\":1,\"MeteringRecordId\":\"35155d37\"}"), OK);
	assert_string_equal(id, "35155d37");
	assert_string_equal(answer.request_id, "req-1");
	assert_string_equal(answer.code, "");
	assert_false(answer.uncertain);
}

static void assert_nonsense(const struct metering_usage *usage, const char *body, const char *text)
{
	assert_int_equal(answer_ok(usage, body), ERR_RETRY);
	fake_check_text("MeterUsage: ");
	fake_check_text(text);
	assert_int_equal(answer.class, ERROR_TRANSIENT);
	assert_true(answer.uncertain);
	assert_string_equal(id, "untouched");
}

static void test_answer_without_an_id_is_nonsense(void **state)
{
	(void)state;
	assert_nonsense(&good, "{}", "AWS's answer has no MeteringRecordId");
	assert_nonsense(&good, "{\"MeteringRecordId\":null}", "has no MeteringRecordId");
	assert_nonsense(&good, "{\"MeteringRecordId\":\"\"}", "has no MeteringRecordId");
	assert_nonsense(&good, "{\"MeteringRecordId\":7}", "MeteringRecordId in AWS's answer is not a "
		"string");
	assert_nonsense(&good, "{\"MeteringRecordId\":\"a\",\"MeteringRecordId\":\"a\"}", "twice");
}

static void test_dry_run_that_is_allowed_is_ok_without_an_id(void **state)
{
	static const int statuses[] = { 400, 412 }; /* AWS publishes none */

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(answer_error(&dry, statuses[i], "{\"__type\":\"DryRunOperation\","
			"\"message\":\"would have succeeded\"}"), OK);
		assert_string_equal(id, "");
		assert_string_equal(answer.code, "DryRunOperation");
		assert_int_equal(answer.http_status, statuses[i]);
		assert_int_equal(answer.class, ERROR_NONE);
		assert_int_equal(answer.tries, 1);
		assert_false(answer.uncertain);
	}
}

static void test_dry_run_that_is_not_allowed_is_the_operator_s(void **state)
{
	(void)state;
	assert_int_equal(answer_error(&dry, 400, "{\"__type\":\"UnauthorizedException\"}"),
		ERR_REMOTE);
	fake_check_text("UnauthorizedException");
	assert_string_equal(answer.code, "UnauthorizedException");
	assert_int_equal(answer.class, ERROR_SETTING);
	assert_string_equal(id, "untouched");
}

static void test_dry_run_that_succeeds_may_have_metered(void **state)
{
	(void)state;
	assert_nonsense(&dry, "{\"MeteringRecordId\":\"i\"}", "AWS answered a dry run with success: it "
		"may have metered the usage");
	assert_nonsense(&dry, "{}", "AWS answered a dry run with success");
}

static void test_call_that_is_answered_as_a_dry_run_is_nonsense(void **state)
{
	(void)state;
	assert_int_equal(answer_error(&good, 400, "{\"__type\":\"DryRunOperation\"}"), ERR_RETRY);
	fake_check_text("MeterUsage: AWS answered as if to a dry run, and this was none");
	assert_string_equal(answer.code, "DryRunOperation");
	assert_int_equal(answer.class, ERROR_TRANSIENT);
	assert_string_equal(id, "untouched");
}

static void test_dry_run_is_tried_again_when_throttled(void **state)
{
	(void)state;
	fake_add_error(400, "{\"__type\":\"ThrottlingException\"}");
	fake_add_error(400, "{\"__type\":\"DryRunOperation\"}");
	assert_int_equal(send_usage(&dry, id), OK);
	assert_int_equal(answer.tries, 2);
}

static void test_other_errors_stay_what_they_are(void **state)
{
	(void)state;
	assert_int_equal(answer_error(&good, 400, "{\"__type\":\"DuplicateRequestException\"}"),
		ERR_INPUT);
	assert_int_equal(answer.class, ERROR_RECORD);
	assert_int_equal(answer_error(&good, 400, "{\"__type\":\"CustomerNotEntitledException\"}"),
		ERR_INPUT);
	assert_int_equal(answer.class, ERROR_BUYER);
	assert_int_equal(answer_error(&good, 400, "{\"__type\":\"InvalidEndpointRegionException\"}"),
		ERR_REMOTE);
}

static void test_message_that_repeats_the_client_token_is_not_told(void **state)
{
	struct metering_usage usage = good;

	(void)state;
	usage.client_token = "client-token-12345678";
	assert_int_equal(answer_error(&usage, 400, "{\"__type\":\"IdempotencyConflictException\","
		"\"message\":\"client-token-12345678 was used\"}"), ERR_INPUT);
	fake_check_text("IdempotencyConflictException");
	assert_null(strstr(err.text, "client-token"));
}

static void test_body_is_parsed_without_a_client_too(void **state)
{
	static const char body[] = "{\"MeteringRecordId\":\"i\"}";

	(void)state;
	assert_int_equal(metering_parse_record_id(body, strlen(body), id, &err), OK);
	assert_string_equal(id, "i");
	assert_int_equal(metering_parse_record_id(body, strlen(body) - 1, id, &err), ERR_RETRY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		METERING_TEST(test_usage_is_sent),
		METERING_TEST(test_edition_of_2019_has_dry_run_always),
		METERING_TEST(test_quantity_of_0_is_sent),
		METERING_TEST(test_dry_run_is_sent_as_one),
		METERING_TEST(test_client_token_is_today_s),
		METERING_TEST(test_client_token_has_its_length),
		METERING_TEST(test_required_members_are_there),
		METERING_TEST(test_members_have_their_limits),
		METERING_TEST(test_quantities_are_each_edition_s),
		METERING_TEST(test_record_id_is_read),
		METERING_TEST(test_answer_without_an_id_is_nonsense),
		METERING_TEST(test_dry_run_that_is_allowed_is_ok_without_an_id),
		METERING_TEST(test_dry_run_that_is_not_allowed_is_the_operator_s),
		METERING_TEST(test_dry_run_that_succeeds_may_have_metered),
		METERING_TEST(test_call_that_is_answered_as_a_dry_run_is_nonsense),
		METERING_TEST(test_dry_run_is_tried_again_when_throttled),
		METERING_TEST(test_other_errors_stay_what_they_are),
		METERING_TEST(test_message_that_repeats_the_client_token_is_not_told),
		METERING_TEST(test_body_is_parsed_without_a_client_too),
	};

	return UNIT_RUN(tests);
}
