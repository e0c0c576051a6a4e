/* The real pages: each renders, whatever is known or typed, to HTML that holds together. */
#include "tests/unit/html_scan.h"
#include "tests/unit/pages_fixture.h"

enum { IDS_MAX = 200 };

static void check_frame(const char *name, const char *html)
{
	if (strncmp(html, "<!doctype html>\n<html lang=\"en\">\n", 33) != 0)
		fail_msg("%s does not begin with the doctype and its language", name);
	if (count(html, "<h1>") != 1 || count(html, "<main ") != 1 || count(html, "<title>") != 1)
		fail_msg("%s has not one h1, main and title", name);
	if (strstr(html, "<h1></h1>") || strstr(html, "<title></title>") || strstr(html, "{{"))
		fail_msg("%s has an empty heading or title, or a tag of the template language", name);
	if (strcmp(html + strlen(html) - 8, "</html>\n") != 0)
		fail_msg("%s does not end", name);
}

static void check_balance(const char *name, const char *html)
{
	static const char void_tags[] = " br hr img input link meta ";
	char open[40][SCAN_NAME_MAX], padded[SCAN_NAME_MAX + 2];
	size_t n = 0;
	struct scan_tag tag;

	while (scan_next(&html, &tag)) {
		snprintf(padded, sizeof padded, " %s ", tag.name);
		if (strstr(void_tags, padded))
			continue;
		if (!tag.closing)
			memcpy(open[n++], tag.name, sizeof tag.name);
		else if (!n || strcmp(open[--n], tag.name) != 0)
			fail_msg("%s: </%s> where <%s> is open", name, tag.name, n ? open[n] : "nothing");
		assert_true(n < 40);
	}
	if (n)
		fail_msg("%s: <%s> is not closed", name, open[n - 1]);
}

/* All values of one attribute in a page, of one element or (NULL) of all. */
struct collected {
	char texts[IDS_MAX][SCAN_VALUE_MAX];
	size_t n;
};

static void collect(
	const char *html, const char *element, const char *attribute, struct collected *ret_found)
{
	struct scan_tag tag;

	ret_found->n = 0;
	while (scan_next(&html, &tag)) {
		const char *value = scan_get(&tag, attribute);

		if (!value || (element && strcmp(element, tag.name) != 0))
			continue;
		assert_true(ret_found->n < IDS_MAX);
		memcpy(ret_found->texts[ret_found->n++], value, SCAN_VALUE_MAX);
	}
}

static bool holds(const struct collected *found, const char *text)
{
	for (size_t i = 0; i < found->n; i++)
		if (!strcmp(found->texts[i], text))
			return true;
	return false;
}

static struct collected ids, refs; /* too large for the stack */

static void check_ids(const char *name, const char *html)
{
	collect(html, NULL, "id", &ids);
	for (size_t i = 0; i < ids.n; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(ids.texts[i], ids.texts[k]) || !*ids.texts[i])
				fail_msg("%s: id \"%s\" is empty or stands twice", name, ids.texts[i]);
}

/* Every word of these attributes, and every link into the page, is an id of the page. The hostile
 * values hold blanks, which no id may: their words are not looked for. */
static void check_references(const char *name, const char *html)
{
	static const char *const attributes[] = { "for", "aria-describedby", "aria-labelledby" };
	char *word, *rest;

	collect(html, NULL, "id", &ids);
	for (size_t a = 0; a < 3; a++) {
		collect(html, NULL, attributes[a], &refs);
		for (size_t i = 0; i < refs.n; i++)
			for (word = strtok_r(refs.texts[i], " ", &rest); word && !strstr(html, "&lt;script");
				 word = strtok_r(NULL, " ", &rest))
				if (!holds(&ids, word))
					fail_msg("%s: %s=\"%s\" names nothing", name, attributes[a], word);
	}
	collect(html, "a", "href", &refs);
	for (size_t i = 0; i < refs.n; i++)
		if (refs.texts[i][0] == '#' && !holds(&ids, refs.texts[i] + 1))
			fail_msg("%s: href=\"%s\" leads nowhere", name, refs.texts[i]);
}

