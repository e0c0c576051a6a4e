/* BatchMeterUsage: what is sent, and what is refused before. */
#include "tests/unit/metering_fixture.h"

static void assert_sent(const char *product_code, const struct metering_record *records, size_t n,
	const char *body)
{
	fake.n_steps = fake.n_sent = 0;
	fake_add((struct fake_step){ .body = "{}" });
	if (send_batch(product_code, records, n) != OK)
		fail_msg("%s", err.text);
	assert_string_equal(buf_text(&fake.sent[0].body), body);
}

static void assert_batch_refused(const char *product_code, const struct metering_record *record,
	const char *text)
{
	assert_refused(send_batch(product_code, record, 1), text);
}

/* Whether it is let through, and the text if not. */
static void assert_record(struct metering_record record, const char *text)
{
	const char *product_code = record.license_arn ? NULL : "prod";

	fake.n_steps = fake.n_sent = 0;
	fake_add((struct fake_step){ .body = "{}" });
	if (text)
		assert_batch_refused(product_code, &record, text);
	else if (send_batch(product_code, &record, 1) != OK)
		fail_msg("%s", err.text);
}

static void test_record_of_a_license_is_sent_without_a_product(void **state)
{
	(void)state;
	assert_sent(NULL, &by_license, 1, "{\"UsageRecords\":[{\"Timestamp\":" HOUR_TEXT ","
		"\"CustomerAWSAccountId\":\"012345678901\",\"LicenseArn\":\"" LICENSE "\","
		"\"Dimension\":\"users\",\"Quantity\":7}]}");
	assert_string_equal(fake_sent_header(0, "x-amz-target"),
		"AWSMPMeteringService.BatchMeterUsage");
}

static void test_record_of_an_identifier_is_sent_with_the_product(void **state)
{
	(void)state;
	assert_sent("prod", &by_identifier, 1, "{\"ProductCode\":\"prod\",\"UsageRecords\":["
		"{\"Timestamp\":" HOUR_TEXT ",\"CustomerIdentifier\":\"cust-1\",\"Dimension\":\"users\","
		"\"Quantity\":7}]}");
}

static void test_record_of_an_account_is_sent_with_the_product(void **state)
{
	(void)state;
	assert_sent("prod", &by_account, 1, "{\"ProductCode\":\"prod\",\"UsageRecords\":["
		"{\"Timestamp\":" HOUR_TEXT ",\"CustomerAWSAccountId\":\"012345678901\","
		"\"Dimension\":\"users\",\"Quantity\":7}]}");
}

static void test_all_shapes_are_sent_in_the_edition_of_2019_too(void **state)
{
	(void)state;
	use_edition("2019");
	assert_record(by_license, NULL);
	assert_record(by_identifier, NULL);
	assert_record(by_account, NULL);
}

static void test_empty_texts_are_none(void **state)
{
	struct metering_record record = by_license;

	(void)state;
	record.customer_identifier = "";
	assert_sent("", &record, 1, "{\"UsageRecords\":[{\"Timestamp\":" HOUR_TEXT ","
		"\"CustomerAWSAccountId\":\"012345678901\",\"LicenseArn\":\"" LICENSE "\","
		"\"Dimension\":\"users\",\"Quantity\":7}]}");
}

static void test_no_records_are_an_empty_list(void **state)
{
	(void)state;
	assert_sent("prod", NULL, 0, "{\"ProductCode\":\"prod\",\"UsageRecords\":[]}");
	assert_sent(NULL, NULL, 0, "{\"UsageRecords\":[]}");
}

static void test_edition_of_2019_wants_a_product_of_an_empty_list_too(void **state)
{
	(void)state;
	use_edition("2019");
	assert_sent("prod", NULL, 0, "{\"ProductCode\":\"prod\",\"UsageRecords\":[]}");
	fake.n_sent = 0;
	assert_refused(send_batch(NULL, NULL, 0), "BatchMeterUsage: ProductCode: is required");
}

static void test_quantity_of_none_is_sent_as_0(void **state)
{
	static const char *const editions[] = { "today", "2019" };
	struct metering_record record = by_identifier;

	(void)state;
	record.quantity = 0;
	for (size_t i = 0; i < 2; i++) {
		use_edition(editions[i]);
		assert_record(record, NULL);
		assert_non_null(strstr(buf_text(&fake.sent[0].body), "\"Quantity\":0}"));
	}
}

static void test_each_try_goes_out_once(void **state)
{
	(void)state;
	fake_add_error(500, "{\"__type\":\"InternalServiceErrorException\"}");
	fake_add((struct fake_step){ .body = "{}" });
	assert_int_equal(send_batch("prod", &by_account, 1), OK);
	assert_int_equal(answer.tries, 2);
	assert_true(fake.sent[0].once && fake.sent[1].once);
	assert_string_equal(buf_text(&fake.sent[0].body), buf_text(&fake.sent[1].body));
}

