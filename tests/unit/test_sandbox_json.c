/* sandbox/json: what is refused before cJSON sees it, and what is never printed half. */
#include "tests/unit/unit.h"

#include "sandbox/json.h"

static const char *why_not(const char *text, size_t len)
{
	const char *why = NULL;
	auto_json *json = json_parse_object(text, len, &why);

	assert_null(json);
	assert_non_null(why);
	return why;
}

static void an_object_is_read(void **state)
{
	static const char text[] = " {\"A\":\"x\",\"B\":null,\"C\":5} \n";
	const char *why = NULL;
	auto_json *json = json_parse_object(text, strlen(text), &why);

	(void)state;
	assert_non_null(json);
	assert_null(why);
	assert_string_equal(json_text(json, "A"), "x");
	assert_null(json_member(json, "B"));
	assert_null(json_member(json, "a"));
	assert_null(json_text(json, "C"));
}

static void nothing_is_an_empty_object(void **state)
{
	const char *why = NULL;
	auto_json *none = json_parse_object("", 0, &why);
	auto_json *blank = json_parse_object(" \r\n\t", 4, &why);

	(void)state;
	assert_true(cJSON_IsObject(none));
	assert_true(cJSON_IsObject(blank));
}

static void what_is_no_object_is_refused(void **state)
{
	static const char *const texts[] = { "[]", "5", "\"x\"", "null" };
	static const char *const broken[] = { "{", "{\"a\":1", "{}x", "{} {}", "{'a':1}", "{\"a\":\"",
		"{\"a\":\"\\", "a=b", "{\"a\":01}", "{\"a\":1.}", "{\"a\":1.e5}", "{\"a\":1e}", "{\"a\":-}",
		"{\"a\":+1}", "{\"a\":1-2}", "{\"a\":-01}" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_string_equal(why_not(texts[i], strlen(texts[i])), "it is not an object");
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
		assert_string_equal(why_not(broken[i], strlen(broken[i])), "it is not JSON");
}

static void numbers_print_as_they_were_written(void **state)
{
	static const char text[] =
		"{ \"1\":1.50e+9, \"b\\\"2\":[-0,{\"c\":0.499E2},\"7\"],\"d\":true }";
	const char *why = NULL;
	auto_json *json = json_parse_object(text, strlen(text), &why);
	auto_buf out = BUF_INIT(1000);

	(void)state;
	json_print(&out, json);
	assert_string_equal(
		buf_text(&out), "{\"1\":1500000000,\"b\\\"2\":[-0,{\"c\":49.9},\"7\"],\"d\":true}");
	json_as_sent(json);
	buf_reset(&out);
	json_print(&out, json);
	assert_string_equal(
		buf_text(&out), "{\"1\":1.50e+9,\"b\\\"2\":[-0,{\"c\":0.499E2},\"7\"],\"d\":true}");
}

static void nul_and_broken_utf8_are_refused(void **state)
{
	static const char escaped_backslash[] = "{\"a\":\"\\\\u0000\"}";
	const char *why = NULL;
	auto_json *fine = json_parse_object(escaped_backslash, sizeof escaped_backslash - 1, &why);

	(void)state;
	assert_string_equal(why_not("{\"a\":\"x\\u0000y\"}", 16), "a string holds \\u0000");
	assert_string_equal(why_not("{\"a\":\"x\0y\"}", 11), "it is not UTF-8, or holds NUL");
	assert_string_equal(why_not("{\"a\":\"\xff\"}", 9), "it is not UTF-8, or holds NUL");
	assert_string_equal(json_text(fine, "a"), "\\u0000");
}

/* What cJSON takes all the same. */
static void text_that_is_no_json_is_refused(void **state)
{
	static const char *const texts[] = { "{\"a\":\"x\\uZZZZy\"}", "{\"a\":\"x\\u00g0\"}",
		"{\"a\\uXXXX\":1}", "{\"a\":\"\\u00", "{\"a\":\"\\u12\"}", "{\"a\":\"x\ny\"}",
		"{\"a\":\"x\ty\"}", "{\x01\"a\":1}", "{\"a\"\x0b:1}", "{\"a\":\x0c\"b\"}" };
	const char *why = NULL;
	static const char spaced[] = " {\t\"a\"\r\n: \"x\\u00E9\\ud83d\\uDE00\x7f\" } ";
	auto_json *fine = json_parse_object(spaced, sizeof spaced - 1, &why);

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_string_equal(why_not(texts[i], strlen(texts[i])), "it is not JSON");
	assert_string_equal(json_text(fine, "a"), "x\u00e9\U0001f600\x7f");
}

static void depth_is_bounded(void **state)
{
	auto_buf text = BUF_INIT(1000);
	const char *why = NULL;

	(void)state;
	buf_puts(&text, "{\"a\":");
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		buf_putc(&text, '[');
	assert_string_equal(why_not(buf_text(&text), text.len), "it is nested too deep");
	buf_reset(&text);
	buf_puts(&text, "{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"}");
	cJSON_Delete(json_parse_object(buf_text(&text), text.len, &why));
	assert_null(why);
}

static void whole_numbers_have_bounds(void **state)
{
	auto_json *five = cJSON_CreateNumber(5), *half = cJSON_CreateNumber(0.5);
	auto_json *text = cJSON_CreateString("5");

	(void)state;
	assert_true(json_whole(five, 5, 5));
	assert_false(json_whole(five, 6, 9));
	assert_false(json_whole(five, 0, 4));
	assert_false(json_whole(half, 0, 1));
	assert_false(json_whole(text, 0, 9));
	assert_false(json_whole(NULL, 0, 9));
}

static void a_spoilt_object_is_not_printed(void **state)
{
	auto_json *object = cJSON_CreateObject(), *outer = cJSON_CreateObject();
	cJSON *inner = cJSON_CreateArray();
	auto_buf out = BUF_INIT(100);

	(void)state;
	json_put(object, "a", cJSON_CreateNumber(1));
	json_print(&out, object);
	assert_string_equal(buf_text(&out), "{\"a\":1}");
	json_put(object, "b", NULL);
	json_print(&out, object);
	assert_true(out.failed);
	buf_reset(&out);
	json_add(inner, NULL);
	json_put(outer, "inner", inner);
	json_print(&out, outer);
	assert_true(out.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_is_read),
		cmocka_unit_test(nothing_is_an_empty_object),
		cmocka_unit_test(what_is_no_object_is_refused),
		cmocka_unit_test(numbers_print_as_they_were_written),
		cmocka_unit_test(nul_and_broken_utf8_are_refused),
		cmocka_unit_test(text_that_is_no_json_is_refused),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(whole_numbers_have_bounds),
		cmocka_unit_test(a_spoilt_object_is_not_printed),
	};

	return UNIT_RUN(tests);
}
