/* The standard mode's arithmetic, exactly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/retry.h"

enum { FAR_MS = 1000000 };

static struct retry_failure failure(double random)
{
	return (struct retry_failure){ .random = random, .now_ms = 100, .deadline_ms = FAR_MS };
}

static void test_delay_doubles_up_to_twenty_seconds(void **state)
{
	static const int64_t most_ms[] = { 1000, 2000, 4000, 8000, 16000, 20000, 20000, 20000 };
	struct retry_bucket bucket = { RETRY_BUCKET };
	struct retry retry = { 0 };
	int64_t delay_ms = -1;

	(void)state;
	for (size_t i = 0; i < sizeof most_ms / sizeof most_ms[0]; i++) {
		struct retry_failure half = failure(0.5);

		assert_true(retry_next(&retry, &bucket, 100, &half, &delay_ms));
		assert_int_equal(delay_ms, most_ms[i] / 2);
	}
}

static void test_delay_is_the_random_part_of_it(void **state)
{
	static const double randoms[] = { 0, 0.25, 0.999 };
	static const int64_t delays_ms[] = { 0, 250, 999 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct retry_bucket bucket = { RETRY_BUCKET };
		struct retry_failure failed = failure(randoms[i]);
		struct retry retry = { 0 };
		int64_t delay_ms = -1;

		assert_true(retry_next(&retry, &bucket, 3, &failed, &delay_ms));
		assert_int_equal(delay_ms, delays_ms[i]);
	}
}

static void test_delay_stays_in_range_after_very_many_tries(void **state)
{
	struct retry_bucket bucket = { RETRY_BUCKET };
	struct retry retry = { .n_failed = 98 };
	struct retry_failure failed = failure(0.5);
	int64_t delay_ms = -1;

	(void)state;
	assert_true(retry_next(&retry, &bucket, 100, &failed, &delay_ms));
	assert_int_equal(delay_ms, 10000);
}

static void test_attempts_count_the_first_one(void **state)
{
	struct retry_bucket bucket = { RETRY_BUCKET };
	struct retry_failure failed = failure(0);
	struct retry retry = { 0 };
	int64_t delay_ms;

	(void)state;
	assert_true(retry_next(&retry, &bucket, 3, &failed, &delay_ms));
	assert_true(retry_next(&retry, &bucket, 3, &failed, &delay_ms));
	assert_false(retry_next(&retry, &bucket, 3, &failed, &delay_ms));
	retry = (struct retry){ 0 };
	assert_false(retry_next(&retry, &bucket, 1, &failed, &delay_ms));
}

static void test_retry_costs_five_and_after_a_time_out_ten(void **state)
{
	struct retry_bucket bucket = { RETRY_BUCKET };
	struct retry_failure failed = failure(0);
	struct retry retry = { 0 };
	int64_t delay_ms;

	(void)state;
	assert_true(retry_next(&retry, &bucket, 9, &failed, &delay_ms));
	assert_int_equal(bucket.tokens, 495);
	failed.timed_out = true;
	assert_true(retry_next(&retry, &bucket, 9, &failed, &delay_ms));
	assert_int_equal(bucket.tokens, 485);
}

static void test_empty_bucket_ends_retries(void **state)
{
	struct retry_bucket bucket = { 10 };
	struct retry_failure failed = failure(0);
	struct retry retry = { 0 };
	int64_t delay_ms;

	(void)state;
	assert_true(retry_next(&retry, &bucket, 9, &failed, &delay_ms));
	failed.timed_out = true;
	assert_false(retry_next(&retry, &bucket, 9, &failed, &delay_ms));
	failed.timed_out = false;
	assert_true(retry_next(&retry, &bucket, 9, &failed, &delay_ms)); /* to the last one */
	assert_int_equal(bucket.tokens, 0);
	assert_false(retry_next(&retry, &bucket, 9, &failed, &delay_ms));
	assert_int_equal(bucket.tokens, 0);
}

static void test_last_attempt_costs_nothing(void **state)
{
	struct retry_bucket bucket = { RETRY_BUCKET };
	struct retry_failure failed = failure(0);
	struct retry retry = { .n_failed = 2 };
	int64_t delay_ms;

	(void)state;
	assert_false(retry_next(&retry, &bucket, 3, &failed, &delay_ms));
	assert_int_equal(bucket.tokens, RETRY_BUCKET);
}

