/* BatchMeterUsage: what is read from an answer, and to which record it goes. */
#include "aws/http.h"
#include "aws/metering_answer.h"
#include "tests/unit/metering_fixture.h"

#define ECHO_LICENSE(dimension, quantity) "{\"Timestamp\":" HOUR_TEXT ",\"CustomerAWSAccountId\":" \
	"\"012345678901\",\"LicenseArn\":\"" LICENSE "\",\"Dimension\":\"" dimension "\"," \
	"\"Quantity\":" quantity "}"
#define RESULT(echo, id, status) "{\"UsageRecord\":" echo ",\"MeteringRecordId\":\"" id "\"," \
	"\"Status\":\"" status "\"}"

/* Sends the records and gets this. */
static enum status answer_with(const char *body, const struct metering_record *records, size_t n)
{
	memset(results, 0x55, sizeof results);
	fake.n_steps = fake.n_sent = 0;
	fake_add((struct fake_step){ .body = body, .request_id = "req-1" });
	return send_batch(records[0].license_arn ? NULL : "prod", records, n);
}

static void assert_outcome(size_t i, enum metering_outcome outcome, const char *status,
	const char *id)
{
	assert_int_equal(results[i].outcome, outcome);
	assert_string_equal(results[i].status, status);
	assert_string_equal(results[i].metering_record_id, id);
}

/* AWS answered, and nobody can say what it did. */
static void assert_nonsense(const char *body, const struct metering_record *records, size_t n,
	const char *text)
{
	struct metering_result untouched;

	memset(&untouched, 0x55, sizeof untouched);
	if (answer_with(body, records, n) != ERR_RETRY)
		fail_msg("let through: %s", body);
	fake_check_text("BatchMeterUsage: ");
	fake_check_text(text);
	assert_int_equal(answer.http_status, 200);
	assert_int_equal(answer.class, ERROR_TRANSIENT);
	assert_true(answer.uncertain);
	assert_int_equal(answer.tries, 1);
	assert_memory_equal(&results[0], &untouched, sizeof untouched);
}

/* Whether what the answer repeats is the record's. */
static void assert_echo(const struct metering_record *record, const char *echo, bool fits)
{
	auto_buf body = BUF_INIT(10000);
	/* A second one, so that an echo of nothing is nobody's. */
	struct metering_record both[] = { *record, *record };

	both[1].dimension = "another";
	buf_printf(&body, "{\"Results\":[{\"UsageRecord\":%s,\"MeteringRecordId\":\"m\","
		"\"Status\":\"Success\"}]}", echo);
	if (!fits) {
		assert_nonsense(buf_text(&body), both, 2, "names a record that was not sent");
		return;
	}
	if (answer_with(buf_text(&body), both, 2) != OK)
		fail_msg("%s: %s", echo, err.text);
	assert_outcome(0, METERING_SUCCESS, "Success", "m");
	assert_int_equal(results[1].outcome, METERING_UNNAMED);
}

static void test_result_has_status_and_id(void **state)
{
	(void)state;
	assert_int_equal(answer_with("{\"Results\":[" RESULT(ECHO_LICENSE("users", "7"),
		"35155d37-56cb-423f-8554-5c4f3e3ff56d", "Success") "],\"UnprocessedRecords\":[]}",
		&by_license, 1), OK);
	assert_outcome(0, METERING_SUCCESS, "Success", "35155d37-56cb-423f-8554-5c4f3e3ff56d");
	assert_int_equal(answer.tries, 1);
	assert_int_equal(answer.class, ERROR_NONE);
	assert_false(answer.uncertain);
	assert_string_equal(answer.request_id, "req-1");
}

