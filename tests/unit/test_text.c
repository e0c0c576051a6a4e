/* base/text: checks, encodings. */
#include <limits.h>

#include "tests/unit/unit.h"

#include "base/text.h"

static bool utf8(const char *text)
{
	return text_is_utf8(text, strlen(text));
}

static void utf8_takes_each_length(void **state)
{
	(void)state;
	assert_true(utf8(""));
	assert_true(utf8("plain"));
	assert_true(utf8("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf"));
}

static void utf8_refuses_what_rfc_3629_does(void **state)
{
	static const char *const bad[] = { "\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf",
		"\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3",
		"\xe2\x82", "\xf0\x9f\x98", "a\xc3(", "\xe2(\xa1" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(utf8(bad[i]));
}

/* Eight plain bytes are looked at together. */
static void utf8_looks_at_each_byte_of_a_long_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < 24; i++) {
		char text[] = "abcdefghijklmnopqrstuvwxyz";

		assert_true(utf8(text));
		memcpy(text + i, "\xc3\xa9", 2);
		assert_true(utf8(text));
		text[i + 1] = 'x';
		assert_false(utf8(text));
		text[i] = '\0';
		assert_false(text_is_utf8(text, sizeof text - 1));
		text[i] = '\x80';
		assert_false(utf8(text));
	}
}

static void utf8_refuses_nul(void **state)
{
	(void)state;
	assert_false(text_is_utf8("a\0b", 3));
}

static void hex_goes_both_ways(void **state)
{
	unsigned char back[3];
	char hex[7];

	(void)state;
	text_hex("\x00\x7f\xff", 3, hex);
	assert_string_equal(hex, "007fff");
	assert_true(text_unhex("007fFF", back, 3));
	assert_memory_equal(back, "\x00\x7f\xff", 3);
}

static void unhex_wants_exactly_the_digits(void **state)
{
	unsigned char back[3];

	(void)state;
	assert_false(text_unhex("007ff", back, 3));
	assert_false(text_unhex("007fff0", back, 3));
	assert_false(text_unhex("007ffg", back, 3));
	assert_false(text_unhex("", back, 3));
}

static void base64url_matches_rfc_4648(void **state)
{
	static const char *const pairs[][2] = { { "", "" }, { "f", "Zg" }, { "fo", "Zm8" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" },
		{ "\xfb\xff\xfe", "-__-" } };

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		auto_buf out = BUF_INIT(100), back = BUF_INIT(100);

		text_base64url(&out, pairs[i][0], strlen(pairs[i][0]));
		assert_string_equal(buf_text(&out), pairs[i][1]);
		assert_true(text_unbase64url(&back, pairs[i][1], strlen(pairs[i][1])));
		assert_string_equal(buf_text(&back), pairs[i][0]);
	}
}

static void unbase64url_takes_one_spelling_only(void **state)
{
	static const char *const bad[] = { "Z", "Zg=", "Zg==", "Zh", "Zm9=", "Z+8", "Z/8", "Zg\n",
		"Zm8 " };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		auto_buf out = BUF_INIT(100);

		assert_false(text_unbase64url(&out, bad[i], strlen(bad[i])));
	}
}

static void number_is_whole_and_in_range(void **state)
{
	long n = 0;

	(void)state;
	assert_true(text_number("10", 0, 10, &n));
	assert_int_equal(n, 10);
	assert_true(text_number("-1", -5, 10, &n));
	assert_false(text_number("11", 0, 10, &n));
	assert_false(text_number("", 0, 10, &n));
	assert_false(text_number(" 1", 0, 10, &n));
	assert_false(text_number("+1", 0, 10, &n));
	assert_false(text_number("1 ", 0, 10, &n));
	assert_false(text_number("1e1", 0, 10, &n));
	assert_false(text_number("99999999999999999999", 0, 10, &n));
	assert_int_equal(n, -1);
	assert_false(text_number("-", -5, 10, &n));
	assert_true(text_number("-0", 0, 10, &n) && n == 0);
	assert_true(text_number("9223372036854775807", 0, LONG_MAX, &n) && n == LONG_MAX);
	assert_false(text_number("9223372036854775808", 0, LONG_MAX, &n));
	assert_true(text_number("-9223372036854775808", LONG_MIN, 0, &n) && n == LONG_MIN);
	assert_false(text_number("-9223372036854775809", LONG_MIN, 0, &n));
}

static void crc32_matches_its_check_value(void **state)
{
	(void)state;
	assert_int_equal(text_crc32("123456789", 9), 0xcbf43926);
	assert_int_equal(text_crc32("", 0), 0);
}

static void copy_says_what_did_not_fit(void **state)
{
	char to[4];

	(void)state;
	assert_true(text_copy(to, sizeof to, "abc"));
	assert_false(text_copy(to, sizeof to, "abcd"));
	assert_string_equal(to, "abc");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_takes_each_length),
		cmocka_unit_test(utf8_refuses_what_rfc_3629_does),
		cmocka_unit_test(utf8_looks_at_each_byte_of_a_long_text),
		cmocka_unit_test(utf8_refuses_nul),
		cmocka_unit_test(hex_goes_both_ways),
		cmocka_unit_test(unhex_wants_exactly_the_digits),
		cmocka_unit_test(base64url_matches_rfc_4648),
		cmocka_unit_test(unbase64url_takes_one_spelling_only),
		cmocka_unit_test(number_is_whole_and_in_range),
		cmocka_unit_test(crc32_matches_its_check_value),
		cmocka_unit_test(copy_says_what_did_not_fit),
	};

	return UNIT_RUN(tests);
}
