/* The shared profile files: their format, which files, which profile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "aws/profile.h"
#include "tests/unit/aws_env.h"

static struct ini read_ini(const char *text)
{
	struct ini ini = { 0 };
	struct err err = { "" };

	if (ini_load(&ini, env_write("config", text), &err))
		fail_msg("%s", err.text);
	return ini;
}

static void check_value(const char *text, const char *section, const char *key,
	const char *value)
{
	struct ini ini = read_ini(text);
	const char *found = ini_get(&ini, section, "", key);

	if (value)
		assert_string_equal(found, value);
	else
		assert_null(found);
	ini_done(&ini);
}

static void check_refused(const char *text, const char *why)
{
	struct ini ini = { 0 };
	struct err err = { "" };

	assert_int_equal(ini_load(&ini, env_write("config", text), &err), ERR_INPUT);
	if (!strstr(err.text, why) || !strstr(err.text, "/config"))
		fail_msg("the text does not say %s: %s", why, err.text);
	ini_done(&ini);
}

static void test_values_are_found_by_section_and_key(void **state)
{
	static const char text[] = "[one]\nkey = 1\n[two]\nkey=2\n";

	(void)state;
	check_value(text, "one", "key", "1");
	check_value(text, "two", "key", "2");
	check_value(text, "two", "other", NULL);
	check_value(text, "three", "key", NULL);
}

static void test_white_space_around_names_and_values_does_not_count(void **state)
{
	(void)state;
	check_value("[ a \t b ] # why\n  \nkey \t=\t v w \t\n", "a b", "key", "v w");
}

static void test_windows_line_ends_and_a_byte_order_mark_are_taken(void **state)
{
	(void)state;
	check_value("\xef\xbb\xbf[a]\r\nkey = v\r\n", "a", "key", "v");
}

static void test_last_line_needs_no_line_end(void **state)
{
	(void)state;
	check_value("[a]\nkey = v", "a", "key", "v");
}

static void test_comments_are_lines_or_follow_white_space(void **state)
{
	static const char text[] = "# [a]\n; x\n[a]\nplain = a#b;c\nspaced = v # c\nsemi = v ;c\n"
							   "  # indented\nnone = # c\n";

	(void)state;
	check_value(text, "a", "plain", "a#b;c");
	check_value(text, "a", "spaced", "v");
	check_value(text, "a", "semi", "v");
	check_value(text, "a", "none", "");
}

static void test_case_of_keys_does_not_matter_but_of_sections(void **state)
{
	(void)state;
	check_value("[a]\nAWS_Key = v\n", "a", "aws_key", "v");
	check_value("[a]\nkey = v\n", "A", "key", NULL);
}

static void test_last_of_two_equal_keys_holds(void **state)
{
	(void)state;
	check_value("[a]\nkey = 1\n[b]\nkey = 2\n[a]\nkey = 3\n", "a", "key", "3");
}

static void test_value_may_hold_equals_signs(void **state)
{
	(void)state;
	check_value("[a]\ntoken = ab==\n", "a", "token", "ab==");
}

static void test_nested_settings_are_below_their_parent_alone(void **state)
{
	struct ini ini = read_ini("[a]\nouter =\n  inner = 1\n\n\tmore=2\nnext = 3\n");

	(void)state;
	assert_string_equal(ini_get(&ini, "a", "outer", "inner"), "1");
	assert_string_equal(ini_get(&ini, "a", "outer", "more"), "2");
	assert_null(ini_get(&ini, "a", "", "inner"));
	assert_null(ini_get(&ini, "a", "outer", "next"));
	assert_string_equal(ini_get(&ini, "a", "", "next"), "3");
	ini_done(&ini);
}

static void test_indented_line_goes_on_with_a_value(void **state)
{
	(void)state;
	check_value("[a]\nkey = one # c\n    two\n  three\nnext = v\n", "a", "key", "one\ntwo\nthree");
	check_value("[a]\nkey = one # c\n    two\n  three\nnext = v\n", "a", "next", "v");
}

static void test_section_may_be_indented_as_a_whole(void **state)
{
	static const char text[] = "[a]\n  one = 1\n  two = 2\n    more\n  [b]\n  one = 3\n";

	(void)state;
	check_value(text, "a", "one", "1");
	check_value(text, "a", "two", "2\nmore");
	check_value(text, "b", "one", "3");
	check_value("[a]\nouter =\n[b]\n  one = 1\n", "b", "one", "1");
}

static void test_many_settings_are_all_kept(void **state)
{
	auto_buf text = BUF_INIT(100000);
	char key[32];

	(void)state;
	buf_puts(&text, "[a]\nouter =\n");
	for (int i = 0; i < 500; i++)
		buf_printf(&text, "  inner%d = %d\n", i, i);
	struct ini ini = read_ini(buf_text(&text));
	for (int i = 0; i < 500; i++) {
		snprintf(key, sizeof key, "inner%d", i);
		assert_int_equal(atoi(ini_get(&ini, "a", "outer", key)), i);
	}
	ini_done(&ini);
}

static void test_bad_lines_are_refused_with_their_number(void **state)
{
	(void)state;
	check_refused("[a]\nkey = v\nno sign\n", "line 3: neither");
	check_refused("[a]\n= v\n", "line 2: there is no key");
	check_refused("key = v\n", "line 1: a setting stands before");
	check_refused("[a\nkey = v\n", "line 1: a section's name ends");
	check_refused("[a] key = v\n", "line 1: a section is a name");
	check_refused("[]\n", "line 1: a section is a name");
	check_refused("[a]\nouter =\n  no sign\n", "line 3: neither");
}

static void test_text_of_a_bad_line_is_not_shown(void **state)
{
	struct ini ini = { 0 };
	struct err err = { "" };

	(void)state;
	env_write("config", "[a]\naws_secret_access_key: hush\n");
	assert_int_equal(ini_load(&ini, env_path("config"), &err), ERR_INPUT);
	assert_null(strstr(err.text, "hush"));
}

static void test_file_with_a_nul_byte_is_refused(void **state)
{
	struct ini ini = { 0 };
	struct err err = { "" };
	FILE *file = fopen(env_path("config"), "w");

	(void)state;
	fwrite("[a]\nk=v\0w\n", 1, 10, file);
	fclose(file);
	assert_int_equal(ini_load(&ini, env_path("config"), &err), ERR_INPUT);
	assert_non_null(strstr(err.text, "NUL"));
}

static void test_missing_file_is_an_empty_one(void **state)
{
	struct ini ini = { 0 };
	struct err err = { "" };

	(void)state;
	assert_int_equal(ini_load(&ini, env_path("none"), &err), OK);
	assert_false(ini.there);
	assert_false(ini_has_section(&ini, "a"));
	ini_done(&ini);
}

static void test_folder_in_place_of_a_file_is_an_error(void **state)
{
	struct ini ini = { 0 };
	struct err err = { "" };

	(void)state;
	assert_int_equal(ini_load(&ini, "/tmp", &err), ERR_LOCAL);
	assert_non_null(strstr(err.text, "/tmp: Is a directory"));
}

static void test_huge_file_is_an_error(void **state)
{
	struct ini ini = { 0 };
	struct err err = { "" };

	(void)state;
	env_write("config", "");
	assert_int_equal(truncate(env_path("config"), 2 * 1024 * 1024), 0);
	assert_int_equal(ini_load(&ini, env_path("config"), &err), ERR_LOCAL);
	assert_non_null(strstr(err.text, "bytes long"));
}

static void check_profile(const char *key, const char *value)
{
	struct profile profile = { 0 };
	struct err err = { "" };
	const char *found;

	if (profile_load(&profile, &err))
		fail_msg("%s", err.text);
	found = profile_get(&profile, key);
	if (value)
		assert_string_equal(found, value);
	else
		assert_null(found);
	profile_done(&profile);
}

static void check_profile_refused(const char *why)
{
	struct profile profile = { 0 };
	struct err err = { "" };

	assert_int_equal(profile_load(&profile, &err), ERR_INPUT);
	if (!strstr(err.text, why))
		fail_msg("the text does not say %s: %s", why, err.text);
}

static void test_profile_is_default_unless_named(void **state)
{
	(void)state;
	env_write_profiles("[default]\nregion = d\n[x]\nregion = x\n[y]\nregion = y\n", NULL);
	check_profile("region", "d");
	setenv("AWS_DEFAULT_PROFILE", "y", 1);
	check_profile("region", "y");
	setenv("AWS_PROFILE", "x", 1);
	check_profile("region", "x");
	setenv("AWS_PROFILE", "", 1);
	check_profile("region", "y");
}

static void test_config_file_wants_the_word_profile(void **state)
{
	(void)state;
	env_write_profiles(NULL, "[x]\nregion = wrong\n[profile x]\nregion = right\n");
	setenv("AWS_PROFILE", "x", 1);
	check_profile("region", "right");
}

static void test_profile_default_counts_for_more_than_default(void **state)
{
	(void)state;
	env_write_profiles(NULL, "[default]\nregion = 1\n");
	check_profile("region", "1");
	env_write_profiles(NULL, "[profile default]\nregion = 2\n[default]\nregion = 1\n");
	check_profile("region", "2");
}

static void test_credentials_file_counts_for_more_than_config(void **state)
{
	(void)state;
	env_write_profiles("[default]\nregion = 1\n", "[default]\nregion = 2\nca_bundle = b\n");
	check_profile("region", "1");
	check_profile("ca_bundle", "b");
}

static void test_named_profile_that_is_nowhere_is_refused(void **state)
{
	(void)state;
	env_write_profiles("[a]\n", "[profile b]\n");
	setenv("AWS_PROFILE", "c", 1);
	check_profile_refused("AWS_PROFILE is \"c\", but neither");
	check_profile_refused("/credentials nor");
}

static void test_forgotten_word_profile_is_pointed_out(void **state)
{
	(void)state;
	env_write_profiles(NULL, "[c]\nregion = x\n");
	setenv("AWS_PROFILE", "c", 1);
	check_profile_refused("must be called [profile c]");
}

static void test_files_are_below_home(void **state)
{
	(void)state;
	assert_int_equal(mkdir(env_path(".aws"), 0700), 0);
	env_write(".aws/credentials", "[default]\nregion = r\n");
	env_write(".aws/config", "[default]\noutput = o\n");
	check_profile("region", "r");
	check_profile("output", "o");
}

static void test_tilde_stands_for_home(void **state)
{
	(void)state;
	env_write("config", "[default]\nregion = tilde\n");
	setenv("AWS_CONFIG_FILE", "~/config", 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "/none", 1);
	check_profile("region", "tilde");
}

static void test_without_home_there_are_no_files(void **state)
{
	(void)state;
	unsetenv("HOME");
	check_profile("region", NULL);
}

static void test_tilde_without_home_is_refused(void **state)
{
	(void)state;
	unsetenv("HOME");
	setenv("AWS_CONFIG_FILE", "~/config", 1);
	check_profile_refused("AWS_CONFIG_FILE is \"~/config\", but HOME is not set");
}

static void test_services_section_is_found_through_the_profile(void **state)
{
	struct profile profile = { 0 };
	struct err err = { "" };

	(void)state;
	env_write_profiles(NULL, "[default]\nservices = s\n[services s]\nmarketplace_metering =\n"
							 "  endpoint_url = http://127.0.0.1:1\n[services t]\n"
							 "marketplace_metering =\n  endpoint_url = http://127.0.0.1:2\n");
	assert_int_equal(profile_load(&profile, &err), OK);
	assert_string_equal(profile_service_get(&profile, "marketplace_metering", "endpoint_url"),
		"http://127.0.0.1:1");
	assert_null(profile_service_get(&profile, "s3", "endpoint_url"));
	profile_done(&profile);
}

#define PROFILE_TEST(test) cmocka_unit_test_setup(test, env_reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROFILE_TEST(test_values_are_found_by_section_and_key),
		PROFILE_TEST(test_white_space_around_names_and_values_does_not_count),
		PROFILE_TEST(test_windows_line_ends_and_a_byte_order_mark_are_taken),
		PROFILE_TEST(test_last_line_needs_no_line_end),
		PROFILE_TEST(test_comments_are_lines_or_follow_white_space),
		PROFILE_TEST(test_case_of_keys_does_not_matter_but_of_sections),
		PROFILE_TEST(test_last_of_two_equal_keys_holds),
		PROFILE_TEST(test_value_may_hold_equals_signs),
		PROFILE_TEST(test_nested_settings_are_below_their_parent_alone),
		PROFILE_TEST(test_indented_line_goes_on_with_a_value),
		PROFILE_TEST(test_section_may_be_indented_as_a_whole),
		PROFILE_TEST(test_many_settings_are_all_kept),
		PROFILE_TEST(test_bad_lines_are_refused_with_their_number),
		PROFILE_TEST(test_text_of_a_bad_line_is_not_shown),
		PROFILE_TEST(test_file_with_a_nul_byte_is_refused),
		PROFILE_TEST(test_missing_file_is_an_empty_one),
		PROFILE_TEST(test_folder_in_place_of_a_file_is_an_error),
		PROFILE_TEST(test_huge_file_is_an_error),
		PROFILE_TEST(test_profile_is_default_unless_named),
		PROFILE_TEST(test_config_file_wants_the_word_profile),
		PROFILE_TEST(test_profile_default_counts_for_more_than_default),
		PROFILE_TEST(test_credentials_file_counts_for_more_than_config),
		PROFILE_TEST(test_named_profile_that_is_nowhere_is_refused),
		PROFILE_TEST(test_forgotten_word_profile_is_pointed_out),
		PROFILE_TEST(test_files_are_below_home),
		PROFILE_TEST(test_tilde_stands_for_home),
		PROFILE_TEST(test_without_home_there_are_no_files),
		PROFILE_TEST(test_tilde_without_home_is_refused),
		PROFILE_TEST(test_services_section_is_found_through_the_profile),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("profile", tests, env_make_home, env_remove_home);
}
