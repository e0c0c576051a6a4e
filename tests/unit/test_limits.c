/* The table of the API's limits: what its two editions say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/limits.h"

static int status(const char *edition, const char *name)
{
	const struct limits *limits = limits_find(edition);

	return limits_error_status(limits, limits_find_action(limits, "ResolveCustomer"), name);
}

static void test_there_are_two_editions(void **state)
{
	(void)state;
	assert_string_equal(limits_find("today")->edition, "today");
	assert_string_equal(limits_find("2019")->edition, "2019");
	assert_null(limits_find("2020"));
	assert_null(limits_find(""));
}

static void test_unknown_action_is_none(void **state)
{
	(void)state;
	assert_null(limits_find_action(limits_find("today"), "resolvecustomer"));
	assert_non_null(limits_find_action(limits_find("2019"), "ResolveCustomer"));
}

static void test_statuses_differ_as_the_references_do(void **state)
{
	(void)state;
	assert_int_equal(status("today", "AccessDeniedException"), 403);
	assert_int_equal(status("2019", "AccessDeniedException"), 400);
	assert_int_equal(status("today", "IncompleteSignature"), 403);
	assert_int_equal(status("2019", "IncompleteSignature"), 400);
	assert_int_equal(status("today", "InvalidClientTokenId"), 0);
	assert_int_equal(status("2019", "InvalidClientTokenId"), 403);
	assert_int_equal(status("2019", "MalformedQueryString"), 404);
}

static void test_action_s_own_status_counts_before_the_common_one(void **state)
{
	(void)state;
	assert_int_equal(status("today", "ExpiredTokenException"), 400);
	assert_int_equal(limits_error_status(limits_find("today"), NULL, "ExpiredTokenException"), 403);
	assert_int_equal(status("today", "InternalServiceErrorException"), 500);
	assert_int_equal(status("today", "ThrottlingException"), 400);
}

static void test_only_the_edition_of_2019_rules_out_white_space(void **state)
{
	(void)state;
	assert_int_equal(limits_find("today")->actions[0].request[0].pattern, LIMITS_ANY_TEXT);
	assert_int_equal(limits_find("2019")->actions[0].request[0].pattern, LIMITS_NO_SPACE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_are_two_editions),
		cmocka_unit_test(test_unknown_action_is_none),
		cmocka_unit_test(test_statuses_differ_as_the_references_do),
		cmocka_unit_test(test_action_s_own_status_counts_before_the_common_one),
		cmocka_unit_test(test_only_the_edition_of_2019_rules_out_white_space),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
