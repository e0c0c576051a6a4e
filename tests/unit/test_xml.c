/* The tiny reader of XML. */
#include "tests/unit/unit.h"

#include "aws/xml.h"

static struct err err;

static enum status find(const char *document, const char *path, struct xml_text *ret_text)
{
	return xml_find(document, strlen(document), path, ret_text, &err);
}

static void check(const char *document, const char *path, const char *expected)
{
	struct xml_text text;
	char value[64];

	if (find(document, path, &text))
		fail_msg("%s: %s", document, err.text);
	assert_true(xml_copy(&text, value, sizeof value));
	assert_string_equal(value, expected);
}

static void check_status(const char *document, const char *path, enum status expected)
{
	struct xml_text text;

	if (find(document, path, &text) != expected)
		fail_msg("not %d: %s", (int)expected, document);
}

static void test_elements_are_found_by_their_path(void **state)
{
	static const char document[] = "<a><b><c>one</c></b><c>two</c><b><d>three</d></b></a>";

	(void)state;
	check(document, "a/b/c", "one");
	check(document, "a/c", "two");
	check(document, "a/b/d", "three");
	check_status(document, "c", ERR_MISSING);
	check_status(document, "a/b/c/d", ERR_MISSING);
	check_status(document, "a/b/cc", ERR_MISSING);
	check_status(document, "a/bb/c", ERR_MISSING);
	check_status(document, "a/", ERR_MISSING);
}

static void test_first_of_two_holds(void **state)
{
	(void)state;
	check("<a><b>1</b><b>2</b></a>", "a/b", "1");
	check("<a><b/><b>2</b></a>", "a/b", "");
}

static void test_attributes_declaration_comments_and_white_space_do_not_matter(void **state)
{
	(void)state;
	check("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- <a> -->\n"
		"<a xmlns=\"https://x/>\" y='\"'>\n\t<b z=\"1\" >v</b >\r\n</a>\n<!-- end -->\n", "a/b", "v");
	check("<a><e/><e x='1'/><b>v</b></a>", "a/b", "v");
}

static void test_text_is_kept_as_it_is(void **state)
{
	(void)state;
	check("<a> v w\n</a>", "a", " v w\n");
	check("<a></a>", "a", "");
	check("<a>]]>-</a>", "a", "]]>-");
}

static void test_the_five_entities_are_resolved(void **state)
{
	(void)state;
	check("<a>&amp;&lt;&gt;&quot;&apos;&amp;lt;</a>", "a", "&<>\"'&lt;");
}

static void test_other_entities_are_not(void **state)
{
	static const char *const bad[] = { "<a>&nbsp;</a>", "<a>&#39;</a>", "<a>&</a>", "<a>&am</a>",
		"<a>x &amp</a>", "<a>&;</a>" };
	struct xml_text text;
	char value[64];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(find(bad[i], "a", &text), OK);
		assert_false(xml_copy(&text, value, sizeof value));
	}
}

static void test_copy_is_bounded(void **state)
{
	struct xml_text text;
	char value[4];

	(void)state;
	assert_int_equal(find("<a>123</a>", "a", &text), OK);
	assert_true(xml_copy(&text, value, sizeof value));
	assert_int_equal(find("<a>1234</a>", "a", &text), OK);
	assert_false(xml_copy(&text, value, sizeof value));
	assert_int_equal(find("<a>&lt;&lt;&lt;</a>", "a", &text), OK);
	assert_true(xml_copy(&text, value, sizeof value));
	assert_string_equal(value, "<<<");
}

static void test_what_is_no_xml_is_refused(void **state)
{
	static const char *const bad[] = {
		"", " ", "text", "{\"a\":1}", "<a>", "<a><b>v</b>", "<a>v</a", "<a>v</b>", "<a><b>v</a></b>",
		"</a>", "<a>v</a></a>", "<a>v</a><a>w</a>", "<a>v</a>x", "x<a>v</a>", "<a v='>v</a>",
		"<a v=\">v</a>", "<a <b>v</a>", "< a>v</a>", "<>v</>", "<a>v</a><!-- ", "<?xml <a>v</a>",
		"<a>v<!-- c --></a>", "<a>v<?p?></a>", "<a><b>v</b></a>", "<a>\xff</a>", "<a", "<", "<a/",
		"<html><body><p>503<br></body></html>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		check_status(bad[i], "a", ERR_RETRY);
}

static void test_dtd_and_cdata_are_refused(void **state)
{
	(void)state;
	check_status("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "a", ERR_RETRY);
	check_status("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a>v</a>", "a", ERR_RETRY);
	check_status("<a><![CDATA[v]]></a>", "a", ERR_RETRY);
}

static void test_nul_and_depth_are_refused(void **state)
{
	static char deep[100 * 7 + 1];
	struct xml_text text;

	(void)state;
	assert_int_equal(xml_find("<a>v\0</a>", 9, "a", &text, &err), ERR_RETRY);
	for (int i = 0; i < 100; i++) {
		memcpy(deep + 3 * i, "<a>", 3);
		memcpy(deep + 300 + 4 * i, "</a>", 4);
	}
	check_status(deep, "b", ERR_RETRY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_elements_are_found_by_their_path),
		cmocka_unit_test(test_first_of_two_holds),
		cmocka_unit_test(test_attributes_declaration_comments_and_white_space_do_not_matter),
		cmocka_unit_test(test_text_is_kept_as_it_is),
		cmocka_unit_test(test_the_five_entities_are_resolved),
		cmocka_unit_test(test_other_entities_are_not),
		cmocka_unit_test(test_copy_is_bounded),
		cmocka_unit_test(test_what_is_no_xml_is_refused),
		cmocka_unit_test(test_dtd_and_cdata_are_refused),
		cmocka_unit_test(test_nul_and_depth_are_refused),
	};

	return UNIT_RUN(tests);
}
