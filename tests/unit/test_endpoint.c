/* Region, host and URL out of the settings; and URLs taken apart. */
#include "aws/url.h"
#include "tests/unit/endpoint_env.h"

static void check_refused(const char *part)
{
	assert_int_equal(load(), ERR_INPUT);
	if (!strstr(err.text, part))
		fail_msg("the text does not say %s: %s", part, err.text);
}

static void test_region_comes_from_the_first_place_that_names_one(void **state)
{
	(void)state;
	env_write_profiles(NULL, "[default]\nregion = eu-west-3\n");
	assert_int_equal(load(), OK);
	assert_string_equal(endpoint.region, "eu-west-3");
	setenv("AWS_DEFAULT_REGION", "eu-west-2", 1);
	assert_int_equal(load(), OK);
	assert_string_equal(endpoint.region, "eu-west-2");
	setenv("AWS_REGION", "eu-west-1", 1);
	assert_int_equal(load(), OK);
	assert_string_equal(endpoint.region, "eu-west-1");
}

static void test_missing_region_is_refused_with_what_to_do(void **state)
{
	(void)state;
	check_refused("no region: set AWS_REGION");
}

static void test_region_that_is_no_part_of_a_host_is_refused(void **state)
{
	(void)state;
	setenv("AWS_REGION", "evil.example/", 1);
	check_refused("AWS_REGION is \"evil.example/\"");
	setenv("AWS_REGION", "US-EAST-1", 1);
	check_refused("AWS_REGION is \"US-EAST-1\"");
	unsetenv("AWS_REGION");
	setenv("AWS_DEFAULT_REGION", "us east", 1);
	check_refused("AWS_DEFAULT_REGION is \"us east\"");
}

/* As AWS's published rules of endpoints for this service have it. */
static const struct {
	const char *region, *fips, *dual, *host;
} hosts[] = {
	{ "us-east-1", NULL, NULL, "metering.marketplace.us-east-1.amazonaws.com" },
	{ "eu-central-1", "false", "false", "metering.marketplace.eu-central-1.amazonaws.com" },
	{ "cn-northwest-1", NULL, NULL, "metering.marketplace.cn-northwest-1.amazonaws.com.cn" },
	{ "us-gov-west-1", NULL, NULL, "metering.marketplace.us-gov-west-1.amazonaws.com" },
	{ "eusc-de-east-1", NULL, NULL, "metering-marketplace.eusc-de-east-1.amazonaws.eu" },
	{ "us-east-1", NULL, "true", "metering-marketplace.us-east-1.api.aws" },
	{ "cn-northwest-1", NULL, "true",
		"metering-marketplace.cn-northwest-1.api.amazonwebservices.com.cn" },
	{ "us-east-1", "true", NULL, "metering.marketplace-fips.us-east-1.amazonaws.com" },
	{ "us-east-1", "TRUE", "True", "metering.marketplace-fips.us-east-1.api.aws" },
};

static void test_host_of_aws_follows_region_and_kind(void **state)
{
	char url[300];

	(void)state;
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		env_reset(NULL);
		setenv("AWS_REGION", hosts[i].region, 1);
		if (hosts[i].fips)
			setenv("AWS_USE_FIPS_ENDPOINT", hosts[i].fips, 1);
		if (hosts[i].dual)
			setenv("AWS_USE_DUALSTACK_ENDPOINT", hosts[i].dual, 1);
		snprintf(url, sizeof url, "https://%s/", hosts[i].host);
		check_url(url);
		assert_string_equal(endpoint.host, hosts[i].host);
	}
}

static const char nested[] =
	"[default]\nservices = s\nendpoint_url = http://127.0.0.1:4\n[services s]\n"
	"marketplace_metering =\n  endpoint_url = http://127.0.0.1:3\n";

static void test_url_comes_from_the_first_place_that_names_one(void **state)
{
	(void)state;
	setenv("AWS_REGION", "us-east-1", 1);
	env_write_profiles(NULL, "[default]\nendpoint_url = http://127.0.0.1:4\n");
	check_url("http://127.0.0.1:4/");
	env_write_profiles(NULL, nested);
	check_url("http://127.0.0.1:3/");
	setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:2", 1);
	check_url("http://127.0.0.1:2/");
	setenv("AWS_ENDPOINT_URL_MARKETPLACE_METERING", "http://127.0.0.1:1/", 1);
	check_url("http://127.0.0.1:1/");
}

