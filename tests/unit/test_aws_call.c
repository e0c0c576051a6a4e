/* A call over all its tries: signing, classes, retries, deadline, credentials, clock; and what the
 * error texts hold and do not hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/aws_fake.h"

static const char good[] = "{\"ProductCode\":\"p\",\"LicenseArn\":\"l\"}";
static const char token[] = "tok-7dq+2/xyz==-secret-of-a-buyer";

static struct aws *aws;
static struct metering_customer who;
static struct aws_answer answer;
static struct err err;

static int set_up(void **state)
{
	(void)state;
	fake_reset();
	memset(&answer, 0x55, sizeof answer);
	err.text[0] = '\0';
	return fake_new(3, &aws, &err) ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	aws_free(aws);
	fake_reset();
	return 0;
}

static enum status resolve_token(const char *text)
{
	return metering_resolve(aws, text, fake.monotonic_ms + 8000, &who, &answer, &err);
}

static enum status resolve(void)
{
	return resolve_token(token);
}

static void add_good(void)
{
	fake_add((struct fake_step){ .body = good, .request_id = "req-good" });
}

static void check_text(const char *part)
{
	if (!strstr(err.text, part))
		fail_msg("the text does not say %s: %s", part, err.text);
}

static const char *sent_header(int i, const char *name)
{
	static char value[10000];
	char line[64];
	const char *at;

	snprintf(line, sizeof line, "%s: ", name);
	at = strstr(buf_text(&fake.sent[i].headers), line);
	if (!at)
		return NULL;
	at += strlen(line);
	snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\n"), at);
	return value;
}

static const char *sent_signature(int i)
{
	const char *value = sent_header(i, "authorization");

	assert_non_null(value);
	return strstr(value, "Signature=") + strlen("Signature=");
}

static void test_request_has_the_headers_of_the_protocol(void **state)
{
	(void)state;
	add_good();
	assert_int_equal(resolve(), OK);
	assert_string_equal(fake.sent[0].url, "https://metering.marketplace.eu-west-1.amazonaws.com/");
	assert_string_equal(sent_header(0, "host"), "metering.marketplace.eu-west-1.amazonaws.com");
	assert_string_equal(sent_header(0, "content-type"), "application/x-amz-json-1.1");
	assert_string_equal(sent_header(0, "x-amz-target"), "AWSMPMeteringService.ResolveCustomer");
	assert_string_equal(sent_header(0, "x-amz-date"), "20260131T120000Z");
	assert_null(sent_header(0, "x-amz-security-token"));
	assert_int_equal(fake.sent[0].timeout_ms, 8000);
}

/* The constants are botocore's, for the same time, key and body. */
static void test_signature_is_botocore_s(void **state)
{
	(void)state;
	add_good();
	assert_int_equal(resolve_token("abc+/=%"), OK);
	assert_string_equal(sent_header(0, "authorization"),
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
	add_good();
	assert_int_equal(resolve_token("abc+/=%"), OK);
	assert_string_equal(sent_header(0, "x-amz-security-token"), "IQoJb3JpZ2luX2VjE+/token==");
	assert_string_equal(sent_signature(0),
		"b5b82652d5b1d2bc77d5b0e4f1e48115f9fad1843fac4eb0bce82cef71007d90");
}

static void test_longest_session_token_is_sent_whole(void **state)
{
	(void)state;
	aws_free(aws);
	memset(fake.creds.session_token, 'x', CREDS_TOKEN_MAX);
	assert_int_equal(fake_new(3, &aws, &err), OK);
	add_good();
	assert_int_equal(resolve(), OK);
	assert_int_equal(strlen(sent_header(0, "x-amz-security-token")), CREDS_TOKEN_MAX);
	assert_int_equal(strlen(sent_signature(0)), 64);
}

static void test_key_of_the_day_changes_at_midnight(void **state)
{
	(void)state;
	add_good();
	fake.epoch_ms += (int64_t)12 * 3600 * 1000 - 1;
	assert_int_equal(resolve(), OK);
	assert_non_null(strstr(sent_header(0, "authorization"), "/20260131/"));
	fake.epoch_ms += 1;
	assert_int_equal(resolve(), OK);
	assert_non_null(strstr(sent_header(1, "authorization"), "/20260201/"));
	/* A client that has seen no other day signs the same. */
	aws_free(aws);
	assert_int_equal(fake_new(3, &aws, &err), OK);
	assert_int_equal(resolve(), OK);
	assert_string_equal(buf_text(&fake.sent[1].headers), buf_text(&fake.sent[2].headers));
}

static void test_throttling_is_tried_again_though_it_is_400(void **state)
{
	(void)state;
	fake_add_error(400, "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}");
	add_good();
	assert_int_equal(resolve(), OK);
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
	assert_int_equal(resolve(), ERR_RETRY);
	check_text("ResolveCustomer at metering.marketplace.eu-west-1.amazonaws.com: "
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
	add_good();
	assert_int_equal(resolve(), OK);
	assert_int_equal(answer.tries, 3);
}

static void test_lasting_network_fault_leaves_no_status(void **state)
{
	(void)state;
	fake_add_error(500, "{\"__type\":\"InternalServiceErrorException\"}");
	fake_add((struct fake_step){ .status = ERR_RETRY });
	assert_int_equal(resolve(), ERR_RETRY);
	check_text("ResolveCustomer: the network failed");
	assert_int_equal(answer.tries, 3);
	assert_int_equal(answer.http_status, 0);
	assert_string_equal(answer.code, "");
	assert_string_equal(answer.request_id, "");
}

static void test_html_of_a_proxy_is_told_by_its_status(void **state)
{
	(void)state;
	fake_add_error(502, "<html>");
	assert_int_equal(resolve(), ERR_RETRY);
	check_text("an error without AWS's name (HTTP 502)");
	assert_string_equal(answer.code, "");
	assert_int_equal(answer.http_status, 502);
}

static void check_refused(int status, const char *body, enum status expected, const char *code)
{
	fake.n_steps = fake.n_sent = 0;
	fake_add_error(status, body);
	assert_int_equal(resolve(), expected);
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(answer.tries, 1);
	assert_int_equal(answer.http_status, status);
	assert_string_equal(answer.code, code);
	assert_string_equal(answer.request_id, "req-1");
	check_text(code);
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
	check_text("(HTTP 403): User: arn:aws:iam::1:user/x is not authorized. Allow this action");
	check_refused(400, "{\"__type\":\"DisabledApiException\"}", ERR_REMOTE, "DisabledApiException");
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
	assert_int_equal(resolve(), ERR_REMOTE);
	assert_int_equal(answer.tries, 1);
}

static void test_attempts_are_the_setting_s(void **state)
{
	(void)state;
	aws_free(aws);
	assert_int_equal(fake_new(1, &aws, &err), OK);
	fake_add_error(500, "");
	assert_int_equal(resolve(), ERR_RETRY);
	assert_int_equal(answer.tries, 1);
	aws_free(aws);
	assert_int_equal(fake_new(5, &aws, &err), OK);
	fake.random = 0;
	assert_int_equal(resolve(), ERR_RETRY);
	assert_int_equal(answer.tries, 5);
}

static void test_each_try_is_signed_anew_and_given_what_time_is_left(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .status = ERR_RETRY, .takes_ms = 2000 });
	add_good();
	assert_int_equal(resolve(), OK);
	assert_string_equal(sent_header(0, "x-amz-date"), "20260131T120000Z");
	assert_string_equal(sent_header(1, "x-amz-date"), "20260131T120002Z");
	assert_int_equal(fake.sent[1].timeout_ms, 8000 - 2000 - 500);
	assert_string_equal(buf_text(&fake.sent[0].body), buf_text(&fake.sent[1].body));
}

