/* What AWS's errors are called, where the name stands, and what each means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "aws/error.h"
#include "aws/limits.h"

static const struct {
	const char *code;
	int status;
	enum error_class class;
} classes[] = {
	{ "InvalidTokenException", 400, ERROR_BUYER },
	{ "ExpiredTokenException", 400, ERROR_BUYER }, /* the buyer's token */
	{ "ExpiredTokenException", 403, ERROR_AUTH },  /* our session */
	{ "ValidationException", 400, ERROR_RECORD },
	{ "ValidationError", 400, ERROR_RECORD },
	{ "InvalidParameterValue", 400, ERROR_RECORD },
	{ "RequestEntityTooLargeException", 413, ERROR_RECORD },

	{ "BandwidthLimitExceeded", 400, ERROR_THROTTLED },
	{ "EC2ThrottledException", 400, ERROR_THROTTLED },
	{ "LimitExceededException", 400, ERROR_THROTTLED },
	{ "PriorRequestNotComplete", 400, ERROR_THROTTLED },
	{ "ProvisionedThroughputExceededException", 400, ERROR_THROTTLED },
	{ "RequestLimitExceeded", 503, ERROR_THROTTLED },
	{ "RequestThrottled", 400, ERROR_THROTTLED },
	{ "RequestThrottledException", 400, ERROR_THROTTLED },
	{ "SlowDown", 503, ERROR_THROTTLED },
	{ "ThrottledException", 400, ERROR_THROTTLED },
	{ "Throttling", 400, ERROR_THROTTLED },
	{ "ThrottlingException", 400, ERROR_THROTTLED },
	{ "TooManyRequestsException", 429, ERROR_THROTTLED },
	{ "TransactionInProgressException", 400, ERROR_THROTTLED },
	{ "", 429, ERROR_THROTTLED },

	{ "IDPCommunicationError", 400, ERROR_TRANSIENT },
	{ "InternalError", 400, ERROR_TRANSIENT },
	{ "InternalFailure", 500, ERROR_TRANSIENT },
	{ "InternalServiceErrorException", 500, ERROR_TRANSIENT },
	{ "RequestAbortedException", 400, ERROR_TRANSIENT },
	{ "RequestTimeout", 400, ERROR_TRANSIENT },
	{ "RequestTimeoutException", 408, ERROR_TRANSIENT },
	{ "ServiceUnavailable", 503, ERROR_TRANSIENT },
	{ "ServiceUnavailableException", 503, ERROR_TRANSIENT },
	{ "SomethingNew", 500, ERROR_TRANSIENT },
	{ "", 408, ERROR_TRANSIENT },
	{ "", 500, ERROR_TRANSIENT },
	{ "", 502, ERROR_TRANSIENT },
	{ "", 503, ERROR_TRANSIENT },
	{ "", 504, ERROR_TRANSIENT },

	{ "AuthFailure", 401, ERROR_AUTH },
	{ "ExpiredToken", 403, ERROR_AUTH },
	{ "IncompleteSignature", 403, ERROR_AUTH },
	{ "IncompleteSignature", 400, ERROR_AUTH }, /* 2019 */
	{ "InvalidClientTokenId", 403, ERROR_AUTH },
	{ "InvalidSignatureException", 403, ERROR_AUTH },
	{ "InvalidSignatureException", 400, ERROR_AUTH },
	{ "RequestExpired", 400, ERROR_AUTH },
	{ "RequestInTheFuture", 400, ERROR_AUTH },
	{ "RequestTimeTooSkewed", 403, ERROR_AUTH },
	{ "SignatureDoesNotMatch", 403, ERROR_AUTH },
	{ "UnrecognizedClientException", 403, ERROR_AUTH },
	{ "UnrecognizedClientException", 400, ERROR_AUTH }, /* 2019 */

	{ "AccessDenied", 403, ERROR_SETTING },
	{ "AccessDeniedException", 403, ERROR_SETTING },
	{ "AccessDeniedException", 400, ERROR_SETTING }, /* 2019 */
	{ "DisabledApiException", 400, ERROR_SETTING },
	{ "InvalidAction", 400, ERROR_SETTING },
	{ "InvalidParameterCombination", 400, ERROR_RECORD },
	{ "InvalidQueryParameter", 400, ERROR_SETTING },
	{ "MalformedHttpRequestException", 400, ERROR_RECORD },
	{ "MalformedQueryString", 404, ERROR_SETTING },
	{ "MissingAction", 400, ERROR_SETTING },
	{ "MissingAuthenticationToken", 403, ERROR_SETTING },
	{ "MissingAuthenticationTokenException", 403, ERROR_SETTING },
	{ "MissingParameter", 400, ERROR_RECORD },
	{ "NotAuthorized", 401, ERROR_SETTING },
	{ "OptInRequired", 403, ERROR_SETTING },
	{ "SerializationException", 400, ERROR_RECORD },
	{ "UnauthorizedException", 403, ERROR_SETTING },
	{ "UnknownOperationException", 404, ERROR_SETTING },
	{ "UnknownOperationException", 400, ERROR_SETTING }, /* 2019 */
	{ "CustomerNotEntitledException", 400, ERROR_BUYER },
	{ "DryRunOperation", 400, ERROR_NONE },
	{ "DuplicateRequestException", 400, ERROR_RECORD },
	{ "IdempotencyConflictException", 400, ERROR_RECORD },
	{ "InternalServerErrorException", 500, ERROR_TRANSIENT },
	{ "InvalidCustomerIdentifierException", 400, ERROR_RECORD },
	{ "InvalidEndpointRegionException", 400, ERROR_SETTING },
	{ "InvalidLicenseException", 400, ERROR_RECORD },
	{ "InvalidProductCodeException", 400, ERROR_SETTING },
	{ "InvalidPublicKeyVersionException", 400, ERROR_SETTING },
	{ "InvalidRegionException", 400, ERROR_SETTING },
	{ "InvalidTagException", 400, ERROR_RECORD },
	{ "InvalidUsageAllocationsException", 400, ERROR_RECORD },
	{ "InvalidUsageDimensionException", 400, ERROR_RECORD },
	{ "PlatformNotSupportedException", 400, ERROR_SETTING },
	{ "TimestampOutOfBoundsException", 400, ERROR_RECORD },
	{ "UnauthorizedException", 400, ERROR_SETTING },
	{ "SomethingNew", 400, ERROR_UNKNOWN },
	{ "throttlingexception", 400, ERROR_UNKNOWN },
	{ "", 301, ERROR_SETTING },
	{ "", 404, ERROR_SETTING },
	{ "", 501, ERROR_TRANSIENT },
};

