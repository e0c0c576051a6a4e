/* When calls to an account may start, exactly. */
#include "meter/lane.h"
#include "tests/unit/unit.h"

static void test_backoff_doubles_to_a_minute_and_half_of_it_is_random(void **state)
{
	static const int64_t most_ms[] = { 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000 };

	(void)state;
	for (int i = 0; i < 8; i++) {
		assert_int_equal(lane_backoff_ms(i + 1, 0), most_ms[i] / 2);
		assert_int_equal(lane_backoff_ms(i + 1, 0.5), most_ms[i] * 3 / 4);
	}
}

static void test_calls_start_at_once_while_aws_answers(void **state)
{
	struct lane lane = { 0 };

	(void)state;
	for (int i = 0; i < 16; i++) {
		assert_true(lane_is_open(&lane, 0));
		lane_start(&lane);
	}
	for (int i = 0; i < 16; i++)
		lane_answered(&lane);
	assert_true(lane_is_open(&lane, 0));
	assert_int_equal(lane.under_way, 0);
}

static void test_after_a_pause_one_call_tries_it(void **state)
{
	struct lane lane = { 0 };

	(void)state;
	lane_start(&lane);
	lane_failed(&lane, 100, 0);
	assert_false(lane_is_open(&lane, 100));
	assert_false(lane_is_open(&lane, 599));
	assert_true(lane_is_open(&lane, 600));
	lane_start(&lane);
	assert_false(lane_is_open(&lane, 600));
	lane_answered(&lane);
	assert_true(lane_is_open(&lane, 600));
	lane_start(&lane);
	assert_true(lane_is_open(&lane, 600));
}

static void test_calls_that_fail_together_count_once(void **state)
{
	struct lane lane = { 0 };

	(void)state;
	for (int i = 0; i < 16; i++)
		lane_start(&lane);
	for (int i = 0; i < 16; i++)
		lane_failed(&lane, 100 + i, 0);
	assert_int_equal(lane.pauses, 1);
	assert_true(lane_is_open(&lane, 600));
}

static void test_pauses_grow_and_end(void **state)
{
	struct lane lane = { 0 };
	int64_t now_ms = 0;
	int calls = 0;

	(void)state;
	while (!lane.given_up) {
		assert_true(lane_is_open(&lane, now_ms));
		lane_start(&lane);
		lane_failed(&lane, now_ms, 0.999);
		now_ms = lane.resume_ms;
		calls++;
	}
	assert_int_equal(calls, LANE_PAUSES_MAX + 1);
	assert_in_range(now_ms, 60000, 63000); /* of pauses, besides the calls themselves */
	assert_false(lane_is_open(&lane, now_ms + 1000000));
}

static void test_an_answer_ends_the_pauses(void **state)
{
	struct lane lane = { 0 };

	(void)state;
	lane_start(&lane);
	lane_start(&lane);
	lane_failed(&lane, 100, 0);
	lane_answered(&lane);
	assert_true(lane_is_open(&lane, 101));
	lane_start(&lane);
	lane_failed(&lane, 200, 0);
	assert_int_equal(lane.resume_ms, 700);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_backoff_doubles_to_a_minute_and_half_of_it_is_random),
		cmocka_unit_test(test_calls_start_at_once_while_aws_answers),
		cmocka_unit_test(test_after_a_pause_one_call_tries_it),
		cmocka_unit_test(test_calls_that_fail_together_count_once),
		cmocka_unit_test(test_pauses_grow_and_end),
		cmocka_unit_test(test_an_answer_ends_the_pauses),
	};

	return UNIT_RUN(tests);
}
