/* Logic-less templates: a Mustache subset, escaped by default, compiled and checked at start.
 *
 *   {{name}}                 the value, & < > " ' escaped; there is no raw output
 *   {{#name}}…{{/name}}      once if a text is not empty or a flag is set; for a list, once an item
 *   {{?name}}…{{/name}}      once if it is not empty: what stands around the items of a list
 *   {{^name}}…{{/name}}      if it is empty
 *   {{>file}}                the template file.html of the same folder, in place
 *   {{! comment}}
 *
 * A line that holds nothing but one such tag (not a value) leaves no line in the page. A template
 * declares its names, so that a typo stops the start and not a buyer. */
#ifndef FCGI_TEMPLATE_H
#define FCGI_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum view_kind {
	VIEW_TEXT,
	VIEW_URL, /* a text whose scheme the caller vouches for: it may be a whole href or src */
	VIEW_FLAG,
	VIEW_LIST,
};

/* A name that a template may use. Tables of names end with a NULL name; the index into a table is
 * the page's own enum. */
struct view_name {
	const char *name;
	enum view_kind kind;
	const struct view_name *items; /* of a VIEW_LIST: the names inside it */
};

struct view_value {
	const char *text; /* VIEW_TEXT, VIEW_URL; NULL counts as "" */
	bool flag;        /* VIEW_FLAG */
	/* VIEW_LIST: n_items arrays, each parallel to the list's names */
	const struct view_value *const *items;
	size_t n_items;
};

/* What one page may say: its names, then those of all pages (seller, product, support …). */
struct template_page {
	const char *file; /* without .html */
	const struct view_name *names;
};

struct templates;

/* Reads, compiles and checks every page of the list in `dir`, partials included. `common` are names
 * that every page may use; a page's own name hides it, an item's name hides both. Keeps no pointer
 * to the tables. What comes back never changes: any number of threads may render at once.
 * ERR_INPUT: an unknown name, an unclosed section, a value where escaping would not hold it
 * (script, style, comment, tag or attribute name, unquoted or on… attribute, a link that is not one
 * VIEW_URL alone and does not begin with a harmless literal), a section that does not end in the
 * HTML state it began in, a partial that includes itself; the text has file and line.
 * ERR_MISSING: a file.  ERR_LOCAL: unreadable, no memory. */
MUST_CHECK enum status templates_load(const char *dir, const struct view_name *common,
	const struct template_page *pages, size_t n_pages, struct templates **ret_templates,
	struct err *err);
void templates_free(struct templates *templates);

/* Appends page number `page` of the list. `values` is parallel to the page's names, `common` to the
 * common names; each may be NULL if its table is empty. Nothing is kept. Overflow shows as
 * out->failed. */
void templates_render(const struct templates *templates, size_t page,
	const struct view_value *common, const struct view_value *values, struct buf *out);

#endif
