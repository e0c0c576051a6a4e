/* Where credentials come from, and what is wrong with them said before anything is sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/creds.h"
#include "tests/unit/aws_env.h"

static struct creds creds;
static struct err err;

static int reset(void **state)
{
	creds_wipe(&creds);
	return env_reset(state);
}

static enum status get(const struct creds_source *source)
{
	err.text[0] = '\0';
	return source->get(source, NULL, &creds, &err);
}

static void check_text(const char *part)
{
	if (!strstr(err.text, part))
		fail_msg("the text does not say %s: %s", part, err.text);
}

static void test_environment_gives_key_secret_and_token(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "se/cr+et", 1);
	setenv("AWS_SESSION_TOKEN", "tok==", 1);
	assert_int_equal(get(&creds_env), OK);
	assert_string_equal(creds.access_key_id, "AKID");
	assert_string_equal(creds.secret_access_key, "se/cr+et");
	assert_string_equal(creds.session_token, "tok==");
	assert_int_equal(creds.expires_s, 0);
	assert_int_equal(creds.reread_s, 0);
}

static void test_environment_knows_the_token_s_old_name(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	setenv("AWS_SECURITY_TOKEN", "old", 1);
	assert_int_equal(get(&creds_env), OK);
	assert_string_equal(creds.session_token, "old");
	setenv("AWS_SESSION_TOKEN", "new", 1);
	assert_int_equal(get(&creds_env), OK);
	assert_string_equal(creds.session_token, "new");
}

static void test_empty_environment_is_missing_and_not_wrong(void **state)
{
	(void)state;
	assert_int_equal(get(&creds_env), ERR_MISSING);
	setenv("AWS_ACCESS_KEY_ID", "", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "", 1);
	assert_int_equal(get(&creds_env), ERR_MISSING);
}

static void test_half_an_environment_is_wrong(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
	assert_int_equal(get(&creds_env), ERR_INPUT);
	check_text("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
	unsetenv("AWS_ACCESS_KEY_ID");
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	assert_int_equal(get(&creds_env), ERR_INPUT);
	check_text("AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not");
}

static void test_environment_s_expiry_is_read(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	setenv("AWS_CREDENTIAL_EXPIRATION", "2026-01-31T12:00:00Z", 1);
	assert_int_equal(get(&creds_env), OK);
	assert_int_equal(creds.expires_s, 1769860800);
	setenv("AWS_CREDENTIAL_EXPIRATION", "tomorrow", 1);
	assert_int_equal(get(&creds_env), ERR_INPUT);
	check_text("AWS_CREDENTIAL_EXPIRATION is \"tomorrow\"");
}

static void test_times_are_read_as_aws_writes_them(void **state)
{
	int64_t at = 0;

	(void)state;
	assert_true(creds_parse_time("2026-01-31T12:00:00Z", &at));
	assert_int_equal(at, 1769860800);
	assert_true(creds_parse_time("2026-01-31T12:00:00.123Z", &at));
	assert_int_equal(at, 1769860800);
	assert_true(creds_parse_time("2026-01-31T13:30:00+01:30", &at));
	assert_int_equal(at, 1769860800);
	assert_true(creds_parse_time("2026-01-31T07:00:00-05:00", &at));
	assert_int_equal(at, 1769860800);
}

static void test_what_is_no_time_is_refused(void **state)
{
	static const char *const bad[] = { "", "2026-01-31", "2026-01-31T12:00:00", "1769860800",
		"2026-13-31T12:00:00Z", "2026-01-31T12:00:00Zx", "2026-01-31T12:00:00+01", "now" };
	int64_t at = 0;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (creds_parse_time(bad[i], &at))
			fail_msg("taken for a time: %s", bad[i]);
}

static void test_text_that_could_break_a_header_is_refused(void **state)
{
	static const char *const bad[] = { "a\nb", "a\rb", "a b", "\"quoted\"", "'q'", "a\tb",
		"\xc3\xa4", "a\x7f" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(creds_set(&creds, bad[i], "secret", NULL, &err), ERR_INPUT);
		check_text("access key id");
		assert_int_equal(creds_set(&creds, "AKID", bad[i], NULL, &err), ERR_INPUT);
		check_text("secret access key");
		assert_null(strstr(err.text, bad[i]));
		assert_int_equal(creds_set(&creds, "AKID", "secret", bad[i], &err), ERR_INPUT);
		check_text("session token");
	}
}

static void test_token_of_before_does_not_stay(void **state)
{
	(void)state;
	assert_int_equal(creds_set(&creds, "AKID", "secret", "token", &err), OK);
	assert_int_equal(creds_set(&creds, "AKID", "secret", NULL, &err), OK);
	assert_string_equal(creds.session_token, "");
}

static void test_lengths_are_bounded(void **state)
{
	static char text[CREDS_TOKEN_MAX + 2];

	(void)state;
	memset(text, 'x', CREDS_KEY_MAX);
	assert_int_equal(creds_set(&creds, text, text, NULL, &err), OK);
	text[CREDS_KEY_MAX] = 'x';
	assert_int_equal(creds_set(&creds, text, "s", NULL, &err), ERR_INPUT);
	assert_int_equal(creds_set(&creds, "k", text, NULL, &err), ERR_INPUT);
	memset(text, 'x', CREDS_TOKEN_MAX);
	assert_int_equal(creds_set(&creds, "k", "s", text, &err), OK);
	text[CREDS_TOKEN_MAX] = 'x';
	assert_int_equal(creds_set(&creds, "k", "s", text, &err), ERR_INPUT);
	assert_int_equal(creds_set(&creds, "", "s", NULL, &err), ERR_INPUT);
	assert_int_equal(creds_set(&creds, "k", "", NULL, &err), ERR_INPUT);
}

static void test_profile_gives_key_secret_and_token(void **state)
{
	(void)state;
	env_write_profiles("[default]\naws_access_key_id = AKID\naws_secret_access_key = s/e\n"
					   "aws_session_token = t==\n", NULL);
	assert_int_equal(get(&creds_profile), OK);
	assert_string_equal(creds.access_key_id, "AKID");
	assert_string_equal(creds.secret_access_key, "s/e");
	assert_string_equal(creds.session_token, "t==");
	assert_true(creds.reread_s > 0);
	assert_non_null(strstr(creds.origin, "profile \"default\" of "));
	assert_non_null(strstr(creds.origin, "/credentials"));
}

static void test_profile_may_be_in_the_config_file(void **state)
{
	(void)state;
	env_write_profiles("[other]\n",
		"[profile p]\naws_access_key_id = AKID\naws_secret_access_key = s\n");
	setenv("AWS_PROFILE", "p", 1);
	assert_int_equal(get(&creds_profile), OK);
	assert_string_equal(creds.access_key_id, "AKID");
	assert_string_equal(creds.session_token, "");
}

static void test_credentials_file_is_asked_before_config(void **state)
{
	(void)state;
	env_write_profiles("[default]\naws_access_key_id = ONE\naws_secret_access_key = s\n",
		"[default]\naws_access_key_id = TWO\naws_secret_access_key = s\naws_session_token = t\n");
	assert_int_equal(get(&creds_profile), OK);
	assert_string_equal(creds.access_key_id, "ONE");
	assert_string_equal(creds.session_token, "");
}

static void test_key_without_secret_names_file_profile_and_what_is_missing(void **state)
{
	(void)state;
	env_write_profiles("[shop]\naws_access_key_id = AKID\naws_secret_acess_key = typo\n",
		"[profile shop]\naws_access_key_id = TWO\naws_secret_access_key = s\n");
	setenv("AWS_PROFILE", "shop", 1);
	assert_int_equal(get(&creds_profile), ERR_INPUT);
	check_text("profile \"shop\" of ");
	check_text("/credentials has aws_access_key_id, but no aws_secret_access_key");
	assert_null(strstr(err.text, "typo"));
}

static void test_secret_or_token_without_key_is_wrong(void **state)
{
	(void)state;
	env_write_profiles("[default]\naws_secret_access_key = s\n", NULL);
	assert_int_equal(get(&creds_profile), ERR_INPUT);
	check_text("has aws_secret_access_key, but no aws_access_key_id");
	env_write_profiles("[default]\naws_session_token = t\n", NULL);
	assert_int_equal(get(&creds_profile), ERR_INPUT);
	check_text("has aws_session_token, but no aws_access_key_id");
}

static void test_quoted_key_is_pointed_out(void **state)
{
	(void)state;
	env_write_profiles("[default]\naws_access_key_id = \"A\"\naws_secret_access_key = s\n", NULL);
	assert_int_equal(get(&creds_profile), ERR_INPUT);
	check_text("profile \"default\" of ");
	check_text("the access key id holds a quotation mark");
}

static void test_profile_without_any_key_is_missing(void **state)
{
	(void)state;
	env_write_profiles("[default]\nregion = r\n", NULL);
	assert_int_equal(get(&creds_profile), ERR_MISSING);
	check_text("profile \"default\" has no aws_access_key_id in ");
	env_write_profiles(NULL, NULL);
	assert_int_equal(get(&creds_profile), ERR_MISSING);
}

static void test_unknown_profile_is_wrong_and_not_missing(void **state)
{
	(void)state;
	env_write_profiles("[default]\naws_access_key_id = AKID\naws_secret_access_key = s\n", NULL);
	setenv("AWS_PROFILE", "typo", 1);
	assert_int_equal(get(&creds_profile), ERR_INPUT);
	check_text("AWS_PROFILE is \"typo\"");
}

static void test_ways_that_are_not_taken_are_named(void **state)
{
	static const char *const ways[] = { "sso_session", "sso_start_url", "sso_account_id",
		"sso_role_name", "login_session" };
	char config[100];

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		snprintf(config, sizeof config, "[default]\n%s = x\n", ways[i]);
		env_write_profiles(NULL, config);
		assert_int_equal(get(&creds_profile), ERR_INPUT);
		check_text(ways[i]);
		check_text("a person's login, which this program does not take; give the profile a key, a "
				   "role_arn or a credential_process");
	}
}

static void test_key_goes_before_a_way_that_is_not_taken(void **state)
{
	(void)state;
	env_write_profiles("[default]\naws_access_key_id = AKID\naws_secret_access_key = s\n",
		"[default]\nsso_session = x\n");
	assert_int_equal(get(&creds_profile), OK);
}

/* Each of them is set up, and asked in the order of the AWS SDKs. */
static void test_chain_is_in_the_order_of_the_sdks(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x", 1);
	unsetenv("AWS_EC2_METADATA_DISABLED");
	env_write_profiles("[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n", NULL);
	assert_int_equal(creds_chain_get(creds_sources, NULL, &creds, &err), OK);
	assert_string_equal(creds.access_key_id, "ENV");
	unsetenv("AWS_ACCESS_KEY_ID");
	unsetenv("AWS_SECRET_ACCESS_KEY");
	assert_int_equal(creds_chain_get(creds_sources, NULL, &creds, &err), OK);
	assert_string_equal(creds.access_key_id, "FILE");
	env_write_profiles(NULL, NULL);
	assert_int_equal(creds_chain_get(creds_sources, NULL, &creds, &err), ERR_RETRY);
	check_text("credentials from the container: ");
	unsetenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	assert_int_equal(creds_chain_get(creds_sources, NULL, &creds, &err), ERR_RETRY);
	check_text("credentials from the EC2 metadata service: ");
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	assert_int_equal(creds_chain_get(creds_sources, NULL, &creds, &err), ERR_MISSING);
	check_text("AWS_CONTAINER_CREDENTIALS_… is not set; AWS_EC2_METADATA_DISABLED is true");
}

