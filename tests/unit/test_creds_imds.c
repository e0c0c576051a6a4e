/* The metadata service of EC2, with a stand-in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/creds_imds.h"
#include "base/clock.h"
#include "tests/unit/creds_server.h"

static const char good[] = "{\"Code\":\"Success\",\"LastUpdated\":\"2026-01-31T12:00:00Z\","
	"\"Type\":\"AWS-HMAC\",\"AccessKeyId\":\"ASIAEC2\",\"SecretAccessKey\":\"s/e\",\"Token\":\"t==\","
	"\"Expiration\":\"2100-01-01T00:00:00Z\"}";

static int set_up(void **state)
{
	if (creds_set_up(state))
		return -1;
	unsetenv("AWS_EC2_METADATA_DISABLED");
	return setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server_url("/"), 1);
}

/* A network that is none: what it was asked, and how it fails. */
static struct {
	char url[300];
	int n;
	bool timed_out, sent;
	const char *token; /* what it answers first; NULL: nothing */
} asked;

static enum status note(void *self, const struct http_request *request, struct http_answer *answer,
	struct err *e)
{
	(void)self;
	assert_true(request->link_local && request->timeout_ms <= 1000);
	if (!asked.n++)
		snprintf(asked.url, sizeof asked.url, "%s", request->url);
	if (asked.token && asked.n == 1) {
		answer->status = 200;
		buf_puts(&answer->body, asked.token);
		return OK;
	}
	answer->timed_out = asked.timed_out;
	answer->sent = asked.sent;
	return err_set(e, ERR_RETRY, "silence");
}

static enum status get_noting(void)
{
	struct http noting = { note, NULL };

	asked.n = 0;
	asked.url[0] = '\0';
	return creds_imds.get(&creds_imds, &noting, &creds, &err);
}

static void test_token_then_role_then_credentials(void **state)
{
	(void)state;
	reply(200, "the-token==");
	reply(200, "shop-role");
	reply(200, good);
	must_get(&creds_imds);
	assert_string_equal(creds.access_key_id, "ASIAEC2");
	assert_string_equal(creds.secret_access_key, "s/e");
	assert_string_equal(creds.session_token, "t==");
	assert_true(creds.expires_s == 4102444800 && creds.background);
	assert_string_equal(creds.origin, "role shop-role of this EC2 instance");
	check_request(0, "PUT /latest/api/token HTTP/1.1\r\n");
	check_request(0, "\r\nx-aws-ec2-metadata-token-ttl-seconds: 21600\r\n");
	check_request(1, "GET /latest/meta-data/iam/security-credentials/ HTTP/1.1\r\n");
	check_request(1, "\r\nx-aws-ec2-metadata-token: the-token==\r\n");
	check_request(2, "GET /latest/meta-data/iam/security-credentials/shop-role HTTP/1.1\r\n");
	check_request(2, "\r\nx-aws-ec2-metadata-token: the-token==\r\n");
	assert_int_equal(server->n_requests, 3);
}

static void test_role_s_name_cannot_change_the_path(void **state)
{
	(void)state;
	reply(200, "tok");
	reply(200, "a@b/../c?d\nsecond-line");
	reply(200, good);
	must_get(&creds_imds);
	check_request(2, "GET /latest/meta-data/iam/security-credentials/a%40b%2F..%2Fc%3Fd HTTP/1.1");
}

static void test_version_1_where_there_is_no_token(void **state)
{
	static const int without[] = { 403, 404, 405 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		server_forget();
		reply(without[i], "");
		reply(200, "role");
		reply(200, good);
		must_get(&creds_imds);
		assert_string_equal(creds.origin, "role role of this EC2 instance, by IMDSv1");
		check_no_request(1, "metadata-token");
		check_no_request(2, "metadata-token");
	}
}

static void test_version_1_can_be_ruled_out(void **state)
{
	(void)state;
	setenv("AWS_EC2_METADATA_V1_DISABLED", "true", 1);
	reply(404, "");
	assert_int_equal(get(&creds_imds), ERR_REMOTE);
	check_text("gives no token (HTTP 404), and AWS_EC2_METADATA_V1_DISABLED is true");
	assert_int_equal(server->n_requests, 1);
	asked.timed_out = asked.sent = true;
	assert_int_equal(get_noting(), ERR_RETRY);
	check_text("hop limit");
	assert_int_equal(asked.n, 1);
	unsetenv("AWS_EC2_METADATA_V1_DISABLED");
	env_write_profiles(NULL, "[default]\nec2_metadata_v1_disabled = true\n");
	server_forget();
	reply(403, "");
	assert_int_equal(get(&creds_imds), ERR_REMOTE);
	setenv("AWS_EC2_METADATA_V1_DISABLED", "yes", 1);
	assert_int_equal(get(&creds_imds), ERR_INPUT);
	check_text("is \"yes\"; allowed is true or false");
}

