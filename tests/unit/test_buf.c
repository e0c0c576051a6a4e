/* base/buf and base/err. */
#include "tests/unit/unit.h"

#include "base/buf.h"

static void grows_and_stays_closed_with_nul(void **state)
{
	auto_buf buf = BUF_INIT(100000);

	(void)state;
	assert_string_equal(buf_text(&buf), "");
	for (int i = 0; i < 1000; i++)
		buf_printf(&buf, "%03d,", i);
	assert_false(buf.failed);
	assert_int_equal(buf.len, 4000);
	assert_int_equal(strlen(buf.data), 4000);
	assert_memory_equal(buf.data + 3992, "998,999,", 8);
}

static void texts_are_appended_up_to_null(void **state)
{
	auto_buf buf = BUF_INIT(8);

	(void)state;
	buf_texts(&buf, "a", "", "bc", NULL);
	assert_string_equal(buf_text(&buf), "abc");
	buf_texts(&buf, "defgh", "i", NULL);
	assert_string_equal(buf_text(&buf), "abcdefgh");
	assert_true(buf.failed);
}

static void maximum_is_sticky(void **state)
{
	auto_buf buf = BUF_INIT(5);

	(void)state;
	buf_puts(&buf, "abc");
	buf_puts(&buf, "def");
	buf_puts(&buf, "x");
	assert_true(buf.failed);
	assert_string_equal(buf_text(&buf), "abc");
	buf_reset(&buf);
	buf_puts(&buf, "abcde");
	assert_false(buf.failed);
	assert_string_equal(buf_text(&buf), "abcde");
}

static void json_text_escapes_what_has_to_be(void **state)
{
	auto_buf buf = BUF_INIT(1000), expected = BUF_INIT(1000);
	char text[256] = "";

	(void)state;
	buf_putc(&expected, '"');
	for (int c = 1; c < 256; c++) {
		text[c - 1] = (char)c;
		if (c < ' ')
			buf_printf(&expected, "\\u%04x", (unsigned)c);
		else if (c == '"' || c == '\\')
			buf_printf(&expected, "\\%c", c);
		else
			buf_putc(&expected, (char)c);
	}
	buf_putc(&expected, '"');
	buf_json_text(&buf, text);
	assert_string_equal(buf_text(&buf), buf_text(&expected));
	buf_reset(&buf);
	buf_json_text(&buf, "");
	assert_string_equal(buf_text(&buf), "\"\"");
}

static void begins_in_the_callers_array_and_leaves_nothing_there(void **state)
{
	static const char nothing[8];
	char room[8] = "";
	struct buf buf = BUF_ON(room, 20);

	(void)state;
	assert_string_equal(buf_text(&buf), "");
	buf_puts(&buf, "1234567");
	assert_ptr_equal(buf.data, room);
	buf_puts(&buf, "8");
	assert_ptr_not_equal(buf.data, room);
	assert_memory_equal(room, nothing, sizeof room);
	buf_puts(&buf, "90");
	assert_string_equal(buf_text(&buf), "1234567890");
	buf_done(&buf);
	buf = BUF_ON(room, 3);
	buf_puts(&buf, "abcd");
	assert_true(buf.failed);
	buf_reset(&buf);
	buf_puts(&buf, "abc");
	assert_string_equal(room, "abc");
	buf_wipe(&buf);
	assert_memory_equal(room, nothing, sizeof room);
	buf_puts(&buf, "abc");
	assert_string_equal(buf_text(&buf), "abc");
	buf_done(&buf);
}

static void size_that_overflows_fails(void **state)
{
	auto_buf buf = BUF_INIT(SIZE_MAX);

	(void)state;
	buf_puts(&buf, "abc");
	assert_null(buf_reserve(&buf, SIZE_MAX - 1));
	assert_true(buf.failed);
}

static void done_accepts_null_and_zero(void **state)
{
	struct buf zero = { 0 };

	(void)state;
	buf_done(NULL);
	buf_wipe(NULL);
	buf_done(&zero);
	buf_wipe(&zero);
	buf_puts(&zero, "x");
	assert_true(zero.failed);
}

static void wrap_puts_text_in_front(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(err_set(&err, ERR_RETRY, "code %d", 7), ERR_RETRY);
	assert_int_equal(err_wrap(&err, ERR_LOCAL, "file %s", "x"), ERR_LOCAL);
	assert_string_equal(err.text, "file x: code 7");
}

static void wrap_never_overflows(void **state)
{
	struct err err;

	(void)state;
	memset(err.text, 'a', sizeof err.text - 1);
	err.text[sizeof err.text - 1] = '\0';
	assert_int_equal(err_wrap(&err, ERR_LOCAL, "in front"), ERR_LOCAL);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	assert_memory_equal(err.text, "in front: aaa", 13);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_and_stays_closed_with_nul),
		cmocka_unit_test(texts_are_appended_up_to_null),
		cmocka_unit_test(maximum_is_sticky),
		cmocka_unit_test(json_text_escapes_what_has_to_be),
		cmocka_unit_test(begins_in_the_callers_array_and_leaves_nothing_there),
		cmocka_unit_test(size_that_overflows_fails),
		cmocka_unit_test(done_accepts_null_and_zero),
		cmocka_unit_test(wrap_puts_text_in_front),
		cmocka_unit_test(wrap_never_overflows),
	};

	return UNIT_RUN(tests);
}
