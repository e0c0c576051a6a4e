/* cli/exit and cli/output: what a script sees of a command. */
#include "tests/unit/unit.h"

#include <sysexits.h>

#include "cli/exit.h"
#include "cli/output.h"
#include "cli/records.h"

static void each_status_has_its_exit(void **state)
{
	(void)state;
	assert_int_equal(exit_of_status(OK), 0);
	assert_int_equal(exit_of_status(ERR_INPUT), 65);
	assert_int_equal(exit_of_status(ERR_CONFLICT), 65);
	assert_int_equal(exit_of_status(ERR_RETRY), 75);
	assert_int_equal(exit_of_status(ERR_MISSING), 78);
	assert_int_equal(exit_of_status(ERR_REMOTE), 78);
	assert_int_equal(exit_of_status(ERR_LOCAL), 78);
}

static void each_outcome_has_its_exit(void **state)
{
	(void)state;
	assert_int_equal(exit_of_outcome(METERING_SUCCESS), 0);
	assert_int_equal(exit_of_outcome(METERING_CUSTOMER_NOT_SUBSCRIBED), 65);
	assert_int_equal(exit_of_outcome(METERING_DUPLICATE_RECORD), 65);
	assert_int_equal(exit_of_outcome(METERING_OTHER), 65);
	assert_int_equal(exit_of_outcome(METERING_UNPROCESSED), 75);
	assert_int_equal(exit_of_outcome(METERING_UNNAMED), 75);
}

static void the_worst_wins(void **state)
{
	static const int order[] = { EX_OK, EX_TEMPFAIL, EX_DATAERR, EX_CONFIG, EX_SOFTWARE };
	int n = sizeof order / sizeof order[0];

	(void)state;
	for (int i = 0; i < n; i++) {
		for (int j = 0; j < n; j++)
			assert_int_equal(exit_worse(order[i], order[j]), order[i > j ? i : j]);
	}
}

static void json_is_as_the_aws_cli_shows_it(void **state)
{
	static const struct metering_tag tags[] = { { "Key \"1\"", "a\\b" } };
	static const struct metering_allocation allocations[] = { { 2, tags, 1 }, { 3, NULL, 0 } };
	static const struct metering_record record = { .timestamp_s = 1769860800, .dimension = "d\xc3\xa9",
		.quantity = 5, .customer_aws_account_id = "012345678901", .license_arn = "",
		.allocations = allocations, .n_allocations = 2 };
	auto_output output = OUTPUT_INIT;

	(void)state;
	output_begin(&output, NULL, '{');
	output_begin(&output, "Results", '[');
	record_show(&output, NULL, &record);
	output_end(&output, ']');
	output_begin(&output, "UnprocessedRecords", '[');
	output_end(&output, ']');
	output_text(&output, "Nothing", "");
	output_text(&output, "Odd", "\n\x01/\x7f");
	output_end(&output, '}');
	assert_string_equal(buf_text(&output.text),
		"{\n"
		"    \"Results\": [\n"
		"        {\n"
		"            \"Timestamp\": \"2026-01-31T12:00:00+00:00\",\n"
		"            \"Dimension\": \"d\xc3\xa9\",\n"
		"            \"Quantity\": 5,\n"
		"            \"UsageAllocations\": [\n"
		"                {\n"
		"                    \"AllocatedUsageQuantity\": 2,\n"
		"                    \"Tags\": [\n"
		"                        {\n"
		"                            \"Key\": \"Key \\\"1\\\"\",\n"
		"                            \"Value\": \"a\\\\b\"\n"
		"                        }\n"
		"                    ]\n"
		"                },\n"
		"                {\n"
		"                    \"AllocatedUsageQuantity\": 3\n"
		"                }\n"
		"            ],\n"
		"            \"CustomerAWSAccountId\": \"012345678901\"\n"
		"        }\n"
		"    ],\n"
		"    \"UnprocessedRecords\": [],\n"
		"    \"Odd\": \"\\n\\u0001/\x7f\"\n"
		"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_status_has_its_exit),
		cmocka_unit_test(each_outcome_has_its_exit),
		cmocka_unit_test(the_worst_wins),
		cmocka_unit_test(json_is_as_the_aws_cli_shows_it),
	};

	return UNIT_RUN(tests);
}
