/* Profiles that name a role, and web identities, with a stand-in for STS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/sts_stand_in.h"

#define ARN_A "arn:aws:iam::111111111111:role/a"
#define ARN_B "arn:aws:iam::222222222222:role/b"
#define KEY(name) "aws_access_key_id = " name "\naws_secret_access_key = s\n"

static void check_refused(const char *config, const char *part)
{
	env_write_profiles(NULL, config);
	assert_int_equal(get(&creds_profile), ERR_INPUT);
	check_text(part);
	assert_int_equal(server->n_requests, 0);
}

static void test_role_is_assumed_with_the_source_profile_s_key(void **state)
{
	(void)state;
	env_write_profiles("[base]\n" KEY("AKIDBASE"),
		"[default]\nrole_arn = " ARN_A "\nsource_profile = base\nexternal_id = ext-1\n"
		"role_session_name = shop\nduration_seconds = 900\n");
	sts_reply("AssumeRole", "ASIAA");
	must_get(&creds_profile);
	assert_string_equal(creds.access_key_id, "ASIAA");
	assert_true(creds.background && creds.expires_s == STS_EXPIRES_S && !creds.reread_s);
	assert_string_equal(creds.origin, ARN_A ", of profile \"default\"");
	check_request(0, "Credential=AKIDBASE/");
	check_request(0, "/eu-west-1/sts/aws4_request");
	check_request(0, "RoleArn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Fa&RoleSessionName=shop&"
		"ExternalId=ext-1&DurationSeconds=900");
}

static void test_role_goes_before_the_profile_s_own_key(void **state)
{
	(void)state;
	env_write_profiles("[default]\n" KEY("AKIDOWN") "[base]\n" KEY("AKIDBASE"),
		"[default]\nrole_arn = " ARN_A "\nsource_profile = base\n");
	sts_reply("AssumeRole", "ASIAA");
	must_get(&creds_profile);
	assert_string_equal(creds.access_key_id, "ASIAA");
	check_request(0, "Credential=AKIDBASE/");
}

static void test_profile_that_names_itself_signs_with_its_own_key(void **state)
{
	(void)state;
	env_write_profiles("[default]\n" KEY("AKIDOWN"),
		"[default]\nrole_arn = " ARN_A "\nsource_profile = default\n");
	sts_reply("AssumeRole", "ASIAA");
	must_get(&creds_profile);
	check_request(0, "Credential=AKIDOWN/");
	env_write_profiles(NULL, "[default]\nrole_arn = " ARN_A "\nsource_profile = default\n");
	assert_int_equal(get(&creds_profile), ERR_INPUT);
	check_text("profile \"default\" is its own source_profile, but has no aws_access_key_id");
}

static void test_roles_are_chained(void **state)
{
	(void)state;
	env_write_profiles("[base]\n" KEY("AKIDBASE"),
		"[default]\nrole_arn = " ARN_B "\nsource_profile = middle\n"
		"[profile middle]\nrole_arn = " ARN_A "\nsource_profile = base\nregion = us-west-2\n");
	sts_reply("AssumeRole", "ASIAA");
	sts_reply("AssumeRole", "ASIAB");
	must_get(&creds_profile);
	assert_string_equal(creds.access_key_id, "ASIAB");
	check_request(0, "Credential=AKIDBASE/");
	check_request(0, "111111111111");
	check_request(1, "Credential=ASIAA/");
	check_request(1, "x-amz-security-token: token-of-ASIAA/+==\r\n");
	check_request(1, "222222222222");
	check_request(0, "/eu-west-1/sts/"); /* the chosen profile's region */
}

static void test_source_profile_with_key_and_role_gives_its_key(void **state)
{
	(void)state;
	env_write_profiles("[base]\n" KEY("AKIDBASE"),
		"[default]\nrole_arn = " ARN_B "\nsource_profile = base\n"
		"[profile base]\nrole_arn = " ARN_A "\nsource_profile = base\n");
	sts_reply("AssumeRole", "ASIAB");
	must_get(&creds_profile);
	check_request(0, "Credential=AKIDBASE/");
	assert_int_equal(server->n_requests, 1);
}

