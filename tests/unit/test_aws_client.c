/* The client as programs make it: out of the environment, with real sockets and real clocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/metering.h"
#include "aws/sigv4.h"
#include "base/clock.h"
#include "tests/unit/aws_env.h"
#include "tests/unit/http_server.h"

static const char body[] = "{\"RegistrationToken\":\"tok\"}";

static struct aws *aws;
static struct server *server;
static struct metering_customer who;
static struct aws_answer answer;
static struct err err;

static int set_up(void **state)
{
	char url[64];

	if (env_reset(state))
		return -1;
	server = server_start(NULL);
	snprintf(url, sizeof url, "http://127.0.0.1:%d", server->port);
	setenv("AWS_ENDPOINT_URL_MARKETPLACE_METERING", url, 1);
	setenv("AWS_REGION", "eu-west-1", 1);
	setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "the/secret", 1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	aws_free(aws);
	server_stop(server);
	aws = NULL;
	return 0;
}

static void check_refused(const char *part)
{
	assert_int_equal(aws_new(4, &aws, &err), ERR_INPUT);
	assert_null(aws);
	if (!strstr(err.text, part))
		fail_msg("the text does not say %s: %s", part, err.text);
}

static void make(void)
{
	if (aws_new(4, &aws, &err))
		fail_msg("%s", err.text);
}

static enum status resolve(void)
{
	return metering_resolve(aws, "tok", clock_monotonic_ms() + 5000, &who, &answer, &err);
}

static void test_endpoint_and_region_are_told(void **state)
{
	char url[64];

	(void)state;
	make();
	snprintf(url, sizeof url, "http://127.0.0.1:%d/", server->port);
	assert_string_equal(aws_endpoint(aws), url);
	assert_string_equal(aws_region(aws), "eu-west-1");
	assert_int_equal(server->n_connections, 0);
}

static void test_missing_settings_are_named(void **state)
{
	(void)state;
	unsetenv("AWS_REGION");
	check_refused("set AWS_REGION");
	setenv("AWS_REGION", "eu-west-1", 1);
	unsetenv("AWS_SECRET_ACCESS_KEY");
	check_refused("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
	unsetenv("AWS_ACCESS_KEY_ID");
	check_refused("no credentials for AWS");
}

static void test_wrong_settings_are_named(void **state)
{
	static const char *const bad[] = { "0", "-1", "three", "1.5", "101" };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		setenv("AWS_MAX_ATTEMPTS", bad[i], 1);
		check_refused("AWS_MAX_ATTEMPTS is \"");
		check_refused("allowed is a whole number from 1 to 100");
	}
	unsetenv("AWS_MAX_ATTEMPTS");
	setenv("AWS_CA_BUNDLE", "/none.pem", 1);
	check_refused("/none.pem");
	unsetenv("AWS_CA_BUNDLE");
	env_write_profiles(NULL, "[default]\nca_bundle = /none-of-the-profile.pem\n");
	check_refused("/none-of-the-profile.pem");
	env_write_profiles(NULL, "[default]\nmax_attempts = x\n");
	check_refused("max_attempts is \"x\"");
}

static void test_client_needs_a_connection(void **state)
{
	(void)state;
	assert_int_equal(aws_new(0, &aws, &err), ERR_INPUT);
	assert_null(aws);
}

/* Signs what arrived once more and compares. */
static void check_signature(const char *request)
{
	struct sigv4_header headers[4] = {
		{ "content-type", "application/x-amz-json-1.1" },
		{ "host", "" },
		{ "x-amz-date", "" },
		{ "x-amz-target", "AWSMPMeteringService.ResolveCustomer" },
	};
	struct sigv4_request sent = { "POST", "/", "", headers, 4, body, sizeof body - 1 };
	auto_buf expected = BUF_INIT(1000);
	struct sigv4_key key;
	char host[64], time[17];
	struct sigv4_scope scope = { time, "eu-west-1", "aws-marketplace" };

	snprintf(host, sizeof host, "127.0.0.1:%d", server->port);
	snprintf(time, sizeof time, "%s", strstr(request, "x-amz-date: ") + strlen("x-amz-date: "));
	headers[1].value = host;
	headers[2].value = time;
	sigv4_signing_key("the/secret", &scope, &key);
	buf_puts(&expected, "\r\nauthorization: ");
	sigv4_authorization(&expected, &sent, &scope, "AKIDEXAMPLE", &key);
	buf_puts(&expected, "\r\n");
	assert_non_null(strstr(request, buf_text(&expected)));
}

