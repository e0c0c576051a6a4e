/* fcgi/form: decoded exactly once. */
#include "tests/unit/unit.h"

#include "fcgi/form.h"

static void assert_value(const char *body, const char *name, const char *value)
{
	auto_form form = { 0 };
	struct err err;

	assert_int_equal(form_parse(body, strlen(body), &form, &err), OK);
	if (value)
		assert_string_equal(form_value(&form, name), value);
	else
		assert_null(form_value(&form, name));
}

static void assert_refused(const char *body, size_t len)
{
	auto_form form = { 0 };
	struct err err;

	assert_int_equal(form_parse(body, len, &form, &err), ERR_INPUT);
	assert_null(form.text);
}

static void decodes_plus_and_percent(void **state)
{
	(void)state;
	assert_value("a=b+c%2Bd%2fe%3D", "a", "b c+d/e=");
	assert_value("a=%30%39%5a%5A%4F%7e", "a", "09ZZO~");
	assert_value("a%20b=c", "a b", "c");
}

static void decodes_once_only(void **state)
{
	(void)state;
	assert_value("a=%252B%2525", "a", "%2B%25");
}

static void token_characters_survive_encoded_and_not(void **state)
{
	(void)state;
	assert_value("t=a/b=c==&u=1", "t", "a/b=c==");
	assert_value("t=a%2Bb%2Fc%3D%25", "t", "a+b/c=%");
}

static void percent_without_two_digits_stands_for_itself(void **state)
{
	(void)state;
	assert_value("a=100%", "a", "100%");
	assert_value("a=%zz%4", "a", "%zz%4");
	assert_value("a=%4g%%41", "a", "%4g%A");
	assert_value("a=x%&b=41", "a", "x%");
}

static void odd_fields_are_taken_as_browsers_do(void **state)
{
	(void)state;
	assert_value("", "a", NULL);
	assert_value("&&a=1&&", "a", "1");
	assert_value("a", "a", "");
	assert_value("=1&a=2", "", "1");
	assert_value("a=1&a=2", "a", "1");
	assert_value("A=1", "a", NULL);
}

static void nul_is_refused_in_name_and_value(void **state)
{
	(void)state;
	assert_refused("a=b%00c", 7);
	assert_refused("a%00=b", 6);
	assert_refused("a=\0b", 4);
}

static void bad_utf8_is_refused_in_any_field(void **state)
{
	(void)state;
	assert_refused("ignored=%ff&a=1", 15);
	assert_refused("%c0%af=1", 8);
	assert_refused("a=\xed\xa0\x80", 5);
}

static void number_of_fields_is_bounded(void **state)
{
	auto_form form = { 0 };
	struct err err;
	char body[2 * (FORM_FIELDS_MAX + 1)];

	(void)state;
	for (size_t i = 0; i < sizeof body; i++)
		body[i] = i % 2 ? '&' : 'a';
	assert_int_equal(form_parse(body, 2 * FORM_FIELDS_MAX - 1, &form, &err), OK);
	assert_int_equal(form.n_fields, FORM_FIELDS_MAX);
	form_done(&form);
	assert_refused(body, 2 * FORM_FIELDS_MAX + 1);
}

static void only_value_tells_the_same_twice_from_two_different(void **state)
{
	auto_form form = { 0 };
	struct err err;
	bool differ = true;

	(void)state;
	assert_int_equal(form_parse("t=a&t=a&u=a&u=b", 15, &form, &err), OK);
	assert_string_equal(form_only_value(&form, "t", &differ), "a");
	assert_false(differ);
	assert_non_null(form_only_value(&form, "u", &differ));
	assert_true(differ);
	assert_null(form_only_value(&form, "v", &differ));
	assert_false(differ);
}

static void line_breaks_of_browsers_are_one_character(void **state)
{
	static const char body[] = "a=x%0D%0Ay%0D%0A&b=%0D%0A%0D%0A&c=x%0Dy%0Az&d=&e=%0D";
	auto_form form = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(form_parse(body, sizeof body - 1, &form, &err), OK);
	form_unify_line_breaks(&form);
	assert_string_equal(form_value(&form, "a"), "x\ny\n");
	assert_string_equal(form_value(&form, "b"), "\n\n");
	assert_string_equal(form_value(&form, "c"), "x\ry\nz");
	assert_string_equal(form_value(&form, "d"), "");
	assert_string_equal(form_value(&form, "e"), "\r");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_plus_and_percent),
		cmocka_unit_test(decodes_once_only),
		cmocka_unit_test(token_characters_survive_encoded_and_not),
		cmocka_unit_test(percent_without_two_digits_stands_for_itself),
		cmocka_unit_test(odd_fields_are_taken_as_browsers_do),
		cmocka_unit_test(nul_is_refused_in_name_and_value),
		cmocka_unit_test(bad_utf8_is_refused_in_any_field),
		cmocka_unit_test(number_of_fields_is_bounded),
		cmocka_unit_test(only_value_tells_the_same_twice_from_two_different),
		cmocka_unit_test(line_breaks_of_browsers_are_one_character),
	};

	return UNIT_RUN(tests);
}
