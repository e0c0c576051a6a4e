/* base/conf: the settings table. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/conf.h"

static int setup(void **state)
{
	(void)state;
	clearenv();
	return 0;
}

static void expect_refusal(const char *name, const char *value, const char *text)
{
	struct conf conf = { .threads = -1 };
	struct err err;

	setenv(name, value, 1);
	assert_int_equal(conf_load(&conf, &err), ERR_INPUT);
	assert_non_null(strstr(err.text, name));
	assert_non_null(strstr(err.text, text));
	assert_int_equal(conf.threads, -1);
	unsetenv(name);
}

static void defaults_hold_in_an_empty_environment(void **state)
{
	struct conf conf;
	struct err err;

	(void)state;
	assert_int_equal(conf_load(&conf, &err), OK);
	assert_null(conf.listen);
	assert_int_equal(conf.threads, 384);
	assert_int_equal(conf.aws_connections, 288);
	assert_int_equal(conf.db_connections, 4);
	assert_int_equal(conf.meter_calls_per_second, 10);
	assert_string_equal(conf.api_edition, "today");
	assert_string_equal(conf.meter_coalesce, "never");
}

static void unknown_setting_is_refused_by_name(void **state)
{
	(void)state;
	expect_refusal("TOLLGATE_THREDS", "8", "not a setting");
	expect_refusal("TOLLGATE_", "8", "not a setting");
	expect_refusal("TOLLGATE_LISTENS", "8", "not a setting");
}

static void values_out_of_bounds_say_what_is_allowed(void **state)
{
	(void)state;
	expect_refusal("TOLLGATE_THREADS", "3", "from 4 to 4096");
	expect_refusal("TOLLGATE_THREADS", "8x", "\"8x\"");
	expect_refusal("TOLLGATE_THREADS", "", "from 4 to 4096");
	expect_refusal("TOLLGATE_API_EDITION", "2020", "today|2019");
	expect_refusal("TOLLGATE_API_EDITION", "today|2019", "today|2019");
	expect_refusal("TOLLGATE_API_EDITION", "", "today|2019");
	expect_refusal("TOLLGATE_LISTEN", "", "unix socket");
	expect_refusal("TOLLGATE_PUBLIC_URL", "example.com", "https://host");
	expect_refusal("TOLLGATE_PUBLIC_URL", "https://example.com/path", "https://host");
	expect_refusal("TOLLGATE_PUBLIC_URL", "https://", "https://host");
	expect_refusal("TOLLGATE_PUBLIC_URL", "javascript:alert(1)", "https://host");
}

static void expect_listen(const char *value)
{
	struct conf conf;
	struct err err;

	setenv("TOLLGATE_LISTEN", value, 1);
	assert_int_equal(conf_load(&conf, &err), OK);
	assert_string_equal(conf.listen, value);
}

static void an_address_is_a_path_or_host_and_port(void **state)
{
	static const char *const refused[] = { "8080", "localhost", "x.sock", "foo:bar", ":80", "h:",
		"h:0", "h:65536", "h:http", "h:80x" };

	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		expect_refusal("TOLLGATE_LISTEN", refused[i],
			"; allowed is a unix socket's path (with a /) or host:port");
	expect_listen("/run/tollgate/fcgi.sock");
	expect_listen("./x.sock");
	expect_listen("run/a:b");
	expect_listen("localhost:1");
	expect_listen("[::1]:65535");
}

static void aws_may_never_take_all_threads(void **state)
{
	struct conf conf;
	struct err err;

	(void)state;
	setenv("TOLLGATE_THREADS", "8", 1);
	expect_refusal("TOLLGATE_AWS_CONNECTIONS", "7", "three quarters");
	setenv("TOLLGATE_AWS_CONNECTIONS", "6", 1);
	assert_int_equal(conf_load(&conf, &err), OK);
	assert_int_equal(conf.aws_connections, 6);
	clearenv();
}

static void public_url_may_have_a_port(void **state)
{
	struct conf conf;
	struct err err;

	(void)state;
	setenv("TOLLGATE_PUBLIC_URL", "http://127.0.0.1:8080", 1);
	setenv("OTHER_TOLLGATE_X", "is nobody's business", 1);
	assert_int_equal(conf_load(&conf, &err), OK);
	assert_string_equal(conf.public_url, "http://127.0.0.1:8080");
}

static void expect_state_dir(const char *wanted)
{
	auto_buf dir = BUF_INIT(200);
	struct conf conf;
	struct err err;

	assert_int_equal(conf_load(&conf, &err), OK);
	conf_state_dir(&conf, &dir);
	assert_string_equal(buf_text(&dir), wanted);
}

static void the_state_folder_is_the_first_that_is_named(void **state)
{
	(void)state;
	setenv("HOME", "/home/me", 1);
	setenv("XDG_STATE_HOME", "/home/me/state", 1);
	expect_state_dir(geteuid() ? "/home/me/state/tollgate" : "/var/lib/tollgate");
	unsetenv("XDG_STATE_HOME");
	expect_state_dir(geteuid() ? "/home/me/.local/state/tollgate" : "/var/lib/tollgate");
	setenv("STATE_DIRECTORY", "/var/lib/one:/var/lib/two", 1);
	expect_state_dir("/var/lib/one");
	setenv("TOLLGATE_STATE_DIR", "/srv/tollgate", 1);
	expect_state_dir("/srv/tollgate");
}

/* The caller frees it. */
static char *help_text(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	conf_help(out);
	fclose(out);
	return text;
}

static void help_names_each_setting(void **state)
{
	char *text = help_text();

	(void)state;
	assert_non_null(strstr(text, "TOLLGATE_LISTEN "));
	assert_non_null(strstr(text, "TOLLGATE_METER_CALLS_PER_SECOND  0 to 100000, default 10"));
	free(text);
}

static void help_fits_80_columns(void **state)
{
	char *text = help_text();

	(void)state;
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		assert_in_range(strcspn(line, "\n"), 1, 80);
	assert_non_null(strstr(text, "; default:\n      session.key in"));
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(defaults_hold_in_an_empty_environment, setup),
		cmocka_unit_test_setup(unknown_setting_is_refused_by_name, setup),
		cmocka_unit_test_setup(values_out_of_bounds_say_what_is_allowed, setup),
		cmocka_unit_test_setup(an_address_is_a_path_or_host_and_port, setup),
		cmocka_unit_test_setup(aws_may_never_take_all_threads, setup),
		cmocka_unit_test_setup(public_url_may_have_a_port, setup),
		cmocka_unit_test_setup(the_state_folder_is_the_first_that_is_named, setup),
		cmocka_unit_test_setup(help_names_each_setting, setup),
		cmocka_unit_test_setup(help_fits_80_columns, setup),
	};

	return UNIT_RUN(tests);
}
