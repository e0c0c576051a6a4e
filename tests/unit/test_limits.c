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

static const struct limits_member *request(const char *edition, const char *action)
{
	return limits_find_action(limits_find(edition), action)->request;
}

static const struct limits_member *record(const char *edition, const char *name)
{
	const struct limits_member *records =
		limits_find_member(request(edition, "BatchMeterUsage"), "UsageRecords");

	return limits_find_member(records->members, name);
}

static void test_only_the_edition_of_2019_rules_out_white_space(void **state)
{
	(void)state;
	assert_int_equal(request("today", "ResolveCustomer")[0].pattern, LIMITS_ANY_TEXT);
	assert_int_equal(request("2019", "ResolveCustomer")[0].pattern, LIMITS_NO_SPACE);
}

static void test_quantities_and_windows_are_each_edition_s(void **state)
{
	const struct limits_action *today = limits_find_action(limits_find("today"), "BatchMeterUsage");
	const struct limits_action *old = limits_find_action(limits_find("2019"), "BatchMeterUsage");

	(void)state;
	assert_int_equal(record("today", "Quantity")->max, 2147483647);
	assert_int_equal(record("today", "Quantity")->need, LIMITS_OPTIONAL);
	assert_int_equal(record("2019", "Quantity")->max, 1000000);
	assert_int_equal(record("2019", "Quantity")->need, LIMITS_DEFAULTED);
	assert_int_equal(today->past_s, 86400);
	assert_true(today->past_exclusive);
	assert_int_equal(old->past_s, 3600);
	assert_int_equal(limits_find("today")->month_closes_s, 6 * 3600);
	assert_int_equal(limits_find("2019")->month_closes_s, 0);
}

static void test_signed_times_are_each_edition_s(void **state)
{
	(void)state;
	assert_int_equal(limits_find("today")->clock_skew_s, 5 * 60);
	assert_int_equal(limits_find("2019")->clock_skew_s, 15 * 60);
}

static void test_usage_allocations_are_today_s(void **state)
{
	const struct limits_member *allocations = record("today", "UsageAllocations"), *tags;

	(void)state;
	assert_int_equal(allocations->max, 2500);
	tags = limits_find_member(allocations->members, "Tags");
	assert_int_equal(tags->max, 5);
	assert_int_equal(limits_find_member(tags->members, "Value")->max, 256);
	assert_null(record("2019", "UsageAllocations"));
	assert_null(limits_find_member(request("2019", "MeterUsage"), "ClientToken"));
}

static void test_both_identities_are_in_both_editions(void **state)
{
	static const char *const names[] = { "CustomerIdentifier", "CustomerAWSAccountId",
		"LicenseArn" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(record("today", names[i])->need, LIMITS_OPTIONAL);
		assert_int_equal(record("2019", names[i])->need, LIMITS_OPTIONAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_are_two_editions),
		cmocka_unit_test(test_unknown_action_is_none),
		cmocka_unit_test(test_statuses_differ_as_the_references_do),
		cmocka_unit_test(test_action_s_own_status_counts_before_the_common_one),
		cmocka_unit_test(test_only_the_edition_of_2019_rules_out_white_space),
		cmocka_unit_test(test_quantities_and_windows_are_each_edition_s),
		cmocka_unit_test(test_signed_times_are_each_edition_s),
		cmocka_unit_test(test_usage_allocations_are_today_s),
		cmocka_unit_test(test_both_identities_are_in_both_editions),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
