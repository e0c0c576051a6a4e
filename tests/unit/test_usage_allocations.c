/* Usage shared out among tags, of BatchMeterUsage and of MeterUsage. */
#include "meter/record.h"
#include "tests/unit/metering_fixture.h"

#define ALLOCATION(quantity_, tags_) { .quantity = quantity_, .tags = tags_, \
	.n_tags = sizeof(tags_) / sizeof((tags_)[0]) }

static const struct metering_tag blue[] = { { "team", "blue" } };
static const struct metering_tag red[] = { { "team", "red" } };
static const struct metering_tag blue_test[] = { { "team", "blue" }, { "stage", "test" } };
static const struct metering_tag test_blue[] = { { "stage", "test" }, { "team", "blue" } };

static struct metering_record record_of(const struct metering_allocation *allocations, size_t n,
	int64_t quantity)
{
	struct metering_record record = by_license;

	record.quantity = quantity;
	record.allocations = allocations;
	record.n_allocations = n;
	return record;
}

static void assert_allocations(const struct metering_allocation *allocations, size_t n,
	int64_t quantity, const char *text)
{
	struct metering_record record = record_of(allocations, n, quantity);

	fake.n_steps = fake.n_sent = 0;
	fake_add((struct fake_step){ .body = "{}" });
	if (text)
		assert_refused(send_batch(NULL, &record, 1), text);
	else if (send_batch(NULL, &record, 1) != OK)
		fail_msg("%s", err.text);
}

/* As assert_allocations, of one allocation with this tag. */
static void assert_tag(const char *key, const char *value, const char *text)
{
	const struct metering_tag tags[] = { { key, value } };
	const struct metering_allocation allocations[] = { ALLOCATION(1, tags) };

	assert_allocations(allocations, 1, 1, text);
}

static void test_allocations_are_sent(void **state)
{
	const struct metering_allocation allocations[] = { ALLOCATION(4, blue_test), { 3, NULL, 0 } };

	(void)state;
	assert_allocations(allocations, 2, 7, NULL);
	assert_string_equal(buf_text(&fake.sent[0].body), "{\"UsageRecords\":[{\"Timestamp\":"
		HOUR_TEXT ",\"CustomerAWSAccountId\":\"012345678901\",\"LicenseArn\":\"" LICENSE "\","
		"\"Dimension\":\"users\",\"Quantity\":7,\"UsageAllocations\":["
		"{\"AllocatedUsageQuantity\":4,\"Tags\":[{\"Key\":\"team\",\"Value\":\"blue\"},"
		"{\"Key\":\"stage\",\"Value\":\"test\"}]},{\"AllocatedUsageQuantity\":3}]}]}");
}

static void test_meter_usage_sends_them_too(void **state)
{
	const struct metering_allocation allocations[] = { ALLOCATION(7, red) };
	const struct metering_usage usage = { .product_code = "p", .timestamp_s = HOUR_S,
		.dimension = "d", .quantity = 7, .allocations = allocations, .n_allocations = 1 };
	char id[METERING_ID_SIZE];

	(void)state;
	fake_add((struct fake_step){ .body = "{\"MeteringRecordId\":\"i\"}" });
	assert_int_equal(send_usage(&usage, id), OK);
	assert_non_null(strstr(buf_text(&fake.sent[0].body), "\"UsageAllocations\":["
		"{\"AllocatedUsageQuantity\":7,\"Tags\":[{\"Key\":\"team\",\"Value\":\"red\"}]}]}"));
}

static void test_text_of_meter_usage_names_the_place(void **state)
{
	const struct metering_allocation allocations[] = { ALLOCATION(6, red) };
	const struct metering_usage usage = { .product_code = "p", .timestamp_s = HOUR_S,
		.dimension = "d", .quantity = 7, .allocations = allocations, .n_allocations = 1 };
	char id[METERING_ID_SIZE];

	(void)state;
	assert_refused(send_usage(&usage, id), "MeterUsage: UsageAllocations: add up to 6; allowed is "
		"the quantity alone, which is 7");
}

