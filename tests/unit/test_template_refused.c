/* The template engine: what stops the start, and the file and line that the message names. */
#include <sys/stat.h>

#include "tests/unit/template_fixture.h"

static void refuses_unknown_names_and_tells_the_known_ones(void **state)
{
	(void)state;
	assert_refused("a\n\n{{titel}}", "/page.html:3: ", "unknown name \"titel\"");
	assert_refused("{{titel}}", "/page.html:1: ", "known here: title, empty, on, off, rows");
	assert_refused("{{#titel}}{{/titel}}", "/page.html:1: ", "unknown name \"titel\"");
	assert_refused("{{#rows}}{{/rows}}\n{{name}}", "/page.html:2: ", "unknown name \"name\"");
	assert_refused("{{?rows}}\n{{last}}{{/rows}}", "/page.html:2: ", "unknown name \"last\"");
}

static void refuses_flags_and_lists_as_text(void **state)
{
	(void)state;
	assert_refused("{{on}}", "/page.html:1: ", "\"on\" has no text");
	assert_refused("\n{{rows}}", "/page.html:2: ", "\"rows\" has no text");
}

static void refuses_malformed_tags(void **state)
{
	(void)state;
	assert_refused("a\n{{title", "/page.html:2: ", "{{ without }}");
	assert_refused("a\n{{", "/page.html:2: ", "{{ without }}");
	assert_refused("a }}\n", "/page.html:1: ", "}} without {{");
	assert_refused("{{{title}}}", "/page.html:1: ", "there is no raw output");
	assert_refused("{{&title}}", "/page.html:1: ", "there is no raw output");
	for (const char *const *bad = (const char *const[]){ "{{}}", "{{ }}", "{{#}}", "{{Title}}",
			 "{{a.b}}", "{{.}}", "{{=<% %>=}}", "{{title title}}", "{{title\n}}", "{{>a/b}}",
			 "{{>../part}}", "{{#title x}}",
			 "{{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}}", NULL };
		 *bad; bad++)
		assert_refused(*bad, "/page.html:1: ", "a tag is {{name}}");
}

static void refuses_sections_that_do_not_nest(void **state)
{
	(void)state;
	assert_refused("x\n{{#on}}\ny\n", "/page.html:2: ", "section \"on\" is not closed");
	assert_refused("{{/on}}", "/page.html:1: ", "{{/on}} closes nothing");
	assert_refused("{{#on}}\n{{#off}}\n{{/on}}\n{{/off}}",
		"/page.html:3: ", "{{/on}} where {{/off}} is due: that section began on line 2");
	put("open", "{{#on}}");
	assert_refused("{{>open}}{{/on}}", "/open.html:1: ", "section \"on\" is not closed");
	put("close", "\n{{/on}}");
	assert_refused("{{#on}}\n{{>close}}", "/close.html:2: ", "{{/on}} closes nothing");
}

static void bounds_sections_in_depth(void **state)
{
	auto_buf deep = BUF_INIT(4096);

	(void)state;
	for (int i = 0; i < 16; i++)
		buf_puts(&deep, "{{#empty}}");
	for (int i = 0; i < 16; i++)
		buf_puts(&deep, "{{/empty}}");
	assert_renders(deep.data, "");
	buf_puts(&deep, "\n{{#on}}");
	for (int i = 0; i < 16; i++)
		buf_puts(&deep, "{{#rows}}");
	assert_refused(deep.data, "/page.html:2: ", "more than 16 sections");
}

static void names_the_file_of_a_fault_in_a_partial(void **state)
{
	(void)state;
	put("part", "ok\n<p>{{nobody}}</p>");
	assert_refused("1\n2\n3\n{{>part}}", "/part.html:2: ", "(in page page)");
	put("part", "<p");
	assert_refused("{{>part}} a=b>", "/page.html:1: ", "needs quotes");
}

static void refuses_partials_that_include_themselves(void **state)
{
	(void)state;
	assert_refused("\n{{>page}}", "/page.html:2: ", "{{>page}} includes itself");
	put("ping", "{{>pong}}");
	put("pong", "\n\n{{>ping}}");
	assert_refused("{{>ping}}", "/pong.html:3: ", "{{>ping}} includes itself");
}

static void bounds_partials_in_depth_and_number(void **state)
{
	static const char *const names[] = { "d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8" };

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		auto_buf text = BUF_INIT(100);

		buf_printf(&text, "{{>%s}}{{>%s}}", names[i + 1], names[i + 1]);
		put(names[i], text.data);
	}
	put("d8", "end");
	assert_refused("{{>d0}}", "/d7.html:1: ", "{{>d8}} is one too many");
	put("d7", "end");
	assert_renders("{{>d6}}", "endend");
	assert_refused("{{>d0}}{{>d0}}", ".html:1: ", "is one too many");
}

static void says_which_file_is_missing(void **state)
{
	static const struct template_page pages[] = { { "nowhere", table } };
	struct templates *templates = NULL;

	(void)state;
	assert_int_equal(templates_load(dir, common_table, pages, 1, &templates, &err), ERR_MISSING);
	assert_non_null(strstr(err.text, "/nowhere.html: No such file"));
	put("page", "\n{{>nowhere}}");
	assert_load_fails(ERR_MISSING, "/page.html:2: {{>nowhere}}: ", "/nowhere.html: No such file");
}

static void says_which_file_cannot_be_read(void **state)
{
	auto_buf path = BUF_INIT(200);

	(void)state;
	buf_printf(&path, "%s/folder.html", dir);
	assert_int_equal(mkdir(path.data, 0700), 0);
	put("page", "{{>folder}}");
	assert_load_fails(ERR_LOCAL, "/page.html:1: {{>folder}}: ", "/folder.html: Is a directory");
}

static void refuses_files_that_are_not_text(void **state)
{
	auto_buf large = BUF_INIT(1 << 20);

	(void)state;
	assert_refused("caf\xe9", "/page.html: ", "not UTF-8");
	put_bytes("page", "a\0b", 3);
	assert_load_fails(ERR_INPUT, "/page.html: ", "holds a NUL");
	memset(buf_reserve(&large, 256 * 1024 + 1), 'a', 256 * 1024 + 1);
	large.len = 256 * 1024 + 1;
	put_bytes("page", large.data, large.len);
	assert_load_fails(ERR_INPUT, "/page.html: ", "at most 262144 bytes");
	large.data[--large.len] = '\0';
	assert_renders(large.data, large.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_unknown_names_and_tells_the_known_ones),
		cmocka_unit_test(refuses_flags_and_lists_as_text),
		cmocka_unit_test(refuses_malformed_tags),
		cmocka_unit_test(refuses_sections_that_do_not_nest),
		cmocka_unit_test(bounds_sections_in_depth),
		cmocka_unit_test(names_the_file_of_a_fault_in_a_partial),
		cmocka_unit_test(refuses_partials_that_include_themselves),
		cmocka_unit_test(bounds_partials_in_depth_and_number),
		cmocka_unit_test(says_which_file_is_missing),
		cmocka_unit_test(says_which_file_cannot_be_read),
		cmocka_unit_test(refuses_files_that_are_not_text),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("template refused", tests, make_dir, remove_dir);
}
