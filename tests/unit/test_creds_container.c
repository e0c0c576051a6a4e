/* The endpoint that ECS and EKS give a container. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/creds_server.h"

static const char good[] = "{\"AccessKeyId\":\"ASIATASK\",\"SecretAccessKey\":\"s/e\","
	"\"Token\":\"t==\",\"Expiration\":\"2100-01-01T00:00:00Z\",\"AccountId\":\"1\",\"RoleArn\":\"r\"}";

/* What a network that is none was asked. */
static char asked[300];

static enum status note(void *self, const struct http_request *request, struct http_answer *answer,
	struct err *e)
{
	(void)self;
	assert_true(request->link_local);
	snprintf(asked, sizeof asked, "%s", request->url);
	answer->status = 200;
	buf_puts(&answer->body, good);
	(void)e;
	return OK;
}

static enum status get_noting(void)
{
	struct http noting = { note, NULL };

	asked[0] = '\0';
	return creds_container.get(&creds_container, &noting, &creds, &err);
}

static void use_server(void)
{
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", server_url("/v1/creds?id=7"), 1);
}

static void test_no_address_is_missing(void **state)
{
	(void)state;
	assert_int_equal(get(&creds_container), ERR_MISSING);
}

static void test_endpoint_gives_credentials(void **state)
{
	(void)state;
	use_server();
	reply(200, good);
	must_get(&creds_container);
	assert_string_equal(creds.access_key_id, "ASIATASK");
	assert_string_equal(creds.secret_access_key, "s/e");
	assert_string_equal(creds.session_token, "t==");
	assert_true(creds.expires_s == 4102444800);
	assert_true(creds.background);
	assert_string_equal(creds.origin, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
	check_request(0, "GET /v1/creds?id=7 HTTP/1.1\r\n");
	check_no_request(0, "uthorization");
}

static void test_relative_address_is_below_that_of_ecs_and_wins(void **state)
{
	(void)state;
	use_server();
	setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/id", 1);
	assert_int_equal(get_noting(), OK);
	assert_string_equal(asked, "http://169.254.170.2/v2/credentials/id");
	assert_string_equal(creds.origin, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@evil.example/", 1);
	assert_int_equal(get_noting(), ERR_INPUT);
	check_text("does not begin with a slash");
	assert_string_equal(asked, "");
}

static void test_hosts_are_those_of_the_sdks(void **state)
{
	static const char *const good_hosts[] = { "http://169.254.170.2/x", "http://169.254.170.23/x",
		"http://[fd00:ec2::23]/x", "http://localhost:1/x", "http://127.0.0.1/x", "http://127.9.9.9",
		"http://[::1]:8/x", "https://anywhere.example/x", "https://10.0.0.1:8443/x?y=z" };
	static const char *const bad_hosts[] = { "http://10.0.0.1/x", "http://169.254.169.254/x",
		"http://169.254.170.3/x", "http://[fd00:ec2::254]/x", "http://[fe80::1]/x",
		"http://example.com/x", "http://localhost.example/x", "http://169.254.170.2.example/x" };
	static const char *const none[] = { "169.254.170.2/x", "ftp://localhost/x", "http://", "/x",
		"http://user:pw@localhost/x", "http://localhost/a b", "http://localhost/\r\nX: y",
		"http://localhost:0/x", "https://a/\xc3\xa4" };

	(void)state;
	for (size_t i = 0; i < sizeof good_hosts / sizeof good_hosts[0]; i++) {
		setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", good_hosts[i], 1);
		if (get_noting())
			fail_msg("%s: %s", good_hosts[i], err.text);
		assert_string_equal(asked, good_hosts[i]);
	}
	for (size_t i = 0; i < sizeof bad_hosts / sizeof bad_hosts[0]; i++) {
		setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", bad_hosts[i], 1);
		assert_int_equal(get_noting(), ERR_INPUT);
		check_text("plain http is allowed to this machine and");
		assert_string_equal(asked, "");
	}
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", none[i], 1);
		assert_int_equal(get_noting(), ERR_INPUT);
		check_text("AWS_CONTAINER_CREDENTIALS_FULL_URI ");
		assert_null(strstr(err.text, "pw"));
		assert_string_equal(asked, "");
	}
}

static void test_token_of_the_file_goes_first_and_is_read_each_time(void **state)
{
	(void)state;
	use_server();
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic of-variable", 1);
	reply(200, good);
	must_get(&creds_container);
	check_request(0, "\r\nauthorization: Basic of-variable\r\n");
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", env_write("token", "one"), 1);
	must_get(&creds_container);
	check_request(1, "\r\nauthorization: one\r\n");
	env_write("token", "two");
	must_get(&creds_container);
	check_request(2, "\r\nauthorization: two\r\n");
	unlink(env_path("token"));
	assert_int_equal(get(&creds_container), ERR_LOCAL);
	check_text("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: cannot open");
	assert_int_equal(server->n_requests, 3);
}

static void test_token_cannot_bring_a_header_of_its_own(void **state)
{
	static const char *const bad[] = { "a\r\nX-Evil: 1", "a\nb", "a\r", "a\n", "a\x01", "a\x7f" };

	(void)state;
	use_server();
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		unsetenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
		setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", bad[i], 1);
		assert_int_equal(get(&creds_container), ERR_INPUT);
		check_text("AWS_CONTAINER_AUTHORIZATION_TOKEN holds a line's end");
		setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", env_write("token", bad[i]), 1);
		assert_int_equal(get(&creds_container), ERR_INPUT);
		check_text("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE holds a line's end");
	}
	assert_int_equal(server->n_requests, 0);
	unlink(env_path("token"));
}