static void check_labels(const char *name, const char *html)
{
	const char *at = html;
	struct scan_tag tag;

	collect(html, "label", "for", &refs);
	while (scan_next(&at, &tag)) {
		const char *id = scan_get(&tag, "id"), *type = scan_get(&tag, "type");

		if (tag.closing || (strcmp(tag.name, "input") != 0 && strcmp(tag.name, "textarea") != 0) ||
			(type && !strcmp(type, "hidden")))
			continue;
		if (!id || !holds(&refs, id))
			fail_msg("%s: <%s id=\"%s\"> has no label", name, tag.name, id ? id : "");
	}
}

static bool is_own_or_safe(const char *link)
{
	return *link == '#' || (*link == '/' && link[1] != '/') || !strncmp(link, "https://", 8) ||
		!strncmp(link, "mailto:", 7);
}

/* What the Content-Security-Policy would block, or what leads to a third party unasked. */
static void check_no_code(const char *name, const char *html)
{
	struct scan_tag tag;

	while (scan_next(&html, &tag)) {
		const char *href = scan_get(&tag, "href"), *action = scan_get(&tag, "action");

		if (!strcmp(tag.name, "script") || !strcmp(tag.name, "style") || scan_get(&tag, "style"))
			fail_msg("%s: script or style in the page", name);
		for (size_t i = 0; i < tag.n_attributes; i++)
			if (!strncmp(tag.attributes[i].name, "on", 2))
				fail_msg("%s: %s", name, tag.attributes[i].name);
		if ((href && !is_own_or_safe(href)) || (action && *action != '/'))
			fail_msg(
				"%s: link \"%s\", form to \"%s\"", name, href ? href : "", action ? action : "");
		if (!strcmp(tag.name, "link") && strncmp(href ? href : "", "/static/", 8) != 0)
			fail_msg("%s: <link> to another site", name);
	}
}

/* A form that changes something is a POST with the visit's token; AWS's own form has none. */
static void check_forms(const char *name, const char *html)
{
	for (const char *form = html; (form = strstr(form, "<form ")) != NULL; form++) {
		const char *end = strstr(form, "</form>"), *csrf = strstr(form, "name=\"csrf\"");
		bool again = !strcmp(name, "try_again") && !strstr(form, "action=");

		if (!end || !strstr(form, "method=\"post\"") || strstr(form, "method=\"post\"") > end)
			fail_msg("%s: a form that is no POST", name);
		if (!again && (!csrf || csrf > end))
			fail_msg("%s: a form without its token", name);
	}
}

static void every_page_is_whole(void **state)
{
	(void)state;
	check_all(check_frame);
	check_all(check_balance);
}

static void every_reference_in_a_page_leads_somewhere(void **state)
{
	(void)state;
	check_all(check_ids);
	check_all(check_references);
}

static void every_input_has_a_label(void **state)
{
	(void)state;
	check_all(check_labels);
}

static void no_page_holds_code_or_leads_to_a_third_party(void **state)
{
	(void)state;
	check_all(check_no_code);
}

static void every_form_is_a_post_with_its_token(void **state)
{
	(void)state;
	check_all(check_forms);
}

static void markup_in_a_value_changes_no_page(void **state)
{
	(void)state;
	for (size_t page = 0; page < N_PAGES; page++) {
		auto_buf tame = BUF_INIT(PAGE_BYTES_MAX), wild = BUF_INIT(PAGE_BYTES_MAX);
		auto_buf tame_tags = BUF_INIT(PAGE_BYTES_MAX), wild_tags = BUF_INIT(PAGE_BYTES_MAX);

		render_page(page, sets[BENIGN], &tame);
		render_page(page, sets[HOSTILE], &wild);
		scan_skeleton(tame.data, &tame_tags);
		scan_skeleton(wild.data, &wild_tags);
		assert_true(wild.len > tame.len);
		assert_string_equal(wild_tags.data, tame_tags.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_page_is_whole),
		cmocka_unit_test(every_reference_in_a_page_leads_somewhere),
		cmocka_unit_test(every_input_has_a_label),
		cmocka_unit_test(no_page_holds_code_or_leads_to_a_third_party),
		cmocka_unit_test(every_form_is_a_post_with_its_token),
		cmocka_unit_test(markup_in_a_value_changes_no_page),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("templates html", tests, load_pages, free_pages);
}
