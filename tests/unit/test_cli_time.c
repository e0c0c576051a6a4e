/* cli/time: which times are taken, and that none is taken for another. */
#include "tests/unit/unit.h"

#include "cli/time.h"

static void expect(const char *text, int64_t seconds)
{
	int64_t got = -1;

	if (!time_read(text, &got))
		fail_msg("%s is refused", text);
	assert_int_equal(got, seconds);
}

static void refuse(const char *text)
{
	int64_t got = -1;

	if (time_read(text, &got))
		fail_msg("%s is taken for %lld", text, (long long)got);
	assert_int_equal(got, -1);
}

static void seconds_are_read(void **state)
{
	(void)state;
	expect("0", 0);
	expect("1769860800", 1769860800);
	expect("1769860800.999", 1769860800);
	expect("253402300799", 253402300799);
}

static void iso_8601_is_read(void **state)
{
	(void)state;
	expect("2026-01-31T12:00:00Z", 1769860800);
	expect("2026-01-31t12:00:00z", 1769860800);
	expect("2026-01-31 12:00Z", 1769860800);
	expect("2026-01-31T12:00:00.999Z", 1769860800);
	expect("2026-01-31T13:00:00+01:00", 1769860800);
	expect("2026-01-31T13:30:00+0130", 1769860800);
	expect("2026-01-31T11:00:00-01", 1769860800);
	expect("2026-01-31T12:00:00+00:00", 1769860800);
	expect("2024-02-29T00:00:00Z", 1709164800);
}

static void a_time_without_zone_is_refused(void **state)
{
	(void)state;
	refuse("2026-01-31T12:00:00");
	refuse("2026-01-31 12:00");
	refuse("2026-01-31");
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const texts[] = { "", "now", "-1", "+1", " 1", "1 ", "1.", ".5", "1e9",
		"1769860800000", "9999999999999999999999", "0x10", "2026-02-30T12:00:00Z",
		"2025-02-29T12:00:00Z", "2026-13-01T12:00:00Z", "2026-00-01T12:00:00Z",
		"2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z", "2026-01-31T12:00:60Z",
		"2026-1-31T12:00:00Z", "2026-01-31T12:00:00ZZ", "2026-01-31T12:00:00+1:00",
		"2026-01-31T12:00:00+01:", "2026-01-31T12:00:00+24:00", "2026-01-31T12:00:00+01:60",
		"2026-01-31T12:00:00.Z", "2026-01-31T12:00:00 Z", "1969-12-31T23:59:59Z" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		refuse(texts[i]);
}

static void numbers_of_json_have_bounds(void **state)
{
	int64_t got = -1;

	(void)state;
	assert_true(time_of_number(1769860800.9, &got));
	assert_int_equal(got, 1769860800);
	assert_false(time_of_number(-1, &got));
	assert_false(time_of_number(1769860800000, &got));
	assert_false(time_of_number(1e300, &got));
	assert_int_equal(got, 1769860800);
}

static void times_are_shown_in_utc(void **state)
{
	char text[TIME_SIZE];

	(void)state;
	time_print(1769860800, text);
	assert_string_equal(text, "2026-01-31T12:00:00+00:00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seconds_are_read),
		cmocka_unit_test(iso_8601_is_read),
		cmocka_unit_test(a_time_without_zone_is_refused),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(numbers_of_json_have_bounds),
		cmocka_unit_test(times_are_shown_in_utc),
	};

	return UNIT_RUN(tests);
}
