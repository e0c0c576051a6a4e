/* cli/options: the members of the actions as the AWS CLI's options, and what is none. */
#include "tests/unit/unit.h"

#include "tests/unit/cli_fixture.h"

#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void refuse(const struct command *command, const char *const *args, const char *why)
{
	auto_fixture fixture;

	assert_int_equal(fixture_options(&fixture, command, "today", args), ERR_INPUT);
	if (!strstr(fixture.err.text, why))
		fail_msg("refused because %s", fixture.err.text);
}

static void members_are_options(void **state)
{
	auto_fixture f;

	(void)state;
	assert_int_equal(fixture_options(&f, &fixture_meter, "today",
		ARGS("--product-code", "p", "--usage-dimension=users", "--dry-run", "--usage-allocations",
			"A=1", "-", "A=3", "--timestamp", "1")), OK);
	assert_int_equal(f.options.n_given, 5);
	assert_string_equal(f.options.given[0].member->name, "ProductCode");
	assert_string_equal(f.options.given[0].values[0], "p");
	assert_string_equal(f.options.given[1].member->name, "UsageDimension");
	assert_string_equal(f.options.given[1].values[0], "users");
	assert_string_equal(f.options.given[2].member->name, "DryRun");
	assert_true(f.options.given[2].flag);
	assert_string_equal(f.options.given[3].member->name, "UsageAllocations");
	assert_int_equal(f.options.given[3].n, 3);
	assert_string_equal(f.options.given[3].values[2], "A=3");
	assert_string_equal(f.options.given[4].member->name, "Timestamp");
}

static void a_flag_can_be_taken_back(void **state)
{
	auto_fixture f;

	(void)state;
	assert_int_equal(fixture_options(&f, &fixture_meter, "today", ARGS("--no-dry-run")), OK);
	assert_string_equal(f.options.given[0].member->name, "DryRun");
	assert_false(f.options.given[0].flag);
	refuse(&fixture_meter, ARGS("--dry-run", "--no-dry-run"), "--no-dry-run is given twice");
	refuse(&fixture_meter, ARGS("--no-product-code"), "no option --no-product-code");
}

static void words_are_kept(void **state)
{
	auto_fixture f;

	(void)state;
	assert_int_equal(fixture_options(&f, &fixture_register, "today",
		ARGS("--region", "eu-west-1", "--endpoint-url=http://x", "--profile", "p",
			"--cli-input-json", "{}", "--public-key", "f", "--no-verify", "--help",
			"--output", "json")), OK);
	assert_string_equal(f.options.region, "eu-west-1");
	assert_string_equal(f.options.endpoint_url, "http://x");
	assert_string_equal(f.options.profile, "p");
	assert_string_equal(f.options.input_json, "{}");
	assert_string_equal(f.options.public_key, "f");
	assert_true(f.options.no_verify);
	assert_true(f.options.help);
}

static void the_first_member_may_stand_alone(void **state)
{
	auto_fixture f, dashes;

	(void)state;
	assert_int_equal(fixture_options(&f, &fixture_resolve, "today", ARGS("tok=en")), OK);
	assert_string_equal(f.options.given[0].member->name, "RegistrationToken");
	assert_string_equal(f.options.given[0].values[0], "tok=en");
	assert_int_equal(fixture_options(&dashes, &fixture_resolve, "today", ARGS("--", "--odd")), OK);
	assert_string_equal(dashes.options.given[0].values[0], "--odd");
	refuse(&fixture_resolve, ARGS("a", "b"), "takes one RegistrationToken");
	refuse(&fixture_resolve, ARGS("--registration-token", "a", "b"), "takes one");
	refuse(&fixture_batch, ARGS("[]"), "takes options only");
}

static void what_there_is_not_is_refused_with_what_there_is(void **state)
{
	auto_fixture f;

	(void)state;
	refuse(&fixture_batch, ARGS("--usage-record", "x"),
		"no option --usage-record; allowed are --usage-records, --product-code, "
		"--cli-input-json, --output, --region, --endpoint-url, --profile, --help");
	refuse(&fixture_register, ARGS("--verify"), "--public-key, --no-verify");
	refuse(&fixture_batch, ARGS("--public-key", "x"), "no option --public-key");
	/* Of today's edition alone. */
	assert_int_equal(fixture_options(&f, &fixture_meter, "2019", ARGS("--client-token", "x")),
		ERR_INPUT);
}

static void values_are_needed_once(void **state)
{
	(void)state;
	refuse(&fixture_batch, ARGS("--product-code"), "--product-code needs a value");
	refuse(&fixture_batch, ARGS("--product-code", "--usage-records", "[]"), "needs a value");
	refuse(&fixture_batch, ARGS("--region"), "--region needs a value");
	refuse(&fixture_batch, ARGS("--product-code", "a", "--product-code", "b"), "given twice");
	refuse(&fixture_batch, ARGS("--region", "a", "--region", "b"), "given twice");
	refuse(&fixture_meter, ARGS("--dry-run=yes"), "takes no value");
	refuse(&fixture_batch, ARGS("--help=yes"), "takes no value");
	refuse(&fixture_batch, ARGS("--output", "text"), "allowed is json");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_options),
		cmocka_unit_test(a_flag_can_be_taken_back),
		cmocka_unit_test(words_are_kept),
		cmocka_unit_test(the_first_member_may_stand_alone),
		cmocka_unit_test(what_there_is_not_is_refused_with_what_there_is),
		cmocka_unit_test(values_are_needed_once),
	};

	return UNIT_RUN(tests);
}
