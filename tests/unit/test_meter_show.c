/* Records as --dry-run shows them, and a summary as JSON. */
#include "meter/show.h"
#include "meter/summary.h"
#include "tests/unit/meter_fixture.h"

static char shown[4096];

static struct show begin(bool json)
{
	struct show show = { .json = json, .out = tmpfile() };

	assert_non_null(show.out);
	return show;
}

static const char *end(struct show *show, const char *members)
{
	size_t n;

	assert_true(show_end(show, members));
	rewind(show->out);
	n = fread(shown, 1, sizeof shown - 1, show->out);
	shown[n] = '\0';
	fclose(show->out);
	return shown;
}

static void test_nothing(void **state)
{
	struct show table = begin(false), json = begin(true);

	(void)state;
	assert_string_equal(end(&table, ""), "nothing would be sent\n");
	assert_string_equal(end(&json, "\"left\":1"),
		"{\"UsageRecords\":[],\n\"records\":0,\"units\":0,\"left\":1}\n");
}

static void test_a_table(void **state)
{
	static const struct metering_tag tags[] = { { "team", "blue" }, { "a", "b\033c" } };
	const struct metering_allocation shares[] = { { 1, NULL, 0 }, { 2, tags, 2 }, { 3, tags, 1 },
		{ 4, tags + 1, 1 } };
	struct record *record = make_record(1, 12345678901, "users of a dimension with a long name");
	struct show show = begin(false);

	(void)state;
	record->deadline_s = 1000086399;
	record->sent.quantity = 10;
	record->sent.allocations = shares;
	record->sent.n_allocations = 4;
	assert_true(show_record(&show, record));
	record->sent.n_allocations = 0;
	record->sent.dimension = "bell\a";
	assert_true(show_record(&show, record));
	assert_string_equal(end(&show, "unused"),
		"product                   customer dimension            hour (UTC)    Timestamp   quantity "
		"deadline         allocations\n"
		"p                         12345678901 users of a dimension with a long name 2001-09-09T01 "
		"01:46:40Z         10 2001-09-10T01:46 1, 2 team=blue a=b?c, 3 team=blue, and 1 more\n"
		"p                         12345678901 bell?                2001-09-09T01 "
		"01:46:40Z         10 2001-09-10T01:46\n"
		"2 records of 20 units would be sent\n");
	record_free(record);
}

static void test_json_as_aws_gets_it(void **state)
{
	static const struct metering_tag tags[] = { { "k", "v\"\\" } };
	const struct metering_allocation shares[] = { { 1, NULL, 0 }, { 2, tags, 1 } };
	struct record *record = make_record(1, 7, "d\n");
	struct show show = begin(true);

	(void)state;
	record->deadline_s = 1000086400;
	record->sent.allocations = shares;
	record->sent.n_allocations = 2;
	assert_true(show_record(&show, record));
	record->sent = (struct metering_record){ .timestamp_s = 1000000000, .dimension = "d",
		.quantity = 2147483647, .customer_aws_account_id = "1", .license_arn = "arn:l" };
	record->role.role_arn = "arn:r";
	assert_true(show_record(&show, record));
	assert_string_equal(end(&show, ""),
		"{\"UsageRecords\":[\n"
		"{\"Timestamp\":1000000000,\"CustomerIdentifier\":\"c\",\"Dimension\":\"d\\u000a\","
		"\"Quantity\":1,\"UsageAllocations\":[{\"AllocatedUsageQuantity\":1},"
		"{\"AllocatedUsageQuantity\":2,\"Tags\":[{\"Key\":\"k\",\"Value\":\"v\\\"\\\\\"}]}],"
		"\"ProductCode\":\"p\",\"Region\":\"us-east-1\",\"customer_id\":7,"
		"\"hour\":\"2001-09-09T01:00:00Z\",\"deadline\":\"2001-09-10T01:46:40Z\"},\n"
		"{\"Timestamp\":1000000000,\"CustomerAWSAccountId\":\"1\",\"LicenseArn\":\"arn:l\","
		"\"Dimension\":\"d\",\"Quantity\":2147483647,"
		"\"ProductCode\":\"p\",\"Region\":\"us-east-1\",\"RoleArn\":\"arn:r\",\"customer_id\":7,"
		"\"hour\":\"2001-09-09T01:00:00Z\",\"deadline\":\"2001-09-10T01:46:40Z\"}\n"
		"],\n\"records\":2,\"units\":2147483648}\n");
	record_free(record);
}

static void test_what_cannot_be_written_is_told(void **state)
{
	struct record *record = make_record(1, 7, "d");
	struct show show = { .out = fopen("/dev/full", "w") };

	(void)state;
	assert_non_null(show.out);
	assert_true(show_record(&show, record)); /* it is in the buffer */
	assert_false(show_end(&show, ""));
	fclose(show.out);
	record_free(record);
}

static void test_refusals_are_counted_by_code(void **state)
{
	struct tally tally = { .billed = 3 };
	auto_buf json = BUF_INIT(10000);

	(void)state;
	tally_refused(&tally, "B", 5);
	tally_refused(&tally, "A", 6);
	tally_refused(&tally, "B", 7);
	tally_refused(&tally, "", 1);
	summary_write(&tally, false, &json);
	assert_non_null(strstr(buf_text(&json), "\"billed\":3,"));
	assert_non_null(strstr(buf_text(&json), "\"waiting_units\":0,"));
	assert_non_null(strstr(buf_text(&json), "\"refused\":4,\"refused_units\":19,"));
	assert_non_null(strstr(buf_text(&json), "\"refused_by\":{\"B\":{\"records\":2,\"units\":12},"
		"\"A\":{\"records\":1,\"units\":6},\"none\":{\"records\":1,\"units\":1}}"));
	assert_null(strstr(buf_text(&json), "next_deadline"));
}

static void test_codes_have_an_end(void **state)
{
	struct tally tally = { 0 };
	char code[300];

	(void)state;
	memset(code, 'x', sizeof code);
	for (int i = 0; i < 100; i++) {
		snprintf(code, sizeof code, "code-%d-", i);
		tally_refused(&tally, code, 1);
		tally_refused(&tally, "code-0-", 1);
	}
	assert_int_equal(tally.n_codes, TALLY_CODES_MAX);
	assert_int_equal(tally.codes[0].records, 101);
	assert_string_equal(tally.codes[TALLY_CODES_MAX - 1].code, "other");
	assert_int_equal(tally.codes[TALLY_CODES_MAX - 1].records, 100 - (TALLY_CODES_MAX - 1));
	assert_int_equal(tally.refused, 200);
}

static void test_a_dry_run_tells_what_is_known_before_anything_is_sent(void **state)
{
	struct tally tally = { .billed = 3, .moved = 4, .waiting_units = "-0.5" };
	auto_buf json = BUF_INIT(10000);

	(void)state;
	summary_write(&tally, true, &json);
	assert_non_null(strstr(buf_text(&json), "\"moved\":4,"));
	assert_non_null(strstr(buf_text(&json), "\"waiting_units\":-0.5,"));
	assert_null(strstr(buf_text(&json), "billed"));
	assert_null(strstr(buf_text(&json), "refused"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_a_table),
		cmocka_unit_test(test_json_as_aws_gets_it),
		cmocka_unit_test(test_what_cannot_be_written_is_told),
		cmocka_unit_test(test_refusals_are_counted_by_code),
		cmocka_unit_test(test_codes_have_an_end),
		cmocka_unit_test(test_a_dry_run_tells_what_is_known_before_anything_is_sent),
	};

	return UNIT_RUN(tests);
}
