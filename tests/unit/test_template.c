/* The template engine: what comes out. What it refuses is in test_template_refused.c. */
#include "tests/unit/template_fixture.h"

static void shows_values_of_page_and_common(void **state)
{
	(void)state;
	assert_renders("<p>{{title}} by {{ brand }}</p>", "<p>Title by Brand</p>");
	assert_renders("", "");
	assert_renders("[{{empty}}]", "[]");
}

static void escapes_each_special_character(void **state)
{
	static const struct view_value hostile[N_NAMES] = { [TITLE] = { .text = "&a<b>c\"d'e&&" } };
	auto_buf out = BUF_INIT(1000);
	struct templates *templates = NULL;

	(void)state;
	put("page", "{{title}}");
	assert_int_equal(load(&templates), OK);
	templates_render(templates, 0, common, hostile, &out);
	assert_string_equal(buf_text(&out), "&amp;a&lt;b&gt;c&quot;d&#39;e&amp;&amp;");
	templates_free(templates);
}

static void takes_a_missing_text_for_an_empty_one(void **state)
{
	static const struct view_value nothing[N_NAMES] = { { 0 } };
	auto_buf out = BUF_INIT(1000);
	struct templates *templates = NULL;

	(void)state;
	put("page", "[{{title}}{{#title}}yes{{/title}}{{^title}}no{{/title}}]");
	assert_int_equal(load(&templates), OK);
	templates_render(templates, 0, common, nothing, &out);
	assert_string_equal(buf_text(&out), "[no]");
	templates_free(templates);
}

static void leaves_other_text_as_it_is(void **state)
{
	(void)state;
	assert_renders("a &amp; ü 漢 } { {x} %s", "a &amp; ü 漢 } { {x} %s");
}

static void shows_sections_of_texts_and_flags(void **state)
{
	(void)state;
	assert_renders("{{#title}}t{{/title}}{{#empty}}e{{/empty}}", "t");
	assert_renders("{{#on}}on{{/on}}{{#off}}off{{/off}}", "on");
	assert_renders("{{?title}}t{{/title}}{{?off}}off{{/off}}", "t");
}

static void shows_inverted_sections(void **state)
{
	(void)state;
	assert_renders("{{^title}}t{{/title}}{{^empty}}e{{/empty}}", "e");
	assert_renders("{{^on}}on{{/on}}{{^off}}off{{/off}}", "off");
	assert_renders("{{^rows}}none{{/rows}}{{^no_rows}}none{{/no_rows}}", "none");
}

static void repeats_lists(void **state)
{
	(void)state;
	assert_renders(
		"{{#rows}}<i>{{name}}</i>{{/rows}}{{#no_rows}}x{{/no_rows}}.", "<i>a</i><i>b</i>.");
	assert_renders(
		"{{?rows}}<ul>{{#rows}}<li>{{name}}{{/rows}}</ul>{{/rows}}", "<ul><li>a<li>b</ul>");
	assert_renders("{{?no_rows}}<ul>{{#no_rows}}<li>{{/no_rows}}</ul>{{/no_rows}}", "");
}

static void nests_lists_and_sections(void **state)
{
	(void)state;
	assert_renders("{{#rows}}{{name}}({{#cells}}{{name}},{{/cells}}{{^cells}}-{{/cells}})"
				   "{{^last}};{{/last}}{{/rows}}",
		"a(c1,c2,);b(-)");
	assert_renders("{{#rows}}{{#rows}}{{name}}{{/rows}}/{{/rows}}", "ab/ab/");
	assert_renders("{{#on}}1{{#off}}2{{/off}}{{^off}}3{{#on}}4{{/on}}{{/off}}5{{/on}}", "1345");
}

static void finds_names_from_the_inside_out(void **state)
{
	(void)state;
	assert_renders("{{#rows}}{{#cells}}{{name}}{{title}}{{brand}} {{/cells}}{{/rows}}",
		"c1TitleBrand c2TitleBrand ");
	assert_renders("{{title}}", "Title");
}

static void drops_comments(void **state)
{
	(void)state;
	assert_renders("a{{! secret }}b{{!{{}}c{{! two\nlines }}d", "abcd");
}

