/* The endpoint of STS, and one that moves to another region. */
#include "tests/unit/endpoint_env.h"

static const struct {
	const char *region, *fips, *dual, *host;
} sts_hosts[] = {
	{ "us-east-1", "false", "false", "sts.us-east-1.amazonaws.com" },
	{ "cn-north-1", "false", "false", "sts.cn-north-1.amazonaws.com.cn" },
	{ "us-gov-west-1", "false", "false", "sts.us-gov-west-1.amazonaws.com" },
	{ "eusc-de-east-1", "false", "false", "sts.eusc-de-east-1.amazonaws.eu" },
	{ "eu-west-1", "false", "true", "sts.eu-west-1.api.aws" },
	{ "cn-north-1", "false", "true", "sts.cn-north-1.api.amazonwebservices.com.cn" },
	{ "us-east-1", "true", "false", "sts-fips.us-east-1.amazonaws.com" },
	{ "us-gov-west-1", "true", "false", "sts.us-gov-west-1.amazonaws.com" },
	{ "us-east-1", "true", "true", "sts-fips.us-east-1.api.aws" },
};

static enum status load_sts(void)
{
	struct profile profile = { 0 };
	enum status rc = profile_load(&profile, &err);

	if (!rc)
		rc = endpoint_load_sts(&profile, &endpoint, &err);
	profile_done(&profile);
	return rc;
}

static void check_sts_url(const char *url)
{
	if (load_sts())
		fail_msg("%s", err.text);
	assert_string_equal(endpoint.url, url);
}

static void test_sts_has_hosts_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sts_hosts / sizeof sts_hosts[0]; i++) {
		setenv("AWS_REGION", sts_hosts[i].region, 1);
		setenv("AWS_USE_FIPS_ENDPOINT", sts_hosts[i].fips, 1);
		setenv("AWS_USE_DUALSTACK_ENDPOINT", sts_hosts[i].dual, 1);
		assert_int_equal(load_sts(), OK);
		assert_string_equal(endpoint.host, sts_hosts[i].host);
	}
}

static void test_sts_has_settings_of_its_own(void **state)
{
	(void)state;
	setenv("AWS_REGION", "us-east-1", 1);
	env_write_profiles(NULL, "[default]\nservices = s\nendpoint_url = http://127.0.0.1:4\n"
		"[services s]\nsts =\n  endpoint_url = http://127.0.0.1:3\n");
	check_sts_url("http://127.0.0.1:3/");
	check_url("http://127.0.0.1:4/");
	setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:2", 1);
	check_sts_url("http://127.0.0.1:2/");
	setenv("AWS_ENDPOINT_URL_MARKETPLACE_METERING", "http://127.0.0.1:5", 1);
	check_sts_url("http://127.0.0.1:2/");
	setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1", 1);
	check_sts_url("http://127.0.0.1:1/");
	check_url("http://127.0.0.1:5/");
	setenv("AWS_ENDPOINT_URL_STS", "http://sts.example", 1);
	assert_int_equal(load_sts(), ERR_INPUT);
	assert_non_null(strstr(err.text, "without encryption keys for AWS could be read"));
}

static void test_endpoint_moves_to_another_region(void **state)
{
	(void)state;
	setenv("AWS_REGION", "us-east-1", 1);
	assert_int_equal(load(), OK);
	assert_int_equal(endpoint_set_region(&endpoint, "cn-northwest-1", &err), OK);
	assert_string_equal(endpoint.url, "https://metering.marketplace.cn-northwest-1.amazonaws.com.cn/");
	assert_string_equal(endpoint.region, "cn-northwest-1");
	assert_int_equal(endpoint_set_region(&endpoint, "evil.example/", &err), ERR_INPUT);
	assert_int_equal(endpoint_set_region(&endpoint, "", &err), ERR_INPUT);
	assert_string_equal(endpoint.region, "cn-northwest-1");
	setenv("AWS_USE_DUALSTACK_ENDPOINT", "true", 1);
	assert_int_equal(load(), OK);
	assert_int_equal(endpoint_set_region(&endpoint, "eu-west-1", &err), OK);
	assert_string_equal(endpoint.host, "metering-marketplace.eu-west-1.api.aws");
	unsetenv("AWS_USE_DUALSTACK_ENDPOINT");
	/* What a setting names is the same in every region. */
	setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:2", 1);
	assert_int_equal(load(), OK);
	assert_int_equal(endpoint_set_region(&endpoint, "eu-west-1", &err), OK);
	assert_string_equal(endpoint.url, "http://127.0.0.1:2/");
	assert_string_equal(endpoint.region, "eu-west-1");
}

#define ENDPOINT_TEST(test) cmocka_unit_test_setup(test, env_reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ENDPOINT_TEST(test_sts_has_hosts_of_its_own),
		ENDPOINT_TEST(test_sts_has_settings_of_its_own),
		ENDPOINT_TEST(test_endpoint_moves_to_another_region),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("endpoint_sts", tests, env_make_home, env_remove_home);
}
