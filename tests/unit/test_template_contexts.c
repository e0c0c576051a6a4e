/* Where in HTML a value may stand, and what HTML a template may hold at all. */
#include "tests/unit/template_fixture.h"

struct refusal {
	const char *template, *what;
};

/* All of them on line 2. The list ends with NULL. */
static void assert_all_refused(const struct refusal *refusals)
{
	for (; refusals->template; refusals++) {
		auto_buf template = BUF_INIT(1000);

		buf_printf(&template, "\n%s", refusals->template);
		assert_refused(template.data, "/page.html:2: ", refusals->what);
	}
}

static void allows_values_in_text(void **state)
{
	(void)state;
	assert_renders("<p>{{title}}</p>", "<p>Title</p>");
	assert_renders("<textarea><</textarea>{{title}}", "<textarea><</textarea>Title");
	assert_renders("<!-- a - b -->{{title}}", "<!-- a - b -->Title");
	assert_renders("<!DOCTYPE html>{{title}}", "<!DOCTYPE html>Title");
	assert_renders("<title>{{title}}</title>", "<title>Title</title>");
	assert_renders(
		"<TextArea>\n{{title}}</TEXTAREA>{{title}}", "<TextArea>\nTitle</TEXTAREA>Title");
	assert_renders("<textarea></text></textareas>< {{title}}</textarea>{{title}}",
		"<textarea></text></textareas>< Title</textarea>Title");
}

static void allows_values_in_quoted_attributes(void **state)
{
	(void)state;
	assert_renders("<p id=\"{{title}}\">", "<p id=\"Title\">");
	assert_renders("<p id='a{{title}}b' hidden title=''>", "<p id='aTitleb' hidden title=''>");
	assert_renders("<br data-x=\"<{{title}}>\"/>", "<br data-x=\"<Title>\"/>");
}

static void allows_links_that_are_one_url(void **state)
{
	(void)state;
	assert_renders("<a href=\"{{link}}\">", "<a href=\"https://a.example/?b&amp;c\">");
	assert_renders("<img alt=\"{{title}}\" src='{{link}}'>",
		"<img alt=\"Title\" src='https://a.example/?b&amp;c'>");
	assert_renders("<form action=\"{{link}}\">", "<form action=\"https://a.example/?b&amp;c\">");
}

static void allows_links_with_a_harmless_start(void **state)
{
	(void)state;
	assert_renders("<a href=\"#{{title}}\">", "<a href=\"#Title\">");
	assert_renders("<a href=\"MAILTO:{{title}}?subject={{title}}\">",
		"<a href=\"MAILTO:Title?subject=Title\">");
	assert_renders("<a href=\"tel:{{title}}\">", "<a href=\"tel:Title\">");
	assert_renders(
		"<a href=\"https://a.example/{{title}}\">", "<a href=\"https://a.example/Title\">");
	assert_renders("<a href=\"?q={{title}}\">", "<a href=\"?q=Title\">");
}

static void refuses_links_that_a_value_could_turn(void **state)
{
	(void)state;
	assert_all_refused((const struct refusal[]){
		{ "<a href=\"{{title}}\">", "not a link (VIEW_URL)" },
		{ "<button formaction=\"{{title}}\">", "not a link (VIEW_URL)" },
		{ "<img src=\"{{title}}\">", "not a link (VIEW_URL)" },
		{ "<form action=\"{{title}}\">", "not a link (VIEW_URL)" },
		{ "<a href=\"{{link}}/more\">", "must be that value alone" },
		{ "<a href=\"{{link}}{{link}}\">", "a link is one value alone" },
		{ "<a href=\" {{link}}\">", "a link is one value alone" },
		{ "<a href=\"java{{link}}\">", "a link is one value alone" },
		{ "<a href=\"http:{{title}}\">", "a link is one value alone" },
		{ "<a href=\"/{{title}}\">", "a link is one value alone" },
		{ "<a href=\"mail&#116;o:{{title}}\">", "a link is one value alone" },
		{ "<a href=\"{{#on}}#{{/on}}{{title}}\">", "section \"on\" began" },
		{ "<a href=\"{{#on}}{{link}}{{/on}}\">", "section \"on\" began" },
		{ NULL, NULL },
	});
}