static void test_url_changes_neither_region_nor_is_it_a_region_s(void **state)
{
	(void)state;
	setenv("AWS_REGION", "eu-west-1", 1);
	setenv("AWS_ENDPOINT_URL", "https://metering.marketplace.us-east-1.amazonaws.com:443", 1);
	check_url("https://metering.marketplace.us-east-1.amazonaws.com/");
	assert_string_equal(endpoint.region, "eu-west-1");
	assert_string_equal(endpoint.host, "metering.marketplace.us-east-1.amazonaws.com");
}

static void test_configured_urls_can_be_ignored(void **state)
{
	(void)state;
	setenv("AWS_REGION", "us-east-1", 1);
	setenv("AWS_ENDPOINT_URL_MARKETPLACE_METERING", "http://127.0.0.1:1", 1);
	setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
	check_url("https://metering.marketplace.us-east-1.amazonaws.com/");
	setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false", 1);
	check_url("http://127.0.0.1:1/");
	unsetenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
	env_write_profiles(NULL, "[default]\nignore_configured_endpoint_urls = true\n");
	check_url("https://metering.marketplace.us-east-1.amazonaws.com/");
}

static void test_flag_is_true_or_false(void **state)
{
	(void)state;
	setenv("AWS_REGION", "us-east-1", 1);
	setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "yes", 1);
	check_refused("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is \"yes\"; allowed is true or false");
	unsetenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
	setenv("AWS_USE_FIPS_ENDPOINT", "1", 1);
	check_refused("AWS_USE_FIPS_ENDPOINT is \"1\"");
}

static void test_url_and_fips_exclude_each_other(void **state)
{
	(void)state;
	setenv("AWS_REGION", "us-east-1", 1);
	setenv("AWS_ENDPOINT_URL", "https://proxy.example", 1);
	setenv("AWS_USE_FIPS_ENDPOINT", "true", 1);
	check_refused("AWS_ENDPOINT_URL names the server, so");
}

static void test_plain_http_is_for_this_machine_only(void **state)
{
	static const char *const near[] = { "http://localhost:1", "http://127.0.0.1:1",
		"http://127.8.9.1:1", "http://[::1]:1", "http://sandbox.localhost:1" };
	static const char *const far[] = { "http://10.0.0.1:1", "http://sandbox:1",
		"http://128.0.0.1:1", "http://[fe80::1]:1", "http://localhost.example:1",
		"http://notlocalhost:1", "http://127.1:1", "http://169.254.169.254:1",
		"http://127.0.0.1.example:1" };

	(void)state;
	setenv("AWS_REGION", "us-east-1", 1);
	for (size_t i = 0; i < sizeof near / sizeof near[0]; i++) {
		setenv("AWS_ENDPOINT_URL", near[i], 1);
		if (load())
			fail_msg("%s: %s", near[i], err.text);
	}
	for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
		setenv("AWS_ENDPOINT_URL", far[i], 1);
		check_refused("without encryption buyers' tokens could be read");
	}
}

static void test_texts_are_encoded_for_paths_and_forms(void **state)
{
	auto_buf out = BUF_INIT(100);

	(void)state;
	url_encode(&out, "azAZ09-._~");
	url_encode(&out, " +/=&%\xc3\xa4\n");
	assert_string_equal(buf_text(&out), "azAZ09-._~%20%2B%2F%3D%26%25%C3%A4%0A");
}

static void test_url_that_is_none_is_refused_with_the_reason(void **state)
{
	static const struct {
		const char *url, *why;
	} bad[] = {
		{ "localhost:8081", "begins with neither https:// nor http://" },
		{ "ftp://x", "begins with neither" },
		{ "https://", "its host" },
		{ "https://a b", "else than a path follows" },
		{ "https://ho/st", "something follows" },
		{ "https://host/path", "something follows" },
		{ "https://host?x", "something follows" },
		{ "https://host:0", "its port" },
		{ "https://host:65536", "its port" },
		{ "https://host:x", "its port" },
		{ "https://host:", "its port" },
		{ "https://[::1", "its host" },
		{ "https://[::g]", "its host" },
		{ "https://\xc3\xa4", "its host" },
	};

	(void)state;
	setenv("AWS_REGION", "us-east-1", 1);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		setenv("AWS_ENDPOINT_URL_MARKETPLACE_METERING", bad[i].url, 1);
		check_refused("AWS_ENDPOINT_URL_MARKETPLACE_METERING is not an address of a server");
		check_refused(bad[i].why);
	}
}