static void test_token_is_bounded(void **state)
{
	static char token[17 * 1024];

	(void)state;
	use_server();
	memset(token, 't', sizeof token - 1);
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", token, 1);
	assert_int_equal(get(&creds_container), ERR_INPUT);
	check_text("is over 16384 bytes long");
}

static void test_server_that_is_busy_is_asked_three_times(void **state)
{
	(void)state;
	use_server();
	reply(500, "");
	reply(429, "");
	reply(200, good);
	must_get(&creds_container);
	assert_int_equal(server->n_requests, 3);
	server_forget();
	reply(503, good);
	assert_int_equal(get(&creds_container), ERR_RETRY);
	check_text("it answers with HTTP 503");
	assert_int_equal(server->n_requests, 3);
}

static void test_refusal_is_not_asked_again_and_its_body_not_told(void **state)
{
	(void)state;
	use_server();
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "the-token", 1);
	reply(403, "the-token is bad");
	assert_int_equal(get(&creds_container), ERR_REMOTE);
	check_text("AWS_CONTAINER_CREDENTIALS_FULL_URI: it answers with HTTP 403");
	assert_null(strstr(err.text, "the-token"));
	assert_int_equal(server->n_requests, 1);
}

static void test_nobody_there_is_away_and_not_missing(void **state)
{
	(void)state;
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/x", 1);
	assert_int_equal(creds_chain_get(creds_sources, &http, &creds, &err), ERR_RETRY);
	check_text("credentials from the container: AWS_CONTAINER_CREDENTIALS_FULL_URI: no whole answer");
}

static void test_answers_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = { "", "[]", "<html>", "{\"AccessKeyId\":\"A\"",
		"{\"AccessKeyId\":\"A\",\"Token\":\"t\"}", "{\"SecretAccessKey\":\"s\"}",
		"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\",\"Expiration\":\"never\"}",
		"{\"AccessKeyId\":\"A\\nB\",\"SecretAccessKey\":\"s\"}",
		"{\"AccessKeyId\":\"A\\u0000B\",\"SecretAccessKey\":\"s\"}",
		"{\"AccessKeyId\":[\"A\"],\"SecretAccessKey\":\"s\"}" };

	(void)state;
	use_server();
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		server_forget();
		reply(200, bad[i]);
		if (get(&creds_container) != ERR_RETRY)
			fail_msg("taken for credentials: %s", bad[i]);
	}
}

static void test_answers_are_bounded(void **state)
{
	(void)state;
	use_server();
	server_reply(server, "HTTP/1.1 200 X\r\nContent-Length: 999999\r\n\r\n", SERVER_CLOSE);
	assert_int_equal(get(&creds_container), ERR_RETRY);
}

static void test_who_must_not_wait_is_told_at_once(void **state)
{
	(void)state;
	use_server();
	assert_int_equal(creds_container.get(&creds_container, NULL, &creds, &err), ERR_RETRY);
	check_text("has to be waited for");
	assert_int_equal(server->n_requests, 0);
}

/* Its address would be asked for by the proxy, as seen from there. */
static void test_proxy_is_not_asked(void **state)
{
	(void)state;
	use_server();
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	reply(200, good);
	must_get(&creds_container);
	unsetenv("http_proxy");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CREDS_TEST(test_no_address_is_missing),
		CREDS_TEST(test_endpoint_gives_credentials),
		CREDS_TEST(test_relative_address_is_below_that_of_ecs_and_wins),
		CREDS_TEST(test_hosts_are_those_of_the_sdks),
		CREDS_TEST(test_token_of_the_file_goes_first_and_is_read_each_time),
		CREDS_TEST(test_token_cannot_bring_a_header_of_its_own),
		CREDS_TEST(test_token_is_bounded),
		CREDS_TEST(test_server_that_is_busy_is_asked_three_times),
		CREDS_TEST(test_refusal_is_not_asked_again_and_its_body_not_told),
		CREDS_TEST(test_nobody_there_is_away_and_not_missing),
		CREDS_TEST(test_answers_that_are_none_are_refused),
		CREDS_TEST(test_answers_are_bounded),
		CREDS_TEST(test_who_must_not_wait_is_told_at_once),
		CREDS_TEST(test_proxy_is_not_asked),
	};

	return CREDS_RUN("creds_container", tests);
}