static const struct creds_source *const chain[] = { &creds_env, &creds_profile, NULL };

static void test_chain_takes_the_environment_first(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	env_write_profiles("[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n", NULL);
	assert_int_equal(creds_chain_get(chain, NULL, &creds, &err), OK);
	assert_string_equal(creds.access_key_id, "ENV");
	unsetenv("AWS_ACCESS_KEY_ID");
	unsetenv("AWS_SECRET_ACCESS_KEY");
	assert_int_equal(creds_chain_get(chain, NULL, &creds, &err), OK);
	assert_string_equal(creds.access_key_id, "FILE");
}

static void test_chain_ends_at_a_source_that_is_set_up_wrongly(void **state)
{
	static const struct creds none;

	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
	env_write_profiles("[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n", NULL);
	assert_int_equal(creds_chain_get(chain, NULL, &creds, &err), ERR_INPUT);
	check_text("credentials from the environment: AWS_ACCESS_KEY_ID is set");
	/* And leaves no half of any. */
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	setenv("AWS_SESSION_TOKEN", "a b", 1);
	assert_int_equal(creds_chain_get(chain, NULL, &creds, &err), ERR_INPUT);
	check_text("the session token holds");
	assert_memory_equal(&creds, &none, sizeof none);
}

static void test_chain_says_where_it_looked(void **state)
{
	(void)state;
	env_write_profiles(NULL, NULL);
	assert_int_equal(creds_chain_get(chain, NULL, &creds, &err), ERR_MISSING);
	check_text("no credentials for AWS: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set; "
			   "profile \"default\" has no aws_access_key_id in ");
	check_text("/none or ");
}

