/* cli/input: options, files and JSON become one request; a slip never loses a member. */
#include "aws/json.h"
#include "tests/unit/unit.h"

#include <unistd.h>

#include "tests/unit/cli_fixture.h"

#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void expect(const struct command *command, const char *const *args, const char *wanted)
{
	auto_fixture fixture;
	struct cJSON *request = NULL;
	char *printed;

	if (fixture_options(&fixture, command, "today", args) ||
		input_read(&fixture.options, &request, &fixture.err))
		fail_msg("refused: %s", fixture.err.text);
	printed = cJSON_PrintUnformatted(request);
	assert_string_equal(printed, wanted);
	cJSON_free(printed);
	json_wipe(request);
}

static void refuse(const struct command *command, const char *edition, const char *const *args,
	const char *why)
{
	auto_fixture fixture;
	struct cJSON *request = NULL;

	assert_int_equal(fixture_options(&fixture, command, edition, args), OK);
	assert_int_not_equal(input_read(&fixture.options, &request, &fixture.err), OK);
	assert_null(request);
	if (!strstr(fixture.err.text, why))
		fail_msg("refused because %s", fixture.err.text);
}

/* A file of that text; its path as an option has it. */
static const char *file_of(const char *text)
{
	static char url[64];
	char path[] = "/tmp/tollgate-cli.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	snprintf(url, sizeof url, "file://%s", path);
	return url;
}

static void each_kind_is_read_from_its_option(void **state)
{
	(void)state;
	expect(&fixture_meter,
		ARGS("--product-code", "5", "--timestamp", "2026-01-31T12:00:00Z", "--usage-dimension",
			"users", "--usage-quantity", "7", "--dry-run"),
		"{\"ProductCode\":\"5\",\"Timestamp\":1769860800,\"UsageDimension\":\"users\","
		"\"UsageQuantity\":7,\"DryRun\":true}");
}

static void records_are_json_or_shorthand(void **state)
{
	static const char wanted[] = "{\"UsageRecords\":[{\"Timestamp\":1769860800,\"Dimension\":\"d\","
		"\"Quantity\":5},{\"Timestamp\":1769860800,\"Dimension\":\"e\"}]}";

	(void)state;
	expect(&fixture_batch, ARGS("--usage-records", "[{\"Timestamp\":1769860800,\"Dimension\":"
		"\"d\",\"Quantity\":5},{\"Timestamp\":\"2026-01-31T12:00:00Z\",\"Dimension\":\"e\"}]"),
		wanted);
	expect(&fixture_batch, ARGS("--usage-records", "Timestamp=1769860800,Dimension=d,Quantity=5",
		" {\"Timestamp\":1769860800.25,\"Dimension\":\"e\"}"), wanted);
	expect(&fixture_batch, ARGS("--usage-records", "[]"), "{\"UsageRecords\":[]}");
	expect(&fixture_batch, ARGS("--usage-records",
		"Timestamp=1,Dimension=d,UsageAllocations=[{AllocatedUsageQuantity=5,"
		"Tags=[{Key=5,Value=x}]}]"),
		"{\"UsageRecords\":[{\"Timestamp\":1,\"Dimension\":\"d\",\"UsageAllocations\":"
		"[{\"AllocatedUsageQuantity\":5,\"Tags\":[{\"Key\":\"5\",\"Value\":\"x\"}]}]}]}");
}

static void a_file_is_read(void **state)
{
	const char *url = file_of("[{\"Timestamp\":1,\"Dimension\":\"d\"}]\n");

	(void)state;
	expect(&fixture_batch, ARGS("--usage-records", url),
		"{\"UsageRecords\":[{\"Timestamp\":1,\"Dimension\":\"d\"}]}");
	unlink(url + strlen("file://"));
	refuse(&fixture_batch, "today", ARGS("--usage-records", url), "cannot read");
	url = file_of("token\n");
	expect(&fixture_resolve, ARGS(url), "{\"RegistrationToken\":\"token\"}");
	unlink(url + strlen("file://"));
}

static void options_replace_members_of_the_json(void **state)
{
	(void)state;
	expect(&fixture_batch, ARGS("--cli-input-json",
		"{\"ProductCode\":\"a\",\"UsageRecords\":[{\"Timestamp\":1,\"Dimension\":\"d\"}]}",
		"--product-code", "b"),
		"{\"UsageRecords\":[{\"Timestamp\":1,\"Dimension\":\"d\"}],\"ProductCode\":\"b\"}");
}