/* An answer to PUT that needs too many hops is lost; the rest is not. */
static void test_lost_token_leads_to_version_1_and_silence_does_not(void **state)
{
	(void)state;
	asked.timed_out = asked.sent = true;
	assert_int_equal(get_noting(), ERR_RETRY);
	assert_int_equal(asked.n, 2);
	asked.sent = false;
	assert_int_equal(get_noting(), ERR_RETRY);
	assert_int_equal(asked.n, 1);
}

static void test_silence_is_missing_where_nothing_says_ec2(void **state)
{
	bool ec2 = creds_imds_is_ec2("/sys/class/dmi/id/sys_vendor", "/sys/hypervisor/uuid");

	(void)state;
	asked.timed_out = asked.sent = false;
	assert_int_equal(get_noting(), ERR_RETRY); /* the setting says so */
	check_text("the metadata service of EC2: silence");
	unsetenv("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	assert_int_equal(get_noting(), ec2 ? ERR_RETRY : ERR_MISSING);
	assert_string_equal(asked.url, "http://169.254.169.254/latest/api/token");
}

static void test_ec2_is_told_by_what_the_machine_says(void **state)
{
	char other[512];

	(void)state;
	snprintf(other, sizeof other, "%s", env_path("none"));
	assert_true(creds_imds_is_ec2(env_write("token", "Amazon EC2\n"), other));
	assert_true(creds_imds_is_ec2(other, env_write("token", "ec2e1916-9099-7caf\n")));
	assert_false(creds_imds_is_ec2(env_write("token", "QEMU\n"), other));
	assert_false(creds_imds_is_ec2(other, env_write("token", "")));
	assert_false(creds_imds_is_ec2(other, other));
	unlink(env_path("token"));
}

static void test_who_answered_once_is_there(void **state)
{
	(void)state;
	unsetenv("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	asked.token = "tok";
	assert_int_equal(get_noting(), ERR_RETRY);
	check_text("the metadata service of EC2: silence");
	assert_int_equal(asked.n, 2);
	asked.token = NULL;
}

static void test_service_can_be_turned_off(void **state)
{
	(void)state;
	setenv("AWS_EC2_METADATA_DISABLED", "TRUE", 1);
	assert_int_equal(get(&creds_imds), ERR_MISSING);
	assert_int_equal(server->n_requests, 0);
	setenv("AWS_EC2_METADATA_DISABLED", "false", 1);
	reply(400, "");
	assert_int_equal(get(&creds_imds), ERR_REMOTE);
	assert_int_equal(server->n_requests, 1);
}

static void test_endpoint_and_its_mode_are_settings(void **state)
{
	(void)state;
	unsetenv("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6", 1);
	assert_int_equal(get_noting(), ERR_RETRY);
	assert_string_equal(asked.url, "http://[fd00:ec2::254]/latest/api/token");
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv4", 1);
	assert_int_equal(get_noting(), ERR_RETRY);
	assert_string_equal(asked.url, "http://169.254.169.254/latest/api/token");
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "7", 1);
	assert_int_equal(get_noting(), ERR_INPUT);
	check_text("MODE is \"7\"; allowed is IPv4 or IPv6");
	unsetenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
	env_write_profiles(NULL, "[default]\nec2_metadata_service_endpoint = http://127.0.0.1:9\n"
		"ec2_metadata_service_endpoint_mode = IPv6\n");
	assert_int_equal(get_noting(), ERR_RETRY);
	assert_string_equal(asked.url, "http://127.0.0.1:9/latest/api/token");
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://10.0.0.1", 1);
	assert_int_equal(get_noting(), ERR_INPUT);
	check_text("plain http is allowed to this machine and to link-local addresses only");
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1/path", 1);
	assert_int_equal(get_noting(), ERR_INPUT);
	check_text("AWS_EC2_METADATA_SERVICE_ENDPOINT is not an address");
	assert_int_equal(asked.n, 0);
}

static void test_token_that_is_over_is_replaced_once(void **state)
{
	(void)state;
	reply(200, "old");
	reply(401, "");
	reply(200, "new");
	reply(200, "role");
	reply(200, good);
	must_get(&creds_imds);
	check_request(2, "PUT ");
	check_request(3, "x-aws-ec2-metadata-token: new\r\n");
	check_request(4, "x-aws-ec2-metadata-token: new\r\n");
	server_forget();
	reply(200, "old");
	reply(401, "");
	reply(200, "new");
	reply(401, "");
	assert_int_equal(get(&creds_imds), ERR_REMOTE);
	check_text("for the name of the role with HTTP 401");
	assert_int_equal(server->n_requests, 4);
}

static void test_errors_of_the_service_are_told_apart(void **state)
{
	(void)state;
	reply(400, "");
	assert_int_equal(get(&creds_imds), ERR_REMOTE);
	check_text("for a token with HTTP 400");
	server_forget();
	reply(500, "");
	assert_int_equal(get(&creds_imds), ERR_RETRY);
	server_forget();
	reply(200, "tok");
	reply(404, "");
	assert_int_equal(get(&creds_imds), ERR_MISSING);
	check_text("this EC2 instance has no IAM role");
	server_forget();
	reply(200, "tok");
	reply(200, "role");
	reply(503, "");
	assert_int_equal(get(&creds_imds), ERR_RETRY);
	check_text("for credentials with HTTP 503");
}

static void test_code_has_to_be_success(void **state)
{
	(void)state;
	reply(200, "tok");
	reply(200, "role");
	reply(200, "{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"m\"}");
	assert_int_equal(get(&creds_imds), ERR_REMOTE);
	check_text("Code is AssumeRoleUnauthorizedAccess");
}

static void test_answers_that_are_none_are_refused(void **state)
{
	static const struct {
		const char *token, *role, *creds;
	} bad[] = {
		{ "", "role", good }, { "a b", "role", good }, { "tok", "", good }, { "tok", "a b", good },
		{ "tok", "role-of-a-name-that-is-over-sixty-four-characters-long-as-none-can-be", good },
		{ "tok", "role", "" }, { "tok", "role", "[]" },
		{ "tok", "role", "{\"Code\":\"Success\",\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\","
			"\"Token\":\"t\"}" },
		{ "tok", "role", "{\"Code\":\"Success\",\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\","
			"\"Expiration\":\"2100-01-01T00:00:00Z\"}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		server_forget();
		reply(200, bad[i].token);
		reply(200, bad[i].role);
		reply(200, bad[i].creds);
		if (get(&creds_imds) != ERR_RETRY)
			fail_msg("answer %zu is taken: %s", i, err.text);
	}
}

static void test_credentials_that_are_over_are_used_for_some_minutes(void **state)
{
	int64_t before_s = clock_epoch_ms() / 1000;

	(void)state;
	reply(200, "tok");
	reply(200, "role");
	reply(200, "{\"Code\":\"Success\",\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\","
		"\"Token\":\"t\",\"Expiration\":\"2020-01-01T00:00:00Z\"}");
	assert_int_equal(get(&creds_imds), OK);
	assert_in_range(creds.expires_s - before_s, 10 * 60, 20 * 60);
}

static void test_proxy_is_not_asked(void **state)
{
	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	reply(200, "tok");
	reply(200, "role");
	reply(200, good);
	must_get(&creds_imds);
	unsetenv("http_proxy");
}

static void test_who_must_not_wait_is_told_at_once(void **state)
{
	(void)state;
	assert_int_equal(creds_imds.get(&creds_imds, NULL, &creds, &err), ERR_RETRY);
	assert_int_equal(server->n_requests, 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, creds_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_token_then_role_then_credentials),
		TEST(test_role_s_name_cannot_change_the_path),
		TEST(test_version_1_where_there_is_no_token),
		TEST(test_version_1_can_be_ruled_out),
		TEST(test_lost_token_leads_to_version_1_and_silence_does_not),
		TEST(test_silence_is_missing_where_nothing_says_ec2),
		TEST(test_ec2_is_told_by_what_the_machine_says),
		TEST(test_who_answered_once_is_there),
		TEST(test_service_can_be_turned_off),
		TEST(test_endpoint_and_its_mode_are_settings),
		TEST(test_token_that_is_over_is_replaced_once),
		TEST(test_errors_of_the_service_are_told_apart),
		TEST(test_code_has_to_be_success),
		TEST(test_answers_that_are_none_are_refused),
		TEST(test_credentials_that_are_over_are_used_for_some_minutes),
		TEST(test_proxy_is_not_asked),
		TEST(test_who_must_not_wait_is_told_at_once),
	};

	return CREDS_RUN("creds_imds", tests);
}