static void test_tries_never_pass_the_deadline(void **state)
{
	int64_t start_ms = fake.monotonic_ms;

	(void)state;
	fake_add((struct fake_step){ .status = ERR_RETRY, .timed_out = true, .takes_ms = 7700 });
	assert_int_equal(resolve(), ERR_RETRY);
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(fake.n_sleeps, 0);
	assert_true(fake.monotonic_ms <= start_ms + 8000);
}

static void test_nothing_is_sent_after_the_deadline(void **state)
{
	(void)state;
	add_good();
	assert_int_equal(
		metering_resolve(aws, token, fake.monotonic_ms, &who, &answer, &err), ERR_RETRY);
	check_text("the time for it was over");
	assert_int_equal(fake.n_sent, 0);
	assert_int_equal(answer.tries, 0);
}

static void test_server_s_hint_is_waited_for(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .http_status = 503, .retry_after_ms = 3000 });
	add_good();
	assert_int_equal(resolve(), OK);
	assert_int_equal(fake.slept_ms, 3000);
}

static void test_hint_beyond_the_deadline_is_not_waited_for(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .http_status = 503, .retry_after_ms = 60000 });
	assert_int_equal(resolve(), ERR_RETRY);
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(fake.slept_ms, 0);
}

static void test_bucket_ends_retries_in_an_outage(void **state)
{
	(void)state;
	fake.random = 0;
	fake_add_error(500, "");
	for (int i = 0; i < 50; i++) /* two retries of 5 each: 500 */
		assert_int_equal(resolve(), ERR_RETRY);
	assert_int_equal(answer.tries, 3);
	assert_int_equal(resolve(), ERR_RETRY);
	assert_int_equal(answer.tries, 1);
	/* Five successes pay for one retry. */
	fake.n_steps = fake.n_sent = 0;
	add_good();
	for (int i = 0; i < 5; i++)
		assert_int_equal(resolve(), OK);
	fake.n_steps = fake.n_sent = 0;
	fake_add_error(500, "");
	assert_int_equal(resolve(), ERR_RETRY);
	assert_int_equal(answer.tries, 2);
}