#define CREDS_TEST(test) cmocka_unit_test_setup(test, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CREDS_TEST(test_environment_gives_key_secret_and_token),
		CREDS_TEST(test_environment_knows_the_token_s_old_name),
		CREDS_TEST(test_empty_environment_is_missing_and_not_wrong),
		CREDS_TEST(test_half_an_environment_is_wrong),
		CREDS_TEST(test_environment_s_expiry_is_read),
		CREDS_TEST(test_times_are_read_as_aws_writes_them),
		CREDS_TEST(test_what_is_no_time_is_refused),
		CREDS_TEST(test_text_that_could_break_a_header_is_refused),
		CREDS_TEST(test_token_of_before_does_not_stay),
		CREDS_TEST(test_lengths_are_bounded),
		CREDS_TEST(test_profile_gives_key_secret_and_token),
		CREDS_TEST(test_profile_may_be_in_the_config_file),
		CREDS_TEST(test_credentials_file_is_asked_before_config),
		CREDS_TEST(test_key_without_secret_names_file_profile_and_what_is_missing),
		CREDS_TEST(test_secret_or_token_without_key_is_wrong),
		CREDS_TEST(test_quoted_key_is_pointed_out),
		CREDS_TEST(test_profile_without_any_key_is_missing),
		CREDS_TEST(test_unknown_profile_is_wrong_and_not_missing),
		CREDS_TEST(test_ways_that_are_not_taken_are_named),
		CREDS_TEST(test_key_goes_before_a_way_that_is_not_taken),
		CREDS_TEST(test_chain_is_in_the_order_of_the_sdks),
		CREDS_TEST(test_chain_takes_the_environment_first),
		CREDS_TEST(test_chain_ends_at_a_source_that_is_set_up_wrongly),
		CREDS_TEST(test_chain_says_where_it_looked),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("creds", tests, env_make_home, env_remove_home);
}