static void test_each_status_has_its_outcome(void **state)
{
	static const struct {
		const char *status;
		enum metering_outcome outcome;
	} rows[] = {
		{ "Success", METERING_SUCCESS },
		{ "CustomerNotSubscribed", METERING_CUSTOMER_NOT_SUBSCRIBED },
		{ "DuplicateRecord", METERING_DUPLICATE_RECORD },
		{ "success", METERING_OTHER },
		{ "SomethingNew", METERING_OTHER },
		{ "", METERING_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		auto_buf body = BUF_INIT(1000);

		buf_printf(&body, "{\"Results\":[{\"UsageRecord\":" ECHO_LICENSE("users", "7")
			",\"Status\":\"%s\"}]}", rows[i].status);
		assert_int_equal(answer_with(buf_text(&body), &by_license, 1), OK);
		assert_outcome(0, rows[i].outcome, rows[i].status, "");
	}
}

static void test_result_without_status_is_no_success(void **state)
{
	(void)state;
	assert_int_equal(answer_with("{\"Results\":[{\"UsageRecord\":" ECHO_LICENSE("users", "7")
		",\"MeteringRecordId\":null,\"Status\":null}]}", &by_license, 1), OK);
	assert_outcome(0, METERING_OTHER, "", "");
}

static void test_unprocessed_record_is_to_be_sent_again(void **state)
{
	(void)state;
	assert_int_equal(answer_with("{\"Results\":[],\"UnprocessedRecords\":["
		ECHO_LICENSE("users", "7") "]}", &by_license, 1), OK);
	assert_outcome(0, METERING_UNPROCESSED, "", "");
}

static void test_record_in_neither_list_is_unnamed(void **state)
{
	static const char *const bodies[] = { "{}", "{\"Results\":[]}",
		"{\"Results\":null,\"UnprocessedRecords\":null}", "{\"Other\":[1]}" };

	(void)state;
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		assert_int_equal(answer_with(bodies[i], &by_license, 1), OK);
		assert_outcome(0, METERING_UNNAMED, "", "");
	}
}

static void test_no_records_have_no_results(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .body = "{\"Results\":[],\"UnprocessedRecords\":[]}" });
	assert_int_equal(send_batch("prod", NULL, 0), OK);
	fake.n_steps = 0;
	fake_add((struct fake_step){ .body = "{\"Results\":[{}]}" });
	assert_int_equal(send_batch("prod", NULL, 0), ERR_RETRY);
	fake_check_text("names a record that was not sent");
}

static void test_shuffled_results_find_their_records(void **state)
{
	struct metering_record records[4];
	static const char *const dimensions[] = { "a", "b", "c", "d" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		records[i] = by_license;
		records[i].dimension = dimensions[i];
	}
	assert_int_equal(answer_with("{\"UnprocessedRecords\":[" ECHO_LICENSE("b", "7") "],"
		"\"Results\":[" RESULT(ECHO_LICENSE("d", "7"), "4", "Success") ","
		RESULT(ECHO_LICENSE("a", "7"), "1", "DuplicateRecord") "]}", records, 4), OK);
	assert_outcome(0, METERING_DUPLICATE_RECORD, "DuplicateRecord", "1");
	assert_outcome(1, METERING_UNPROCESSED, "", "");
	assert_outcome(2, METERING_UNNAMED, "", "");
	assert_outcome(3, METERING_SUCCESS, "Success", "4");
}

static void test_equal_records_are_named_in_their_order(void **state)
{
	const struct metering_record records[] = { by_license, by_license };

	(void)state;
	assert_int_equal(answer_with("{\"Results\":[" RESULT(ECHO_LICENSE("users", "7"), "1", "Success")
		"," RESULT(ECHO_LICENSE("users", "7"), "2", "DuplicateRecord") "]}", records, 2), OK);
	assert_outcome(0, METERING_SUCCESS, "Success", "1");
	assert_outcome(1, METERING_DUPLICATE_RECORD, "DuplicateRecord", "2");
}

static void test_timestamp_may_be_written_in_any_way(void **state)
{
	static const char *const same[] = { HOUR_TEXT, HOUR_TEXT ".0", HOUR_TEXT ".000",
		"1.7698572E9", "1.7698572e+09", "17698572e2" };
	static const char *const other[] = { "1769857201", "1769857199", HOUR_TEXT ".5", "1e400", "-1",
		"0" };
	char echo[100];

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		snprintf(echo, sizeof echo, "{\"Timestamp\":%s,\"Dimension\":\"users\",\"Quantity\":7}",
			same[i]);
		assert_echo(&by_license, echo, true);
		snprintf(echo, sizeof echo, "{\"Timestamp\":%s,\"Dimension\":\"users\",\"Quantity\":7}",
			other[i]);
		assert_echo(&by_license, echo, false);
	}
}

static void test_each_member_tells_records_apart(void **state)
{
	(void)state;
	assert_echo(&by_license, ECHO_LICENSE("users", "7"), true);
	assert_echo(&by_license, ECHO_LICENSE("user", "7"), false);
	assert_echo(&by_license, ECHO_LICENSE("users", "8"), false);
	assert_echo(&by_license, ECHO_LICENSE("users", "7.5"), false);
	assert_echo(&by_license, "{\"LicenseArn\":\"arn\",\"Dimension\":\"users\",\"Quantity\":7}",
		false);
	assert_echo(&by_license, "{\"CustomerAWSAccountId\":\"1\",\"Dimension\":\"users\","
		"\"Quantity\":7}", false);
	assert_echo(&by_identifier, "{\"CustomerIdentifier\":\"cust-2\",\"Dimension\":\"users\","
		"\"Quantity\":7}", false);
}