static void test_edition_of_2019_has_none(void **state)
{
	const struct metering_allocation allocations[] = { ALLOCATION(7, red) };

	(void)state;
	use_edition("2019");
	assert_allocations(allocations, 1, 7, "UsageRecords[0].UsageAllocations: is not in the API's "
		"edition \"2019\"");
	assert_allocations(NULL, 0, 7, NULL);
}

static void test_they_add_up_to_the_quantity(void **state)
{
	const struct metering_allocation allocations[] = { ALLOCATION(4, blue), ALLOCATION(2, red) };

	(void)state;
	assert_allocations(allocations, 2, 6, NULL);
	assert_allocations(allocations, 2, 7, "UsageRecords[0].UsageAllocations: add up to 6; allowed "
		"is the quantity alone, which is 7");
	assert_allocations(allocations, 2, 5, "UsageRecords[0].UsageAllocations: add up to 6");
}

static void test_sum_of_the_greatest_does_not_wrap(void **state)
{
	const struct metering_allocation allocations[] = { ALLOCATION(2147483647, blue),
		ALLOCATION(2147483647, red) };

	(void)state;
	assert_allocations(allocations, 2, 2147483647, "add up to 4294967294");
}

static void test_allocated_quantity_has_its_range(void **state)
{
	const struct metering_allocation low[] = { ALLOCATION(4, blue), ALLOCATION(-1, red) };
	const struct metering_allocation high[] = { ALLOCATION(2147483648, blue) };

	(void)state;
	assert_allocations(low, 2, 3, "UsageRecords[0].UsageAllocations[1].AllocatedUsageQuantity: is "
		"-1; allowed is 0 to 2147483647");
	assert_allocations(high, 1, 1, "UsageAllocations[0].AllocatedUsageQuantity: is 2147483648");
}

static void test_same_tags_twice_are_refused_in_any_order(void **state)
{
	const struct metering_allocation same[] = { ALLOCATION(1, blue), ALLOCATION(1, red),
		ALLOCATION(1, blue) };
	const struct metering_allocation turned[] = { ALLOCATION(1, blue_test), ALLOCATION(1, blue),
		ALLOCATION(1, test_blue) };

	(void)state;
	assert_allocations(same, 3, 3, "UsageRecords[0].UsageAllocations: items 0 and 2 have the same "
		"tags");
	assert_allocations(turned, 3, 3, "UsageRecords[0].UsageAllocations: items 0 and 2 have the "
		"same tags");
	assert_allocations(turned, 2, 2, NULL);
}

static void test_what_has_no_tag_is_one_allocation(void **state)
{
	const struct metering_allocation untagged[] = { { 1, NULL, 0 }, ALLOCATION(1, blue),
		{ 1, NULL, 0 } };

	(void)state;
	assert_allocations(untagged, 2, 2, NULL);
	assert_allocations(untagged, 3, 3, "items 0 and 2 have the same tags");
}

static void test_key_twice_in_an_allocation_is_refused(void **state)
{
	static const struct metering_tag both[] = { { "team", "blue" }, { "stage", "x" },
		{ "team", "red" } };
	const struct metering_allocation allocations[] = { ALLOCATION(1, both) };

	(void)state;
	assert_allocations(allocations, 1, 1, "UsageRecords[0].UsageAllocations[0].Tags[2].Key: is in "
		"this allocation twice");
}

static void test_keys_differ_by_case(void **state)
{
	static const struct metering_tag both[] = { { "team", "blue" }, { "Team", "blue" } };
	const struct metering_allocation allocations[] = { ALLOCATION(1, both) };

	(void)state;
	assert_allocations(allocations, 1, 1, NULL);
}

static void test_five_tags_are_sent_and_six_are_not(void **state)
{
	static const struct metering_tag six[] = { { "a", "1" }, { "b", "1" }, { "c", "1" },
		{ "d", "1" }, { "e", "1" }, { "f", "1" } };
	struct metering_allocation allocation = { 1, six, 5 };

	(void)state;
	assert_allocations(&allocation, 1, 1, NULL);
	allocation.n_tags = 6;
	assert_allocations(&allocation, 1, 1, "UsageRecords[0].UsageAllocations[0].Tags: has 6 items; "
		"allowed are 1 to 5");
}