static void test_texts_are_escaped(void **state)
{
	struct metering_record record = by_identifier;

	(void)state;
	record.customer_identifier = "\"\\\n\xc3\xa4";
	record.dimension = "</a>";
	assert_sent("prod", &record, 1, "{\"ProductCode\":\"prod\",\"UsageRecords\":[{\"Timestamp\":"
		HOUR_TEXT ",\"CustomerIdentifier\":\"\\\"\\\\\\u000a\xc3\xa4\",\"Dimension\":\"</a>\","
		"\"Quantity\":7}]}");
}

static void test_quantities_are_each_edition_s(void **state)
{
	struct metering_record record = by_identifier;

	(void)state;
	record.quantity = 2147483647;
	assert_record(record, NULL);
	record.quantity++;
	assert_record(record, "UsageRecords[0].Quantity: is 2147483648; allowed is 0 to 2147483647");
	record.quantity = -1;
	assert_record(record, "UsageRecords[0].Quantity: is -1; allowed is 0 to 2147483647");
	use_edition("2019");
	assert_record(record, "UsageRecords[0].Quantity: is -1; allowed is 0 to 1000000");
	record.quantity = 1000000;
	assert_record(record, NULL);
	record.quantity++;
	assert_record(record, "UsageRecords[0].Quantity: is 1000001; allowed is 0 to 1000000");
}

static void test_timestamps_are_after_1970(void **state)
{
	struct metering_record record = by_identifier;

	(void)state;
	record.timestamp_s = 1;
	assert_record(record, NULL);
	record.timestamp_s = 0;
	assert_record(record, "BatchMeterUsage: UsageRecords[0].Timestamp: is 0; allowed are");
	record.timestamp_s = -1;
	assert_record(record, "UsageRecords[0].Timestamp: is -1; allowed are");
}

static void test_texts_have_their_lengths_in_both_editions(void **state)
{
	static const char *const editions[] = { "today", "2019" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct metering_record record = by_identifier;

		use_edition(editions[i]);
		record.dimension = repeat('d', 255);
		record.customer_identifier = repeat('c', 255);
		assert_record(record, NULL);
		record.dimension = repeat('d', 256);
		assert_record(record, "UsageRecords[0].Dimension: has 256 characters; allowed are 1 to "
			"255");
		record.dimension = "";
		assert_record(record, "UsageRecords[0].Dimension: is required, and is missing or empty");
		record.dimension = NULL;
		assert_record(record, "UsageRecords[0].Dimension: is required, and is missing or empty");
		record = by_identifier;
		record.customer_identifier = repeat('c', 256);
		assert_record(record, "UsageRecords[0].CustomerIdentifier: has 256 characters");
		record = by_account;
		record.customer_aws_account_id = repeat('1', 255);
		assert_record(record, NULL);
		record.customer_aws_account_id = repeat('1', 256);
		assert_record(record, "UsageRecords[0].CustomerAWSAccountId: has 256 characters");
	}
}

static void test_texts_are_utf8(void **state)
{
	struct metering_record record = by_identifier;

	(void)state;
	record.dimension = "a\xff";
	assert_record(record, "UsageRecords[0].Dimension: is not UTF-8 text");
	record = by_identifier;
	record.customer_identifier = "\xc3";
	assert_record(record, "UsageRecords[0].CustomerIdentifier: is not UTF-8 text");
}

static void test_account_is_made_of_digits(void **state)
{
	struct metering_record record = by_account;

	(void)state;
	record.customer_aws_account_id = "1234-5678";
	assert_record(record, "UsageRecords[0].CustomerAWSAccountId: has another form than is allowed: "
		"digits");
	assert_null(strstr(err.text, "1234"));
}

static void test_license_is_an_arn(void **state)
{
	struct metering_record record = by_license;

	(void)state;
	record.license_arn = "l-0123456789abcdef";
	assert_record(record, "UsageRecords[0].LicenseArn: has another form than is allowed: arn:aws:");
}

static void test_product_code_has_its_form_today(void **state)
{
	(void)state;
	assert_batch_refused("pr od", &by_account, "BatchMeterUsage: ProductCode: has another form "
		"than is allowed: letters, digits and - / = : _ . @");
	assert_batch_refused(repeat('p', 256), &by_account, "ProductCode: has 256 characters; allowed "
		"are 0 to 255");
	use_edition("2019");
	assert_batch_refused(repeat('p', 256), &by_account, "ProductCode: has 256 characters; allowed "
		"are 1 to 255");
	fake_add((struct fake_step){ .body = "{}" });
	assert_int_equal(send_batch("pr od", &by_account, 1), OK);
}

static void test_product_code_is_needed_unless_licenses_are_named(void **state)
{
	static const char *const editions[] = { "today", "2019" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		use_edition(editions[i]);
		assert_batch_refused(NULL, &by_account, "BatchMeterUsage: ProductCode: is required");
		assert_batch_refused("", &by_identifier, "BatchMeterUsage: ProductCode: is required");
	}
}

static void test_license_excludes_product_code(void **state)
{
	(void)state;
	assert_batch_refused("prod", &by_license, "UsageRecords[0].LicenseArn: is not allowed beside "
		"the request's ProductCode");
	use_edition("2019");
	assert_batch_refused("prod", &by_license, "UsageRecords[0].LicenseArn: is not allowed");
}