static void test_each_error_has_its_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
		if (error_classify("ResolveCustomer", classes[i].code, classes[i].status, NULL) !=
			classes[i].class)
			fail_msg("%s with status %d is not of class %d", classes[i].code, classes[i].status,
				classes[i].class);
}

/* Only one action has a token of a buyer's. */
static void test_an_expired_token_is_the_buyers_where_one_was_sent(void **state)
{
	static const char *const others[] = { "BatchMeterUsage", "MeterUsage", "RegisterUsage",
		"AssumeRole" };
	const char *advice;

	(void)state;
	assert_int_equal(
		error_classify("ResolveCustomer", "ExpiredTokenException", 400, &advice), ERROR_BUYER);
	assert_non_null(strstr(advice, "press"));
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(
			error_classify(others[i], "ExpiredTokenException", 400, &advice), ERROR_AUTH);
		assert_non_null(strstr(advice, "renew"));
	}
}

static bool is_listed(const char *code, int status)
{
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
		if (!strcmp(classes[i].code, code) && classes[i].status == status)
			return true;
	return false;
}

static void check_listed(const struct limits_error *error)
{
	for (; error->name; error++)
		if (!is_listed(error->name, error->status))
			fail_msg("no class is stated for %s with status %d", error->name, error->status);
}

static void test_each_error_of_the_reference_is_in_the_table_above(void **state)
{
	static const char *const editions[] = { "today", "2019" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct limits *limits = limits_find(editions[i]);

		check_listed(limits->common_errors);
		check_listed(limits->unlisted_errors);
		for (const struct limits_action *action = limits->actions; action->name; action++)
			check_listed(action->errors);
	}
}

