/* ResolveCustomer: what is sent, and every shape of an answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "aws/metering_answer.h"
#include "tests/unit/aws_fake.h"

static enum status resolve_body(const char *body)
{
	memset(&who, 0, sizeof who);
	fake.n_steps = fake.n_sent = 0;
	fake_add((struct fake_step){ .body = body, .request_id = "req-1" });
	return fake_resolve_token("token");
}

static void test_all_four_members_are_read(void **state)
{
	(void)state;
	assert_int_equal(resolve_body("{\"CustomerIdentifier\":\"cust\",\"ProductCode\":\"prod\","
		"\"CustomerAWSAccountId\":\"012345678901\",\"LicenseArn\":\"arn:aws:license-manager::1:"
		"license:l-1\"}"), OK);
	assert_string_equal(who.customer_identifier, "cust");
	assert_string_equal(who.product_code, "prod");
	assert_string_equal(who.customer_aws_account_id, "012345678901");
	assert_string_equal(who.license_arn, "arn:aws:license-manager::1:license:l-1");
	assert_int_equal(answer.http_status, 200);
	assert_int_equal(answer.tries, 1);
	assert_string_equal(answer.code, "");
	assert_string_equal(answer.request_id, "req-1");
}

static void test_absent_null_and_empty_are_the_same(void **state)
{
	static const char *const bodies[] = {
		"{\"ProductCode\":\"p\",\"LicenseArn\":\"l\"}",
		"{\"ProductCode\":\"p\",\"LicenseArn\":\"l\",\"CustomerIdentifier\":null,"
		"\"CustomerAWSAccountId\":null}",
		"{\"ProductCode\":\"p\",\"LicenseArn\":\"l\",\"CustomerIdentifier\":\"\","
		"\"CustomerAWSAccountId\":\"\"}",
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(resolve_body(bodies[i]), OK);
		assert_string_equal(who.customer_identifier, "");
		assert_string_equal(who.customer_aws_account_id, "");
		assert_string_equal(who.license_arn, "l");
	}
}

static void test_each_identity_is_enough(void **state)
{
	(void)state;
	assert_int_equal(resolve_body("{\"ProductCode\":\"p\",\"CustomerIdentifier\":\"c\"}"), OK);
	assert_int_equal(resolve_body("{\"ProductCode\":\"p\",\"CustomerAWSAccountId\":\"1\"}"), OK);
	assert_int_equal(resolve_body("{\"ProductCode\":\"p\",\"LicenseArn\":\"l\"}"), OK);
}

static void test_answer_that_names_nobody_is_aws_s_error(void **state)
{
	static const char *const bodies[] = {
		"{\"ProductCode\":\"p\"}",
		"{\"ProductCode\":\"p\",\"CustomerIdentifier\":null,\"CustomerAWSAccountId\":\"\"}",
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(resolve_body(bodies[i]), ERR_RETRY);
		fake_check_text("ResolveCustomer: AWS's answer names no customer");
		assert_int_equal(fake.n_sent, 1);
		assert_int_equal(answer.http_status, 200);
		assert_int_equal(answer.class, ERROR_TRANSIENT);
	}
}

static void test_answer_without_product_code_is_aws_s_error(void **state)
{
	(void)state;
	assert_int_equal(resolve_body("{\"LicenseArn\":\"l\"}"), ERR_RETRY);
	fake_check_text("no ProductCode");
	assert_int_equal(resolve_body("{\"LicenseArn\":\"l\",\"ProductCode\":null}"), ERR_RETRY);
	assert_int_equal(resolve_body("{\"LicenseArn\":\"l\",\"ProductCode\":\"\"}"), ERR_RETRY);
	assert_int_equal(resolve_body("{}"), ERR_RETRY);
}

static void test_unknown_members_are_ignored(void **state)
{
	(void)state;
	assert_int_equal(resolve_body("{\"New\":{\"a\":[1,2,{\"b\":null}]},\"ProductCode\":\"p\","
		"\"customeridentifier\":\"other case\",\"LicenseArn\":\"l\",\"More\":1e9}"), OK);
	assert_string_equal(who.customer_identifier, "");
}

static void test_members_of_another_type_are_nonsense(void **state)
{
	static const char *const values[] = { "1", "true", "[]", "[\"c\"]", "{}", "1.5" };
	char body[200];

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		snprintf(body, sizeof body, "{\"ProductCode\":\"p\",\"LicenseArn\":\"l\","
			"\"CustomerIdentifier\":%s}", values[i]);
		assert_int_equal(resolve_body(body), ERR_RETRY);
		fake_check_text("CustomerIdentifier in AWS's answer is not a string");
		assert_string_equal(who.license_arn, "");
	}
}

static void check_length(const char *member, size_t len, enum status expected)
{
	auto_buf body = BUF_INIT(10000);

	buf_printf(&body, "{\"%s\":\"", member);
	for (size_t i = 0; i < len; i++)
		buf_putc(&body, '1');
	buf_printf(&body, "\",\"%s\":\"p\",\"%s\":\"x\"}",
		strcmp(member, "ProductCode") ? "ProductCode" : "Other",
		strcmp(member, "LicenseArn") ? "LicenseArn" : "Other");
	assert_int_equal(resolve_body(buf_text(&body)), expected);
	if (expected)
		fake_check_text(member);
}

static void test_lengths_are_the_reference_s(void **state)
{
	(void)state;
	check_length("ProductCode", 255, OK);
	check_length("ProductCode", 256, ERR_RETRY);
	check_length("CustomerIdentifier", 255, OK);
	check_length("CustomerIdentifier", 256, ERR_RETRY);
	check_length("CustomerAWSAccountId", 255, OK);
	check_length("CustomerAWSAccountId", 256, ERR_RETRY);
	check_length("LicenseArn", 1343, OK);
	check_length("LicenseArn", 1344, ERR_RETRY);
}

static void test_account_is_made_of_digits(void **state)
{
	(void)state;
	assert_int_equal(resolve_body("{\"ProductCode\":\"p\",\"CustomerAWSAccountId\":\"1234x\"}"),
		ERR_RETRY);
	fake_check_text("CustomerAWSAccountId in AWS's answer is not made of digits");
}

static void test_escapes_are_decoded(void **state)
{
	(void)state;
	assert_int_equal(resolve_body("{\"ProductCode\":\"a\\\"\\\\\\/\\u00e4\\ud83d\\ude00\","
		"\"LicenseArn\":\"l\"}"), OK);
	assert_string_equal(who.product_code, "a\"\\/\xc3\xa4\xf0\x9f\x98\x80");
}

static void test_member_given_twice_is_nonsense(void **state)
{
	(void)state;
	assert_int_equal(resolve_body("{\"ProductCode\":\"p\",\"LicenseArn\":\"l\","
		"\"ProductCode\":\"q\"}"), ERR_RETRY);
	fake_check_text("ProductCode twice");
}

/* What is not JSON is a proxy's page or half an answer: tried again, then the caller's to wait. */
static void check_nonsense(const char *body, const char *why)
{
	assert_int_equal(resolve_body(body), ERR_RETRY);
	fake_check_text(why);
	assert_int_equal(fake.n_sent, 3);
	assert_int_equal(answer.tries, 3);
	assert_int_equal(answer.http_status, 200);
}

