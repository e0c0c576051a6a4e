/* sandbox/window: which times are metered, to the second. */
#include "tests/unit/unit.h"

#include "sandbox/window.h"

enum {
	NOON_S = 1794745800,  /* 2026-11-15T12:30:00Z */
	MONTH_S = 1796083200, /* 2026-12-01T00:00:00Z */
	YEAR_S = 1798761600,  /* 2027-01-01T00:00:00Z */
	HOUR_S = 3600,
};

static bool takes(const char *edition, const char *action, double now_s, double used_s)
{
	const struct limits *limits = limits_find(edition);

	return window_takes(
		limits, limits_find_action(limits, action), (int64_t)(now_s * 1000), used_s);
}

static bool batch(double now_s, double used_s)
{
	return takes("today", "BatchMeterUsage", now_s, used_s);
}

static void the_future_is_refused(void **state)
{
	(void)state;
	assert_true(batch(NOON_S, NOON_S));
	assert_true(batch(NOON_S + 0.5, NOON_S + 0.499));
	assert_false(batch(NOON_S, NOON_S + 0.001));
	assert_false(batch(NOON_S, 1e300));
}

static void twenty_four_hours_are_too_old(void **state)
{
	(void)state;
	assert_true(batch(NOON_S, NOON_S - 24 * HOUR_S + 0.001));
	assert_false(batch(NOON_S, NOON_S - 24 * HOUR_S));
	assert_false(batch(NOON_S, 0));
	assert_false(batch(NOON_S, -1e300));
}

static void an_hour_of_2019_is_not(void **state)
{
	(void)state;
	assert_true(takes("2019", "BatchMeterUsage", NOON_S, NOON_S - HOUR_S));
	assert_false(takes("2019", "BatchMeterUsage", NOON_S, NOON_S - HOUR_S - 0.001));
}

static void a_month_closes_at_six(void **state)
{
	(void)state;
	assert_true(batch(MONTH_S, MONTH_S - 1));
	assert_true(batch(MONTH_S + 6 * HOUR_S - 0.001, MONTH_S - 1));
	assert_false(batch(MONTH_S + 6 * HOUR_S, MONTH_S - 1));
	assert_false(batch(MONTH_S + 6 * HOUR_S, MONTH_S - 0.001));
	assert_true(batch(MONTH_S + 6 * HOUR_S, MONTH_S));
	assert_false(batch(YEAR_S + 6 * HOUR_S, YEAR_S - 1));
	assert_true(batch(YEAR_S + 6 * HOUR_S - 1, YEAR_S - 1));
}

static void the_months_of_2019_do_not(void **state)
{
	(void)state;
	assert_true(takes("2019", "BatchMeterUsage", MONTH_S + HOUR_S - 1, MONTH_S - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_future_is_refused),
		cmocka_unit_test(twenty_four_hours_are_too_old),
		cmocka_unit_test(an_hour_of_2019_is_not),
		cmocka_unit_test(a_month_closes_at_six),
		cmocka_unit_test(the_months_of_2019_do_not),
	};

	return UNIT_RUN(tests);
}
