/* A call over all its tries: what is sent, classes of errors, retries, the deadline. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/aws_fake.h"

#include "aws/hash.h"

static void test_request_has_the_headers_of_the_protocol(void **state)
{
	(void)state;
	fake_add_good();
	assert_int_equal(fake_resolve(), OK);
	assert_string_equal(fake.sent[0].url, "https://metering.marketplace.eu-west-1.amazonaws.com/");
	assert_string_equal(fake_sent_header(0, "host"),
		"metering.marketplace.eu-west-1.amazonaws.com");
	assert_string_equal(fake_sent_header(0, "content-type"), "application/x-amz-json-1.1");
	assert_string_equal(fake_sent_header(0, "x-amz-target"),
		"AWSMPMeteringService.ResolveCustomer");
	assert_string_equal(fake_sent_header(0, "x-amz-date"), "20260131T120000Z");
	assert_null(fake_sent_header(0, "x-amz-security-token"));
	assert_int_equal(fake.sent[0].timeout_ms, 8000);
}

/* The constants are botocore's, for the same time, key and body. */
static void test_signature_is_botocore_s(void **state)
{
	(void)state;
	fake_add_good();
	assert_int_equal(fake_resolve_token("abc+/=%"), OK);
	assert_string_equal(fake_sent_header(0, "authorization"),
		"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260131/eu-west-1/aws-marketplace/aws4_request, "
		"SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
		"Signature=37165240598eeedebca35514ca7c2b956729baa13c452a2c14e2144c81fcb8b5");
}

static void test_session_token_is_sent_and_signed(void **state)
{
	(void)state;
	aws_free(aws);
	strcpy(fake.creds.session_token, "IQoJb3JpZ2luX2VjE+/token==");
	assert_int_equal(fake_new(3, &aws, &err), OK);
	fake_add_good();
	assert_int_equal(fake_resolve_token("abc+/=%"), OK);
	assert_string_equal(fake_sent_header(0, "x-amz-security-token"),
		"IQoJb3JpZ2luX2VjE+/token==");
	assert_string_equal(fake_sent_signature(0),
		"b5b82652d5b1d2bc77d5b0e4f1e48115f9fad1843fac4eb0bce82cef71007d90");
}

static void test_longest_session_token_is_sent_whole(void **state)
{
	(void)state;
	aws_free(aws);
	memset(fake.creds.session_token, 'x', CREDS_TOKEN_MAX);
	assert_int_equal(fake_new(3, &aws, &err), OK);
	fake_add_good();
	assert_int_equal(fake_resolve(), OK);
	assert_int_equal(strlen(fake_sent_header(0, "x-amz-security-token")), CREDS_TOKEN_MAX);
	assert_int_equal(strlen(fake_sent_signature(0)), 64);
}

static void test_key_of_the_day_changes_at_midnight(void **state)
{
	(void)state;
	fake_add_good();
	fake.epoch_ms += (int64_t)12 * 3600 * 1000 - 1;
	assert_int_equal(fake_resolve(), OK);
	assert_non_null(strstr(fake_sent_header(0, "authorization"), "/20260131/"));
	fake.epoch_ms += 1;
	assert_int_equal(fake_resolve(), OK);
	assert_non_null(strstr(fake_sent_header(1, "authorization"), "/20260201/"));
	fake.epoch_ms += (int64_t)24 * 3600 * 1000;
	assert_int_equal(fake_resolve(), OK);
	/* A client that has seen no other day signs the same. */
	aws_free(aws);
	assert_int_equal(fake_new(3, &aws, &err), OK);
	assert_int_equal(fake_resolve(), OK);
	assert_string_equal(buf_text(&fake.sent[2].headers), buf_text(&fake.sent[3].headers));
	fake.epoch_ms -= (int64_t)24 * 3600 * 1000;
	assert_int_equal(fake_resolve(), OK);
	assert_string_equal(buf_text(&fake.sent[1].headers), buf_text(&fake.sent[4].headers));
}

static void test_key_of_the_day_is_made_once(void **state)
{
	(void)state;
	fake_add_good();
	assert_int_equal(fake_resolve(), OK);
	hash_key_free(aws->signer.key.key.ready);
	aws->signer.key.key.ready = hash_key_new("another", 7);
	assert_int_equal(fake_resolve(), OK);
	assert_string_not_equal(buf_text(&fake.sent[0].headers), buf_text(&fake.sent[1].headers));
}

static void test_throttling_is_tried_again_though_it_is_400(void **state)
{
	(void)state;
	fake_add_error(400, "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}");
	fake_add_good();
	assert_int_equal(fake_resolve(), OK);
	assert_int_equal(answer.tries, 2);
	assert_string_equal(answer.code, "");
	assert_int_equal(answer.http_status, 200);
	assert_string_equal(answer.request_id, "req-good");
	assert_int_equal(fake.slept_ms, 500);
}

