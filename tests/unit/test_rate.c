/* Turns of so many a second, as arithmetic. */
#include "aws/rate.h"
#include "tests/unit/unit.h"

enum { NOW_MS = 100000, FAR_MS = 1000000 };

static struct rate rate;

/* The next turn's wait, or -1 where there is none before the deadline. */
static int64_t take(int64_t now_ms, int64_t deadline_ms)
{
	int64_t wait_ms = -7;

	if (!rate_take(&rate, now_ms, deadline_ms, &wait_ms)) {
		assert_int_equal(wait_ms, -7);
		return -1;
	}
	return wait_ms;
}

static int reset(void **state)
{
	(void)state;
	rate = (struct rate){ 0 };
	return 0;
}

static void test_without_a_rate_nobody_waits(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(take(NOW_MS, FAR_MS), 0);
	rate_set(&rate, 10);
	rate_set(&rate, 0);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(take(NOW_MS, FAR_MS), 0);
}

static void test_turns_are_evenly_spaced(void **state)
{
	(void)state;
	rate_set(&rate, 10);
	for (int i = 0; i < 50; i++)
		assert_int_equal(take(NOW_MS, FAR_MS), 100 * i);
}

static void test_time_that_passes_is_not_waited_for(void **state)
{
	(void)state;
	rate_set(&rate, 10);
	assert_int_equal(take(NOW_MS, FAR_MS), 0);
	assert_int_equal(take(NOW_MS + 30, FAR_MS), 70);
	assert_int_equal(take(NOW_MS + 200, FAR_MS), 0);
	assert_int_equal(take(NOW_MS + 299, FAR_MS), 1);
}

static void test_turns_that_nobody_took_are_not_saved_up(void **state)
{
	(void)state;
	rate_set(&rate, 10);
	assert_int_equal(take(NOW_MS, FAR_MS), 0);
	assert_int_equal(take(NOW_MS + 5000, FAR_MS), 0);
	assert_int_equal(take(NOW_MS + 5000, FAR_MS), 100);
	assert_int_equal(take(NOW_MS + 5000, FAR_MS), 200);
}

static void test_no_turn_is_at_the_deadline_or_later(void **state)
{
	(void)state;
	rate_set(&rate, 10);
	assert_int_equal(take(NOW_MS, NOW_MS), -1);
	assert_int_equal(take(NOW_MS, NOW_MS + 1), 0);
	assert_int_equal(take(NOW_MS, NOW_MS + 100), -1);
	assert_int_equal(take(NOW_MS, NOW_MS + 101), 100);
}

static void test_turn_that_is_refused_is_left_to_the_next(void **state)
{
	(void)state;
	rate_set(&rate, 10);
	assert_int_equal(take(NOW_MS, FAR_MS), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(take(NOW_MS, NOW_MS + 50), -1);
	assert_int_equal(take(NOW_MS, FAR_MS), 100);
}

static void test_without_a_rate_the_deadline_counts_too(void **state)
{
	(void)state;
	assert_int_equal(take(NOW_MS, NOW_MS), -1);
	assert_int_equal(take(NOW_MS, NOW_MS - 1), -1);
	assert_int_equal(take(NOW_MS, NOW_MS + 1), 0);
}

/* Whoever takes each turn as it comes never takes more than the rate within a second. */
static void assert_rate_is_kept(long calls_per_second)
{
	int64_t turns_ms[1000], now_ms = NOW_MS;
	size_t n = 0;

	reset(NULL);
	rate_set(&rate, calls_per_second);
	while (n < 1000 && now_ms < NOW_MS + 3000) {
		now_ms += take(now_ms, FAR_MS);
		turns_ms[n++] = now_ms;
	}
	for (size_t i = (size_t)calls_per_second; i < n; i++)
		if (turns_ms[i] - turns_ms[i - (size_t)calls_per_second] < 1000)
			fail_msg("%ld a second: %zu within %d ms", calls_per_second,
				(size_t)calls_per_second + 1,
				(int)(turns_ms[i] - turns_ms[i - (size_t)calls_per_second]));
	/* Nor much less: milliseconds are rounded up. */
	assert_true(n * 100 >= (size_t)calls_per_second * 3 * 95);
}

static void test_rates_that_do_not_divide_a_second_are_kept(void **state)
{
	static const long rates[] = { 1, 3, 6, 7, 9, 10, 11, 13, 30, 60, 99 };

	(void)state;
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
		assert_rate_is_kept(rates[i]);
}

static void test_rate_of_three_waits_a_third_rounded_up(void **state)
{
	(void)state;
	rate_set(&rate, 3);
	assert_int_equal(take(NOW_MS, FAR_MS), 0);
	assert_int_equal(take(NOW_MS, FAR_MS), 334);
	assert_int_equal(take(NOW_MS, FAR_MS), 667);
	assert_int_equal(take(NOW_MS, FAR_MS), 1001);
}

static void test_new_rate_holds_from_the_next_turn_on(void **state)
{
	(void)state;
	rate_set(&rate, 1);
	assert_int_equal(take(NOW_MS, FAR_MS), 0);
	rate_set(&rate, 10);
	assert_int_equal(take(NOW_MS, FAR_MS), 1000);
	assert_int_equal(take(NOW_MS, FAR_MS), 1100);
}

#define RATE_TEST(test) cmocka_unit_test_setup(test, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RATE_TEST(test_without_a_rate_nobody_waits),
		RATE_TEST(test_turns_are_evenly_spaced),
		RATE_TEST(test_time_that_passes_is_not_waited_for),
		RATE_TEST(test_turns_that_nobody_took_are_not_saved_up),
		RATE_TEST(test_no_turn_is_at_the_deadline_or_later),
		RATE_TEST(test_turn_that_is_refused_is_left_to_the_next),
		RATE_TEST(test_without_a_rate_the_deadline_counts_too),
		RATE_TEST(test_rates_that_do_not_divide_a_second_are_kept),
		RATE_TEST(test_rate_of_three_waits_a_third_rounded_up),
		RATE_TEST(test_new_rate_holds_from_the_next_turn_on),
	};

	return UNIT_RUN(tests);
}
