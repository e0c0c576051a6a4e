/* A call whose credentials or clock AWS does not accept, and what no error text may hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/aws_fake.h"

static void change_key(void)
{
	fake_set_creds("AKIDNEW", "another-secret", "");
}

static const char session_over[] = "{\"__type\":\"ExpiredTokenException\"}";

static void test_refused_session_is_renewed_and_tried_once_more(void **state)
{
	(void)state;
	fake_add((struct fake_step){ 0, 403, session_over, .meanwhile = change_key });
	fake_add_good();
	assert_int_equal(fake_resolve(), OK);
	assert_int_equal(answer.tries, 2);
	assert_non_null(strstr(fake_sent_header(1, "authorization"), "Credential=AKIDNEW/"));
	assert_int_equal(fake.slept_ms, 0);
}

static void test_refused_session_that_stays_the_same_is_not_sent_again(void **state)
{
	(void)state;
	fake_add_error(403, session_over);
	assert_int_equal(fake_resolve(), ERR_REMOTE);
	assert_int_equal(answer.tries, 1);
	assert_string_equal(answer.code, "ExpiredTokenException");
	fake_check_text("The session of these AWS credentials is over; renew them");
	assert_null(strstr(err.text, "reading the credentials again failed"));
}

static void test_renewed_session_that_is_refused_too_ends_the_call(void **state)
{
	(void)state;
	fake_add((struct fake_step){ 0, 403, session_over, .meanwhile = change_key });
	fake_add_error(403, session_over);
	assert_int_equal(fake_resolve(), ERR_REMOTE);
	assert_int_equal(answer.tries, 2);
}

/* What AWS said stays what the caller is told. */
static void test_refusal_at_the_deadline_asks_for_no_other_session(void **state)
{
	(void)state;
	fake_add((struct fake_step){ 0, 403, session_over, .takes_ms = 8000 });
	assert_int_equal(fake_resolve(), ERR_REMOTE);
	fake_check_text("ExpiredTokenException (HTTP 403)");
	assert_int_equal(answer.tries, 1);
	assert_int_equal(fake.n_asked, 1);
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
	assert_int_equal(metering_resolve(aws, fake_token, fake.monotonic_ms + 8000, &other,
		&other_answer, &other_err), OK);
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
		fake_add_good();
	}
	assert_int_equal(fake_resolve(), ERR_REMOTE);
	assert_int_equal(answer.tries, 2);
}

static void test_credentials_are_asked_for_at_most_once_a_minute(void **state)
{
	(void)state;
	fake_add_error(403, session_over);
	assert_int_equal(fake_resolve(), ERR_REMOTE);
	assert_int_equal(fake.n_asked, 2); /* at the start, and now */
	assert_int_equal(fake_resolve(), ERR_REMOTE);
	assert_int_equal(fake.n_asked, 2);
	fake.monotonic_ms += 59 * 1000;
	assert_int_equal(fake_resolve(), ERR_REMOTE);
	assert_int_equal(fake.n_asked, 2);
	fake.monotonic_ms += 1000;
	assert_int_equal(fake_resolve(), ERR_REMOTE);
	assert_int_equal(fake.n_asked, 3);
}

static void test_buyer_s_expired_token_asks_for_no_credentials(void **state)
{
	(void)state;
	fake_add_error(400, session_over);
	assert_int_equal(fake_resolve(), ERR_INPUT);
	assert_int_equal(fake.n_asked, 1);
}

static void test_files_are_read_again_when_they_may_have_changed(void **state)
{
	(void)state;
	aws_free(aws);
	fake.creds.reread_s = 1;
	assert_int_equal(fake_new(3, &aws, &err), OK);
	fake_add_good();
	change_key();
	assert_int_equal(fake_resolve(), OK);
	assert_non_null(strstr(fake_sent_header(0, "authorization"), "Credential=AKIDEXAMPLE/"));
	fake.monotonic_ms += 1000;
	assert_int_equal(fake_resolve(), OK);
	assert_non_null(strstr(fake_sent_header(1, "authorization"), "Credential=AKIDNEW/"));
}

static void test_files_are_looked_at_once_a_second(void **state)
{
	int n_asked = fake.n_asked + 1;

	(void)state;
	aws_free(aws);
	fake.creds.reread_s = 1;
	assert_int_equal(fake_new(3, &aws, &err), OK);
	fake_add_good();
	for (int second = 0; second < 3; second++) {
		assert_int_equal(fake_resolve(), OK);
		assert_int_equal(fake_resolve(), OK);
		fake.monotonic_ms += 999;
		assert_int_equal(fake_resolve(), OK);
		assert_int_equal(fake.n_asked, n_asked + second);
		fake.monotonic_ms += 1;
	}
}

