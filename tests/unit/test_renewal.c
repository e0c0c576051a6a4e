/* When credentials are renewed: arithmetic. */
#include "tests/unit/unit.h"

#include "aws/renewal.h"

enum { NOW_S = 1769860800, MINUTE_MS = 60 * 1000, MONOTONIC_MS = 5000 };

static const int64_t now_ms = (int64_t)NOW_S * 1000;

static int64_t wait_of(int64_t life_s)
{
	struct renewal renewal = { 0 };

	renewal_succeeded(&renewal, now_ms, NOW_S + life_s);
	return renewal_wait_ms(&renewal, now_ms, MONOTONIC_MS);
}

static void test_zeroed_is_due(void **state)
{
	struct renewal renewal = { 0 };

	(void)state;
	assert_int_equal(renewal_wait_ms(&renewal, now_ms, MONOTONIC_MS), 0);
}

static void test_long_lived_ones_are_renewed_fifteen_minutes_early(void **state)
{
	(void)state;
	assert_int_equal(wait_of(12 * 3600), (12 * 60 - 15) * MINUTE_MS);
	assert_int_equal(wait_of(3600), 45 * MINUTE_MS);
}

static void test_short_lived_ones_are_renewed_in_their_last_quarter(void **state)
{
	(void)state;
	assert_int_equal(wait_of(900), 675 * 1000);
	assert_int_equal(wait_of(8), 6000);
}

static void test_ones_that_are_hardly_alive_are_not_asked_for_without_pause(void **state)
{
	(void)state;
	assert_int_equal(wait_of(1), 1000);
	assert_int_equal(wait_of(0), 1000);
	assert_int_equal(wait_of(-3600), 1000);
}

/* As EC2 does until five minutes before the end. */
static void test_ones_that_come_back_unchanged_are_asked_for_again_before_they_end(void **state)
{
	int64_t at_ms = now_ms, end_s = NOW_S + 6 * 3600;
	struct renewal renewal = { 0 };
	int n = 0;

	(void)state;
	while (end_s * 1000 - at_ms > 5 * MINUTE_MS) {
		renewal_succeeded(&renewal, at_ms, end_s);
		at_ms += renewal_wait_ms(&renewal, at_ms, MONOTONIC_MS);
		n++;
	}
	assert_int_equal(n, 2);
	assert_true(end_s * 1000 - at_ms > 3 * MINUTE_MS);
}

static void test_ones_that_last_are_never_due(void **state)
{
	struct renewal renewal = { 0 };

	(void)state;
	renewal_succeeded(&renewal, now_ms, 0);
	assert_true(renewal_wait_ms(&renewal, now_ms, MONOTONIC_MS) == RENEWAL_NEVER);
}

static void test_failures_are_met_with_ever_longer_waits_up_to_a_minute(void **state)
{
	static const int64_t longest_ms[] = { 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000 };
	struct renewal renewal = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof longest_ms / sizeof longest_ms[0]; i++) {
		struct renewal other = renewal;

		renewal_failed(&renewal, MONOTONIC_MS, 0);
		assert_int_equal(renewal_wait_ms(&renewal, now_ms, MONOTONIC_MS), longest_ms[i] / 2);
		renewal_failed(&other, MONOTONIC_MS, 0.5);
		assert_int_equal(renewal_wait_ms(&other, now_ms, MONOTONIC_MS), longest_ms[i] * 3 / 4);
	}
	for (int i = 0; i < 100; i++)
		renewal_failed(&renewal, MONOTONIC_MS, 0.999);
	assert_true(renewal_wait_ms(&renewal, now_ms, MONOTONIC_MS) < 60000);
}

static void test_wait_runs_down_by_the_clock_that_it_is_of(void **state)
{
	struct renewal renewal = { 0 };

	(void)state;
	renewal_failed(&renewal, MONOTONIC_MS, 0);
	assert_int_equal(renewal_wait_ms(&renewal, now_ms + MINUTE_MS, MONOTONIC_MS + 100), 400);
	assert_int_equal(renewal_wait_ms(&renewal, now_ms, MONOTONIC_MS + 9999), 0);
	renewal_succeeded(&renewal, now_ms, NOW_S + 3600);
	assert_int_equal(renewal_wait_ms(&renewal, now_ms + MINUTE_MS, MONOTONIC_MS), 44 * MINUTE_MS);
	assert_int_equal(renewal_wait_ms(&renewal, now_ms + 50 * MINUTE_MS, MONOTONIC_MS), 0);
}

static void test_success_ends_the_waits(void **state)
{
	struct renewal renewal = { 0 };

	(void)state;
	for (int i = 0; i < 5; i++)
		renewal_failed(&renewal, MONOTONIC_MS, 0);
	renewal_succeeded(&renewal, now_ms, NOW_S + 3600);
	renewal_failed(&renewal, MONOTONIC_MS, 0);
	assert_int_equal(renewal_wait_ms(&renewal, now_ms, MONOTONIC_MS), 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zeroed_is_due),
		cmocka_unit_test(test_long_lived_ones_are_renewed_fifteen_minutes_early),
		cmocka_unit_test(test_short_lived_ones_are_renewed_in_their_last_quarter),
		cmocka_unit_test(test_ones_that_are_hardly_alive_are_not_asked_for_without_pause),
		cmocka_unit_test(test_ones_that_come_back_unchanged_are_asked_for_again_before_they_end),
		cmocka_unit_test(test_ones_that_last_are_never_due),
		cmocka_unit_test(test_failures_are_met_with_ever_longer_waits_up_to_a_minute),
		cmocka_unit_test(test_wait_runs_down_by_the_clock_that_it_is_of),
		cmocka_unit_test(test_success_ends_the_waits),
	};

	return UNIT_RUN(tests);
}
