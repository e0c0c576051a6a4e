/* sandbox/echo: the members that an edition knows, as they were sent. */
#include "tests/unit/unit.h"

#include "sandbox/echo.h"

/* What is repeated of a request of BatchMeterUsage. */
static void repeats(const char *edition, const char *sent, const char *wanted)
{
	const struct limits_action *action =
		limits_find_action(limits_find(edition), "BatchMeterUsage");
	const char *why = NULL;
	auto_json *json = json_parse_object(sent, strlen(sent), &why);
	auto_json *echo = echo_structure(action->request, json);
	auto_buf out = BUF_INIT(10000);

	json_as_sent(echo);
	json_print(&out, echo);
	assert_string_equal(buf_text(&out), wanted);
	assert_false(out.failed);
}

#define RECORDS(members) "{\"UsageRecords\":[{" members "}]}"

static void members_keep_their_order_and_numbers(void **state)
{
	static const char sent[] =
		RECORDS("\"Quantity\":5.0,\"Dimension\":\"d\\u00e4\",\"Timestamp\":1.5e9");

	(void)state;
	repeats(
		"today", sent, RECORDS("\"Quantity\":5.0,\"Dimension\":\"d\xc3\xa4\",\"Timestamp\":1.5e9"));
}

static void unknown_and_null_ones_go(void **state)
{
	(void)state;
	repeats("today", RECORDS("\"Quantity\":null,\"Dimension\":\"d\",\"x\":{\"Dimension\":1}"),
		RECORDS("\"Dimension\":\"d\""));
	repeats("today", "{\"x\":1,\"UsageRecords\":[{},{}]}", "{\"UsageRecords\":[{},{}]}");
	repeats("today", RECORDS("\"UsageAllocations\":[{\"x\":1,\"Tags\":[{\"Key\":\"k\",\"y\":2}]}]"),
		RECORDS("\"UsageAllocations\":[{\"Tags\":[{\"Key\":\"k\"}]}]"));
}

static void allocations_are_unknown_to_2019(void **state)
{
	(void)state;
	repeats("2019", RECORDS("\"UsageAllocations\":[],\"Dimension\":\"d\""),
		RECORDS("\"Dimension\":\"d\""));
}

static void of_two_the_first_holds(void **state)
{
	(void)state;
	repeats("today", RECORDS("\"Quantity\":1,\"Quantity\":2"), RECORDS("\"Quantity\":1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_keep_their_order_and_numbers),
		cmocka_unit_test(unknown_and_null_ones_go),
		cmocka_unit_test(allocations_are_unknown_to_2019),
		cmocka_unit_test(of_two_the_first_holds),
	};

	return UNIT_RUN(tests);
}