static void test_what_is_not_whole_json_is_tried_again(void **state)
{
	(void)state;
	check_nonsense("<html><body>Welcome to the hotel's network</body></html>", "not a JSON object");
	check_nonsense("{\"ProductCode\":\"p\",\"LicenseArn\":\"l", "not a JSON object, or not all");
	check_nonsense("", "not a JSON object");
	check_nonsense("[]", "not a JSON object");
	check_nonsense("\"text\"", "not a JSON object");
	check_nonsense("{\"ProductCode\":\"p\",\"LicenseArn\":\"l\"}x", "not a JSON object");
	check_nonsense("{\"ProductCode\":\"p\",\"LicenseArn\":\"\\ud800\"}", "not a JSON object");
}

static void test_white_space_around_the_object_is_allowed(void **state)
{
	(void)state;
	assert_int_equal(resolve_body(" \r\n{\"ProductCode\":\"p\",\"LicenseArn\":\"l\"}\r\n"), OK);
}

static void test_nul_in_a_value_is_nonsense(void **state)
{
	(void)state;
	check_nonsense("{\"ProductCode\":\"p\\u0000q\",\"LicenseArn\":\"l\"}", "has a NUL in a string");
	check_nonsense("{\"ProductCode\\u0000\":\"p\",\"LicenseArn\":\"l\"}", "has a NUL in a string");
	assert_int_equal(resolve_body("{\"ProductCode\":\"p\\\\u0000\",\"LicenseArn\":\"l\"}"), OK);
	assert_string_equal(who.product_code, "p\\u0000");
}