static void call_while_calling(void)
{
	struct aws_answer other;
	struct err other_err;

	/* Two calls are under way in this client of two connections once this one has begun. */
	if (fake.n_sent == 1) {
		resolve();
		return;
	}
	assert_int_equal(metering_resolve(aws, token, fake.monotonic_ms + 8000, &who, &other,
		&other_err), ERR_RETRY);
	assert_non_null(strstr(other_err.text, "2 calls to AWS are under way, as many as may be"));
	assert_int_equal(other.tries, 0);
}

static void test_no_more_calls_than_connections(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .body = good, .meanwhile = call_while_calling });
	assert_int_equal(resolve(), OK);
	assert_int_equal(fake.n_sent, 2);
	/* All of them were given back. */
	fake.n_steps = 0;
	add_good();
	assert_int_equal(resolve(), OK);
}

static void change_key(void)
{
	fake_set_creds("AKIDNEW", "another-secret", "");
}

static const char session_over[] = "{\"__type\":\"ExpiredTokenException\"}";

static void test_refused_session_is_renewed_and_tried_once_more(void **state)
{
	(void)state;
	fake_add((struct fake_step){ 0, 403, session_over, .meanwhile = change_key });
	add_good();
	assert_int_equal(resolve(), OK);
	assert_int_equal(answer.tries, 2);
	assert_non_null(strstr(sent_header(1, "authorization"), "Credential=AKIDNEW/"));
	assert_int_equal(fake.slept_ms, 0);
}

static void test_refused_session_that_stays_the_same_is_not_sent_again(void **state)
{
	(void)state;
	fake_add_error(403, session_over);
	assert_int_equal(resolve(), ERR_REMOTE);
	assert_int_equal(answer.tries, 1);
	assert_string_equal(answer.code, "ExpiredTokenException");
	check_text("The session of these AWS credentials is over; renew them");
}

static void test_renewed_session_that_is_refused_too_ends_the_call(void **state)
{
	(void)state;
	fake_add((struct fake_step){ 0, 403, session_over, .meanwhile = change_key });
	fake_add_error(403, session_over);
	assert_int_equal(resolve(), ERR_REMOTE);
	assert_int_equal(answer.tries, 2);
}

static void change_key_and_call(void)
{
	struct metering_customer other;
	struct aws_answer other_answer;
	struct err other_err;
	char id[32];

	snprintf(id, sizeof id, "AKID%d", fake.n_sent);
	fake_set_creds(id, "another-secret", "");
	fake.monotonic_ms += 1000;
	assert_int_equal(metering_resolve(aws, token, fake.monotonic_ms + 8000, &other, &other_answer,
		&other_err), OK);
}

