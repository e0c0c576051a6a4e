/* What a call tells beside its status: the class of what AWS said, and whether one of its tries may
 * have been carried out; and the rate at which tries are made. */
#include "tests/unit/unit.h"

#include "tests/unit/aws_fake.h"

static const char throttled[] = "{\"__type\":\"ThrottlingException\"}";

/* Gone before an answer came, and whether the request had left. */
static void add_lost(bool sent)
{
	fake_add((struct fake_step){ .status = ERR_RETRY, .sent = sent });
}

static void assert_answer(enum status expected, enum error_class class, bool uncertain)
{
	assert_int_equal(fake_resolve(), expected);
	assert_int_equal(answer.class, class);
	assert_int_equal(answer.uncertain, uncertain);
}

static void test_success_is_certain_and_has_no_class(void **state)
{
	(void)state;
	fake_add_good();
	assert_answer(OK, ERROR_NONE, false);
}

static void test_request_that_never_left_is_definite(void **state)
{
	(void)state;
	add_lost(false);
	assert_answer(ERR_RETRY, ERROR_TRANSIENT, false);
	assert_int_equal(answer.tries, 3);
}

static void test_answer_that_was_lost_is_uncertain(void **state)
{
	(void)state;
	add_lost(true);
	assert_answer(ERR_RETRY, ERROR_TRANSIENT, true);
}

static void test_refusal_is_definite(void **state)
{
	static const struct {
		int http_status;
		const char *body;
		enum status status;
		enum error_class class;
	} rows[] = {
		{ 400, "{\"__type\":\"InvalidTokenException\"}", ERR_INPUT, ERROR_BUYER },
		{ 400, "{\"__type\":\"ValidationException\"}", ERR_INPUT, ERROR_RECORD },
		{ 400, throttled, ERR_RETRY, ERROR_THROTTLED },
		{ 429, "", ERR_RETRY, ERROR_THROTTLED },
		{ 403, "{\"__type\":\"AccessDeniedException\"}", ERR_REMOTE, ERROR_SETTING },
		{ 403, "{\"__type\":\"UnrecognizedClientException\"}", ERR_REMOTE, ERROR_AUTH },
		{ 400, "{\"__type\":\"SomethingNew\"}", ERR_REMOTE, ERROR_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		fake.n_steps = fake.n_sent = 0;
		fake_add_error(rows[i].http_status, rows[i].body);
		assert_answer(rows[i].status, rows[i].class, false);
	}
}

static void test_server_s_fault_is_uncertain(void **state)
{
	static const char *const bodies[] = { "<html>", "{\"__type\":\"InternalServiceErrorException\"}",
		"" };
	static const int statuses[] = { 503, 500, 502 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		fake.n_steps = fake.n_sent = 0;
		fake_add_error(statuses[i], bodies[i]);
		assert_answer(ERR_RETRY, ERROR_TRANSIENT, true);
	}
}

/* AWS has the names of refusals come with 5xx too. */
static void test_refusal_with_a_server_s_status_is_uncertain(void **state)
{
	(void)state;
	fake_add_error(500, throttled);
	assert_answer(ERR_RETRY, ERROR_THROTTLED, true);
	fake.n_steps = fake.n_sent = 0;
	fake_add_error(503, throttled);
	assert_answer(ERR_RETRY, ERROR_THROTTLED, true);
}

/* AWS gives it up "before a reply is sent back", or failed with another status than its own. */
static void test_call_that_was_given_up_is_uncertain_whatever_the_status(void **state)
{
	static const char *const bodies[] = { "{\"__type\":\"RequestAbortedException\"}",
		"{\"__type\":\"InternalServiceErrorException\"}", "{\"__type\":\"InternalFailure\"}" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		fake.n_steps = fake.n_sent = 0;
		fake_add_error(400, bodies[i]);
		assert_answer(ERR_RETRY, ERROR_TRANSIENT, true);
	}
}

static void test_words_advice_and_clock_are_those_of_the_last_try(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .http_status = 403, .date_s = FAKE_EPOCH_S + 5,
		.body = "{\"__type\":\"AccessDeniedException\",\"message\":\"Not \\u001b[1myou\"}" });
	assert_int_equal(fake_resolve(), ERR_REMOTE);
	assert_string_equal(answer.message, "Not ?[1myou");
	assert_non_null(strstr(answer.advice, "Allow this action"));
	assert_int_equal(answer.date_s, FAKE_EPOCH_S + 5);
}

