/* What each answer of AWS means for the ledger and for the run. */
#include "meter/judge.h"
#include "meter/exit.h"
#include "tests/unit/meter_fixture.h"

static struct product product;

static enum judge_next judge(enum error_class class, enum status rc, size_t n)
{
	struct call *call = make_call(&product, 1, n);
	enum judge_next next;

	answer_error(call, "Code", class, ABOUT_RECORD);
	call->rc = rc;
	next = judge_call(call);
	call_free(call);
	return next;
}

static void test_throttling_and_trouble_are_tried_again(void **state)
{
	(void)state;
	assert_int_equal(judge(ERROR_THROTTLED, ERR_RETRY, 25), JUDGE_AGAIN);
	assert_int_equal(judge(ERROR_TRANSIENT, ERR_RETRY, 25), JUDGE_AGAIN);
	assert_int_equal(judge(ERROR_TRANSIENT, ERR_LOCAL, 1), JUDGE_AGAIN); /* no memory, just now */
}

static void test_records_fault_is_looked_for(void **state)
{
	static const enum error_class classes[] = { ERROR_BUYER, ERROR_RECORD, ERROR_UNKNOWN };

	(void)state;
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
		assert_int_equal(judge(classes[i], ERR_INPUT, 25), JUDGE_HALVE);
		assert_int_equal(judge(classes[i], ERR_INPUT, 2), JUDGE_HALVE);
		assert_int_equal(judge(classes[i], ERR_INPUT, 1), JUDGE_ALONE);
	}
}

static void test_setting_stops_the_product(void **state)
{
	(void)state;
	assert_int_equal(judge(ERROR_SETTING, ERR_REMOTE, 25), JUDGE_STOP);
	assert_int_equal(judge(ERROR_AUTH, ERR_REMOTE, 1), JUDGE_STOP);
	assert_int_equal(judge(ERROR_NONE, ERR_REMOTE, 1), JUDGE_STOP);
}

static void test_credentials_that_are_away_are_tried_again(void **state)
{
	(void)state;
	assert_int_equal(judge(ERROR_AUTH, ERR_RETRY, 25), JUDGE_AGAIN);
}

static void test_each_outcome_of_a_record(void **state)
{
	static const struct {
		enum metering_outcome outcome;
		const char *said;
		bool again;
	} cases[] = {
		{ METERING_UNNAMED, "unnamed", true },
		{ METERING_SUCCESS, "success", false },
		{ METERING_CUSTOMER_NOT_SUBSCRIBED, "not_subscribed", false },
		{ METERING_DUPLICATE_RECORD, "duplicate", false },
		{ METERING_UNPROCESSED, "unprocessed", true },
		{ METERING_OTHER, "unnamed", false },
	};
	struct call *call = make_call(&product, 1, 6);

	(void)state;
	for (size_t i = 0; i < 6; i++)
		call->results[i].outcome = cases[i].outcome;
	snprintf(call->results[5].status, sizeof call->results[5].status, "Strange");
	assert_int_equal(judge_call(call), JUDGE_DONE);
	for (size_t i = 0; i < 6; i++) {
		assert_string_equal(judge_said(call, i), cases[i].said);
		assert_int_equal(judge_again(call, i), cases[i].again);
	}
	assert_string_equal(judge_code(call, 5), "Strange");
	call_free(call);
}

static void test_failed_call_says_its_code_of_each_record(void **state)
{
	struct call *call = make_call(&product, 1, 2);

	(void)state;
	answer_error(call, "InvalidTagException", ERROR_RECORD, ABOUT_TAGS);
	call->results[1].outcome = METERING_SUCCESS; /* of a try before: means nothing now */
	assert_string_equal(judge_said(call, 1), "failed");
	assert_string_equal(judge_code(call, 1), "InvalidTagException");
	call_free(call);
}

static void test_what_was_never_sent_has_a_code_too(void **state)
{
	struct call *call = make_call(&product, 1, 1);

	(void)state;
	answer_error(call, "", ERROR_RECORD, ABOUT_RECORD);
	call->answer.tries = 0;
	assert_int_equal(judge_call(call), JUDGE_ALONE);
	assert_string_equal(judge_code(call, 0), "unsendable");
	call_free(call);
}

static void test_exit_status_is_the_worst(void **state)
{
	static const int wanted[] = { 0, 75, 65, 65, 78, 78, 78, 78, 70, 70, 70, 70, 70, 70, 70, 70 };

	(void)state;
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(exit_status((struct exit_facts){ .broken = i & 8,
							 .misconfigured = i & 4, .refused = i & 2, .unsettled = i & 1 }),
			wanted[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_throttling_and_trouble_are_tried_again),
		cmocka_unit_test(test_records_fault_is_looked_for),
		cmocka_unit_test(test_setting_stops_the_product),
		cmocka_unit_test(test_credentials_that_are_away_are_tried_again),
		cmocka_unit_test(test_each_outcome_of_a_record),
		cmocka_unit_test(test_failed_call_says_its_code_of_each_record),
		cmocka_unit_test(test_what_was_never_sent_has_a_code_too),
		cmocka_unit_test(test_exit_status_is_the_worst),
	};

	return UNIT_RUN(tests);
}
