/* STS: what is asked, what is made of its answers, and what is tried again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/sigv4.h"
#include "aws/sts.h"
#include "aws/sts_answer.h"
#include "base/clock.h"
#include "tests/unit/sts_stand_in.h"

static const char arn[] = "arn:aws:iam::123456789012:role/seller+1";

static struct endpoint endpoint;
static struct sts sts;

static int set_up(void **state)
{
	if (sts_set_up(state) || creds_set(&creds, "AKIDBASE", "base-secret", "base-token/+=", &err))
		return -1;
	endpoint = (struct endpoint){ .region = "eu-west-1" };
	snprintf(endpoint.host, sizeof endpoint.host, "127.0.0.1:%d", server->port);
	snprintf(endpoint.url, sizeof endpoint.url, "%s", server_url("/"));
	sts = (struct sts){ &http, &endpoint, clock_monotonic_ms() + 5000, ERROR_NONE };
	return 0;
}

static enum status assume(void)
{
	const struct sts_role role = { .role_arn = arn };

	return sts_assume_role(&sts, &role, &creds, &err);
}

static enum status assume_with_token(const char *token)
{
	const struct sts_role role = { .role_arn = arn };

	return sts_assume_role_with_token(&sts, &role, token, &creds, &err);
}

static void test_role_s_credentials_replace_those_that_asked(void **state)
{
	(void)state;
	sts_reply("AssumeRole", "ASIAROLE");
	if (assume())
		fail_msg("%s", err.text);
	assert_string_equal(creds.access_key_id, "ASIAROLE");
	assert_string_equal(creds.secret_access_key, "secret-of-ASIAROLE");
	assert_string_equal(creds.session_token, "token-of-ASIAROLE/+==");
	assert_true(creds.expires_s == STS_EXPIRES_S);
	assert_true(creds.background);
	assert_int_equal(creds.reread_s, 0);
}

static void test_form_has_the_members_of_the_reference(void **state)
{
	const struct sts_role role = { arn, "the=name@x", "id:/1", 900 };

	(void)state;
	sts_reply("AssumeRole", "ASIAROLE");
	assert_int_equal(sts_assume_role(&sts, &role, &creds, &err), OK);
	check_request(0, "POST / HTTP/1.1\r\n");
	check_request(0, "content-type: application/x-www-form-urlencoded; charset=utf-8\r\n");
	check_request(0, "\r\n\r\nAction=AssumeRole&Version=2011-06-15"
		"&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fseller%2B1"
		"&RoleSessionName=the%3Dname%40x&ExternalId=id%3A%2F1&DurationSeconds=900");
}

static void test_what_is_not_said_is_not_sent(void **state)
{
	(void)state;
	sts_reply("AssumeRole", "ASIAROLE");
	assert_int_equal(assume(), OK);
	check_request(0, "&RoleSessionName=tollgate");
	check_no_request(0, "ExternalId");
	check_no_request(0, "DurationSeconds");
}

/* Signs what arrived once more and compares. */
static void test_request_is_signed_for_sts(void **state)
{
	struct sigv4_header headers[4] = { { "content-type",
		"application/x-www-form-urlencoded; charset=utf-8" }, { "host", endpoint.host },
		{ "x-amz-date", "" }, { "x-amz-security-token", "base-token/+=" } };
	struct sigv4_request sent = { "POST", "/", "", headers, 4, NULL, 0 };
	auto_buf expected = BUF_INIT(1000);
	struct sigv4_key key;
	char time[17];
	struct sigv4_scope scope = { time, "eu-west-1", "sts" };
	const char *request = server->requests[0];

	(void)state;
	sts_reply("AssumeRole", "ASIAROLE");
	assert_int_equal(assume(), OK);
	snprintf(time, sizeof time, "%s", strstr(request, "x-amz-date: ") + strlen("x-amz-date: "));
	headers[2].value = time;
	sent.body = strstr(request, "\r\n\r\n") + 4;
	sent.body_len = strlen(sent.body);
	sigv4_signing_key("base-secret", &scope, &key);
	buf_puts(&expected, "\r\nauthorization: ");
	sigv4_authorization(&expected, &sent, &scope, "AKIDBASE", &key);
	buf_puts(&expected, "\r\n");
	check_request(0, buf_text(&expected));
	check_request(0, "\r\nx-amz-security-token: base-token/+=\r\n");
}