static void refuses_values_that_escaping_would_not_hold(void **state)
{
	(void)state;
	assert_all_refused((const struct refusal[]){
		{ "<script>{{title}}</script>", "no value may stand here" },
		{ "<style>{{title}}</style>", "no value may stand here" },
		{ "<script></scripts>{{title}}</script>", "no value may stand here" },
		{ "<!-- {{title}} -->", "no value may stand here" },
		{ "<!{{title}}>", "no value may stand here" },
		{ "<!doctype {{title}}>", "no value may stand here" },
		{ "<{{title}}>", "no value may stand here" },
		{ "</{{title}}>", "no value may stand here" },
		{ "<p{{title}}>", "no value may stand here" },
		{ "<p {{title}}>", "no value may stand here" },
		{ "<p {{title}}=\"\">", "no value may stand here" },
		{ "<p a{{title}}=\"\">", "no value may stand here" },
		{ "<p a=\"\"{{title}}>", "no value may stand here" },
		{ "<br/{{title}}>", "no value may stand here" },
		{ "<textarea><{{title}}</textarea>", "no value may stand here" },
		{ "<p a={{title}}>", "needs quotes" },
		{ NULL, NULL },
	});
}

static void refuses_values_in_attributes_that_are_code(void **state)
{
	(void)state;
	assert_all_refused((const struct refusal[]){
		{ "<p onclick=\"{{title}}\">", "holds code" },
		{ "<p ONanything='x{{title}}'>", "holds code" },
		{ "<p style=\"{{title}}\">", "holds code" },
		{ "<img srcset=\"{{link}}\">", "holds code or links" },
		{ "<a ping=\"{{link}}\">", "holds code or links" },
		{ "<script src=\"{{link}}\">", "attributes of link, meta, script" },
		{ "<link href=\"{{link}}\">", "attributes of link, meta, script" },
		{ "<meta content=\"{{title}}\">", "attributes of link, meta, script" },
		{ NULL, NULL },
	});
}

static void allows_sections_that_end_as_they_began(void **state)
{
	(void)state;
	assert_renders("<p{{#on}}{{/on}}>", "<p>");
	assert_renders(
		"<p a=\"1\"{{#on}} b=\"2\"{{/on}}{{#off}} c=\"3\"{{/off}}>", "<p a=\"1\" b=\"2\">");
	assert_renders("<p {{#on}}hidden {{/on}}a=\"1\">", "<p hidden a=\"1\">");
	assert_renders("<p class=\"a{{#on}} b{{/on}}{{#off}} c{{/off}}\">", "<p class=\"a b\">");
	assert_renders("{{#on}}<script>a && b</script>{{/on}}", "<script>a && b</script>");
	assert_renders("<textarea>{{#on}}{{title}}{{/on}}</textarea>", "<textarea>Title</textarea>");
}

static void refuses_sections_that_change_the_html_state(void **state)
{
	(void)state;
	assert_all_refused((const struct refusal[]){
		{ "{{#on}}<p{{/on}}>", "began on line 2 in text and ends in a tag's name" },
		{ "<p {{#on}}a=\"{{/on}}\">", "in a tag, after a blank and ends in an attribute's value" },
		{ "<p{{#on}} hidden{{/on}}>", "in a tag's name and ends in an attribute's name" },
		{ "<p a=\"1\"{{#on}} hidden{{/on}}>", "in a tag, after an attribute and ends in" },
		{ "{{^off}}<textarea>{{/off}}", "in text and ends in a textarea or title" },
		{ "{{#rows}}<script>{{/rows}}</script>", "in text and ends in a script or style" },
		{ "{{#rows}}<!-- {{/rows}} -->", "in text and ends in a comment" },
		{ "<a {{#on}}href=\"#\" {{/on}}{{#on}}on{{/on}}click=\"\">",
			"ends in an attribute's name" },
		{ "<s{{#on}}cript{{/on}}>", "section \"on\" began" },
		{ "<p id=\"{{#on}}\" onclick=\"{{/on}}x\">", "section \"on\" began" },
		{ "<script><{{#on}}/{{/on}}script>", "section \"on\" began" },
		{ "<a href='{{#on}}'{{/on}}>", "ends in a tag, after an attribute" },
		{ NULL, NULL },
	});
}

