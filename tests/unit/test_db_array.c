#include "db/array.h"
#include "tests/unit/unit.h"

static void check(const char *const *values, size_t n, const char *wanted)
{
	auto_buf out = BUF_INIT(1000);

	db_array(&out, values, n);
	assert_string_equal(buf_text(&out), wanted);
}

static void nothing_is_an_empty_array(void **state)
{
	(void)state;
	check(NULL, 0, "{}");
}

static void each_value_is_quoted(void **state)
{
	const char *const values[] = { "a", "", "b,c}", "null" };

	(void)state;
	check(values, 4, "{\"a\",\"\",\"b,c}\",\"null\"}");
}

static void quotes_and_backslashes_are_escaped(void **state)
{
	const char *const values[] = { "a\"b\\c" };

	(void)state;
	check(values, 1, "{\"a\\\"b\\\\c\"}");
}

static void null_is_sql_null(void **state)
{
	const char *const values[] = { NULL, "a", NULL };

	(void)state;
	check(values, 3, "{NULL,\"a\",NULL}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_an_empty_array),
		cmocka_unit_test(each_value_is_quoted),
		cmocka_unit_test(quotes_and_backslashes_are_escaped),
		cmocka_unit_test(null_is_sql_null),
	};

	return UNIT_RUN(tests);
}