static void test_invalid_utf8_is_nonsense(void **state)
{
	(void)state;
	check_nonsense("{\"ProductCode\":\"\xff\",\"LicenseArn\":\"l\"}", "is not UTF-8");
	check_nonsense("{\"ProductCode\":\"\xc0\xaf\",\"LicenseArn\":\"l\"}", "is not UTF-8");
}

static void test_deep_nesting_is_nonsense_and_no_crash(void **state)
{
	auto_buf body = BUF_INIT(100000);

	(void)state;
	buf_puts(&body, "{\"a\":");
	for (int i = 0; i < 50000; i++)
		buf_putc(&body, '[');
	check_nonsense(buf_text(&body), "nested too deeply");
}

static void test_brackets_in_strings_do_not_nest(void **state)
{
	auto_buf body = BUF_INIT(100000);

	(void)state;
	buf_puts(&body, "{\"ProductCode\":\"p\",\"LicenseArn\":\"l\",\"x\":\"\\\"");
	for (int i = 0; i < 100; i++)
		buf_puts(&body, "[{");
	buf_puts(&body, "\"}");
	assert_int_equal(resolve_body(buf_text(&body)), OK);
}

static void test_answer_that_is_too_long_is_nonsense(void **state)
{
	auto_buf body = BUF_INIT(100000);

	(void)state;
	buf_puts(&body, "{\"ProductCode\":\"p\",\"LicenseArn\":\"l\",\"x\":\"");
	for (int i = 0; i < 66000; i++)
		buf_putc(&body, 'x');
	buf_puts(&body, "\"}");
	assert_int_equal(resolve_body(buf_text(&body)), ERR_RETRY);
}

static void check_sent(const char *token, const char *body)
{
	fake.n_steps = fake.n_sent = 0;
	fake_add((struct fake_step){ .body = "{\"ProductCode\":\"p\",\"LicenseArn\":\"l\"}" });
	assert_int_equal(fake_resolve_token(token), OK);
	assert_string_equal(buf_text(&fake.sent[0].body), body);
}

static void test_token_is_sent_byte_for_byte(void **state)
{
	(void)state;
	check_sent("abc", "{\"RegistrationToken\":\"abc\"}");
	check_sent("a+b/c=%2B", "{\"RegistrationToken\":\"a+b/c=%2B\"}");
	check_sent("<&>'\x7f", "{\"RegistrationToken\":\"<&>'\x7f\"}");
	check_sent("\xc3\xa4\xf0\x9f\x98\x80", "{\"RegistrationToken\":\"\xc3\xa4\xf0\x9f\x98\x80\"}");
	check_sent(" a b ", "{\"RegistrationToken\":\" a b \"}");
}

static void test_what_json_forbids_in_a_token_is_escaped(void **state)
{
	(void)state;
	check_sent("\"\\", "{\"RegistrationToken\":\"\\\"\\\\\"}");
	check_sent("\x01\t\n\r\x1f", "{\"RegistrationToken\":\"\\u0001\\u0009\\u000a\\u000d\\u001f\"}");
}

static void test_long_tokens_are_sent_whole(void **state)
{
	char *token = calloc(1, 64 * 1024 + 2);

	(void)state;
	assert_non_null(token);
	memset(token, '"', 8 * 1024);
	fake_add((struct fake_step){ .body = "{\"ProductCode\":\"p\",\"LicenseArn\":\"l\"}" });
	assert_int_equal(fake_resolve_token(token), OK);
	assert_int_equal(fake.sent[0].body.len, 2 * 8 * 1024 + strlen("{\"RegistrationToken\":\"\"}"));
	memset(token, '\x01', 64 * 1024);
	assert_int_equal(fake_resolve_token(token), OK);
	assert_int_equal(fake.sent[1].body.len, 6 * 64 * 1024 + strlen("{\"RegistrationToken\":\"\"}"));
	token[64 * 1024] = 'x';
	assert_int_equal(fake_resolve_token(token), ERR_INPUT);
	fake_check_text("RegistrationToken: has 65537 bytes; allowed are 65536");
	assert_int_equal(fake.n_sent, 2);
	free(token);
}