static void test_circles_are_found(void **state)
{
	(void)state;
	check_refused("[default]\nrole_arn = " ARN_A "\nsource_profile = b\n"
		"[profile b]\nrole_arn = " ARN_B "\nsource_profile = default\n",
		"goes round in a circle: \"b\" names \"default\"");
	check_refused("[default]\nrole_arn = " ARN_A "\nsource_profile = b\n"
		"[profile b]\nrole_arn = " ARN_B "\nsource_profile = c\n"
		"[profile c]\nrole_arn = " ARN_B "\nsource_profile = b\n",
		"goes round in a circle: \"c\" names \"b\"");
}

static void test_chain_without_end_is_cut(void **state)
{
	auto_buf config = BUF_INIT(10000);

	(void)state;
	buf_puts(&config, "[default]\nrole_arn = " ARN_A "\nsource_profile = p0\n");
	for (int i = 0; i < 20; i++)
		buf_printf(&config, "[profile p%d]\nrole_arn = " ARN_A "\nsource_profile = p%d\n", i, i + 1);
	check_refused(buf_text(&config), "over 8 roles ask for each other");
}

static void test_what_is_wrong_with_a_role_is_named(void **state)
{
	static const struct {
		const char *settings, *why;
	} bad[] = {
		{ "role_arn = " ARN_A "\n", "has role_arn, and neither source_profile nor credential_source" },
		{ "role_arn = " ARN_A "\nsource_profile = x\ncredential_source = Environment\n",
			"has role_arn, and both source_profile and credential_source" },
		{ "role_arn = " ARN_A "\nsource_profile = gone\n", "source_profile is \"gone\", but neither" },
		{ "role_arn = " ARN_A "\nsource_profile = empty\n[profile empty]\nregion = x\n",
			"\"empty\" is the source_profile of \"default\", but names no way" },
		{ "role_arn = " ARN_A "\nsource_profile = sso\n[profile sso]\nsso_session = x\n",
			"profile \"sso\" asks for sso_session" },
		{ "role_arn = " ARN_A "\nsource_profile = x\nmfa_serial = m\n", "asks for mfa_serial" },
		{ "role_arn = " ARN_A "\ncredential_source = Ec2\n",
			"credential_source of profile \"default\" is \"Ec2\"; allowed is" },
		{ "role_arn = a\nsource_profile = x\n", "profile \"default\": \"a\" is not a role's ARN" },
		{ "role_arn = " ARN_A "\nsource_profile = x\nduration_seconds = 899\n",
			"duration_seconds of profile \"default\" is \"899\"; allowed is 900 to 43200" },
		{ "role_arn = " ARN_A "\nsource_profile = x\nduration_seconds = 1h\n",
			"duration_seconds of profile \"default\" is \"1h\"" },
		{ "role_arn = " ARN_A "\nsource_profile = x\nexternal_id = a b\n", "external id is wrong" },
		{ "role_arn = " ARN_A "\nsource_profile = x\nrole_session_name = a b\n",
			"session name is \"a b\"" },
	};
	char config[500];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		snprintf(config, sizeof config, "[default]\n%s", bad[i].settings);
		check_refused(config, bad[i].why);
	}
}

