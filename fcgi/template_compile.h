/* From a template's text to a flat list of operations, checked. */
#ifndef FCGI_TEMPLATE_COMPILE_H
#define FCGI_TEMPLATE_COMPILE_H

#include <stdint.h>

#include "fcgi/template.h"

enum {
	TEMPLATE_SECTIONS_MAX = 16,                       /* inside one another */
	TEMPLATE_SCOPES_MAX = 2 + TEMPLATE_SECTIONS_MAX,  /* common names, the page's, lists' items */
};

enum op_kind {
	OP_LITERAL, /* text[from, from + len) */
	OP_VALUE,
	OP_IF,      /* empty: go to `jump` */
	OP_UNLESS,  /* not empty: go to `jump` */
	OP_EACH,    /* no item: go to `jump`; else a scope with the first one */
	OP_NEXT,    /* another item: go to `jump`; else the scope ends */
};

struct op {
	enum op_kind kind;
	enum view_kind value;   /* which member of the value counts */
	uint16_t scope, index;  /* where the value is: 0 common, 1 the page's, then lists' items */
	uint32_t from, len;
	uint32_t jump;          /* an index into all operations */
};

/* Appends the page's operations to `ops` (an array of struct op) and its literals to `text`.
 * Statuses: as templates_load. */
MUST_CHECK enum status template_compile(const char *dir, const struct view_name *common,
	const struct template_page *page, struct buf *text, struct buf *ops, struct err *err);

#endif