static void test_license_needs_the_account(void **state)
{
	struct metering_record record = by_license;

	(void)state;
	record.customer_aws_account_id = NULL;
	assert_record(record, "UsageRecords[0].CustomerAWSAccountId: is required beside LicenseArn");
	record.customer_aws_account_id = "";
	assert_record(record, "UsageRecords[0].CustomerAWSAccountId: is required beside LicenseArn");
}

static void test_license_excludes_the_identifier(void **state)
{
	struct metering_record record = by_license;

	(void)state;
	record.customer_identifier = "cust-1";
	assert_record(record, "UsageRecords[0].CustomerIdentifier: is not allowed beside LicenseArn");
}

static void test_identifier_and_account_exclude_each_other(void **state)
{
	struct metering_record record = by_identifier;

	(void)state;
	record.customer_aws_account_id = "1";
	assert_record(record, "UsageRecords[0].CustomerAWSAccountId: is not allowed beside "
		"CustomerIdentifier");
}

static void test_record_of_nobody_is_refused(void **state)
{
	struct metering_record record = by_identifier;

	(void)state;
	record.customer_identifier = NULL;
	assert_record(record, "UsageRecords[0]: names no customer; allowed are LicenseArn with");
	record.customer_identifier = record.customer_aws_account_id = record.license_arn = "";
	assert_batch_refused("prod", &record, "UsageRecords[0]: names no customer");
}

static void test_records_of_a_call_name_customers_in_one_way(void **state)
{
	const struct metering_record mixed[] = { by_account, by_account, by_identifier };
	const struct metering_record licensed[] = { by_license, by_account };

	(void)state;
	assert_refused(send_batch("prod", mixed, 3), "UsageRecords[2]: names its customer in another "
		"way than UsageRecords[0]");
	assert_refused(send_batch(NULL, licensed, 2), "UsageRecords[1]: names its customer in another");
}

static void test_25_records_are_sent_and_26_are_not(void **state)
{
	static const char *const editions[] = { "today", "2019" };
	struct metering_record records[26];

	(void)state;
	for (size_t i = 0; i < 26; i++)
		records[i] = by_identifier;
	for (size_t i = 0; i < 2; i++) {
		use_edition(editions[i]);
		fake.n_steps = fake.n_sent = 0;
		assert_refused(send_batch("prod", records, 26), "BatchMeterUsage: UsageRecords: has 26 "
			"items; allowed are 0 to 25");
		fake_add((struct fake_step){ .body = "{}" });
		assert_int_equal(send_batch("prod", records, 25), OK);
	}
}

static void test_text_names_the_record(void **state)
{
	struct metering_record records[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		records[i] = by_identifier;
	records[3].dimension = NULL;
	assert_refused(send_batch("prod", records, 4), "BatchMeterUsage: UsageRecords[3].Dimension: ");
}

static void test_identity_of_the_buyer_is_not_in_the_text(void **state)
{
	struct metering_record record = by_license;

	(void)state;
	record.dimension = NULL;
	assert_record(record, "Dimension");
	assert_null(strstr(err.text, "0123456789"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		METERING_TEST(test_record_of_a_license_is_sent_without_a_product),
		METERING_TEST(test_record_of_an_identifier_is_sent_with_the_product),
		METERING_TEST(test_record_of_an_account_is_sent_with_the_product),
		METERING_TEST(test_all_shapes_are_sent_in_the_edition_of_2019_too),
		METERING_TEST(test_empty_texts_are_none),
		METERING_TEST(test_no_records_are_an_empty_list),
		METERING_TEST(test_edition_of_2019_wants_a_product_of_an_empty_list_too),
		METERING_TEST(test_quantity_of_none_is_sent_as_0),
		METERING_TEST(test_each_try_goes_out_once),
		METERING_TEST(test_texts_are_escaped),
		METERING_TEST(test_quantities_are_each_edition_s),
		METERING_TEST(test_timestamps_are_after_1970),
		METERING_TEST(test_texts_have_their_lengths_in_both_editions),
		METERING_TEST(test_texts_are_utf8),
		METERING_TEST(test_account_is_made_of_digits),
		METERING_TEST(test_license_is_an_arn),
		METERING_TEST(test_product_code_has_its_form_today),
		METERING_TEST(test_product_code_is_needed_unless_licenses_are_named),
		METERING_TEST(test_license_excludes_product_code),
		METERING_TEST(test_license_needs_the_account),
		METERING_TEST(test_license_excludes_the_identifier),
		METERING_TEST(test_identifier_and_account_exclude_each_other),
		METERING_TEST(test_record_of_nobody_is_refused),
		METERING_TEST(test_records_of_a_call_name_customers_in_one_way),
		METERING_TEST(test_25_records_are_sent_and_26_are_not),
		METERING_TEST(test_text_names_the_record),
		METERING_TEST(test_identity_of_the_buyer_is_not_in_the_text),
	};

	return UNIT_RUN(tests);
}