static void test_keys_of_a_record_are_five(void **state)
{
	static const struct metering_tag abc[] = { { "a", "1" }, { "b", "1" }, { "c", "1" } };
	static const struct metering_tag de[] = { { "d", "1" }, { "e", "1" } };
	static const struct metering_tag af[] = { { "a", "1" }, { "f", "1" } };
	const struct metering_allocation allocations[] = { ALLOCATION(1, abc), ALLOCATION(1, de),
		ALLOCATION(1, af) };

	(void)state;
	assert_allocations(allocations, 2, 2, NULL);
	assert_allocations(allocations, 3, 3, "UsageRecords[0].UsageAllocations[2].Tags[1].Key: is one "
		"too many; allowed are 5 different keys over all allocations");
}

static void test_keys_of_one_record_are_not_counted_for_the_next(void **state)
{
	static const struct metering_tag abc[] = { { "a", "1" }, { "b", "1" }, { "c", "1" } };
	static const struct metering_tag def[] = { { "d", "1" }, { "e", "1" }, { "f", "1" } };
	const struct metering_allocation first[] = { ALLOCATION(1, abc) };
	const struct metering_allocation second[] = { ALLOCATION(1, def) };
	const struct metering_record records[] = { record_of(first, 1, 1), record_of(second, 1, 1) };

	(void)state;
	fake_add((struct fake_step){ .body = "{}" });
	assert_int_equal(send_batch(NULL, records, 2), OK);
}

static void test_keys_and_values_have_their_lengths(void **state)
{
	(void)state;
	assert_tag(repeat('k', 100), repeat('v', 256), NULL);
	assert_tag(repeat('k', 101), "v", "UsageAllocations[0].Tags[0].Key: has 101 characters; allowed "
		"are 1 to 100");
	assert_tag("k", repeat('v', 257), "Tags[0].Value: has 257 characters; allowed are 1 to 256");
}

static void test_empty_keys_and_values_are_refused(void **state)
{
	(void)state;
	assert_tag("", "v", "Tags[0].Key: is required, and is missing or empty");
	assert_tag(NULL, "v", "Tags[0].Key: is required, and is missing or empty");
	assert_tag("k", "", "Tags[0].Value: is required, and is missing or empty");
	assert_tag("k", NULL, "Tags[0].Value: is required, and is missing or empty");
}

static void test_keys_and_values_have_the_alphabet_of_tags(void **state)
{
	(void)state;
	assert_tag("a Z9+-=._:/@", "a Z9+-=._:/@", NULL);
	assert_tag("a(b", "v", "Tags[0].Key: has another form than is allowed: letters, digits");
	assert_tag("k", "v;", "Tags[0].Value: has another form than is allowed: letters, digits");
}

enum { MANY = 2501, VALUE_MAX = 256 };

/* Allocations of 1 with a tag of their own each. */
static struct metering_allocation many[MANY];
static struct metering_tag many_tags[MANY];
static char many_values[MANY][VALUE_MAX + 1];

static void make_many(void)
{
	for (size_t i = 0; i < MANY; i++) {
		snprintf(many_values[i], sizeof many_values[i], "%zu", i);
		many_tags[i] = (struct metering_tag){ "k", many_values[i] };
		many[i] = (struct metering_allocation){ 1, &many_tags[i], 1 };
	}
}

static void test_2500_allocations_are_sent_and_2501_are_not(void **state)
{
	(void)state;
	make_many();
	assert_allocations(many, 2500, 2500, NULL);
	assert_allocations(many, 2501, 2501, "UsageRecords[0].UsageAllocations: has 2501 items; "
		"allowed are 1 to 2500");
}

static void test_one_twice_among_2500_is_found(void **state)
{
	(void)state;
	make_many();
	many_tags[2400].value = many_tags[17].value;
	assert_allocations(many, 2500, 2500, "items 17 and 2400 have the same tags");
}

/* What the meter reckons a record to be is never less than what is sent of it. */
static void assert_reckoned(struct metering_record sent)
{
	const struct record record = { .sent = sent };

	fake.n_steps = fake.n_sent = 0;
	fake_add((struct fake_step){ .body = "{}" });
	assert_int_equal(send_batch(sent.license_arn ? NULL : "p", &sent, 1), OK);
	assert_in_range(record_bytes(&record), fake.sent[0].body.len - strlen("{\"UsageRecords\":[]}"),
		2 * fake.sent[0].body.len);
}