/* Another thread has read new credentials each time, and none of them will do. */
static void test_ever_new_sessions_are_tried_once(void **state)
{
	(void)state;
	aws_free(aws);
	fake.creds.reread_s = 1;
	assert_int_equal(fake_new(3, &aws, &err), OK);
	for (int i = 0; i < 3; i++) {
		fake_add((struct fake_step){ 0, 403, session_over, .meanwhile = change_key_and_call });
		add_good();
	}
	assert_int_equal(resolve(), ERR_REMOTE);
	assert_int_equal(answer.tries, 2);
}

static void test_credentials_are_asked_for_at_most_once_a_minute(void **state)
{
	(void)state;
	fake_add_error(403, session_over);
	assert_int_equal(resolve(), ERR_REMOTE);
	assert_int_equal(fake.n_asked, 2); /* at the start, and now */
	assert_int_equal(resolve(), ERR_REMOTE);
	assert_int_equal(fake.n_asked, 2);
	fake.monotonic_ms += 59 * 1000;
	assert_int_equal(resolve(), ERR_REMOTE);
	assert_int_equal(fake.n_asked, 2);
	fake.monotonic_ms += 1000;
	assert_int_equal(resolve(), ERR_REMOTE);
	assert_int_equal(fake.n_asked, 3);
}

static void test_buyer_s_expired_token_asks_for_no_credentials(void **state)
{
	(void)state;
	fake_add_error(400, session_over);
	assert_int_equal(resolve(), ERR_INPUT);
	assert_int_equal(fake.n_asked, 1);
}

static void test_files_are_read_again_when_they_may_have_changed(void **state)
{
	(void)state;
	aws_free(aws);
	fake.creds.reread_s = 1;
	assert_int_equal(fake_new(3, &aws, &err), OK);
	add_good();
	change_key();
	assert_int_equal(resolve(), OK);
	assert_non_null(strstr(sent_header(0, "authorization"), "Credential=AKIDEXAMPLE/"));
	fake.monotonic_ms += 1000;
	assert_int_equal(resolve(), OK);
	assert_non_null(strstr(sent_header(1, "authorization"), "Credential=AKIDNEW/"));
}

static void test_changed_secret_of_the_same_key_changes_the_signature(void **state)
{
	char before[65];

	(void)state;
	aws_free(aws);
	fake.creds.reread_s = 1;
	assert_int_equal(fake_new(3, &aws, &err), OK);
	add_good();
	assert_int_equal(resolve(), OK);
	strcpy(before, sent_signature(0));
	fake_set_creds("AKIDEXAMPLE", "another-secret", "");
	fake.monotonic_ms += 1000;
	assert_int_equal(resolve(), OK);
	assert_string_not_equal(sent_signature(1), before);
}

static void test_file_that_is_being_written_does_not_stop_calls(void **state)
{
	(void)state;
	aws_free(aws);
	fake.creds.reread_s = 1;
	assert_int_equal(fake_new(3, &aws, &err), OK);
	add_good();
	fake.creds_status = ERR_INPUT;
	fake.monotonic_ms += 1000;
	assert_int_equal(resolve(), OK);
	fake.monotonic_ms += 59 * 1000;
	assert_int_equal(resolve(), OK);
	/* But not for ever: a key that was taken away is not used on. */
	fake.monotonic_ms += 1000;
	assert_int_equal(resolve(), ERR_REMOTE);
	check_text("ResolveCustomer: nothing to sign it with: credentials from the fake: the file is");
	assert_int_equal(answer.tries, 0);
	fake.creds_status = OK;
	fake.monotonic_ms += 1000;
	assert_int_equal(resolve(), OK);
}

static void test_refusal_tells_why_the_credentials_could_not_be_renewed(void **state)
{
	(void)state;
	fake_add_error(403, session_over);
	fake.creds_status = ERR_INPUT;
	assert_int_equal(resolve(), ERR_REMOTE);
	check_text("ExpiredTokenException (HTTP 403)");
	check_text("reading the credentials again failed: credentials from the fake: the file is torn");
}