static void a_slip_is_refused_by_name(void **state)
{
	(void)state;
	refuse(&fixture_batch, "today",
		ARGS("--usage-records", "[{\"Timestamp\":1,\"Dimension\":\"d\",\"quantity\":5}]"),
		"UsageRecords: item 1: there is no member \"quantity\"; allowed are Timestamp, ");
	refuse(&fixture_batch, "today",
		ARGS("--usage-records", "Timestamp=1,Dimension=d", "Timestamp=1,Dimension=d,Quanity=5"),
		"value 2: there is no member \"Quanity\"");
	refuse(&fixture_batch, "today", ARGS("--cli-input-json", "{\"usageRecords\":[]}"),
		"there is no member \"usageRecords\"");
	refuse(&fixture_batch, "today", ARGS("--usage-records",
		"[{\"Timestamp\":1,\"Dimension\":\"d\",\"Quantity\":5,\"Quantity\":6}]"),
		"Quantity is there twice");
	refuse(&fixture_batch, "today", ARGS("--usage-records", "Timestamp=1,Timestamp=2,Dimension=d"),
		"Timestamp is there twice");
	/* An edition has its members. */
	refuse(&fixture_batch, "2019",
		ARGS("--usage-records", "Timestamp=1,Dimension=d,UsageAllocations=[]"),
		"no member \"UsageAllocations\"");
}

static void what_is_missing_is_named(void **state)
{
	auto_fixture f;
	struct cJSON *request = NULL;

	(void)state;
	refuse(&fixture_batch, "today", ARGS("--product-code", "p"), "--usage-records is required");
	refuse(&fixture_batch, "today", ARGS("--usage-records", "Dimension=d"),
		"Timestamp is missing");
	refuse(&fixture_batch, "today", ARGS("--usage-records", "{\"Timestamp\":1}"),
		"Dimension is missing");
	assert_int_equal(fixture_options(&f, &fixture_register, "today", ARGS("--nonce", "n")), OK);
	assert_int_equal(input_read(&f.options, &request, &f.err), ERR_MISSING);
}

static void a_member_of_another_kind_is_refused(void **state)
{
	static const char *const records[] = {
		"[{\"Timestamp\":1,\"Dimension\":\"d\",\"Quantity\":\"5\"}]",
		"[{\"Timestamp\":1,\"Dimension\":\"d\",\"Quantity\":5.5}]",
		"[{\"Timestamp\":1,\"Dimension\":\"d\",\"Quantity\":1e300}]",
		"[{\"Timestamp\":1,\"Dimension\":\"d\",\"Quantity\":null}]",
		"[{\"Timestamp\":1,\"Dimension\":\"d\",\"Quantity\":true}]",
		"[{\"Timestamp\":1,\"Dimension\":5}]", "[{\"Timestamp\":null,\"Dimension\":\"d\"}]",
		"[{\"Timestamp\":\"today\",\"Dimension\":\"d\"}]",
		"[{\"Timestamp\":-1,\"Dimension\":\"d\"}]", "[[]]", "[5]", "[null]",
		"[{\"Timestamp\":1,\"Dimension\":\"d\",\"UsageAllocations\":{}}]",
		"[{\"Timestamp\":1,\"Dimension\":\"d\",\"UsageAllocations\":[5]}]",
		"Timestamp=1,Dimension=d,Quantity=", "Timestamp=1,Dimension=d,Quantity=5x",
		"Timestamp=1,Dimension=d,Quantity=5.5", "Timestamp=1,Dimension=[d]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof records / sizeof records[0]; i++)
		refuse(&fixture_batch, "today", ARGS("--usage-records", records[i]), "it has to be");
	refuse(&fixture_meter, "today", ARGS("--usage-quantity", "many"), "UsageQuantity: it has");
	refuse(&fixture_meter, "today", ARGS("--timestamp", "2026-01-31T12:00:00"), "its zone");
	refuse(&fixture_batch, "today", ARGS("--cli-input-json", "[]"), "structure of members");
}

static void what_is_no_json_is_refused(void **state)
{
	(void)state;
	refuse(&fixture_batch, "today", ARGS("--usage-records", "[{\"Timestamp\":1"), "not JSON");
	refuse(&fixture_batch, "today", ARGS("--usage-records", "[] []"), "not JSON");
	refuse(&fixture_batch, "today", ARGS("--cli-input-json", "{\"a\":\"\\u0000\"}"), "not JSON");
	refuse(&fixture_resolve, "today", ARGS("\xff"), "not UTF-8");
}

static void what_was_given_is_wiped(void **state)
{
	auto_fixture f;
	struct cJSON *request = NULL;

	(void)state;
	assert_int_equal(fixture_options(&f, &fixture_resolve, "today", ARGS("secret")), OK);
	assert_int_equal(input_read(&f.options, &request, &f.err), OK);
	assert_string_equal(json_text_of(request, "RegistrationToken"), "secret");
	assert_memory_equal(f.args[0], "\0\0\0\0\0\0", 6);
	json_wipe(request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_read_from_its_option),
		cmocka_unit_test(records_are_json_or_shorthand),
		cmocka_unit_test(a_file_is_read),
		cmocka_unit_test(options_replace_members_of_the_json),
		cmocka_unit_test(a_slip_is_refused_by_name),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(a_member_of_another_kind_is_refused),
		cmocka_unit_test(what_is_no_json_is_refused),
		cmocka_unit_test(what_was_given_is_wiped),
	};

	return UNIT_RUN(tests);
}