static void test_what_a_person_must_mend_comes_with_advice(void **state)
{
	const char *advice;

	(void)state;
	error_classify("ResolveCustomer", "AccessDeniedException", 403, &advice);
	assert_non_null(strstr(advice, "Allow this action"));
	error_classify("ResolveCustomer", "DisabledApiException", 400, &advice);
	assert_non_null(strstr(advice, "AWS_REGION"));
	error_classify("ResolveCustomer", "ExpiredTokenException", 403, &advice);
	assert_non_null(strstr(advice, "renew"));
	error_classify("ResolveCustomer", "SomethingNew", 400, &advice);
	assert_string_equal(advice, "");
}

static void test_what_of_a_record_an_error_is_about(void **state)
{
	(void)state;
	assert_int_equal(error_find_about("InvalidCustomerIdentifierException"), ABOUT_CUSTOMER);
	assert_int_equal(error_find_about("InvalidLicenseException"), ABOUT_CUSTOMER);
	assert_int_equal(error_find_about("CustomerNotEntitledException"), ABOUT_CUSTOMER);
	assert_int_equal(error_find_about("InvalidUsageDimensionException"), ABOUT_DIMENSION);
	assert_int_equal(error_find_about("InvalidTagException"), ABOUT_TAGS);
	assert_int_equal(error_find_about("TimestampOutOfBoundsException"), ABOUT_TIME);
	assert_int_equal(error_find_about("ValidationException"), ABOUT_RECORD);
	assert_int_equal(error_find_about("InvalidUsageAllocationsException"), ABOUT_RECORD);
	assert_int_equal(error_find_about(""), ABOUT_RECORD);
}

static void test_names_are_cut_out_of_what_is_sent(void **state)
{
	static const struct {
		const char *sent, *code;
	} names[] = {
		{ "X", "X" },
		{ "com.amazonaws.marketplacemetering#X", "X" },
		{ "com.amazonaws.marketplace.metering#X", "X" },
		{ "X:http://internal.amazon.com/coral/com.amazon.coral.validate/", "X" },
		{ "aws.protocoltests#X:http://internal.amazon.com/a#b", "X" },
		{ "a#b#X", "X" },
		{ "AWS.SimpleQueueService.NonExistentQueue", "AWS.SimpleQueueService.NonExistentQueue" },
		{ "", "" },
		{ "a#", "" },
		{ ":X", "" },
		{ "X Y", "" },
		{ "X\nY", "" },
		{ "<b>X</b>", "" },
		{ "\xc3\xa4", "" },
	};
	char code[128];

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		error_normalise(names[i].sent, code, sizeof code);
		assert_string_equal(code, names[i].code);
	}
}

static void test_name_that_does_not_fit_is_none(void **state)
{
	char code[4];

	(void)state;
	error_normalise("abc", code, sizeof code);
	assert_string_equal(code, "abc");
	error_normalise("abcd", code, sizeof code);
	assert_string_equal(code, "");
}

static void read(const char *header, const char *body, int status, struct error *ret_error)
{
	struct http_answer answer = { .status = status, .body = BUF_INIT(4096) };

	strcpy(answer.error_type, header);
	buf_puts(&answer.body, body);
	error_read("ResolveCustomer", &answer, ret_error);
	buf_done(&answer.body);
}

static void test_header_counts_before_code_before_type(void **state)
{
	struct error error;

	(void)state;
	read("ns#H:x", "{\"code\":\"C\",\"__type\":\"T\"}", 400, &error);
	assert_string_equal(error.code, "H");
	read("", "{\"code\":\"ns#C\",\"__type\":\"T\"}", 400, &error);
	assert_string_equal(error.code, "C");
	read("", "{\"__type\":\"ns#T\"}", 400, &error);
	assert_string_equal(error.code, "T");
	read("", "{\"code\":5,\"__type\":\"T\"}", 400, &error);
	assert_string_equal(error.code, "T");
	read("", "{\"code\":null,\"__type\":[\"T\"]}", 400, &error);
	assert_string_equal(error.code, "");
}