static void test_words_that_repeat_the_token_are_not_shown(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .http_status = 400,
		.body = "{\"__type\":\"ValidationException\",\"message\":\"not secret-token-of-mine\"}" });
	assert_int_equal(fake_resolve_token("secret-token-of-mine"), ERR_INPUT);
	assert_string_equal(answer.message, "");
	assert_null(answer.advice);
}

static void test_success_after_an_error_has_no_words(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .http_status = 400,
		.body = "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}" });
	fake_add_good();
	assert_int_equal(fake_resolve(), OK);
	assert_string_equal(answer.message, "");
	assert_null(answer.advice);
}

static void check_text_is(const char *body, const char *told)
{
	char text[sizeof err.text];

	fake.n_steps = fake.n_sent = 0;
	fake_add_error(400, body);
	assert_int_not_equal(fake_resolve(), OK);
	snprintf(text, sizeof text, "ResolveCustomer at %s: %s", aws->parts.endpoint.host, told);
	assert_string_equal(err.text, text);
}

static void test_text_ends_each_of_its_parts_once(void **state)
{
	(void)state;
	check_text_is("{\"__type\":\"SomethingNew\"}", "SomethingNew (HTTP 400)");
	check_text_is("{\"__type\":\"SomethingNew\",\"message\":\"Why.\"}",
		"SomethingNew (HTTP 400): Why.");
	/* Its message is not told, so that its full stop ends nothing. */
	check_text_is("{\"__type\":\"ExpiredTokenException\",\"message\":\"It is old.\"}",
		"ExpiredTokenException (HTTP 400). The buyer has to press \"Set up your account\" in AWS "
		"Marketplace again; nothing is bought anew");
}

static void test_what_of_a_record_was_refused_is_told(void **state)
{
	(void)state;
	fake_add_error(400, "{\"__type\":\"TimestampOutOfBoundsException\"}");
	assert_int_not_equal(fake_resolve(), OK);
	assert_int_equal(answer.about, ABOUT_TIME);
}

static void test_redirect_is_uncertain(void **state)
{
	(void)state;
	fake_add_error(302, "");
	assert_answer(ERR_REMOTE, ERROR_SETTING, true);
}

static void test_200_that_is_not_json_is_uncertain(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .body = "<html>Welcome to the hotel's network</html>" });
	assert_answer(ERR_RETRY, ERROR_TRANSIENT, true);
	assert_int_equal(answer.http_status, 200);
}

static void test_what_was_uncertain_stays_so_through_retries(void **state)
{
	(void)state;
	add_lost(true);
	fake_add_error(400, throttled);
	assert_answer(ERR_RETRY, ERROR_THROTTLED, true);
	assert_int_equal(answer.tries, 3);
	assert_string_equal(answer.code, "ThrottlingException");
	/* And through the record's own fault. */
	fake.n_steps = fake.n_sent = 0;
	fake_add_error(500, "");
	fake_add_error(400, "{\"__type\":\"ValidationException\"}");
	assert_answer(ERR_INPUT, ERROR_RECORD, true);
	/* And where the next try does not get out. */
	fake.n_steps = fake.n_sent = 0;
	add_lost(true);
	add_lost(false);
	assert_answer(ERR_RETRY, ERROR_TRANSIENT, true);
}

static void test_class_is_the_last_try_s(void **state)
{
	(void)state;
	fake_add_error(400, throttled);
	add_lost(false);
	fake_add_error(400, "{\"__type\":\"InvalidTokenException\"}");
	assert_answer(ERR_INPUT, ERROR_BUYER, false);
}

