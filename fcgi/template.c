#include "fcgi/template.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fcgi/template_compile.h"

enum {
	TEXT_BYTES_MAX = 16 * 1024 * 1024, /* of all pages, partials repeated: a bound, not a target */
	OPS_BYTES_MAX = 16 * 1024 * 1024,
};

struct templates {
	struct buf text, ops; /* of all pages, one after another */
	size_t n_pages;
	size_t ends[]; /* page i: operations [ends[i - 1], ends[i]) */
};

static const struct op *all_ops(const struct templates *templates)
{
	return (const struct op *)(const void *)templates->ops.data;
}

enum status templates_load(const char *dir, const struct view_name *common,
	const struct template_page *pages, size_t n_pages, struct templates **ret_templates,
	struct err *err)
{
	struct templates *templates =
		calloc(1, sizeof *templates + n_pages * sizeof templates->ends[0]);

	if (!templates)
		return err_set(err, ERR_LOCAL, "no memory for the templates");
	templates->text = BUF_INIT(TEXT_BYTES_MAX);
	templates->ops = BUF_INIT(OPS_BYTES_MAX);
	templates->n_pages = n_pages;
	for (size_t i = 0; i < n_pages; i++) {
		enum status rc =
			template_compile(dir, common, &pages[i], &templates->text, &templates->ops, err);

		if (rc) {
			templates_free(templates);
			return rc;
		}
		templates->ends[i] = templates->ops.len / sizeof(struct op);
	}
	*ret_templates = templates;
	return OK;
}

void templates_free(struct templates *templates)
{
	if (!templates)
		return;
	buf_done(&templates->text);
	buf_done(&templates->ops);
	free(templates);
}

static void put_escaped(struct buf *out, const char *text)
{
	static const char *const entities[256] = {
		['&'] = "&amp;",
		['<'] = "&lt;",
		['>'] = "&gt;",
		['"'] = "&quot;",
		['\''] = "&#39;",
	};

	while (text && *text) {
		size_t plain = strcspn(text, "&<>\"'");

		buf_add(out, text, plain);
		text += plain;
		if (*text)
			buf_puts(out, entities[(unsigned char)*text++]);
	}
}

/* The values in sight while a page is rendered; past the first two scopes, a list's items. */
struct walk {
	const struct view_value *scopes[TEMPLATE_SCOPES_MAX];
	struct {
		const struct view_value *list;
		size_t next;
	} loops[TEMPLATE_SCOPES_MAX];
	size_t n_scopes;
};

static const struct view_value *look_up(const struct walk *w, const struct op *op)
{
	return &w->scopes[op->scope][op->index];
}

static bool is_set(const struct view_value *value, enum view_kind kind)
{
	switch (kind) {
	case VIEW_TEXT:
	case VIEW_URL:
		return value->text && *value->text;
	case VIEW_FLAG:
		return value->flag;
	case VIEW_LIST:
		return value->n_items > 0;
	}
	return false;
}

/* Both return the operation to go on with. */
static size_t begin_items(struct walk *w, const struct op *op, size_t next_op)
{
	const struct view_value *list = look_up(w, op);

	if (!list->n_items)
		return op->jump;
	w->scopes[w->n_scopes] = list->items[0];
	w->loops[w->n_scopes].list = list;
	w->loops[w->n_scopes++].next = 1;
	return next_op;
}

static size_t next_item(struct walk *w, const struct op *op, size_t next_op)
{
	size_t top = w->n_scopes - 1;

	if (w->loops[top].next == w->loops[top].list->n_items) {
		w->n_scopes--;
		return next_op;
	}
	w->scopes[top] = w->loops[top].list->items[w->loops[top].next++];
	return op->jump;
}

void templates_render(const struct templates *templates, size_t page,
	const struct view_value *common, const struct view_value *values, struct buf *out)
{
	struct walk w = { .scopes = { common, values }, .n_scopes = 2 };
	const struct op *ops = all_ops(templates);
	size_t at, end;

	assert(page < templates->n_pages);
	at = page ? templates->ends[page - 1] : 0;
	end = templates->ends[page];
	while (at < end && !out->failed) {
		const struct op *op = &ops[at++];

		switch (op->kind) {
		case OP_LITERAL:
			buf_add(out, templates->text.data + op->from, op->len);
			break;
		case OP_VALUE:
			put_escaped(out, look_up(&w, op)->text);
			break;
		case OP_IF:
			at = is_set(look_up(&w, op), op->value) ? at : op->jump;
			break;
		case OP_UNLESS:
			at = is_set(look_up(&w, op), op->value) ? op->jump : at;
			break;
		case OP_EACH:
			at = begin_items(&w, op, at);
			break;
		case OP_NEXT:
			at = next_item(&w, op, at);
			break;
		}
	}
}