static void refuses_html_that_browsers_would_have_to_mend(void **state)
{
	(void)state;
	assert_all_refused((const struct refusal[]){
		{ "a < b", "a bare <; write &lt;" },
		{ "<>", "a bare <" },
		{ "<//p>", "a bare <" },
		{ "<?php ?>", "a bare <" },
		{ "<p a=1>", "needs quotes" },
		{ "<p a =\"1\">", "a character that cannot stand here" },
		{ "<p a=\"1\"b=\"2\">", "a character that cannot stand here" },
		{ "<p \"a\">", "a character that cannot stand here" },
		{ "<p<b>", "a character that cannot stand here" },
		{ "</p/>", "a character that cannot stand here" },
		{ "</p a=\"1\">", "no attributes" },
		{ "<br / >", "may only stand before its >" },
		{ "<!-->", "an HTML comment may hold" },
		{ "<!-- a -- b -->", "an HTML comment may hold" },
		{ "<!-- > -->", "an HTML comment may hold" },
		{ "<![CDATA[x]]>", "neither a comment nor a doctype" },
		{ "<!-x>", "neither a comment nor a doctype" },
		{ "<script><!-- --></script>", "<! in a script" },
		{ "<textarea></textarea >", "needs its > right after the name" },
		{ "<pppppppppppppppppppppppppppppppp>", "tag's name is too long" },
		{ "<p pppppppppppppppppppppppppppppppp>", "attribute's name is too long" },
		{ NULL, NULL },
	});
}

static void refuses_elements_that_it_cannot_check(void **state)
{
	(void)state;
	assert_all_refused((const struct refusal[]){
		{ "<svg>", "may not stand in a template" },
		{ "<Math >", "may not stand in a template" },
		{ "<noscript>", "may not stand in a template" },
		{ "<iframe src=\"#\">", "may not stand in a template" },
		{ "<plaintext/>", "may not stand in a template" },
		{ "<base href=\"/\">", "may not stand in a template" },
		{ NULL, NULL },
	});
}

static void refuses_pages_that_end_inside_a_tag(void **state)
{
	(void)state;
	assert_all_refused((const struct refusal[]){
		{ "<p", "the page ends in a tag's name" },
		{ "<p a=\"", "the page ends in an attribute's value" },
		{ "<!-- a", "the page ends in a comment" },
		{ "<title>a", "the page ends in a textarea or title" },
		{ NULL, NULL },
	});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allows_values_in_text),
		cmocka_unit_test(allows_values_in_quoted_attributes),
		cmocka_unit_test(allows_links_that_are_one_url),
		cmocka_unit_test(allows_links_with_a_harmless_start),
		cmocka_unit_test(refuses_links_that_a_value_could_turn),
		cmocka_unit_test(refuses_values_that_escaping_would_not_hold),
		cmocka_unit_test(refuses_values_in_attributes_that_are_code),
		cmocka_unit_test(allows_sections_that_end_as_they_began),
		cmocka_unit_test(refuses_sections_that_change_the_html_state),
		cmocka_unit_test(refuses_html_that_browsers_would_have_to_mend),
		cmocka_unit_test(refuses_elements_that_it_cannot_check),
		cmocka_unit_test(refuses_pages_that_end_inside_a_tag),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("template contexts", tests, make_dir, remove_dir);
}