static void test_credentials_past_their_time_are_not_sent(void **state)
{
	(void)state;
	aws_free(aws);
	fake.creds.expires_s = FAKE_EPOCH_S + 10;
	assert_int_equal(fake_new(3, &aws, &err), OK);
	add_good();
	fake.epoch_ms += 9999;
	assert_int_equal(resolve(), OK);
	fake.epoch_ms += 1;
	assert_int_equal(resolve(), ERR_REMOTE);
	check_text("the credentials of the fake are out of date; renew them");
	assert_int_equal(fake.n_sent, 1);
	fake.creds.expires_s += 10;
	assert_int_equal(resolve(), OK);
}

static void test_credentials_are_kept_in_one_place(void **state)
{
	static const struct creds none;

	(void)state;
	add_good();
	assert_int_equal(resolve(), OK);
	assert_string_equal(aws->signer.creds.access_key_id, "AKIDEXAMPLE");
	assert_memory_equal(&aws->signer.fresh, &none, sizeof none);
}

static void test_client_is_not_made_without_credentials(void **state)
{
	struct aws *other = NULL;

	(void)state;
	fake.creds_status = ERR_MISSING;
	assert_int_equal(fake_new(3, &other, &err), ERR_INPUT);
	check_text("no credentials for AWS");
	fake.creds_status = OK;
	fake.creds.expires_s = FAKE_EPOCH_S;
	assert_int_equal(fake_new(3, &other, &err), ERR_INPUT);
	check_text("are out of date");
}

static void test_wrong_clock_is_set_by_aws_s(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .http_status = 400, .date_s = FAKE_EPOCH_S + 3600,
		.body = "{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature expired\"}" });
	add_good();
	assert_int_equal(resolve(), OK);
	assert_int_equal(answer.tries, 2);
	assert_string_equal(sent_header(1, "x-amz-date"), "20260131T130000Z");
	/* And from then on. */
	fake.epoch_ms += 5000;
	assert_int_equal(resolve(), OK);
	assert_int_equal(answer.tries, 1);
	assert_string_equal(sent_header(2, "x-amz-date"), "20260131T130005Z");
}

static void test_clock_that_runs_ahead_is_set_back(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .http_status = 403, .date_s = FAKE_EPOCH_S - 86400,
		.body = "{\"__type\":\"RequestExpired\"}" });
	add_good();
	assert_int_equal(resolve(), OK);
	assert_string_equal(sent_header(1, "x-amz-date"), "20260130T120000Z");
	assert_non_null(strstr(sent_header(1, "authorization"), "/20260130/"));
}

static void test_clock_that_agrees_is_left_alone(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .http_status = 400, .date_s = FAKE_EPOCH_S + 240,
		.body = "{\"__type\":\"InvalidSignatureException\"}" });
	assert_int_equal(resolve(), ERR_REMOTE);
	assert_int_equal(answer.tries, 1);
	check_text("Check the access key, its secret");
}

static void test_clock_is_set_once_a_call(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .http_status = 400, .date_s = FAKE_EPOCH_S + 3600,
		.body = "{\"__type\":\"RequestTimeTooSkewed\"}" });
	fake_add((struct fake_step){ .http_status = 400, .date_s = FAKE_EPOCH_S + 7200,
		.body = "{\"__type\":\"RequestTimeTooSkewed\"}" });
	assert_int_equal(resolve(), ERR_REMOTE);
	assert_int_equal(answer.tries, 2);
	check_text("Check this machine's clock");
}

static void test_date_of_other_errors_sets_no_clock(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .http_status = 400, .date_s = FAKE_EPOCH_S + 3600,
		.body = "{\"__type\":\"ThrottlingException\"}" });
	add_good();
	assert_int_equal(resolve(), OK);
	assert_string_equal(sent_header(1, "x-amz-date"), "20260131T120000Z");
}

static void test_message_is_told_only_where_it_helps(void **state)
{
	(void)state;
	fake_add_error(403, "{\"__type\":\"InvalidSignatureException\",\"message\":\"The Canonical "
		"String for this request should have been\"}");
	assert_int_equal(resolve(), ERR_REMOTE);
	assert_null(strstr(err.text, "Canonical"));
	fake.n_steps = fake.n_sent = 0;
	fake_add_error(400, "{\"__type\":\"InvalidTokenException\",\"message\":\"It is abc\"}");
	assert_int_equal(resolve_token("abcdefgh"), ERR_INPUT);
	assert_null(strstr(err.text, "abc"));
}