static void test_environment_can_be_the_credential_source(void **state)
{
	(void)state;
	env_write_profiles(NULL, "[default]\nrole_arn = " ARN_A "\ncredential_source = Environment\n");
	assert_int_equal(get(&creds_profile), ERR_INPUT);
	check_text("credential_source Environment of profile \"default\": AWS_ACCESS_KEY_ID and");
	setenv("AWS_ACCESS_KEY_ID", "AKIDENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
	sts_reply("AssumeRole", "ASIAA");
	must_get(&creds_profile);
	check_request(0, "Credential=AKIDENV/");
}

static void test_container_can_be_the_credential_source(void **state)
{
	(void)state;
	env_write_profiles(NULL, "[default]\nrole_arn = " ARN_A "\ncredential_source = EcsContainer\n");
	assert_int_equal(get(&creds_profile), ERR_INPUT);
	check_text("credential_source EcsContainer of profile \"default\"");
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", server_url("/creds"), 1);
	reply(200, "{\"AccessKeyId\":\"ASIATASK\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","
		"\"Expiration\":\"2100-01-01T00:00:00Z\"}");
	sts_reply("AssumeRole", "ASIAA");
	must_get(&creds_profile);
	check_request(0, "GET /creds ");
	check_request(1, "Credential=ASIATASK/");
}

static void test_instance_can_be_the_credential_source(void **state)
{
	(void)state;
	env_write_profiles(NULL,
		"[default]\nrole_arn = " ARN_A "\ncredential_source = Ec2InstanceMetadata\n");
	/* That it is off is merely away, as the profile says that it is there. */
	assert_int_equal(get(&creds_profile), ERR_RETRY);
	check_text("credential_source Ec2InstanceMetadata of profile \"default\"");
	unsetenv("AWS_EC2_METADATA_DISABLED");
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server_url(""), 1);
	reply(200, "the-token");
	reply(200, "the-role");
	reply(200, "{\"Code\":\"Success\",\"AccessKeyId\":\"ASIAEC2\",\"SecretAccessKey\":\"s\","
		"\"Token\":\"t\",\"Expiration\":\"2100-01-01T00:00:00Z\"}");
	sts_reply("AssumeRole", "ASIAA");
	must_get(&creds_profile);
	check_request(3, "Credential=ASIAEC2/");
	assert_string_equal(creds.origin, ARN_A ", of profile \"default\"");
}

static void test_program_can_be_the_source(void **state)
{
	(void)state;
	env_write_profiles(NULL, "[default]\nrole_arn = " ARN_A "\nsource_profile = p\n[profile p]\n"
		"credential_process = echo '{\"Version\":1,\"AccessKeyId\":\"AKIDPROG\","
		"\"SecretAccessKey\":\"s\"}'\n");
	sts_reply("AssumeRole", "ASIAA");
	must_get(&creds_profile);
	check_request(0, "Credential=AKIDPROG/");
}

static void test_refusal_of_sts_ends_the_chain(void **state)
{
	(void)state;
	env_write_profiles("[base]\n" KEY("AKIDBASE"),
		"[default]\nrole_arn = " ARN_A "\nsource_profile = base\n");
	sts_reply_error(403, "AccessDenied", "not you");
	assert_int_equal(creds_chain_get(creds_sources, &http, &creds, &err), ERR_REMOTE);
	check_text("credentials from the profile: role_arn of profile \"default\": AssumeRole at");
	assert_string_equal(creds.access_key_id, "");
}

static void test_who_must_not_wait_is_told_at_once(void **state)
{
	(void)state;
	env_write_profiles("[base]\n" KEY("AKIDBASE"),
		"[default]\nrole_arn = " ARN_A "\nsource_profile = base\n");
	assert_int_equal(creds_profile.get(&creds_profile, NULL, &creds, &err), ERR_RETRY);
	check_text("has to be waited for");
	env_write_profiles(NULL, "[default]\nrole_arn = " ARN_A "\nweb_identity_token_file = /f\n");
	assert_int_equal(creds_profile.get(&creds_profile, NULL, &creds, &err), ERR_RETRY);
	env_write_profiles(NULL, "[default]\ncredential_process = x\n");
	assert_int_equal(creds_profile.get(&creds_profile, NULL, &creds, &err), ERR_RETRY);
	assert_int_equal(server->n_requests, 0);
}

static void test_web_identity_of_the_environment(void **state)
{
	(void)state;
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", env_write("token", "eyJ.one.x\n"), 1);
	assert_int_equal(get(&creds_profile), ERR_INPUT);
	check_text("no role: set AWS_ROLE_ARN");
	setenv("AWS_ROLE_ARN", ARN_A, 1);
	setenv("AWS_ROLE_SESSION_NAME", "pod-1", 1);
	sts_reply("AssumeRoleWithWebIdentity", "ASIAWEB");
	must_get(&creds_profile);
	assert_string_equal(creds.access_key_id, "ASIAWEB");
	assert_non_null(strstr(creds.origin, ARN_A ", by the token in /tmp/"));
	check_request(0, "&RoleSessionName=pod-1&WebIdentityToken=eyJ.one.x");
	/* The file is read each time. */
	env_write("token", "eyJ.two.x");
	must_get(&creds_profile);
	check_request(1, "WebIdentityToken=eyJ.two.x");
	unlink(env_path("token"));
	assert_int_equal(get(&creds_profile), ERR_LOCAL);
	check_text("/token: cannot open");
}