static void check_not_sent(const char *token, const char *why)
{
	memset(&answer, 0x55, sizeof answer);
	assert_int_equal(fake_resolve_token(token), ERR_INPUT);
	fake_check_text(why);
	assert_int_equal(fake.n_sent, 0);
	assert_int_equal(answer.tries, 0);
	assert_int_equal(answer.http_status, 0);
	assert_int_equal(answer.class, ERROR_RECORD);
	assert_false(answer.uncertain);
	assert_string_equal(answer.code, "");
	assert_string_equal(answer.request_id, "");
}

static void test_bad_token_is_not_sent(void **state)
{
	(void)state;
	check_not_sent("", "RegistrationToken: is required, and is missing or empty");
	check_not_sent("a\xff", "is not UTF-8");
}

static void test_white_space_in_a_token_is_the_edition_s_matter(void **state)
{
	(void)state;
	aws_set_limits(aws, limits_find("2019"));
	check_not_sent("a b", "white space");
	check_not_sent("a\n", "white space");
	check_sent("ab", "{\"RegistrationToken\":\"ab\"}");
	aws_set_limits(aws, limits_find("today"));
	check_sent("a b", "{\"RegistrationToken\":\"a b\"}");
}

static void test_both_identities_are_read_in_both_editions(void **state)
{
	(void)state;
	aws_set_limits(aws, limits_find("2019"));
	assert_int_equal(resolve_body("{\"ProductCode\":\"p\",\"CustomerIdentifier\":\"c\"}"), OK);
	assert_int_equal(resolve_body("{\"ProductCode\":\"p\",\"CustomerIdentifier\":\"\","
		"\"CustomerAWSAccountId\":\"1\",\"LicenseArn\":\"l\"}"), OK);
	assert_string_equal(who.license_arn, "l");
}

static void test_body_is_parsed_without_a_client_too(void **state)
{
	static const char body[] = "{\"ProductCode\":\"p\",\"LicenseArn\":\"l\"}trailing";

	(void)state;
	assert_int_equal(metering_parse_customer(body, strlen(body) - 8, &who, &err), OK);
	assert_string_equal(who.product_code, "p");
	assert_int_equal(metering_parse_customer(body, strlen(body), &who, &err), ERR_RETRY);
}

#define METERING_TEST(test) cmocka_unit_test_setup_teardown(test, fake_set_up, fake_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		METERING_TEST(test_all_four_members_are_read),
		METERING_TEST(test_absent_null_and_empty_are_the_same),
		METERING_TEST(test_each_identity_is_enough),
		METERING_TEST(test_answer_that_names_nobody_is_aws_s_error),
		METERING_TEST(test_answer_without_product_code_is_aws_s_error),
		METERING_TEST(test_unknown_members_are_ignored),
		METERING_TEST(test_members_of_another_type_are_nonsense),
		METERING_TEST(test_lengths_are_the_reference_s),
		METERING_TEST(test_account_is_made_of_digits),
		METERING_TEST(test_escapes_are_decoded),
		METERING_TEST(test_member_given_twice_is_nonsense),
		METERING_TEST(test_what_is_not_whole_json_is_tried_again),
		METERING_TEST(test_white_space_around_the_object_is_allowed),
		METERING_TEST(test_nul_in_a_value_is_nonsense),
		METERING_TEST(test_invalid_utf8_is_nonsense),
		METERING_TEST(test_deep_nesting_is_nonsense_and_no_crash),
		METERING_TEST(test_brackets_in_strings_do_not_nest),
		METERING_TEST(test_answer_that_is_too_long_is_nonsense),
		METERING_TEST(test_token_is_sent_byte_for_byte),
		METERING_TEST(test_what_json_forbids_in_a_token_is_escaped),
		METERING_TEST(test_long_tokens_are_sent_whole),
		METERING_TEST(test_bad_token_is_not_sent),
		METERING_TEST(test_white_space_in_a_token_is_the_edition_s_matter),
		METERING_TEST(test_both_identities_are_read_in_both_editions),
		METERING_TEST(test_body_is_parsed_without_a_client_too),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("resolve_customer", tests, NULL, NULL);
}