/* AWS repeats what it got in several messages; none of it may get into a text. */
static void test_texts_hold_no_secret(void **state)
{
	static const struct {
		int status;
		const char *code;
	} errors[] = {
		{ 400, "InvalidTokenException" }, { 400, "ExpiredTokenException" },
		{ 400, "ValidationException" }, { 403, "InvalidSignatureException" },
		{ 403, "IncompleteSignature" }, { 403, "AccessDeniedException" },
		{ 400, "SerializationException" }, { 400, "SomethingNew" }, { 500, "InternalFailure" },
	};
	static const char session[] = "IQoJb3JpZ2luX2VjEB4aCXVzLWVhc3Qt";
	char body[1000], told[4][100];

	(void)state;
	aws_free(aws);
	fake_set_creds("AKIDEXAMPLE", "wJalrXUtnFEMI", session);
	assert_int_equal(fake_new(1, &aws, &err), OK);
	snprintf(told[0], sizeof told[0], "Value '%s' at 'registrationToken'", token);
	snprintf(told[1], sizeof told[1], "Value '%.12s...' at 'registrationToken'", token);
	snprintf(told[2], sizeof told[2], "x-amz-security-token:%s", session);
	snprintf(told[3], sizeof told[3], "...%s", session + 10);
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		for (size_t j = 0; j < 4; j++) {
			snprintf(body, sizeof body, "{\"__type\":\"%s\",\"message\":\"%s\"}", errors[i].code,
				told[j]);
			fake.n_steps = fake.n_sent = 0;
			fake_add_error(errors[i].status, body);
			assert_int_not_equal(resolve(), OK);
			check_text(errors[i].code);
			if (strstr(err.text, "tok-7") || strstr(err.text, "IQoJ") || strstr(err.text, "VjEB"))
				fail_msg("a secret is in: %s", err.text);
		}
	}
}

#define CALL_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CALL_TEST(test_request_has_the_headers_of_the_protocol),
		CALL_TEST(test_signature_is_botocore_s),
		CALL_TEST(test_session_token_is_sent_and_signed),
		CALL_TEST(test_longest_session_token_is_sent_whole),
		CALL_TEST(test_key_of_the_day_changes_at_midnight),
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
		CALL_TEST(test_hint_beyond_the_deadline_is_not_waited_for),
		CALL_TEST(test_bucket_ends_retries_in_an_outage),
		CALL_TEST(test_no_more_calls_than_connections),
		CALL_TEST(test_refused_session_is_renewed_and_tried_once_more),
		CALL_TEST(test_refused_session_that_stays_the_same_is_not_sent_again),
		CALL_TEST(test_renewed_session_that_is_refused_too_ends_the_call),
		CALL_TEST(test_ever_new_sessions_are_tried_once),
		CALL_TEST(test_credentials_are_asked_for_at_most_once_a_minute),
		CALL_TEST(test_buyer_s_expired_token_asks_for_no_credentials),
		CALL_TEST(test_files_are_read_again_when_they_may_have_changed),
		CALL_TEST(test_changed_secret_of_the_same_key_changes_the_signature),
		CALL_TEST(test_file_that_is_being_written_does_not_stop_calls),
		CALL_TEST(test_refusal_tells_why_the_credentials_could_not_be_renewed),
		CALL_TEST(test_credentials_past_their_time_are_not_sent),
		CALL_TEST(test_credentials_are_kept_in_one_place),
		CALL_TEST(test_client_is_not_made_without_credentials),
		CALL_TEST(test_wrong_clock_is_set_by_aws_s),
		CALL_TEST(test_clock_that_runs_ahead_is_set_back),
		CALL_TEST(test_clock_that_agrees_is_left_alone),
		CALL_TEST(test_clock_is_set_once_a_call),
		CALL_TEST(test_date_of_other_errors_sets_no_clock),
		CALL_TEST(test_message_is_told_only_where_it_helps),
		CALL_TEST(test_texts_hold_no_secret),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("aws_call", tests, NULL, NULL);
}