static void test_lasting_throttling_is_the_caller_s_to_wait(void **state)
{
	(void)state;
	fake_add_error(400, "{\"__type\":\"com.amazonaws.marketplacemetering#ThrottlingException\"}");
	assert_int_equal(fake_resolve(), ERR_RETRY);
	fake_check_text("ResolveCustomer at metering.marketplace.eu-west-1.amazonaws.com: "
			   "ThrottlingException (HTTP 400)");
	assert_int_equal(answer.tries, 3);
	assert_int_equal(answer.http_status, 400);
	assert_string_equal(answer.code, "ThrottlingException");
	assert_string_equal(answer.request_id, "req-1");
	assert_int_equal(fake.slept_ms, 500 + 1000);
}

static void test_network_and_server_faults_are_tried_again(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .status = ERR_RETRY });
	fake_add_error(503, "<html><h1>503</h1></html>");
	fake_add_good();
	assert_int_equal(fake_resolve(), OK);
	assert_int_equal(answer.tries, 3);
}

static void test_lasting_network_fault_leaves_no_status(void **state)
{
	(void)state;
	fake_add_error(500, "{\"__type\":\"InternalServiceErrorException\"}");
	fake_add((struct fake_step){ .status = ERR_RETRY });
	assert_int_equal(fake_resolve(), ERR_RETRY);
	fake_check_text("ResolveCustomer: the network failed");
	assert_int_equal(answer.tries, 3);
	assert_int_equal(answer.http_status, 0);
	assert_string_equal(answer.code, "");
	assert_string_equal(answer.request_id, "");
}

static void test_html_of_a_proxy_is_told_by_its_status(void **state)
{
	(void)state;
	fake_add_error(502, "<html>");
	assert_int_equal(fake_resolve(), ERR_RETRY);
	fake_check_text("an error without AWS's name (HTTP 502)");
	assert_string_equal(answer.code, "");
	assert_int_equal(answer.http_status, 502);
}

static void check_refused(int status, const char *body, enum status expected, const char *code)
{
	fake.n_steps = fake.n_sent = 0;
	fake_add_error(status, body);
	assert_int_equal(fake_resolve(), expected);
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(answer.tries, 1);
	assert_int_equal(answer.http_status, status);
	assert_string_equal(answer.code, code);
	assert_string_equal(answer.request_id, "req-1");
	fake_check_text(code);
}

static void test_bad_tokens_are_not_tried_again(void **state)
{
	(void)state;
	check_refused(400, "{\"__type\":\"InvalidTokenException\"}", ERR_INPUT,
		"InvalidTokenException");
	check_refused(400, "{\"__type\":\"ExpiredTokenException\"}", ERR_INPUT,
		"ExpiredTokenException");
	check_refused(400, "{\"__type\":\"ValidationException\"}", ERR_INPUT, "ValidationException");
}

static void test_what_the_operator_must_mend_is_not_tried_again(void **state)
{
	(void)state;
	check_refused(403, "{\"__type\":\"AccessDeniedException\",\"Message\":\"User: arn:aws:iam::1:"
		"user/x is not authorized\"}", ERR_REMOTE, "AccessDeniedException");
	fake_check_text("(HTTP 403): User: arn:aws:iam::1:user/x is not authorized. Allow this action");
	check_refused(400, "{\"__type\":\"DisabledApiException\",\"message\":\"Disabled.\"}",
		ERR_REMOTE, "DisabledApiException");
	fake_check_text("(HTTP 400): Disabled. Check AWS_REGION");
	check_refused(403, "{\"__type\":\"OptInRequired\"}", ERR_REMOTE, "OptInRequired");
	check_refused(404, "{\"__type\":\"UnknownOperationException\"}", ERR_REMOTE,
		"UnknownOperationException");
	check_refused(400, "{\"__type\":\"SomethingNew\",\"message\":\"why\"}", ERR_REMOTE,
		"SomethingNew");
	check_refused(301, "", ERR_REMOTE, "");
	check_refused(403, "{\"__type\":\"UnrecognizedClientException\"}", ERR_REMOTE,
		"UnrecognizedClientException");
}

static void test_untrusted_certificate_is_not_tried_again(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .status = ERR_REMOTE });
	assert_int_equal(fake_resolve(), ERR_REMOTE);
	assert_int_equal(answer.tries, 1);
}

static void test_attempts_are_the_setting_s(void **state)
{
	(void)state;
	aws_free(aws);
	assert_int_equal(fake_new(1, &aws, &err), OK);
	fake_add_error(500, "");
	assert_int_equal(fake_resolve(), ERR_RETRY);
	assert_int_equal(answer.tries, 1);
	aws_free(aws);
	assert_int_equal(fake_new(5, &aws, &err), OK);
	fake.random = 0;
	assert_int_equal(fake_resolve(), ERR_RETRY);
	assert_int_equal(answer.tries, 5);
}

static void test_each_try_is_signed_anew_and_given_what_time_is_left(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .status = ERR_RETRY, .takes_ms = 2000 });
	fake_add_good();
	assert_int_equal(fake_resolve(), OK);
	assert_string_equal(fake_sent_header(0, "x-amz-date"), "20260131T120000Z");
	assert_string_equal(fake_sent_header(1, "x-amz-date"), "20260131T120002Z");
	assert_int_equal(fake.sent[1].timeout_ms, 8000 - 2000 - 500);
	assert_string_equal(buf_text(&fake.sent[0].body), buf_text(&fake.sent[1].body));
}