static void test_web_identity_goes_before_keys_in_files(void **state)
{
	(void)state;
	env_write_profiles("[default]\n" KEY("AKIDFILE"), NULL);
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", env_write("token", "eyJ.one.x"), 1);
	setenv("AWS_ROLE_ARN", ARN_A, 1);
	sts_reply("AssumeRoleWithWebIdentity", "ASIAWEB");
	must_get(&creds_profile);
	assert_string_equal(creds.access_key_id, "ASIAWEB");
	unlink(env_path("token"));
}

static void test_web_identity_of_a_profile(void **state)
{
	char config[1200];

	(void)state;
	snprintf(config, sizeof config, "[default]\nrole_arn = " ARN_A "\nrole_session_name = mine\n"
		"web_identity_token_file = %s\nduration_seconds = 1000\n", env_write("token", "eyJ.x"));
	env_write_profiles(NULL, config);
	sts_reply("AssumeRoleWithWebIdentity", "ASIAWEB");
	must_get(&creds_profile);
	check_request(0, "&RoleSessionName=mine&DurationSeconds=1000&WebIdentityToken=eyJ.x");
	unlink(env_path("token"));
}

static void test_web_identity_is_a_source_profile_without_the_environment_s(void **state)
{
	char config[1200];

	(void)state;
	setenv("AWS_ROLE_ARN", "arn:aws:iam::999999999999:role/env", 1);
	snprintf(config, sizeof config, "[default]\nrole_arn = " ARN_B "\nsource_profile = web\n"
		"[profile web]\nrole_arn = " ARN_A "\nweb_identity_token_file = %s\n",
		env_write("token", "eyJ.x"));
	env_write_profiles(NULL, config);
	sts_reply("AssumeRoleWithWebIdentity", "ASIAWEB");
	sts_reply("AssumeRole", "ASIAB");
	must_get(&creds_profile);
	check_request(0, "111111111111");
	check_request(1, "Credential=ASIAWEB/");
	unlink(env_path("token"));
}

static void test_web_identity_token_files_that_are_none(void **state)
{
	static char big[30000];
	char path[512];

	(void)state;
	memset(big, 't', sizeof big - 1);
	snprintf(path, sizeof path, "%s", env_write("token", ""));
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", path, 1);
	setenv("AWS_ROLE_ARN", ARN_A, 1);
	assert_int_equal(get(&creds_profile), ERR_INPUT);
	check_text("/token is empty");
	env_write("token", big);
	assert_int_equal(get(&creds_profile), ERR_INPUT);
	check_text("/token is over 20002 bytes long");
	env_write("token", "\n\n");
	assert_int_equal(get(&creds_profile), ERR_INPUT);
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/", 1);
	assert_int_equal(get(&creds_profile), ERR_LOCAL);
	assert_int_equal(server->n_requests, 0);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STS_TEST(test_role_is_assumed_with_the_source_profile_s_key),
		STS_TEST(test_role_goes_before_the_profile_s_own_key),
		STS_TEST(test_profile_that_names_itself_signs_with_its_own_key),
		STS_TEST(test_roles_are_chained),
		STS_TEST(test_source_profile_with_key_and_role_gives_its_key),
		STS_TEST(test_circles_are_found),
		STS_TEST(test_chain_without_end_is_cut),
		STS_TEST(test_what_is_wrong_with_a_role_is_named),
		STS_TEST(test_environment_can_be_the_credential_source),
		STS_TEST(test_container_can_be_the_credential_source),
		STS_TEST(test_instance_can_be_the_credential_source),
		STS_TEST(test_program_can_be_the_source),
		STS_TEST(test_refusal_of_sts_ends_the_chain),
		STS_TEST(test_who_must_not_wait_is_told_at_once),
		STS_TEST(test_web_identity_of_the_environment),
		STS_TEST(test_web_identity_goes_before_keys_in_files),
		STS_TEST(test_web_identity_of_a_profile),
		STS_TEST(test_web_identity_is_a_source_profile_without_the_environment_s),
		STS_TEST(test_web_identity_token_files_that_are_none),
	};

	return CREDS_RUN("creds_role", tests);
}
