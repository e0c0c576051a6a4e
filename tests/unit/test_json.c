/* aws/json: what is refused before cJSON sees it, and the memory that cJSON's trees are cut from. */
#include <pthread.h>

#include <cjson/cJSON.h>

#include "aws/json.h"
#include "base/buf.h"
#include "tests/unit/unit.h"

enum { MANY = 2000, LONG_BYTES = 100 * 1024 };

static struct cJSON *parse(const char *text)
{
	struct cJSON *json = NULL;
	struct err err;

	if (json_parse_value(text, strlen(text), &json, &err))
		fail_msg("refused: %s", err.text);
	return json;
}

static void refused(const char *text, const char *why)
{
	struct cJSON *json = NULL;
	struct err err;

	assert_int_equal(json_parse_value(text, strlen(text), &json, &err), ERR_RETRY);
	assert_null(json);
	assert_non_null(strstr(err.text, why));
}

static void strings_are_skipped_as_json_has_them(void **state)
{
	struct cJSON *json = parse("[\"\", \"\\\\\", \"\\\"]}\", \"[[[\", \"a\\\\u0000b\", \"{\"]");

	(void)state;
	assert_int_equal(cJSON_GetArraySize(json), 6);
	assert_string_equal(cJSON_GetArrayItem(json, 2)->valuestring, "\"]}");
	assert_string_equal(cJSON_GetArrayItem(json, 4)->valuestring, "a\\u0000b");
	cJSON_Delete(json);
	refused("[\"x\\u0000\"]", "has a NUL");
	refused("[\"\\\\\\u0000\"]", "has a NUL");
	refused("[\"a\\uZZZZb\"]", "four digits");
	refused("[\"a\\u00g0b\"]", "four digits");
	refused("[\"\\u00\"]", "four digits");
	refused("[\"x", "not JSON");
	refused("[\"", "not JSON");
	refused("[\"x\\", "not JSON");
	refused("[\"x\\\"", "not JSON");
	refused("\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\" [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "nested too deeply");
}

/* A list of many texts, and one that no block holds. */
static void write_long(struct buf *out)
{
	buf_puts(out, "[\"");
	for (int i = 0; i < LONG_BYTES; i++)
		buf_putc(out, 'x');
	buf_putc(out, '"');
	for (int i = 0; i < MANY; i++)
		buf_printf(out, ",{\"n\":\"%d\"}", i);
	buf_putc(out, ']');
}

static void what_is_long_is_read_and_printed(void **state)
{
	auto_buf text = BUF_INIT(1024 * 1024);
	struct cJSON *json;
	char *printed;

	(void)state;
	write_long(&text);
	json = parse(buf_text(&text));
	printed = cJSON_PrintUnformatted(json);
	assert_string_equal(printed, buf_text(&text));
	cJSON_free(printed);
	cJSON_Delete(json);
}

static void a_part_outlives_its_tree(void **state)
{
	struct cJSON *json = parse("{\"a\":[1,2,\"three\"],\"b\":\"four\"}"), *other = cJSON_CreateArray();
	struct cJSON *part = cJSON_DetachItemFromObject(json, "a");

	(void)state;
	cJSON_Delete(json);
	assert_string_equal(cJSON_GetArrayItem(part, 2)->valuestring, "three");
	cJSON_AddItemToArray(other, part);
	cJSON_AddItemToArray(other, cJSON_CreateString("five"));
	cJSON_AddItemToArray(other, parse("\"six\""));
	cJSON_DeleteItemFromArray(other, 1);
	assert_string_equal(cJSON_GetArrayItem(cJSON_GetArrayItem(other, 0), 2)->valuestring, "three");
	assert_string_equal(cJSON_GetArrayItem(other, 1)->valuestring, "six");
	cJSON_Delete(other);
}

static void from_its_last_to_its_first(void **state)
{
	auto_buf text = BUF_INIT(1024 * 1024);
	struct cJSON *json;

	(void)state;
	write_long(&text);
	json = parse(buf_text(&text));
	for (int n = MANY; n > 0; n--) {
		const struct cJSON *item = cJSON_GetArrayItem(json, n);
		char wanted[16];

		snprintf(wanted, sizeof wanted, "%d", n - 1);
		assert_string_equal(item->child->valuestring, wanted);
		cJSON_DeleteItemFromArray(json, n);
	}
	assert_int_equal(strlen(json->child->valuestring), LONG_BYTES);
	cJSON_Delete(json);
}

static void *parse_often(void *arg)
{
	static const char text[] = "{\"Results\":[{\"Status\":\"Success\"},{\"Status\":\"DuplicateRecord\"}]}";
	struct cJSON *last = NULL;

	(void)arg;
	for (int i = 0; i < MANY; i++) {
		cJSON_Delete(last);
		last = parse(text);
	}
	return last; /* for another thread to free */
}

static void threads_do_not_meet(void **state)
{
	pthread_t threads[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, parse_often, NULL), 0);
	for (size_t i = 0; i < 4; i++) {
		void *json;

		pthread_join(threads[i], &json);
		assert_int_equal(cJSON_GetArraySize(((struct cJSON *)json)->child), 2);
		cJSON_Delete(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_skipped_as_json_has_them),
		cmocka_unit_test(what_is_long_is_read_and_printed),
		cmocka_unit_test(a_part_outlives_its_tree),
		cmocka_unit_test(from_its_last_to_its_first),
		cmocka_unit_test(threads_do_not_meet),
	};

	return UNIT_RUN(tests);
}