static void test_tries_never_pass_the_deadline(void **state)
{
	int64_t start_ms = fake.monotonic_ms;

	(void)state;
	fake_add((struct fake_step){ .status = ERR_RETRY, .timed_out = true, .takes_ms = 7700 });
	assert_int_equal(fake_resolve(), ERR_RETRY);
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(fake.n_sleeps, 0);
	assert_true(fake.monotonic_ms <= start_ms + 8000);
}

static void test_nothing_is_sent_after_the_deadline(void **state)
{
	(void)state;
	fake_add_good();
	assert_int_equal(
		metering_resolve(aws, fake_token, fake.monotonic_ms, &who, &answer, &err), ERR_RETRY);
	fake_check_text("the time for it was over");
	assert_int_equal(fake.n_sent, 0);
	assert_int_equal(answer.tries, 0);
}

static void test_server_s_hint_is_waited_for(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .http_status = 503, .retry_after_ms = 3000 });
	fake_add_good();
	assert_int_equal(fake_resolve(), OK);
	assert_int_equal(fake.slept_ms, 3000);
}

static void test_call_is_not_given_up_for_a_hint(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .http_status = 503, .retry_after_ms = 60000 });
	fake_add_good();
	assert_int_equal(fake_resolve(), OK);
	assert_int_equal(fake.slept_ms, 5500);
}

static void test_bucket_ends_retries_in_an_outage(void **state)
{
	(void)state;
	fake.random = 0;
	fake_add_error(500, "");
	for (int i = 0; i < 50; i++) /* two retries of 5 each: 500 */
		assert_int_equal(fake_resolve(), ERR_RETRY);
	assert_int_equal(answer.tries, 3);
	assert_int_equal(fake_resolve(), ERR_RETRY);
	assert_int_equal(answer.tries, 1);
	/* Five successes pay for one retry. */
	fake.n_steps = fake.n_sent = 0;
	fake_add_good();
	for (int i = 0; i < 5; i++)
		assert_int_equal(fake_resolve(), OK);
	fake.n_steps = fake.n_sent = 0;
	fake_add_error(500, "");
	assert_int_equal(fake_resolve(), ERR_RETRY);
	assert_int_equal(answer.tries, 2);
}

static void call_while_calling(void)
{
	struct aws_answer other;
	struct err other_err;

	/* Two calls are under way in this client of two connections once this one has begun. */
	if (fake.n_sent == 1) {
		fake_resolve();
		return;
	}
	assert_int_equal(metering_resolve(aws, fake_token, fake.monotonic_ms + 8000, &who, &other,
		&other_err), ERR_RETRY);
	assert_non_null(strstr(other_err.text, "2 calls to AWS are under way, as many as may be"));
	assert_int_equal(other.tries, 0);
}

static void test_no_more_calls_than_connections(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .body = fake_good, .meanwhile = call_while_calling });
	assert_int_equal(fake_resolve(), OK);
	assert_int_equal(fake.n_sent, 2);
	/* All of them were given back. */
	fake.n_steps = 0;
	fake_add_good();
	assert_int_equal(fake_resolve(), OK);
}

#define CALL_TEST(test) cmocka_unit_test_setup_teardown(test, fake_set_up, fake_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CALL_TEST(test_request_has_the_headers_of_the_protocol),
		CALL_TEST(test_signature_is_botocore_s),
		CALL_TEST(test_session_token_is_sent_and_signed),
		CALL_TEST(test_longest_session_token_is_sent_whole),
		CALL_TEST(test_key_of_the_day_changes_at_midnight),
		CALL_TEST(test_key_of_the_day_is_made_once),
		CALL_TEST(test_throttling_is_tried_again_though_it_is_400),
		CALL_TEST(test_lasting_throttling_is_the_caller_s_to_wait),
		CALL_TEST(test_network_and_server_faults_are_tried_again),
		CALL_TEST(test_lasting_network_fault_leaves_no_status),
		CALL_TEST(test_html_of_a_proxy_is_told_by_its_status),
		CALL_TEST(test_bad_tokens_are_not_tried_again),
		CALL_TEST(test_what_the_operator_must_mend_is_not_tried_again),
		CALL_TEST(test_untrusted_certificate_is_not_tried_again),
		CALL_TEST(test_attempts_are_the_setting_s),
		CALL_TEST(test_each_try_is_signed_anew_and_given_what_time_is_left),
		CALL_TEST(test_tries_never_pass_the_deadline),
		CALL_TEST(test_nothing_is_sent_after_the_deadline),
		CALL_TEST(test_server_s_hint_is_waited_for),
		CALL_TEST(test_call_is_not_given_up_for_a_hint),
		CALL_TEST(test_bucket_ends_retries_in_an_outage),
		CALL_TEST(test_no_more_calls_than_connections),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("aws_call", tests, NULL, NULL);
}
