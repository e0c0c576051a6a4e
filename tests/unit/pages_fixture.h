/* What the tests of the real pages share: every page, rendered with values that are made from its
 * own table of names, so that a new name is covered without a word here. */
#ifndef TESTS_PAGES_FIXTURE_H
#define TESTS_PAGES_FIXTURE_H

#include <stdlib.h>

#include "fcgi/views.h"
#include "tests/unit/unit.h"

enum { ITEMS = 3, PAGE_BYTES_MAX = 1 << 20 };

/* What each text begins with; its name and the item's number follow. NULL: all is empty. */
static const char *const sets[] = { NULL, "x",
	"x\"'><script>alert(1)</script></textarea></title>--><b onclick=1>&amp;" };
enum { EMPTY, BENIGN, HOSTILE, N_SETS };

static const char *const static_pages[] = { "unavailable", "too_large", "slow_down" };
enum { N_STATIC = sizeof static_pages / sizeof static_pages[0] };

static struct templates *templates;

static inline int load_pages(void **state)
{
	struct err err;

	(void)state;
	if (!templates_load("templates", common_names, pages, N_PAGES, &templates, &err))
		return 0;
	fprintf(stderr, "%s (run from the project's root)\n", err.text);
	return -1;
}

static inline int free_pages(void **state)
{
	(void)state;
	templates_free(templates);
	return 0;
}

/* --- pages and values ----------------------------------------------------------------------- */

/* Room for one page's values, given back all at once. */
static struct {
	struct view_value values[1000];
	const struct view_value *items[200];
	char texts[1000][160];
	size_t n_values, n_items;
} made;

static inline const struct view_value *make(
	const struct view_name *names, const char *prefix, size_t item)
{
	size_t n = 0, first = made.n_values;

	while (names[n].name)
		n++;
	made.n_values += n;
	assert_true(made.n_values <= 1000);
	for (size_t i = 0; prefix && i < n; i++) {
		struct view_value *value = &made.values[first + i];
		char *text = made.texts[first + i];

		snprintf(text, sizeof made.texts[0], "%s%s%zu",
			names[i].kind == VIEW_URL ? "https://a.example/" : prefix, names[i].name, item);
		*value = (struct view_value){ .text = text, .flag = true };
		if (names[i].kind != VIEW_LIST)
			continue;
		value->items = &made.items[made.n_items];
		value->n_items = ITEMS;
		made.n_items += ITEMS;
		assert_true(made.n_items <= 200);
		for (size_t k = 0; k < ITEMS; k++)
			made.items[(size_t)(value->items - made.items) + k] = make(names[i].items, prefix, k);
	}
	return &made.values[first];
}

static inline void render_page(size_t page, const char *prefix, struct buf *out)
{
	const struct view_value *common, *values;

	memset(&made, 0, sizeof made);
	common = make(common_names, prefix, 0);
	values = make(pages[page].names, prefix, 0);
	templates_render(templates, page, common, values, out);
	assert_false(out->failed);
}

static inline void read_static(const char *name, struct buf *out)
{
	char path[100];
	FILE *in;
	size_t len;

	snprintf(path, sizeof path, "templates/static/%s.html", name);
	in = fopen(path, "r");
	assert_non_null(in);
	while ((len = fread(buf_reserve(out, 4096), 1, 4096, in)) > 0) {
		out->len += len;
		out->data[out->len] = '\0';
	}
	fclose(in);
}

/* Every page with every set of values, and the pages that nginx serves itself. */
static inline void check_all(void (*check)(const char *name, const char *html))
{
	for (size_t page = 0; page < N_PAGES; page++)
		for (size_t set = 0; set < N_SETS; set++) {
			auto_buf out = BUF_INIT(PAGE_BYTES_MAX);

			render_page(page, sets[set], &out);
			check(pages[page].file, out.data);
		}
	for (size_t i = 0; i < N_STATIC; i++) {
		auto_buf out = BUF_INIT(PAGE_BYTES_MAX);

		read_static(static_pages[i], &out);
		check(static_pages[i], out.data);
	}
}

static inline size_t count(const char *html, const char *what)
{
	size_t n = 0;

	while ((html = strstr(html, what)) != NULL) {
		html++;
		n++;
	}
	return n;
}

#endif
