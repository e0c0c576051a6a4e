/* What the line of progress says. How it is drawn: tests/e2e/meter_options.t. */
#include "meter/progress.h"
#include "tests/unit/unit.h"

static void check_line(struct progress_counts counts, int64_t lasted_ms, const char *wanted)
{
	auto_buf line = BUF_INIT(300);

	progress_write("sending", counts, lasted_ms, &line);
	assert_string_equal(buf_text(&line), wanted);
}

static void test_a_phase_without_counts_says_how_long_it_has_lasted(void **state)
{
	const struct progress_counts none = { 0 };

	(void)state;
	check_line(none, 0, "sending: 0 s");
	check_line(none, 59999, "sending: 59 s");
	check_line(none, 60000, "sending: 1 min 00 s");
	check_line(none, 3599999, "sending: 59 min 59 s");
	check_line(none, 3600000 + 5 * 60000, "sending: 1 h 05 min");
}

static void test_records_calls_rate_time_left_and_errors(void **state)
{
	(void)state;
	check_line((struct progress_counts){ 2500, 10000, 100, 3 }, 10000,
		"sending: 2500 of 10000 records, 100 calls, 250/s, 31 s left, 3 errors");
	check_line((struct progress_counts){ 10000, 10000, 400, 0 }, 40000,
		"sending: 10000 of 10000 records, 400 calls, 250/s, 0 s left, 0 errors");
}

static void test_before_the_first_record_nobody_knows_the_time_left(void **state)
{
	(void)state;
	check_line((struct progress_counts){ 0, 10000, 16, 0 }, 500,
		"sending: 0 of 10000 records, 16 calls, 0/s, 0 errors");
	assert_int_equal(progress_left_s((struct progress_counts){ 0, 5, 0, 0 }, 1000), -1);
	assert_int_equal(progress_left_s((struct progress_counts){ 1, 5, 0, 0 }, 0), -1);
}

static void test_rate_and_time_left(void **state)
{
	(void)state;
	assert_int_equal(progress_rate(5, 0), 0);
	assert_int_equal(progress_rate(1, 1999), 0);
	assert_int_equal(progress_rate(3, 1500), 2);
	assert_int_equal(progress_rate(INT32_MAX, 1000), INT32_MAX);
	assert_int_equal(progress_left_s((struct progress_counts){ 1, 4, 0, 0 }, 500), 2);
	/* More came than were counted: usage that was frozen meanwhile by another's hand. */
	assert_int_equal(progress_left_s((struct progress_counts){ 5, 4, 0, 0 }, 500), 0);
	assert_int_equal(progress_left_s((struct progress_counts){ 0, 0, 0, 0 }, 500), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_phase_without_counts_says_how_long_it_has_lasted),
		cmocka_unit_test(test_records_calls_rate_time_left_and_errors),
		cmocka_unit_test(test_before_the_first_record_nobody_knows_the_time_left),
		cmocka_unit_test(test_rate_and_time_left),
	};

	return UNIT_RUN(tests);
}