static void test_members_that_were_not_sent_tell_no_records_apart(void **state)
{
	(void)state;
	assert_echo(&by_identifier, "{\"CustomerIdentifier\":\"cust-1\",\"CustomerAWSAccountId\":\"\","
		"\"LicenseArn\":null,\"UsageAllocations\":null,\"Dimension\":\"users\",\"Quantity\":7}",
		true);
	assert_echo(&by_identifier, "{\"CustomerIdentifier\":\"cust-1\",\"CustomerAWSAccountId\":\"1\","
		"\"Dimension\":\"users\",\"Quantity\":7}", true);
	assert_echo(&by_account, "{\"CustomerAWSAccountId\":\"012345678901\",\"LicenseArn\":\""
		LICENSE "\",\"Dimension\":\"users\",\"Quantity\":7}", true);
	assert_echo(&by_identifier, "{\"CustomerIdentifier\":\"cust-2\",\"CustomerAWSAccountId\":\"1\","
		"\"Dimension\":\"users\",\"Quantity\":7}", false);
	assert_echo(&by_license, "{\"CustomerIdentifier\":\"\",\"Dimension\":\"users\",\"Quantity\":7}",
		true);
}

static void test_members_may_be_left_out(void **state)
{
	(void)state;
	assert_echo(&by_license, "{\"Dimension\":\"users\",\"Quantity\":7}", true);
	assert_echo(&by_license, "{\"Dimension\":\"users\",\"Quantity\":7,\"LicenseArn\":null}", true);
	assert_echo(&by_license, "{\"Quantity\":7}", true);
}

static void test_quantity_left_out_is_0(void **state)
{
	struct metering_record record = by_license;

	(void)state;
	assert_echo(&record, "{\"Dimension\":\"users\"}", false);
	record.quantity = 0;
	assert_echo(&record, "{\"Dimension\":\"users\"}", true);
	assert_echo(&record, "{\"Dimension\":\"users\",\"Quantity\":null}", true);
	assert_echo(&record, "{\"Dimension\":\"users\",\"Quantity\":0}", true);
	assert_echo(&record, "{\"Dimension\":\"users\",\"Quantity\":0.0}", true);
}

static void test_unknown_members_are_ignored(void **state)
{
	(void)state;
	assert_echo(&by_license, "{\"Dimension\":\"users\",\"Quantity\":7,\"dimension\":\"x\","
		"\"New\":{\"Dimension\":\"x\"},\"Region\":1}", true);
	assert_int_equal(answer_with("{\"New\":{},\"Results\":[{\"New\":1,\"Status\":\"Success\","
		"\"UsageRecord\":" ECHO_LICENSE("users", "7") "}],\"ResultMetadata\":null}", &by_license, 1),
		OK);
	assert_outcome(0, METERING_SUCCESS, "Success", "");
}

static void test_echo_of_nothing_is_the_only_record_s(void **state)
{
	const struct metering_record records[] = { by_license, by_license };
	static const char *const bodies[] = { "{\"Results\":[{\"Status\":\"Success\"}]}",
		"{\"Results\":[{\"UsageRecord\":null,\"Status\":\"Success\"}]}",
		"{\"Results\":[{\"UsageRecord\":{},\"Status\":\"Success\"}]}" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(answer_with(bodies[i], records, 1), OK);
		assert_outcome(0, METERING_SUCCESS, "Success", "");
		assert_nonsense(bodies[i], records, 2, "names a record that was not sent");
	}
	assert_nonsense("{\"UnprocessedRecords\":[{}]}", records, 2, "that was not sent");
}

static void test_record_that_was_not_sent_is_nonsense(void **state)
{
	(void)state;
	assert_nonsense("{\"Results\":[" RESULT(ECHO_LICENSE("other", "7"), "1", "Success") "]}",
		&by_license, 1, "names a record that was not sent");
	assert_nonsense("{\"UnprocessedRecords\":[" ECHO_LICENSE("other", "7") "]}", &by_license, 1,
		"names a record that was not sent");
}

static void test_record_named_twice_is_nonsense(void **state)
{
	(void)state;
	assert_nonsense("{\"Results\":[" RESULT(ECHO_LICENSE("users", "7"), "1", "Success") ","
		RESULT(ECHO_LICENSE("users", "7"), "2", "Success") "]}", &by_license, 1,
		"names a record more often than it was sent");
	assert_nonsense("{\"Results\":[" RESULT(ECHO_LICENSE("users", "7"), "1", "Success") "],"
		"\"UnprocessedRecords\":[" ECHO_LICENSE("users", "7") "]}", &by_license, 1,
		"names a record more often than it was sent");
	assert_nonsense("{\"Results\":[{\"Status\":\"Success\"},{\"Status\":\"Success\"}]}",
		&by_license, 1, "names a record more often than it was sent");
}