static void test_web_identity_is_not_signed(void **state)
{
	(void)state;
	sts_reply("AssumeRoleWithWebIdentity", "ASIAWEB");
	if (assume_with_token("ey.J+/="))
		fail_msg("%s", err.text);
	assert_string_equal(creds.access_key_id, "ASIAWEB");
	check_request(0, "Action=AssumeRoleWithWebIdentity&");
	check_request(0, "&WebIdentityToken=ey.J%2B%2F%3D");
	check_no_request(0, "uthorization");
	check_no_request(0, "x-amz-");
}

static void test_web_identity_token_of_another_length_is_not_sent(void **state)
{
	static char token[STS_TOKEN_MAX + 2];

	(void)state;
	memset(token, 't', STS_TOKEN_MAX + 1);
	assert_int_equal(assume_with_token(token), ERR_INPUT);
	check_text("4 to 20000 characters");
	assert_int_equal(assume_with_token("abc"), ERR_INPUT);
	assert_int_equal(server->n_requests, 0);
}

static void test_role_s_texts_are_checked_before_anything_is_sent(void **state)
{
	static const struct {
		struct sts_role role;
		const char *why;
	} bad[] = {
		{ { .role_arn = "seller" }, "\"seller\" is not a role's ARN" },
		{ { .role_arn = "arn:aws:iam::123456789012:role/a b" }, "is not a role's ARN" },
		{ { .role_arn = "urn:aws:iam::123456789012:role/a" }, "is not a role's ARN" },
		{ { .role_arn = arn, .session_name = "x" }, "session name is \"x\"" },
		{ { .role_arn = arn, .session_name = "a/b" }, "session name is \"a/b\"" },
		{ { .role_arn = arn, .external_id = "1" }, "external id is wrong" },
		{ { .role_arn = arn, .external_id = "a&b" }, "external id is wrong" },
		{ { .role_arn = arn, .duration_s = 899 }, "duration is 899 s; allowed is 900 to 43200" },
		{ { .role_arn = arn, .duration_s = 43201 }, "duration is 43201 s" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(sts_assume_role(&sts, &bad[i].role, &creds, &err), ERR_INPUT);
		check_text(bad[i].why);
	}
	assert_int_equal(server->n_requests, 0);
	assert_string_equal(creds.access_key_id, "AKIDBASE");
}

static void test_refusal_is_told_with_message_and_advice(void **state)
{
	(void)state;
	sts_reply_error(403, "AccessDenied", "User: arn:aws:iam::1:user/x is not &quot;authorized&quot;");
	assert_int_equal(assume(), ERR_REMOTE);
	assert_int_equal(sts.class, ERROR_SETTING);
	check_text("AssumeRole at 127.0.0.1:");
	check_text("AccessDenied (HTTP 403): User: arn:aws:iam::1:user/x is not \"authorized\". Allow "
			   "sts:AssumeRole");
	assert_int_equal(server->n_requests, 1);
	assert_string_equal(creds.access_key_id, "AKIDBASE");
}

static void test_refused_key_says_so_without_the_message(void **state)
{
	(void)state;
	sts_reply_error(403, "SignatureDoesNotMatch", "The Canonical String should have been");
	assert_int_equal(assume(), ERR_REMOTE);
	assert_int_equal(sts.class, ERROR_AUTH);
	check_text("SignatureDoesNotMatch (HTTP 403). Check these credentials");
	assert_null(strstr(err.text, "Canonical"));
}

static void test_web_identity_token_that_is_over_is_refused(void **state)
{
	(void)state;
	sts_reply_error(400, "ExpiredTokenException", "Token expired: current date/time");
	assert_int_equal(assume_with_token("some-token"), ERR_REMOTE);
	check_text("ExpiredTokenException (HTTP 400): Token expired");
	check_text("identity provider");
}

static void test_no_text_repeats_a_secret(void **state)
{
	(void)state;
	sts_reply_error(400, "InvalidIdentityToken", "The token is secret-of-the-pod, and bad");
	assert_int_equal(assume_with_token("secret-of-the-pod"), ERR_REMOTE);
	check_text("InvalidIdentityToken (HTTP 400). ");
	assert_null(strstr(err.text, "secret-of"));
	server_forget();
	sts_reply_error(403, "AccessDenied", "token base-token/+= is bad");
	assert_int_equal(assume(), ERR_REMOTE);
	assert_null(strstr(err.text, "base-tok"));
}

static void test_what_passes_is_tried_again(void **state)
{
	static const struct {
		int status;
		const char *code;
	} passing[] = { { 400, "Throttling" }, { 400, "ThrottlingException" }, { 500, "InternalFailure" },
		{ 503, "ServiceUnavailable" }, { 400, "IDPCommunicationError" }, { 502, "Odd" } };

	(void)state;
	for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++) {
		server_forget();
		sts_reply_error(passing[i].status, passing[i].code, "");
		sts_reply("AssumeRoleWithWebIdentity", "ASIAWEB");
		if (assume_with_token("token"))
			fail_msg("%s: %s", passing[i].code, err.text);
		assert_int_equal(server->n_requests, 2);
	}
}