static void test_call_goes_over_the_wire_signed(void **state)
{
	(void)state;
	make();
	server_reply(server, "HTTP/1.1 200 OK\r\nx-amzn-RequestId: id-1\r\nContent-Length: 41\r\n\r\n"
		"{\"ProductCode\":\"prod\",\"LicenseArn\":\"l-1\"}", SERVER_KEEP);
	if (resolve())
		fail_msg("%s", err.text);
	assert_string_equal(who.product_code, "prod");
	assert_string_equal(who.license_arn, "l-1");
	assert_string_equal(answer.request_id, "id-1");
	assert_non_null(strstr(server->requests[0], "\r\n\r\n{\"RegistrationToken\":\"tok\"}"));
	check_signature(server->requests[0]);
}

static void test_answer_cut_short_is_tried_again(void **state)
{
	(void)state;
	make();
	server_reply(server, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"ProductCode\":\"p\"",
		SERVER_CLOSE);
	server_reply(server, "HTTP/1.1 200 OK\r\nContent-Length: 38\r\n\r\n"
		"{\"ProductCode\":\"p\",\"LicenseArn\":\"l-1\"}", SERVER_KEEP);
	if (resolve())
		fail_msg("%s", err.text);
	assert_int_equal(answer.tries, 2);
}

static void test_settings_bound_the_tries(void **state)
{
	(void)state;
	setenv("AWS_MAX_ATTEMPTS", "1", 1);
	make();
	server_reply(server, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", SERVER_KEEP);
	assert_int_equal(resolve(), ERR_RETRY);
	assert_int_equal(answer.tries, 1);
	assert_int_equal(server->n_requests, 1);
}

static void test_silence_of_aws_ends_at_the_deadline(void **state)
{
	int64_t start_ms = clock_monotonic_ms();

	(void)state;
	make();
	server_reply(server, NULL, SERVER_HANG);
	assert_int_equal(metering_resolve(aws, "tok", start_ms + 300, &who, &answer, &err), ERR_RETRY);
	assert_true(clock_monotonic_ms() - start_ms < 1500);
	assert_int_equal(answer.http_status, 0);
}

static void *resolve_often(void *failures)
{
	struct metering_customer other;
	struct aws_answer other_answer;
	struct err other_err;

	for (int i = 0; i < 25; i++)
		if (metering_resolve(aws, "tok", clock_monotonic_ms() + 20000, &other, &other_answer,
				&other_err))
			return failures;
	return NULL;
}

static void test_threads_share_a_client(void **state)
{
	pthread_t threads[4];
	void *failed;
	static int failure;

	(void)state;
	make();
	server_reply(server, "HTTP/1.1 200 OK\r\nContent-Length: 38\r\n\r\n"
		"{\"ProductCode\":\"p\",\"LicenseArn\":\"l-1\"}", SERVER_KEEP);
	for (size_t i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, resolve_often, &failure);
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(server->n_requests, 100);
	assert_true(server->n_connections <= 4);
}

#define CLIENT_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLIENT_TEST(test_endpoint_and_region_are_told),
		CLIENT_TEST(test_missing_settings_are_named),
		CLIENT_TEST(test_wrong_settings_are_named),
		CLIENT_TEST(test_client_needs_a_connection),
		CLIENT_TEST(test_call_goes_over_the_wire_signed),
		CLIENT_TEST(test_answer_cut_short_is_tried_again),
		CLIENT_TEST(test_settings_bound_the_tries),
		CLIENT_TEST(test_silence_of_aws_ends_at_the_deadline),
		CLIENT_TEST(test_threads_share_a_client),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("aws_client", tests, env_make_home, env_remove_home);
}
