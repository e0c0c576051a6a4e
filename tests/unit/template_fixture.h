/* What the tests of the template engine share: a folder of templates, a page with every kind of
 * name, and values for it. */
#ifndef TESTS_TEMPLATE_FIXTURE_H
#define TESTS_TEMPLATE_FIXTURE_H

#include <stdlib.h>

#include "fcgi/template.h"
#include "tests/unit/temp_dir.h"

enum { COMMON_BRAND, COMMON_TITLE };
static const struct view_name common_table[] = {
	[COMMON_BRAND] = { "brand", VIEW_TEXT, NULL },
	[COMMON_TITLE] = { "title", VIEW_TEXT, NULL },
	{ 0 },
};
enum { CELL_NAME, N_CELL };
static const struct view_name cell_table[] = { [CELL_NAME] = { "name", VIEW_TEXT, NULL }, { 0 } };
enum { ROW_NAME, ROW_CELLS, ROW_LAST, N_ROW };
static const struct view_name row_table[] = {
	[ROW_NAME] = { "name", VIEW_TEXT, NULL },
	[ROW_CELLS] = { "cells", VIEW_LIST, cell_table },
	[ROW_LAST] = { "last", VIEW_FLAG, NULL },
	{ 0 },
};
enum { TITLE, EMPTY, ON, OFF, ROWS, NO_ROWS, LINK, N_NAMES };
static const struct view_name table[] = {
	[TITLE] = { "title", VIEW_TEXT, NULL },
	[EMPTY] = { "empty", VIEW_TEXT, NULL },
	[ON] = { "on", VIEW_FLAG, NULL },
	[OFF] = { "off", VIEW_FLAG, NULL },
	[ROWS] = { "rows", VIEW_LIST, row_table },
	[NO_ROWS] = { "no_rows", VIEW_LIST, row_table },
	[LINK] = { "link", VIEW_URL, NULL },
	{ 0 },
};

static const struct view_value cell_1[N_CELL] = { [CELL_NAME] = { .text = "c1" } };
static const struct view_value cell_2[N_CELL] = { [CELL_NAME] = { .text = "c2" } };
static const struct view_value *const cells[] = { cell_1, cell_2 };
static const struct view_value row_a[N_ROW] = {
	[ROW_NAME] = { .text = "a" },
	[ROW_CELLS] = { .items = cells, .n_items = 2 },
};
static const struct view_value row_b[N_ROW] = {
	[ROW_NAME] = { .text = "b" },
	[ROW_LAST] = { .flag = true },
};
static const struct view_value *const rows[] = { row_a, row_b };

static const struct view_value common[] = {
	[COMMON_BRAND] = { .text = "Brand" },
	[COMMON_TITLE] = { .text = "common title" },
};
static const struct view_value values[N_NAMES] = {
	[TITLE] = { .text = "Title" },
	[EMPTY] = { .text = "" },
	[ON] = { .flag = true },
	[ROWS] = { .items = rows, .n_items = 2 },
	[LINK] = { .text = "https://a.example/?b&c" },
};

static struct err err;

static inline void put_bytes(const char *file, const char *text, size_t len)
{
	auto_buf path = BUF_INIT(200);
	FILE *out;

	buf_printf(&path, "%s/%s.html", dir, file);
	out = fopen(path.data, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
}

static inline void put(const char *file, const char *text)
{
	put_bytes(file, text, strlen(text));
}

static inline enum status load(struct templates **ret_templates)
{
	static const struct template_page pages[] = { { "page", table } };

	return templates_load(dir, common_table, pages, 1, ret_templates, &err);
}

static inline void assert_page(const char *expected)
{
	auto_buf out = BUF_INIT(1 << 20);
	struct templates *templates = NULL;

	if (load(&templates))
		fail_msg("refused: %s", err.text);
	templates_render(templates, 0, common, values, &out);
	assert_false(out.failed);
	assert_string_equal(buf_text(&out), expected);
	templates_free(templates);
}

static inline void assert_renders(const char *template, const char *expected)
{
	put("page", template);
	assert_page(expected);
}

/* `where` is "FILE:LINE: ". */
static inline void assert_load_fails(enum status status, const char *where, const char *what)
{
	struct templates *templates = NULL;

	err.text[0] = '\0';
	assert_int_equal(load(&templates), status);
	assert_null(templates);
	if (!strstr(err.text, where) || !strstr(err.text, what))
		fail_msg("wanted \"%s\" and \"%s\" in: %s", where, what, err.text);
}

static inline void assert_refused(const char *template, const char *where, const char *what)
{
	put("page", template);
	assert_load_fails(ERR_INPUT, where, what);
}

#endif
