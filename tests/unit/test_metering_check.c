/* A value against what the reference says of it: lengths, ranges, patterns. */
#include <stdlib.h>

#include "aws/metering_check.h"
#include "base/buf.h"
#include "tests/unit/unit.h"

static struct err err;

static enum status check(enum limits_pattern pattern, int64_t min, int64_t max, const char *text)
{
	const struct limits_member limit = { .kind = LIMITS_TEXT, .min = min, .max = max,
		.pattern = pattern };

	err.text[0] = '\0';
	return metering_check_text(&limit, text, &err);
}

static void assert_form(enum limits_pattern pattern, const char *text, bool is_allowed)
{
	if (check(pattern, 0, 5000, text) != (is_allowed ? OK : ERR_INPUT))
		fail_msg("\"%s\" is %s", text, is_allowed ? err.text : "let through");
}

static void assert_says(const char *part)
{
	if (!strstr(err.text, part))
		fail_msg("the text does not say %s: %s", part, err.text);
}

static void lengths_are_of_characters(void **state)
{
	(void)state;
	assert_int_equal(check(LIMITS_ANY_TEXT, 1, 3, "abc"), OK);
	assert_int_equal(check(LIMITS_ANY_TEXT, 1, 3, "\xc3\xa4\xf0\x9f\x98\x80\xe2\x82\xac"), OK);
	assert_int_equal(check(LIMITS_ANY_TEXT, 1, 3, "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"), ERR_INPUT);
	assert_string_equal(err.text, "has 4 characters; allowed are 1 to 3");
	assert_int_equal(check(LIMITS_ANY_TEXT, 2, 3, "\xc3\xa4"), ERR_INPUT);
}

static void text_without_a_limit_is_as_long_as_a_form(void **state)
{
	char *text = malloc(64 * 1024 + 2);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', 64 * 1024 + 2);
	text[64 * 1024 + 1] = '\0';
	assert_int_equal(check(LIMITS_ANY_TEXT, 1, 0, text), ERR_INPUT);
	assert_string_equal(err.text, "has 65537 bytes; allowed are 65536");
	text[64 * 1024] = '\0';
	assert_int_equal(check(LIMITS_ANY_TEXT, 1, 0, text), OK);
	free(text);
}

static void text_is_utf8(void **state)
{
	static const char *const bad[] = { "a\xff", "\xc0\xaf", "\xed\xa0\x80", "\xc3",
		"\xf4\x90\x80\x80" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(check(LIMITS_ANY_TEXT, 0, 255, bad[i]), ERR_INPUT);
		assert_string_equal(err.text, "is not UTF-8 text");
	}
}

static void any_text_may_have_any_character(void **state)
{
	(void)state;
	assert_form(LIMITS_ANY_TEXT, " \n\t\x01\x7f\"\\\xf0\x9f\x98\x80", true);
}

static void no_space_is_none_of_six(void **state)
{
	static const char spaces[] = " \t\n\v\f\r";

	(void)state;
	assert_form(LIMITS_NO_SPACE, "a+b/c=\xc2\xa0", true);
	for (const char *at = spaces; *at; at++) {
		const char text[] = { 'a', *at, 'b', '\0' };

		assert_form(LIMITS_NO_SPACE, text, false);
	}
	assert_says("no white space");
}

static void digits_are_ascii_s(void **state)
{
	(void)state;
	assert_form(LIMITS_DIGITS, "0123456789", true);
	assert_form(LIMITS_DIGITS, "12a", false);
	assert_form(LIMITS_DIGITS, "-1", false);
	assert_form(LIMITS_DIGITS, "1\n", false);
	assert_form(LIMITS_DIGITS, "\xd9\xa1", false); /* Arabic one */
	assert_says("allowed: digits");
}

/* Each ASCII character but NUL, one by one. */
static void assert_alphabet(enum limits_pattern pattern, const char *allowed)
{
	for (int c = 1; c < 128; c++) {
		const char text[] = { 'a', (char)c, '\0' };

		assert_form(pattern, text, strchr(allowed, c) != NULL);
	}
	assert_form(pattern, "\xc3\xa4", false);
}

#define ALNUM "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static void product_code_has_its_alphabet(void **state)
{
	(void)state;
	assert_alphabet(LIMITS_PRODUCT_CODE, ALNUM "-/=:_.@");
}

/* The range in the reference's regular expression would let through ! " # $ % & ' ( ) * , ; < too. */
static void tag_has_the_alphabet_of_the_prose(void **state)
{
	(void)state;
	assert_alphabet(LIMITS_TAG, ALNUM "+ -=._:/@");
	assert_says("letters, digits, blanks and + - = . _ : / @");
}

static void arns_of_licenses_are_allowed(void **state)
{
	(void)state;
	assert_form(LIMITS_ARN, "arn:aws:license-manager::294406891311:license:l-0123456789abcdef",
		true);
	assert_form(LIMITS_ARN, "arn:aws-cn:license-manager:cn-north-1:1:license/l-1", true);
	assert_form(LIMITS_ARN, "arn:aws-us-Gov:S:::R", true);
	assert_form(LIMITS_ARN, "arn:aws:a_/.-b:_/.-:_/.-:0:_/+=,@.-", true);
	assert_form(LIMITS_ARN, "arn:aws:s:::a:b:c:::", true);
}