static void test_third_failure_is_the_last(void **state)
{
	(void)state;
	reply(503, "<html><body>busy<br></body></html>");
	assert_int_equal(assume(), ERR_RETRY);
	check_text("an error without AWS's name (HTTP 503)");
	assert_int_equal(server->n_requests, 3);
	assert_string_equal(creds.access_key_id, "AKIDBASE");
}

static void test_deadline_holds_for_all_tries(void **state)
{
	int64_t begun_ms = clock_monotonic_ms();

	(void)state;
	sts.deadline_ms = begun_ms + 60;
	server_reply(server, NULL, SERVER_HANG);
	assert_int_equal(assume(), ERR_RETRY);
	assert_true(clock_monotonic_ms() - begun_ms < 1000);
	sts.deadline_ms = clock_monotonic_ms();
	assert_int_equal(assume(), ERR_RETRY);
	check_text("the time for it was over before it began");
}

static void test_answers_that_are_none_are_told_from_refusals(void **state)
{
	static const char *const bad[] = {
		"", "{}", "<html></html>", "<AssumeRoleResponse></AssumeRoleResponse>",
		"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId>"
		"<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken></Credentials>"
		"</AssumeRoleResult></AssumeRoleResponse>",
		"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId>"
		"<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>soon"
		"</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
		"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId>"
		"<SecretAccessKey>s</SecretAccessKey><SessionToken></SessionToken><Expiration>"
		"2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
		"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A B</AccessKeyId>"
		"<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>"
		"2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
		"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A&nbsp;</AccessKeyId>"
		"<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>"
		"2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		server_forget();
		reply(200, bad[i]);
		if (assume() != ERR_RETRY)
			fail_msg("taken for credentials: %s", bad[i]);
		check_text("AssumeRole");
	}
}

static void test_answers_are_bounded(void **state)
{
	static char body[30 * 1024];

	(void)state;
	/* A session token over the most that is kept, below the most that is read. */
	snprintf(body, sizeof body, "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A"
		"</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>%*s</SessionToken>"
		"<Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>"
		"</AssumeRoleResponse>", CREDS_TOKEN_MAX + 1, "t");
	reply(200, body);
	assert_int_equal(assume(), ERR_RETRY);
	check_text("SessionToken is too long");
	server_forget();
	server_reply(server, "HTTP/1.1 200 X\r\nContent-Length: 99999999\r\n\r\n<a>", SERVER_CLOSE);
	assert_int_equal(assume(), ERR_RETRY);
}