static void test_members_of_another_type_are_nonsense(void **state)
{
	static const struct {
		const char *body, *text;
	} rows[] = {
		{ "{\"Results\":{}}", "Results in AWS's answer is not a list" },
		{ "{\"Results\":\"\"}", "Results in AWS's answer is not a list" },
		{ "{\"UnprocessedRecords\":0}", "UnprocessedRecords in AWS's answer is not a list" },
		{ "{\"Results\":[1]}", "an item of Results in AWS's answer is not a structure" },
		{ "{\"Results\":[null]}", "an item of Results in AWS's answer is not a structure" },
		{ "{\"Results\":[[]]}", "an item of Results in AWS's answer is not a structure" },
		{ "{\"UnprocessedRecords\":[\"x\"]}", "a UsageRecord in AWS's answer is not a structure" },
		{ "{\"UnprocessedRecords\":[null]}", "a UsageRecord in AWS's answer is not a structure" },
		{ "{\"Results\":[{\"UsageRecord\":[]}]}", "a UsageRecord in AWS's answer is not" },
		{ "{\"Results\":[{\"Status\":1}]}", "Status in AWS's answer is not a string" },
		{ "{\"Results\":[{\"MeteringRecordId\":{}}]}", "MeteringRecordId in AWS's answer is not" },
		{ "{\"Results\":[{\"UsageRecord\":{\"Timestamp\":\"" HOUR_TEXT "\"}}]}",
			"Timestamp in AWS's answer is not a number" },
		{ "{\"Results\":[{\"UsageRecord\":{\"Quantity\":\"7\"}}]}",
			"Quantity in AWS's answer is not a number" },
		{ "{\"Results\":[{\"UsageRecord\":{\"Dimension\":7}}]}",
			"Dimension in AWS's answer is not a string" },
		{ "{\"Results\":[{\"UsageRecord\":{\"LicenseArn\":[]}}]}",
			"LicenseArn in AWS's answer is not a string" },
		{ "{\"Results\":[{\"UsageRecord\":{\"CustomerIdentifier\":false}}]}",
			"CustomerIdentifier in AWS's answer is not a string" },
		{ "{\"Results\":[{\"UsageRecord\":{\"CustomerAWSAccountId\":12345678901}}]}",
			"CustomerAWSAccountId in AWS's answer is not a string" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_nonsense(rows[i].body, &by_license, 1, rows[i].text);
}

static void test_member_given_twice_is_nonsense(void **state)
{
	(void)state;
	assert_nonsense("{\"Results\":[],\"Results\":[]}", &by_license, 1, "Results twice");
	assert_nonsense("{\"Results\":[{\"Status\":\"Success\",\"Status\":\"DuplicateRecord\"}]}",
		&by_license, 1, "Status twice");
	assert_nonsense("{\"Results\":[{\"UsageRecord\":{\"Quantity\":7,\"Quantity\":7}}]}",
		&by_license, 1, "Quantity twice");
}

/* With texts of so many bytes. */
static enum status answer_with_lengths(int status_len, int id_len)
{
	auto_buf body = BUF_INIT(1000);

	buf_printf(&body, "{\"Results\":[{\"Status\":\"%s\",\"MeteringRecordId\":\"%s\"}]}",
		repeat('s', (size_t)status_len), repeat('i', (size_t)id_len));
	return answer_with(buf_text(&body), &by_license, 1);
}

static void test_texts_that_have_no_room_are_nonsense(void **state)
{
	(void)state;
	assert_int_equal(answer_with_lengths(63, 255), OK);
	assert_int_equal(strlen(results[0].status), 63);
	assert_int_equal(strlen(results[0].metering_record_id), 255);
	assert_int_equal(answer_with_lengths(64, 255), ERR_RETRY);
	fake_check_text("Status in AWS's answer is 64 bytes long; the most is 63");
	assert_int_equal(answer_with_lengths(63, 256), ERR_RETRY);
	fake_check_text("MeteringRecordId in AWS's answer is 256 bytes long");
}

static void test_what_is_not_json_may_have_been_honoured(void **state)
{
	(void)state;
	assert_int_equal(answer_with("<html>", &by_license, 1), ERR_RETRY);
	assert_int_equal(answer.class, ERROR_TRANSIENT);
	assert_true(answer.uncertain);
	assert_int_equal(answer.tries, 3);
}

static void test_errors_of_the_request_are_definite(void **state)
{
	(void)state;
	fake_add_error(400, "{\"__type\":\"TimestampOutOfBoundsException\",\"message\":\"old\"}");
	assert_int_equal(send_batch(NULL, &by_license, 1), ERR_INPUT);
	assert_string_equal(answer.code, "TimestampOutOfBoundsException");
	assert_int_equal(answer.class, ERROR_RECORD);
	assert_false(answer.uncertain);
	assert_int_equal(answer.tries, 1);
}

static void test_body_is_parsed_without_a_client_too(void **state)
{
	static const char body[] = "{\"Results\":[{\"Status\":\"Success\"}]}trailing";
	const struct metering_batch_sent sent = { &by_license, 1 };

	(void)state;
	assert_int_equal(metering_parse_results(sent, body, strlen(body) - 8, results, &err), OK);
	assert_outcome(0, METERING_SUCCESS, "Success", "");
	assert_int_equal(metering_parse_results(sent, body, strlen(body), results, &err), ERR_RETRY);
}

/* What AWS answers to 25 records that fill a request: each repeated, the last one first, with blanks
 * between all that it has, slashes escaped, and all members there. */
static void add_large_echo(struct buf *body, size_t i)
{
	buf_printf(body, "%s { \"UsageRecord\" : { \"Timestamp\" : 1.769857200E9 , \"Dimension\" : "
		"\"d%zu\" , \"Quantity\" : 630 , \"CustomerIdentifier\" : null , \"UsageAllocations\" : [",
		i == 24 ? "" : ",", i);
	for (size_t j = 0; j < 630; j++)
		buf_printf(body, "%s { \"AllocatedUsageQuantity\" : 1 , \"Tags\" : [ { \"Key\" : \"a\\/k\" , "
			"\"Value\" : \"%zu\" } ] }", j ? " ," : "", j);
	buf_printf(body, " ] } , \"MeteringRecordId\" : \"id-%zu\" , \"Status\" : \"Success\" }", i);
}

static void test_answer_to_a_full_request_is_read(void **state)
{
	auto_buf body = BUF_INIT(HTTP_BODY_MAX);
	struct metering_record records[25];
	char dimensions[25][32], id[32];

	(void)state;
	buf_puts(&body, "{ \"Results\" : [");
	for (size_t i = 25; i-- > 0;) {
		snprintf(dimensions[i], sizeof dimensions[i], "d%zu", i);
		records[i] = by_license;
		records[i].dimension = dimensions[i];
		records[i].quantity = 630;
		add_large_echo(&body, i);
	}
	buf_puts(&body, " ] , \"UnprocessedRecords\" : null }");
	assert_true(!body.failed && body.len > 1300000);
	if (answer_with(buf_text(&body), records, 25) != OK)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < 25; i++) {
		snprintf(id, sizeof id, "id-%zu", i);
		assert_outcome(i, METERING_SUCCESS, "Success", id);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		METERING_TEST(test_result_has_status_and_id),
		METERING_TEST(test_each_status_has_its_outcome),
		METERING_TEST(test_result_without_status_is_no_success),
		METERING_TEST(test_unprocessed_record_is_to_be_sent_again),
		METERING_TEST(test_record_in_neither_list_is_unnamed),
		METERING_TEST(test_no_records_have_no_results),
		METERING_TEST(test_shuffled_results_find_their_records),
		METERING_TEST(test_equal_records_are_named_in_their_order),
		METERING_TEST(test_timestamp_may_be_written_in_any_way),
		METERING_TEST(test_each_member_tells_records_apart),
		METERING_TEST(test_members_that_were_not_sent_tell_no_records_apart),
		METERING_TEST(test_members_may_be_left_out),
		METERING_TEST(test_quantity_left_out_is_0),
		METERING_TEST(test_unknown_members_are_ignored),
		METERING_TEST(test_echo_of_nothing_is_the_only_record_s),
		METERING_TEST(test_record_that_was_not_sent_is_nonsense),
		METERING_TEST(test_record_named_twice_is_nonsense),
		METERING_TEST(test_members_of_another_type_are_nonsense),
		METERING_TEST(test_member_given_twice_is_nonsense),
		METERING_TEST(test_texts_that_have_no_room_are_nonsense),
		METERING_TEST(test_what_is_not_json_may_have_been_honoured),
		METERING_TEST(test_errors_of_the_request_are_definite),
		METERING_TEST(test_body_is_parsed_without_a_client_too),
		METERING_TEST(test_answer_to_a_full_request_is_read),
	};

	return UNIT_RUN(tests);
}