static void test_changed_secret_of_the_same_key_changes_the_signature(void **state)
{
	char before[65];

	(void)state;
	aws_free(aws);
	fake.creds.reread_s = 1;
	assert_int_equal(fake_new(3, &aws, &err), OK);
	fake_add_good();
	assert_int_equal(fake_resolve(), OK);
	strcpy(before, fake_sent_signature(0));
	fake_set_creds("AKIDEXAMPLE", "another-secret", "");
	fake.monotonic_ms += 1000;
	assert_int_equal(fake_resolve(), OK);
	assert_string_not_equal(fake_sent_signature(1), before);
}

static void test_file_that_is_being_written_does_not_stop_calls(void **state)
{
	int n_asked;

	(void)state;
	aws_free(aws);
	fake.creds.reread_s = 1;
	assert_int_equal(fake_new(3, &aws, &err), OK);
	fake_add_good();
	fake.creds_status = ERR_INPUT;
	fake.monotonic_ms += 1000;
	assert_int_equal(fake_resolve(), OK);
	fake.monotonic_ms += 59 * 1000;
	assert_int_equal(fake_resolve(), OK);
	/* But not for ever: a key that was taken away is not used on. */
	fake.monotonic_ms += 1000;
	n_asked = fake.n_asked;
	assert_int_equal(fake_resolve(), ERR_REMOTE);
	fake_check_text("ResolveCustomer: nothing to sign it with: credentials from the fake: ");
	assert_int_equal(answer.tries, 0);
	assert_int_equal(answer.class, ERROR_AUTH);
	assert_int_equal(fake.n_asked, n_asked + 1);
	fake.creds_status = OK;
	fake.monotonic_ms += 1000;
	assert_int_equal(fake_resolve(), OK);
}

static void test_refusal_tells_why_the_credentials_could_not_be_renewed(void **state)
{
	(void)state;
	fake_add_error(403, session_over);
	fake.creds_status = ERR_INPUT;
	assert_int_equal(fake_resolve(), ERR_REMOTE);
	fake_check_text("ExpiredTokenException (HTTP 403)");
	fake_check_text("reading the credentials again failed: credentials from the fake: the file");
}

static void test_credentials_past_their_time_are_not_sent(void **state)
{
	(void)state;
	aws_free(aws);
	fake.creds.expires_s = FAKE_EPOCH_S + 10;
	assert_int_equal(fake_new(3, &aws, &err), OK);
	fake_add_good();
	fake.epoch_ms += 9999;
	assert_int_equal(fake_resolve(), OK);
	fake.epoch_ms += 1;
	assert_int_equal(fake_resolve(), ERR_REMOTE);
	fake_check_text("the credentials of the fake are out of date; renew them");
	assert_int_equal(fake.n_sent, 1);
	fake.creds.expires_s += 10;
	assert_int_equal(fake_resolve(), OK);
}

static void test_credentials_are_kept_in_one_place(void **state)
{
	static const struct creds none;

	(void)state;
	fake_add_good();
	assert_int_equal(fake_resolve(), OK);
	assert_string_equal(aws->signer.creds.access_key_id, "AKIDEXAMPLE");
	assert_memory_equal(&aws->signer.fresh, &none, sizeof none);
	aws->signer.creds.reread_s = 1;
	fake.monotonic_ms += 1000;
	assert_int_equal(fake_resolve(), OK);
	assert_int_equal(fake.n_asked, 2);
	assert_memory_equal(&aws->signer.fresh, &none, sizeof none);
}

static void test_client_is_not_made_without_credentials(void **state)
{
	struct aws *other = NULL;

	(void)state;
	fake.creds_status = ERR_MISSING;
	assert_int_equal(fake_new(3, &other, &err), ERR_INPUT);
	fake_check_text("no credentials for AWS");
	fake.creds_status = OK;
	fake.creds.expires_s = FAKE_EPOCH_S;
	assert_int_equal(fake_new(3, &other, &err), ERR_INPUT);
	fake_check_text("are out of date");
}

static void test_wrong_clock_is_set_by_aws_s(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .http_status = 400, .date_s = FAKE_EPOCH_S + 3600,
		.body = "{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature expired\"}" });
	fake_add_good();
	assert_int_equal(fake_resolve(), OK);
	assert_int_equal(answer.tries, 2);
	assert_string_equal(fake_sent_header(1, "x-amz-date"), "20260131T130000Z");
	/* And from then on. */
	fake.epoch_ms += 5000;
	assert_int_equal(fake_resolve(), OK);
	assert_int_equal(answer.tries, 1);
	assert_string_equal(fake_sent_header(2, "x-amz-date"), "20260131T130005Z");
}