static void test_clock_that_is_wrong_is_set_by_sts_s(void **state)
{
	char date[100];
	time_t then = (time_t)(clock_epoch_ms() / 1000 + 3600);
	struct tm utc;

	(void)state;
	gmtime_r(&then, &utc);
	strftime(date, sizeof date, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
	reply_with(403, date, "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error>"
		"</ErrorResponse>");
	sts_reply("AssumeRole", "ASIAROLE");
	if (assume())
		fail_msg("%s", err.text);
	strftime(date, sizeof date, "x-amz-date: %Y%m%dT%H", &utc);
	check_request(1, date);
	/* Once only. */
	server_forget();
	strftime(date, sizeof date, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
	reply_with(403, date, "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error>"
		"</ErrorResponse>");
	assert_int_equal(assume(), ERR_REMOTE);
	assert_true(server->n_requests <= 2);
}

static void test_caller_is_told(void **state)
{
	char account[AWS_ACCOUNT_MAX + 1], who[AWS_ARN_MAX + 1];

	(void)state;
	reply(200, "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:"
		"user/x</Arn><UserId>U</UserId><Account>123456789012</Account></GetCallerIdentityResult>"
		"</GetCallerIdentityResponse>");
	assert_int_equal(sts_get_caller_identity(&sts, &creds, account, who, &err), OK);
	assert_string_equal(account, "123456789012");
	assert_string_equal(who, "arn:aws:iam::123456789012:user/x");
	check_request(0, "\r\n\r\nAction=GetCallerIdentity&Version=2011-06-15");
	server_forget();
	sts_reply_error(403, "InvalidClientTokenId", "The security token is invalid");
	assert_int_equal(sts_get_caller_identity(&sts, &creds, account, who, &err), ERR_REMOTE);
	check_text("GetCallerIdentity at ");
}

static void test_caller_that_cannot_be_is_refused(void **state)
{
	static const char *const bad[] = {
		"<Arn>arn:x</Arn><Account>12x</Account>", "<Arn>arn:x</Arn><Account></Account>",
		"<Arn>arn:x</Arn><Account>1234567890123</Account>", "<Arn>arn:x</Arn>",
		"<Arn>arn:\nx</Arn><Account>123456789012</Account>",
	};
	char account[AWS_ACCOUNT_MAX + 1], who[AWS_ARN_MAX + 1], body[300];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		int len = snprintf(body, sizeof body, "<GetCallerIdentityResponse><GetCallerIdentityResult>"
			"%s</GetCallerIdentityResult></GetCallerIdentityResponse>", bad[i]);

		assert_int_equal(sts_read_caller(body, (size_t)len, account, who, &err), ERR_RETRY);
	}
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, creds_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_role_s_credentials_replace_those_that_asked),
		TEST(test_form_has_the_members_of_the_reference),
		TEST(test_what_is_not_said_is_not_sent),
		TEST(test_request_is_signed_for_sts),
		TEST(test_web_identity_is_not_signed),
		TEST(test_web_identity_token_of_another_length_is_not_sent),
		TEST(test_role_s_texts_are_checked_before_anything_is_sent),
		TEST(test_refusal_is_told_with_message_and_advice),
		TEST(test_refused_key_says_so_without_the_message),
		TEST(test_web_identity_token_that_is_over_is_refused),
		TEST(test_no_text_repeats_a_secret),
		TEST(test_what_passes_is_tried_again),
		TEST(test_third_failure_is_the_last),
		TEST(test_deadline_holds_for_all_tries),
		TEST(test_answers_that_are_none_are_told_from_refusals),
		TEST(test_answers_are_bounded),
		TEST(test_clock_that_is_wrong_is_set_by_sts_s),
		TEST(test_caller_is_told),
		TEST(test_caller_that_cannot_be_is_refused),
	};

	return CREDS_RUN("sts", tests);
}