static void test_password_in_a_url_is_refused_and_not_shown(void **state)
{
	(void)state;
	setenv("AWS_REGION", "us-east-1", 1);
	setenv("AWS_ENDPOINT_URL", "https://user:hush@host", 1);
	check_refused("user name or password");
	assert_null(strstr(err.text, "hush"));
}

static void test_urls_are_taken_apart(void **state)
{
	struct url url;

	(void)state;
	assert_int_equal(url_parse("http://127.0.0.1:8081", &url, &err), OK);
	assert_false(url.tls);
	assert_string_equal(url.host, "127.0.0.1");
	assert_int_equal(url.port, 8081);
	assert_string_equal(url.authority, "127.0.0.1:8081");
	assert_int_equal(url_parse("https://[::1]:8443/", &url, &err), OK);
	assert_true(url.tls);
	assert_string_equal(url.host, "::1");
	assert_string_equal(url.authority, "[::1]:8443");
	assert_int_equal(url_parse("http://h:80", &url, &err), OK);
	assert_string_equal(url.authority, "h");
	assert_int_equal(url_parse("http://h:443", &url, &err), OK);
	assert_string_equal(url.authority, "h:443");
}

static void test_link_local_addresses_are_told_from_loopback(void **state)
{
	static const char *const link_local[] = { "http://169.254.170.2", "http://[fe80::1]",
		"http://[fd00:ec2::254]", "http://[fd00:ec2::23]" };
	static const char *const others[] = { "http://169.253.0.1", "http://127.0.0.1", "http://[::1]",
		"http://[fd00:ec3::254]", "http://localhost" };
	struct url url;

	(void)state;
	for (size_t i = 0; i < sizeof link_local / sizeof link_local[0]; i++) {
		assert_int_equal(url_parse(link_local[i], &url, &err), OK);
		assert_true(url_is_link_local(&url));
		assert_false(url_is_loopback(&url));
	}
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		assert_int_equal(url_parse(others[i], &url, &err), OK);
		assert_false(url_is_link_local(&url));
	}
}

static void test_split_gives_what_follows_the_host(void **state)
{
	static const char text[] = "http://[::1]:8080/v2/x?y=z";
	struct url url;
	const char *rest;

	(void)state;
	assert_int_equal(url_split(text, &url, &rest, &err), OK);
	assert_string_equal(url.authority, "[::1]:8080");
	assert_string_equal(rest, "/v2/x?y=z");
	assert_int_equal(url_split("https://h", &url, &rest, &err), OK);
	assert_string_equal(rest, "");
	assert_int_equal(url_split("https://h:443x/", &url, &rest, &err), ERR_INPUT);
	assert_int_equal(url_split("https://[::1]x/", &url, &rest, &err), ERR_INPUT);
}

#define ENDPOINT_TEST(test) cmocka_unit_test_setup(test, env_reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ENDPOINT_TEST(test_region_comes_from_the_first_place_that_names_one),
		ENDPOINT_TEST(test_missing_region_is_refused_with_what_to_do),
		ENDPOINT_TEST(test_region_that_is_no_part_of_a_host_is_refused),
		ENDPOINT_TEST(test_host_of_aws_follows_region_and_kind),
		ENDPOINT_TEST(test_url_comes_from_the_first_place_that_names_one),
		ENDPOINT_TEST(test_url_changes_neither_region_nor_is_it_a_region_s),
		ENDPOINT_TEST(test_configured_urls_can_be_ignored),
		ENDPOINT_TEST(test_flag_is_true_or_false),
		ENDPOINT_TEST(test_url_and_fips_exclude_each_other),
		ENDPOINT_TEST(test_plain_http_is_for_this_machine_only),
		ENDPOINT_TEST(test_texts_are_encoded_for_paths_and_forms),
		ENDPOINT_TEST(test_url_that_is_none_is_refused_with_the_reason),
		ENDPOINT_TEST(test_password_in_a_url_is_refused_and_not_shown),
		ENDPOINT_TEST(test_urls_are_taken_apart),
		ENDPOINT_TEST(test_link_local_addresses_are_told_from_loopback),
		ENDPOINT_TEST(test_split_gives_what_follows_the_host),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("endpoint", tests, env_make_home, env_remove_home);
}