static void test_both_spellings_of_message_are_read(void **state)
{
	struct error error;

	(void)state;
	read("", "{\"__type\":\"T\",\"message\":\"small\"}", 400, &error);
	assert_string_equal(error.message, "small");
	read("", "{\"__type\":\"T\",\"Message\":\"large\"}", 400, &error);
	assert_string_equal(error.message, "large");
	read("", "{\"__type\":\"T\",\"message\":\"\",\"Message\":\"large\"}", 400, &error);
	assert_string_equal(error.message, "large");
	read("", "{\"__type\":\"T\",\"message\":{\"a\":1}}", 400, &error);
	assert_string_equal(error.message, "");
}

static void test_message_is_cut_and_printable(void **state)
{
	auto_buf body = BUF_INIT(4096);
	struct error error;

	(void)state;
	read("", "{\"message\":\"a\\nb\\u001b[1m\xc3\xa4\"}", 400, &error);
	assert_string_equal(error.message, "a?b?[1m??");
	buf_puts(&body, "{\"message\":\"");
	for (int i = 0; i < 1000; i++)
		buf_putc(&body, 'x');
	buf_puts(&body, "\"}");
	read("", buf_text(&body), 400, &error);
	assert_int_equal(strlen(error.message), sizeof error.message - 1);
}

static void test_body_that_is_not_json_goes_by_the_status(void **state)
{
	struct error error;

	(void)state;
	read("", "<html><h1>503 Service Unavailable</h1></html>", 503, &error);
	assert_string_equal(error.code, "");
	assert_int_equal(error.class, ERROR_TRANSIENT);
	read("", "<html>403</html>", 403, &error);
	assert_int_equal(error.class, ERROR_SETTING);
	read("", "", 502, &error);
	assert_int_equal(error.class, ERROR_TRANSIENT);
	read("ThrottlingException", "<html>", 400, &error);
	assert_int_equal(error.class, ERROR_THROTTLED);
}

static void test_request_that_is_too_large_is_so_whoever_says_it(void **state)
{
	struct error error;

	(void)state;
	read("", "<html>413 Request Entity Too Large</html>", 413, &error);
	assert_string_equal(error.code, "RequestEntityTooLargeException");
	assert_int_equal(error.class, ERROR_RECORD);
	read("", "{\"__type\":\"SomethingNew\"}", 413, &error);
	assert_string_equal(error.code, "SomethingNew");
}

static void test_part_of_a_secret_in_a_message_is_found(void **state)
{
	(void)state;
	assert_true(error_repeats("Value 'abcdefghijkl' failed", "abcdefghijkl"));
	assert_true(error_repeats("Value 'cdefghij...' failed", "abcdefghijkl"));
	assert_true(error_repeats("abcdefgh is no token", "abcdefghijkl"));
	assert_true(error_repeats("it was abc", "abc"));
	assert_false(error_repeats("Value failed", "abcdefghijkl"));
	assert_false(error_repeats("abcdefg", "abcdefghijkl"));
	assert_false(error_repeats("anything", ""));
	assert_false(error_repeats("", "abcdefghijkl"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_error_has_its_class),
		cmocka_unit_test(test_an_expired_token_is_the_buyers_where_one_was_sent),
		cmocka_unit_test(test_each_error_of_the_reference_is_in_the_table_above),
		cmocka_unit_test(test_what_a_person_must_mend_comes_with_advice),
		cmocka_unit_test(test_what_of_a_record_an_error_is_about),
		cmocka_unit_test(test_names_are_cut_out_of_what_is_sent),
		cmocka_unit_test(test_name_that_does_not_fit_is_none),
		cmocka_unit_test(test_header_counts_before_code_before_type),
		cmocka_unit_test(test_both_spellings_of_message_are_read),
		cmocka_unit_test(test_message_is_cut_and_printable),
		cmocka_unit_test(test_body_that_is_not_json_goes_by_the_status),
		cmocka_unit_test(test_request_that_is_too_large_is_so_whoever_says_it),
		cmocka_unit_test(test_part_of_a_secret_in_a_message_is_found),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("aws_error", tests, NULL, NULL);
}