static void test_untrusted_server_is_a_setting(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .status = ERR_REMOTE });
	assert_answer(ERR_REMOTE, ERROR_SETTING, false);
}

/* To the caller, ERR_INPUT is about the buyer's token. */
static void test_url_that_is_not_called_is_no_fault_of_the_buyer_s(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .status = ERR_INPUT });
	assert_answer(ERR_LOCAL, ERROR_SETTING, false);
}

static void test_call_that_is_not_made_is_definite(void **state)
{
	(void)state;
	fake_add_good();
	assert_int_equal(metering_resolve(aws, fake_token, fake.monotonic_ms, &who, &answer, &err),
		ERR_RETRY);
	assert_int_equal(answer.class, ERROR_TRANSIENT);
	assert_false(answer.uncertain);
	assert_int_equal(answer.tries, 0);
}

/* ---- the rate ---- */

static void test_calls_wait_for_their_turn(void **state)
{
	(void)state;
	aws_set_rate(aws, 10);
	fake_add_good();
	for (int i = 0; i < 5; i++)
		assert_int_equal(fake_resolve(), OK);
	assert_int_equal(fake.slept_ms, 400);
	assert_int_equal(fake.n_sleeps, 4);
	assert_string_equal(fake_sent_header(0, "x-amz-date"), "20260131T120000Z");
}