static void test_clock_that_runs_ahead_is_set_back(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .http_status = 403, .date_s = FAKE_EPOCH_S - 86400,
		.body = "{\"__type\":\"RequestExpired\"}" });
	fake_add_good();
	assert_int_equal(fake_resolve(), OK);
	assert_string_equal(fake_sent_header(1, "x-amz-date"), "20260130T120000Z");
	assert_non_null(strstr(fake_sent_header(1, "authorization"), "/20260130/"));
}

static void test_clock_that_agrees_is_left_alone(void **state)
{
	(void)state;
	for (int apart_s = -240; apart_s <= 240; apart_s += 480) {
		fake.n_steps = fake.n_sent = 0;
		fake_add((struct fake_step){ .http_status = 400, .date_s = FAKE_EPOCH_S + apart_s,
			.body = "{\"__type\":\"InvalidSignatureException\"}" });
		assert_int_equal(fake_resolve(), ERR_REMOTE);
		assert_int_equal(answer.tries, 1);
		fake_check_text("Check the access key, its secret");
	}
	fake.steps[0].date_s++;
	assert_int_equal(fake_resolve(), ERR_REMOTE);
	assert_int_equal(answer.tries, 2);
}

static void test_clock_is_set_once_a_call(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .http_status = 400, .date_s = FAKE_EPOCH_S + 3600,
		.body = "{\"__type\":\"RequestTimeTooSkewed\"}" });
	fake_add((struct fake_step){ .http_status = 400, .date_s = FAKE_EPOCH_S + 7200,
		.body = "{\"__type\":\"RequestTimeTooSkewed\"}" });
	assert_int_equal(fake_resolve(), ERR_REMOTE);
	assert_int_equal(answer.tries, 2);
	fake_check_text("Check this machine's clock");
}

static void test_date_of_other_errors_sets_no_clock(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .http_status = 400, .date_s = FAKE_EPOCH_S + 3600,
		.body = "{\"__type\":\"ThrottlingException\"}" });
	fake_add_good();
	assert_int_equal(fake_resolve(), OK);
	assert_string_equal(fake_sent_header(1, "x-amz-date"), "20260131T120000Z");
}

static void test_message_is_told_only_where_it_helps(void **state)
{
	(void)state;
	fake_add_error(403, "{\"__type\":\"InvalidSignatureException\",\"message\":\"The Canonical "
		"String for this request should have been\"}");
	assert_int_equal(fake_resolve(), ERR_REMOTE);
	assert_null(strstr(err.text, "Canonical"));
	fake.n_steps = fake.n_sent = 0;
	fake_add_error(400, "{\"__type\":\"InvalidTokenException\",\"message\":\"It is abc\"}");
	assert_int_equal(fake_resolve_token("abcdefgh"), ERR_INPUT);
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
	snprintf(told[0], sizeof told[0], "Value '%s' at 'registrationToken'", fake_token);
	snprintf(told[1], sizeof told[1], "Value '%.12s...' at 'registrationToken'", fake_token);
	snprintf(told[2], sizeof told[2], "x-amz-security-token:%s", session);
	snprintf(told[3], sizeof told[3], "...%s", session + 10);
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		for (size_t j = 0; j < 4; j++) {
			snprintf(body, sizeof body, "{\"__type\":\"%s\",\"message\":\"%s\"}", errors[i].code,
				told[j]);
			fake.n_steps = fake.n_sent = 0;
			fake_add_error(errors[i].status, body);
			assert_int_not_equal(fake_resolve(), OK);
			fake_check_text(errors[i].code);
			if (strstr(err.text, "tok-7") || strstr(err.text, "IQoJ") || strstr(err.text, "VjEB"))
				fail_msg("a secret is in: %s", err.text);
		}
	}
}

#define CALL_TEST(test) cmocka_unit_test_setup_teardown(test, fake_set_up, fake_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CALL_TEST(test_refused_session_is_renewed_and_tried_once_more),
		CALL_TEST(test_refused_session_that_stays_the_same_is_not_sent_again),
		CALL_TEST(test_renewed_session_that_is_refused_too_ends_the_call),
		CALL_TEST(test_refusal_at_the_deadline_asks_for_no_other_session),
		CALL_TEST(test_ever_new_sessions_are_tried_once),
		CALL_TEST(test_credentials_are_asked_for_at_most_once_a_minute),
		CALL_TEST(test_buyer_s_expired_token_asks_for_no_credentials),
		CALL_TEST(test_files_are_read_again_when_they_may_have_changed),
		CALL_TEST(test_files_are_looked_at_once_a_second),
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
	return cmocka_run_group_tests_name("aws_auth", tests, NULL, NULL);
}