static void what_is_no_arn_is_refused(void **state)
{
	static const char *const bad[] = { "", "a", "arn:", "arn:aws", "arn:aws:", "arn:aws:::::",
		"arn:aws:s:::", "arn:aws::::r", "arn:aws:s::r", "ARN:aws:s:::r", "arn:azure:s:::r",
		"arn:aws1:s:::r", "arn:aws_x:s:::r", "arn:aws:-s:::r", "arn:aws:s:::-r", "arn:aws:s::::r",
		"arn:aws:s s:::r", "arn:aws:s:r!::r", "arn:aws:s::1#:r", "arn:aws:s:::r r",
		"arn:aws:s:::r\n", "arn:aws:s:::r%", " arn:aws:s:::r", "arn:aws:s:::\xc3\xa4" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_form(LIMITS_ARN, bad[i], false);
	assert_says("arn:aws:service:region:account:resource");
}

/* Of so many characters each. */
static void assert_arn_parts(int service, int region, int account, int resource, bool is_allowed)
{
	auto_buf arn = BUF_INIT(5000);

	buf_puts(&arn, "arn:aws");
	for (int part = 0; part < 4; part++) {
		const int lens[] = { service, region, account, resource };

		buf_putc(&arn, ':');
		for (int i = 0; i < lens[part]; i++)
			buf_putc(&arn, 'a');
	}
	assert_form(LIMITS_ARN, buf_text(&arn), is_allowed);
}

static void parts_of_an_arn_have_their_lengths(void **state)
{
	(void)state;
	assert_arn_parts(1, 0, 0, 1, true);
	assert_arn_parts(63, 63, 63, 1024, true);
	assert_arn_parts(0, 0, 0, 1, false);
	assert_arn_parts(64, 63, 63, 1024, false);
	assert_arn_parts(63, 64, 63, 1024, false);
	assert_arn_parts(63, 63, 64, 1024, false);
	assert_arn_parts(63, 63, 63, 1025, false);
	assert_arn_parts(1, 0, 0, 0, false);
}

static void text_of_a_fault_never_shows_the_value(void **state)
{
	(void)state;
	assert_int_equal(check(LIMITS_DIGITS, 1, 255, "secret-value"), ERR_INPUT);
	assert_null(strstr(err.text, "secret"));
	assert_int_equal(check(LIMITS_ANY_TEXT, 1, 3, "secret-value"), ERR_INPUT);
	assert_null(strstr(err.text, "secret"));
}

static void integers_have_their_range(void **state)
{
	const struct limits_member limit = { .kind = LIMITS_INTEGER, .min = 0, .max = 2147483647 };

	(void)state;
	assert_int_equal(metering_check_integer(&limit, 0, &err), OK);
	assert_int_equal(metering_check_integer(&limit, 2147483647, &err), OK);
	assert_int_equal(metering_check_integer(&limit, -1, &err), ERR_INPUT);
	assert_string_equal(err.text, "is -1; allowed is 0 to 2147483647");
	assert_int_equal(metering_check_integer(&limit, 2147483648, &err), ERR_INPUT);
	assert_int_equal(metering_check_integer(&limit, INT64_MIN, &err), ERR_INPUT);
	assert_int_equal(metering_check_integer(&limit, INT64_MAX, &err), ERR_INPUT);
}

static void timestamps_are_after_1970(void **state)
{
	(void)state;
	assert_int_equal(metering_check_timestamp(1, &err), OK);
	assert_int_equal(metering_check_timestamp(253402300799, &err), OK);
	assert_int_equal(metering_check_timestamp(0, &err), ERR_INPUT);
	assert_int_equal(metering_check_timestamp(-5, &err), ERR_INPUT);
	assert_int_equal(metering_check_timestamp(253402300800, &err), ERR_INPUT);
	assert_says("is 253402300800; allowed are seconds since 1970");
}

static void lists_have_their_count(void **state)
{
	const struct limits_member limit = { .kind = LIMITS_LIST, .min = 1, .max = 5 };

	(void)state;
	assert_int_equal(metering_check_count(&limit, 1, &err), OK);
	assert_int_equal(metering_check_count(&limit, 5, &err), OK);
	assert_int_equal(metering_check_count(&limit, 0, &err), ERR_INPUT);
	assert_int_equal(metering_check_count(&limit, 6, &err), ERR_INPUT);
	assert_string_equal(err.text, "has 6 items; allowed are 1 to 5");
	assert_int_equal(metering_check_count(&limit, SIZE_MAX, &err), ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_are_of_characters),
		cmocka_unit_test(text_without_a_limit_is_as_long_as_a_form),
		cmocka_unit_test(text_is_utf8),
		cmocka_unit_test(any_text_may_have_any_character),
		cmocka_unit_test(no_space_is_none_of_six),
		cmocka_unit_test(digits_are_ascii_s),
		cmocka_unit_test(product_code_has_its_alphabet),
		cmocka_unit_test(tag_has_the_alphabet_of_the_prose),
		cmocka_unit_test(arns_of_licenses_are_allowed),
		cmocka_unit_test(what_is_no_arn_is_refused),
		cmocka_unit_test(parts_of_an_arn_have_their_lengths),
		cmocka_unit_test(text_of_a_fault_never_shows_the_value),
		cmocka_unit_test(integers_have_their_range),
		cmocka_unit_test(timestamps_are_after_1970),
		cmocka_unit_test(lists_have_their_count),
	};

	return UNIT_RUN(tests);
}