static void swallows_lines_that_hold_only_a_tag(void **state)
{
	(void)state;
	put("part", "part\n");
	assert_renders("a\n  {{#on}}\n  b\n  {{/on}}  \nc\n", "a\n  b\nc\n");
	assert_renders("{{#on}}\r\nb\r\n{{/on}}\r\nc", "b\r\nc");
	assert_renders("a\n\t{{! note\n more }}\nb\n{{>part}}\n{{#off}}\nx\n{{/off}}", "a\nb\npart\n");
	assert_renders("{{?rows}}\n{{#rows}}\n{{name}}\n{{/rows}}\n{{/rows}}\n", "a\nb\n");
}

static void keeps_lines_that_hold_more_than_a_tag(void **state)
{
	(void)state;
	assert_renders("  {{title}}\nb", "  Title\nb");
	assert_renders(" {{#on}} {{/on}} \nb", "   \nb");
	assert_renders("a {{#on}}\nb{{/on}}\nc", "a \nb\nc");
	assert_renders("{{! x }} .\n", " .\n");
}

static void includes_partials_that_see_the_same_names(void **state)
{
	(void)state;
	put("part", "<b>{{name}}</b>{{>inner_2}}");
	put("inner_2", "{{brand}};");
	assert_renders("{{#rows}}{{>part}}{{/rows}}", "<b>a</b>Brand;<b>b</b>Brand;");
}

static void renders_the_page_that_was_asked_for(void **state)
{
	static const struct template_page pages[] = { { "one", table }, { "two", NULL },
		{ "one", table } };
	auto_buf out = BUF_INIT(100);
	struct templates *templates = NULL;

	(void)state;
	put("one", "1{{#rows}}{{name}}{{/rows}}");
	put("two", "2{{brand}}");
	assert_int_equal(templates_load(dir, common_table, pages, 3, &templates, &err), OK);
	templates_render(templates, 2, common, values, &out);
	templates_render(templates, 1, common, NULL, &out);
	templates_render(templates, 0, common, values, &out);
	assert_string_equal(buf_text(&out), "1ab2Brand1ab");
	templates_free(templates);
}

static void fails_softly_in_every_buffer_that_is_too_small(void **state)
{
	static const char expected[] = "<ul>a&lt;b a c1 c2 b </ul>";
	static const struct view_value hostile[N_NAMES] = {
		[TITLE] = { .text = "a<b" },
		[ROWS] = { .items = rows, .n_items = 2 },
	};
	struct templates *templates = NULL;

	(void)state;
	put("page", "<ul>{{title}} {{#rows}}{{name}} {{#cells}}{{name}} {{/cells}}{{/rows}}</ul>");
	assert_int_equal(load(&templates), OK);
	for (size_t max = 0; max <= sizeof expected; max++) {
		auto_buf out = BUF_INIT(max);

		templates_render(templates, 0, common, hostile, &out);
		assert_int_equal(out.failed, max < sizeof expected - 1);
		assert_true(out.len <= max);
		assert_memory_equal(buf_text(&out), expected, out.len);
	}
	templates_free(templates);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_values_of_page_and_common),
		cmocka_unit_test(escapes_each_special_character),
		cmocka_unit_test(takes_a_missing_text_for_an_empty_one),
		cmocka_unit_test(leaves_other_text_as_it_is),
		cmocka_unit_test(shows_sections_of_texts_and_flags),
		cmocka_unit_test(shows_inverted_sections),
		cmocka_unit_test(repeats_lists),
		cmocka_unit_test(nests_lists_and_sections),
		cmocka_unit_test(finds_names_from_the_inside_out),
		cmocka_unit_test(drops_comments),
		cmocka_unit_test(swallows_lines_that_hold_only_a_tag),
		cmocka_unit_test(keeps_lines_that_hold_more_than_a_tag),
		cmocka_unit_test(includes_partials_that_see_the_same_names),
		cmocka_unit_test(renders_the_page_that_was_asked_for),
		cmocka_unit_test(fails_softly_in_every_buffer_that_is_too_small),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("template", tests, make_dir, remove_dir);
}
