/* The command line of tollgate-meter. */
#include "meter/arguments.h"
#include "tests/unit/unit.h"

enum { ARGUMENTS_MAX = 8 };

static struct err err;

/* Words apart by blanks, "_" being an empty one. */
static enum status read_line(const char *line, struct run_options *ret_options)
{
	static char text[200], program[] = "tollgate-meter";
	char *argv[ARGUMENTS_MAX + 2] = { program };
	char *rest = text;
	size_t n = 1;

	snprintf(text, sizeof text, "%s", line);
	while (rest && *rest) {
		argv[n] = strsep(&rest, " ");
		if (!strcmp(argv[n], "_"))
			*argv[n] = '\0';
		n++;
	}
	return arguments_read(argv, ret_options, &err);
}

static struct run_options read_ok(const char *line)
{
	struct run_options options = { 0 };

	assert_int_equal(read_line(line, &options), OK);
	return options;
}

static void check_refused(const char *line, const char *said)
{
	struct run_options options = { 0 };

	assert_int_equal(read_line(line, &options), ERR_INPUT);
	if (!strstr(err.text, said))
		fail_msg("\"%s\" says \"%s\", not \"%s\"", line, err.text, said);
}

static void test_without_options_all_is_billed(void **state)
{
	const struct run_options none = { 0 };
	struct run_options options = read_ok("");

	(void)state;
	assert_memory_equal(&options, &none, sizeof none);
}

static void test_each_option(void **state)
{
	(void)state;
	assert_true(read_ok("--dry-run").dry_run);
	assert_true(read_ok("--no-rollup").no_rollup);
	assert_true(read_ok("--json").json);
	assert_true(read_ok("--quiet").quiet);
	assert_true(read_ok("--help").help);
	assert_true(read_ok("--version").version);
	assert_string_equal(read_ok("--product abc").product, "abc");
	assert_string_equal(read_ok("--product=a=b").product, "a=b");
	assert_true(read_ok("--until 2026-11-25T06:00:00Z").until_s == 1795586400);
	assert_true(read_ok("--json --until=2026-11-25T06:00:00Z --quiet").quiet);
}

static void test_help_comes_before_what_is_wrong_after_it(void **state)
{
	(void)state;
	assert_true(read_ok("--help --nope").help);
	check_refused("--nope --help", "\"--nope\" is no option");
}

static void test_what_is_wrong_is_named(void **state)
{
	(void)state;
	check_refused("--nope", "\"--nope\" is no option; --help lists them");
	check_refused("rest", "\"rest\" is no option");
	check_refused("-q", "\"-q\" is no option");
	check_refused("--", "\"--\" is no option");
	check_refused("_", "\"\" is no option");
	check_refused("--qui", "\"--qui\" is no option"); /* it could be another one's one day */
	check_refused("--quietly", "\"--quietly\" is no option");
	check_refused("--quiet=yes", "--quiet takes no value");
	check_refused("--product", "--product needs a value: --product CODE");
	check_refused("--until", "--until needs a value: --until TIME");
	check_refused("--product _", "--product is empty");
	check_refused("--product=", "--product is empty");
	check_refused("--product a --product b", "--product is there twice");
	check_refused("--final x", "--final \"x\" is no customer's id; it takes a number");
	check_refused("--final 0", "--final \"0\" is no customer's id; it takes a number");
	check_refused("--final 7 --dry-run", "--final bills all usage of a customer; it does not go with");
	check_refused("--until 2026-11-25T06:00:00Z --final 7", "--final bills all usage of a customer");
	check_refused("--final 7 --no-rollup", "--final bills all usage of a customer");
	check_refused("--product p --final 7", "--final bills all usage of a customer");
	check_refused("--until yesterday", "--until \"yesterday\" is no time; it takes one of this form");
}

static void test_a_time_has_one_form(void **state)
{
	static const char *const wrong[] = { "", "2026-11-25", "2026-11-25T06:00:00", "2026-11-25T06:00Z",
		"2026-11-25 06:00:00Z", " 2026-11-25T06:00:00Z", "2026-11-25T06:00:00Z ", "2026-11-25T6:00:00Z",
		"2026-11-25T06:00:00z", "2026-11-25T06:00:00+00:00", "2026-11-25T06:00:00.5Z",
		"2026-02-30T06:00:00Z", "2026-13-01T06:00:00Z", "2026-11-25T24:00:00Z", "2026-11-25T23:60:00Z",
		"2026-12-31T23:59:60Z", "12026-11-25T06:00:00Z", "0026-11-25T06:00:00Z", "1970-01-01T00:00:00Z",
		"1969-12-31T23:59:59Z", "-2026-11-25T06:00:00Z", "1795586400", "2h", "now" };
	int64_t seconds = 7;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (arguments_read_time(wrong[i], &seconds))
			fail_msg("\"%s\" is taken for a time", wrong[i]);
	assert_int_equal(seconds, 7);
	assert_true(arguments_read_time("2024-02-29T23:59:59Z", &seconds));
	assert_int_equal(seconds, 1709251199);
	assert_true(arguments_read_time("9999-12-31T23:59:59Z", &seconds));
	assert_true(seconds == 253402300799);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_options_all_is_billed),
		cmocka_unit_test(test_each_option),
		cmocka_unit_test(test_help_comes_before_what_is_wrong_after_it),
		cmocka_unit_test(test_what_is_wrong_is_named),
		cmocka_unit_test(test_a_time_has_one_form),
	};

	return UNIT_RUN(tests);
}