static void test_the_meter_reckons_with_all_bytes(void **state)
{
	static char key[100 + 1], value[256 + 1], identifier[200 + 1];
	const struct metering_tag tags[] = { { key, value } };
	const struct metering_allocation allocations[] = { ALLOCATION(7, tags) };
	struct metering_record long_name = by_identifier;

	(void)state;
	memset(key, 'k', sizeof key - 1);
	memset(value, 'v', sizeof value - 1);
	memset(identifier, 'i', sizeof identifier - 1);
	assert_reckoned(record_of(allocations, 1, 7));
	long_name.customer_identifier = identifier;
	assert_reckoned(long_name);
	make_many();
	assert_reckoned(record_of(many, 2500, 2500));
}

enum { SHARED = 600 }; /* allocations, the same in each record */

/* 25 records, the last one's dimension being so long. */
static enum status send_25(size_t dimension_len)
{
	struct metering_record records[METERING_RECORDS_MAX];

	for (size_t i = 0; i < METERING_RECORDS_MAX; i++) {
		records[i] = record_of(many, SHARED, SHARED);
		records[i].dimension = "d";
	}
	records[METERING_RECORDS_MAX - 1].dimension = repeat('d', dimension_len);
	return send_batch(NULL, records, METERING_RECORDS_MAX);
}

/* A request of exactly that length. */
static enum status send_bytes(size_t len)
{
	size_t more, each, left;

	make_many();
	fake.n_steps = fake.n_sent = 0;
	fake_add((struct fake_step){ .body = "{}" });
	assert_int_equal(send_25(1), OK);
	assert_true(fake.sent[0].body.len < len);
	more = len - fake.sent[0].body.len;
	each = more / METERING_RECORDS_MAX;
	for (size_t i = 0; i < SHARED && each; i++) {
		size_t room = VALUE_MAX - strlen(many_values[i]);

		left = each < room ? each : room;
		strcat(many_values[i], repeat('v', left));
		each -= left;
	}
	fake.n_sent = 0;
	return send_25(1 + more % METERING_RECORDS_MAX);
}

static void test_request_is_shorter_than_a_megabyte(void **state)
{
	(void)state;
	assert_int_equal(send_bytes(999999), OK);
	assert_int_equal(fake.sent[0].body.len, 999999);
	assert_refused(send_bytes(1000000), "the request is 1000000 bytes long or longer; allowed are "
		"fewer");
	assert_refused(send_bytes(1900000), "BatchMeterUsage: UsageRecords[");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		METERING_TEST(test_allocations_are_sent),
		METERING_TEST(test_meter_usage_sends_them_too),
		METERING_TEST(test_text_of_meter_usage_names_the_place),
		METERING_TEST(test_edition_of_2019_has_none),
		METERING_TEST(test_they_add_up_to_the_quantity),
		METERING_TEST(test_sum_of_the_greatest_does_not_wrap),
		METERING_TEST(test_allocated_quantity_has_its_range),
		METERING_TEST(test_same_tags_twice_are_refused_in_any_order),
		METERING_TEST(test_what_has_no_tag_is_one_allocation),
		METERING_TEST(test_key_twice_in_an_allocation_is_refused),
		METERING_TEST(test_keys_differ_by_case),
		METERING_TEST(test_five_tags_are_sent_and_six_are_not),
		METERING_TEST(test_keys_of_a_record_are_five),
		METERING_TEST(test_keys_of_one_record_are_not_counted_for_the_next),
		METERING_TEST(test_keys_and_values_have_their_lengths),
		METERING_TEST(test_empty_keys_and_values_are_refused),
		METERING_TEST(test_keys_and_values_have_the_alphabet_of_tags),
		METERING_TEST(test_2500_allocations_are_sent_and_2501_are_not),
		METERING_TEST(test_one_twice_among_2500_is_found),
		METERING_TEST(test_the_meter_reckons_with_all_bytes),
		METERING_TEST(test_request_is_shorter_than_a_megabyte),
	};

	return UNIT_RUN(tests);
}