static void test_success_at_once_earns_one(void **state)
{
	struct retry_bucket bucket = { 10 };
	struct retry retry = { 0 };

	(void)state;
	retry_succeeded(&retry, &bucket);
	assert_int_equal(bucket.tokens, 11);
}

static void test_success_of_a_retry_pays_back_what_that_retry_cost(void **state)
{
	struct retry_bucket bucket = { 100 };
	struct retry_failure failed = failure(0);
	struct retry retry = { 0 };
	int64_t delay_ms;

	(void)state;
	failed.timed_out = true;
	assert_true(retry_next(&retry, &bucket, 3, &failed, &delay_ms));
	failed.timed_out = false;
	assert_true(retry_next(&retry, &bucket, 3, &failed, &delay_ms));
	retry_succeeded(&retry, &bucket);
	assert_int_equal(bucket.tokens, 90);
}

static void test_bucket_never_overflows(void **state)
{
	struct retry_bucket bucket = { RETRY_BUCKET };
	struct retry retry = { 0 };

	(void)state;
	retry_succeeded(&retry, &bucket);
	assert_int_equal(bucket.tokens, RETRY_BUCKET);
}

static void test_server_s_hint_lengthens_the_delay(void **state)
{
	struct retry_bucket bucket = { RETRY_BUCKET };
	struct retry_failure failed = failure(0.5);
	struct retry retry = { 0 };
	int64_t delay_ms;

	(void)state;
	failed.hint_ms = 3000;
	assert_true(retry_next(&retry, &bucket, 9, &failed, &delay_ms));
	assert_int_equal(delay_ms, 3000);
	failed.hint_ms = 10;
	assert_true(retry_next(&retry, &bucket, 9, &failed, &delay_ms));
	assert_int_equal(delay_ms, 1000);
}

static void test_no_try_begins_at_the_deadline_or_later(void **state)
{
	struct retry_bucket bucket = { RETRY_BUCKET };
	struct retry_failure failed = failure(0.5);
	struct retry retry = { 0 };
	int64_t delay_ms;

	(void)state;
	failed.deadline_ms = failed.now_ms + 500;
	assert_false(retry_next(&retry, &bucket, 9, &failed, &delay_ms));
	retry = (struct retry){ 0 };
	failed.deadline_ms = failed.now_ms + 501;
	assert_true(retry_next(&retry, &bucket, 9, &failed, &delay_ms));
	assert_int_equal(bucket.tokens, RETRY_BUCKET - 5);
	failed.deadline_ms = failed.now_ms - 1;
	assert_false(retry_next(&retry, &bucket, 9, &failed, &delay_ms));
}

static void test_hint_counts_for_five_seconds_at_most(void **state)
{
	struct retry_bucket bucket = { RETRY_BUCKET };
	struct retry_failure failed = failure(0);
	struct retry retry = { 0 };
	int64_t delay_ms;

	(void)state;
	failed.hint_ms = 30000;
	failed.deadline_ms = failed.now_ms + 8000;
	assert_true(retry_next(&retry, &bucket, 9, &failed, &delay_ms));
	assert_int_equal(delay_ms, 5000);
	failed.random = 0.5;
	assert_true(retry_next(&retry, &bucket, 9, &failed, &delay_ms));
	assert_int_equal(delay_ms, 1000 + 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delay_doubles_up_to_twenty_seconds),
		cmocka_unit_test(test_delay_is_the_random_part_of_it),
		cmocka_unit_test(test_delay_stays_in_range_after_very_many_tries),
		cmocka_unit_test(test_attempts_count_the_first_one),
		cmocka_unit_test(test_retry_costs_five_and_after_a_time_out_ten),
		cmocka_unit_test(test_empty_bucket_ends_retries),
		cmocka_unit_test(test_last_attempt_costs_nothing),
		cmocka_unit_test(test_success_at_once_earns_one),
		cmocka_unit_test(test_success_of_a_retry_pays_back_what_that_retry_cost),
		cmocka_unit_test(test_bucket_never_overflows),
		cmocka_unit_test(test_server_s_hint_lengthens_the_delay),
		cmocka_unit_test(test_no_try_begins_at_the_deadline_or_later),
		cmocka_unit_test(test_hint_counts_for_five_seconds_at_most),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