static void test_client_starts_without_a_rate(void **state)
{
	(void)state;
	fake_add_good();
	for (int i = 0; i < 10; i++)
		assert_int_equal(fake_resolve(), OK);
	aws_set_rate(aws, 1);
	aws_set_rate(aws, 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(fake_resolve(), OK);
	assert_int_equal(fake.n_sleeps, 0);
}

static void test_tries_count_for_the_rate_and_not_calls(void **state)
{
	(void)state;
	fake.random = 0; /* retries at once */
	aws_set_rate(aws, 2);
	fake_add_error(500, "");
	assert_int_equal(fake_resolve(), ERR_RETRY);
	assert_int_equal(answer.tries, 3);
	assert_int_equal(fake.slept_ms, 1000);
}

static void test_wait_between_tries_counts_for_the_rate(void **state)
{
	(void)state;
	aws_set_rate(aws, 2);
	fake_add_error(500, ""); /* waits 500 ms and 1000 ms */
	assert_int_equal(fake_resolve(), ERR_RETRY);
	assert_int_equal(fake.slept_ms, 1500);
	assert_int_equal(fake.n_sleeps, 2);
}

static void test_try_is_signed_when_its_turn_has_come(void **state)
{
	(void)state;
	aws_set_rate(aws, 1);
	fake_add_good();
	assert_int_equal(fake_resolve(), OK);
	assert_int_equal(fake_resolve(), OK);
	assert_string_equal(fake_sent_header(1, "x-amz-date"), "20260131T120001Z");
	assert_int_equal(fake.sent[1].timeout_ms, 7000);
}

static void test_turn_after_the_deadline_is_not_waited_for(void **state)
{
	(void)state;
	aws_set_rate(aws, 1);
	fake_add_good();
	assert_int_equal(fake_resolve(), OK);
	assert_int_equal(
		metering_resolve(aws, fake_token, fake.monotonic_ms + 1000, &who, &answer, &err), ERR_RETRY);
	fake_check_text("the time for it was over before it began");
	assert_int_equal(fake.n_sent, 1);
	assert_int_equal(fake.n_sleeps, 0);
	assert_int_equal(answer.tries, 0);
	assert_false(answer.uncertain);
	/* The turn is left to others. */
	assert_int_equal(fake_resolve(), OK);
	assert_int_equal(fake.slept_ms, 1000);
}

static void withdraw(void)
{
	aws_withdraw(aws);
}

static void test_call_that_waits_for_its_turn_can_be_withdrawn(void **state)
{
	(void)state;
	aws_set_rate(aws, 1);
	fake_add_good();
	assert_int_equal(fake_resolve(), OK);
	assert_false(answer.withdrawn);
	fake.while_asleep = withdraw;
	assert_int_equal(fake_resolve(), ERR_RETRY);
	fake_check_text("it was withdrawn before it began");
	assert_true(answer.withdrawn);
	assert_false(answer.uncertain);
	assert_int_equal(answer.tries, 0);
	assert_int_equal(fake.slept_ms, 100);
	assert_int_equal(fake.n_sent, 1);
	/* Nor does one begin that need not wait. */
	fake.monotonic_ms += 10000;
	assert_int_equal(fake_resolve(), ERR_RETRY);
	assert_true(answer.withdrawn);
	assert_int_equal(fake.n_sent, 1);
}

static void test_call_that_has_sent_something_is_not_withdrawn(void **state)
{
	(void)state;
	fake_add((struct fake_step){ .http_status = 500, .body = "", .meanwhile = withdraw });
	fake_add_good();
	assert_int_equal(fake_resolve(), OK);
	assert_false(answer.withdrawn);
	assert_int_equal(answer.tries, 2);
}

static void test_retry_whose_turn_comes_too_late_leaves_what_the_first_said(void **state)
{
	(void)state;
	fake.random = 0;
	aws_set_rate(aws, 1);
	fake_add_error(500, "{\"__type\":\"InternalServiceErrorException\"}");
	assert_int_equal(
		metering_resolve(aws, fake_token, fake.monotonic_ms + 900, &who, &answer, &err), ERR_RETRY);
	assert_int_equal(answer.tries, 1);
	assert_true(answer.uncertain);
	assert_string_equal(answer.code, "InternalServiceErrorException");
	assert_int_equal(answer.class, ERROR_TRANSIENT);
}

#define ANSWER_TEST(test) cmocka_unit_test_setup_teardown(test, fake_set_up, fake_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ANSWER_TEST(test_success_is_certain_and_has_no_class),
		ANSWER_TEST(test_request_that_never_left_is_definite),
		ANSWER_TEST(test_answer_that_was_lost_is_uncertain),
		ANSWER_TEST(test_refusal_is_definite),
		ANSWER_TEST(test_server_s_fault_is_uncertain),
		ANSWER_TEST(test_refusal_with_a_server_s_status_is_uncertain),
		ANSWER_TEST(test_call_that_was_given_up_is_uncertain_whatever_the_status),
		ANSWER_TEST(test_words_advice_and_clock_are_those_of_the_last_try),
		ANSWER_TEST(test_words_that_repeat_the_token_are_not_shown),
		ANSWER_TEST(test_success_after_an_error_has_no_words),
		ANSWER_TEST(test_text_ends_each_of_its_parts_once),
		ANSWER_TEST(test_what_of_a_record_was_refused_is_told),
		ANSWER_TEST(test_redirect_is_uncertain),
		ANSWER_TEST(test_200_that_is_not_json_is_uncertain),
		ANSWER_TEST(test_what_was_uncertain_stays_so_through_retries),
		ANSWER_TEST(test_class_is_the_last_try_s),
		ANSWER_TEST(test_untrusted_server_is_a_setting),
		ANSWER_TEST(test_url_that_is_not_called_is_no_fault_of_the_buyer_s),
		ANSWER_TEST(test_call_that_is_not_made_is_definite),
		ANSWER_TEST(test_calls_wait_for_their_turn),
		ANSWER_TEST(test_client_starts_without_a_rate),
		ANSWER_TEST(test_tries_count_for_the_rate_and_not_calls),
		ANSWER_TEST(test_wait_between_tries_counts_for_the_rate),
		ANSWER_TEST(test_try_is_signed_when_its_turn_has_come),
		ANSWER_TEST(test_turn_after_the_deadline_is_not_waited_for),
		ANSWER_TEST(test_call_that_waits_for_its_turn_can_be_withdrawn),
		ANSWER_TEST(test_call_that_has_sent_something_is_not_withdrawn),
		ANSWER_TEST(test_retry_whose_turn_comes_too_late_leaves_what_the_first_said),
	};

	return UNIT_RUN(tests);
}
