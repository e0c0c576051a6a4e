/* cli/shorthand: the AWS CLI's short form, and what is none of it. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include <cjson/cJSON.h>

#include "cli/shorthand.h"

static void expect(const char *text, const char *wanted)
{
	struct cJSON *json = NULL;
	struct err err;
	char *printed;

	if (shorthand_read(text, &json, &err))
		fail_msg("%s is refused: %s", text, err.text);
	printed = cJSON_PrintUnformatted(json);
	assert_string_equal(printed, wanted);
	free(printed);
	cJSON_Delete(json);
}

static void refuse(const char *text, const char *why)
{
	struct cJSON *json = NULL;
	struct err err;

	if (!shorthand_read(text, &json, &err))
		fail_msg("%s is taken", text);
	assert_null(json);
	if (!strstr(err.text, why))
		fail_msg("%s is refused because %s", text, err.text);
}

static void pairs_are_read(void **state)
{
	(void)state;
	expect("Dimension=users", "{\"Dimension\":\"users\"}");
	expect("A=1,B=two words,C=x=y", "{\"A\":\"1\",\"B\":\"two words\",\"C\":\"x=y\"}");
	expect(" A=1 , B=2 ", "{\"A\":\"1\",\"B\":\"2\"}");
	expect("A=", "{\"A\":\"\"}");
	expect("LicenseArn=arn:aws:x::1:l-2", "{\"LicenseArn\":\"arn:aws:x::1:l-2\"}");
}

static void quotes_and_backslashes_take_what_would_end_a_value(void **state)
{
	(void)state;
	expect("A='x,y=\"z\"',B=2", "{\"A\":\"x,y=\\\"z\\\"\",\"B\":\"2\"}");
	expect("A=\"x]}',\",B=2", "{\"A\":\"x]}',\",\"B\":\"2\"}");
	expect("A=x\\,y,B=2", "{\"A\":\"x,y\",\"B\":\"2\"}");
	expect("A=\"x\\\"y\"", "{\"A\":\"x\\\"y\"}");
	expect("A=''", "{\"A\":\"\"}");
}

static void lists_and_structures_are_read(void **state)
{
	(void)state;
	expect("U=[{Q=5,Tags=[{Key=a,Value=b},{Key=c,Value=d}]},{Q=1}],B=2",
		"{\"U\":[{\"Q\":\"5\",\"Tags\":[{\"Key\":\"a\",\"Value\":\"b\"},"
		"{\"Key\":\"c\",\"Value\":\"d\"}]},{\"Q\":\"1\"}],\"B\":\"2\"}");
	expect("A=[]", "{\"A\":[]}");
	expect("A=[x, y ,'z']", "{\"A\":[\"x\",\"y\",\"z\"]}");
	expect("A={B={C=1}}", "{\"A\":{\"B\":{\"C\":\"1\"}}}");
}

static void a_name_twice_stays_twice(void **state)
{
	(void)state;
	expect("A=1,A=2", "{\"A\":\"1\",\"A\":\"2\"}"); /* for shape_check to refuse */
}

static void what_is_none_of_it_is_refused(void **state)
{
	(void)state;
	refuse("", "no Name=");
	refuse("users", "no Name=");
	refuse("A=1,", "no Name=");
	refuse("A=1,,B=2", "no Name=");
	refuse("A=1,b", "no Name=");
	refuse("=1", "no Name=");
	refuse("A B=1", "no Name=");
	refuse("A='x", "quotation mark");
	refuse("A='x'y", "a , is missing");
	refuse("A=[x", "a , or ] is missing");
	refuse("A=[x}", "a , or ] is missing");
	refuse("A={B=1", "a , or } is missing");
	refuse("A={}", "no Name=");
	refuse("A=[x]]", "a , is missing");
	refuse("A=[[[[[[[[[x]]]]]]]]]", "nested");
	refuse("A=\xff", "UTF-8");
	refuse("Dimension=users,Quan tity=5", "at character 17 (\"Quan tity=5\")");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_are_read),
		cmocka_unit_test(quotes_and_backslashes_take_what_would_end_a_value),
		cmocka_unit_test(lists_and_structures_are_read),
		cmocka_unit_test(a_name_twice_stays_twice),
		cmocka_unit_test(what_is_none_of_it_is_refused),
	};

	return UNIT_RUN(tests);
}
