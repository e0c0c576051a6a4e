#include "fcgi/template_compile.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/template_html.h"
#include "fcgi/template_tag.h"

enum {
	FILE_BYTES_MAX = 256 * 1024, /* many times a page that people write */
	READ_BYTES = 16 * 1024,
	INCLUDES_MAX = 256, /* of a page: partials in partials multiply */
	INCLUDES_DEPTH_MAX = 8,
};

/* A file that is being read; a partial knows who includes it. */
struct source {
	const char *file;
	const struct source *includer;
	size_t depth;
	const char *start, *at, *end;
	size_t line; /* of `at` */
};

struct section {
	char name[TAG_NAME_MAX + 1];
	size_t op, line;
	struct html html; /* where it began */
};

struct compiler {
	const char *dir, *page;
	struct buf *text, *ops;
	struct html html;
	const struct view_name *scopes[TEMPLATE_SCOPES_MAX];
	size_t n_scopes;
	struct section sections[TEMPLATE_SECTIONS_MAX];
	size_t n_sections;
	size_t n_includes;
	struct err *err;
};

struct found {
	const struct view_name *name;
	uint16_t scope, index;
};

static enum status compile_file(
	struct compiler *c, const char *file, const struct source *includer);

/* A name may be known to one page and not to another, so a partial's fault names the page too. */
PRINTF_LIKE(3, 4)
static enum status refuse(const struct compiler *c, const struct source *s, const char *fmt, ...)
{
	char text[384];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	if (s->includer)
		return err_set(c->err, ERR_INPUT, "%s/%s.html:%zu: %s (in page %s)", c->dir, s->file,
			s->line, text, c->page);
	return err_set(c->err, ERR_INPUT, "%s/%s.html:%zu: %s", c->dir, s->file, s->line, text);
}

static void advance(struct source *s, const char *to)
{
	for (; s->at < to; s->at++)
		s->line += *s->at == '\n';
}

/* --- names ---------------------------------------------------------------------------------- */

static bool find(const struct compiler *c, const char *name, struct found *ret_found)
{
	for (size_t scope = c->n_scopes; scope-- > 0;)
		for (const struct view_name *n = c->scopes[scope]; n && n->name; n++)
			if (!strcmp(n->name, name)) {
				*ret_found = (struct found){ n, (uint16_t)scope, (uint16_t)(n - c->scopes[scope]) };
				return true;
			}
	return false;
}

static enum status refuse_name(const struct compiler *c, const struct source *s, const char *name)
{
	auto_buf known = BUF_INIT(1024);

	for (size_t scope = c->n_scopes; scope-- > 0;)
		for (const struct view_name *n = c->scopes[scope]; n && n->name; n++)
			buf_printf(&known, "%s%s", known.len ? ", " : "", n->name);
	return refuse(c, s, "unknown name \"%s\"; known here: %s", name, buf_text(&known));
}

/* --- operations ----------------------------------------------------------------------------- */

static size_t count_ops(const struct compiler *c)
{
	return c->ops->len / sizeof(struct op);
}

static struct op *op_at(const struct compiler *c, size_t index)
{
	return (struct op *)(void *)c->ops->data + index;
}

static void add_op(struct compiler *c, enum op_kind kind, const struct found *found)
{
	struct op op = { .kind = kind };

	if (found) {
		op.value = found->name->kind;
		op.scope = found->scope;
		op.index = found->index;
	}
	buf_add(c->ops, &op, sizeof op);
}

static enum status add_literal(struct compiler *c, struct source *s, const char *end)
{
	size_t len = (size_t)(end - s->at);
	struct op op = { .kind = OP_LITERAL, .from = (uint32_t)c->text->len, .len = (uint32_t)len };

	if (!len)
		return OK;
	buf_add(c->text, s->at, len);
	buf_add(c->ops, &op, sizeof op);
	for (; s->at < end; s->at++) {
		const char *wrong = html_feed(&c->html, *s->at);

		if (wrong)
			return refuse(c, s, "%s", wrong);
		if (*s->at == '}' && s->at[1] == '}')
			return refuse(c, s, "}} without {{");
		s->line += *s->at == '\n';
	}
	return OK;
}

/* --- tags ----------------------------------------------------------------------------------- */

static enum status do_value(struct compiler *c, const struct source *s, const struct tag *tag)
{
	struct found found;
	const char *wrong;

	if (!find(c, tag->name, &found))
		return refuse_name(c, s, tag->name);
	if (found.name->kind == VIEW_FLAG || found.name->kind == VIEW_LIST)
		return refuse(c, s, "\"%s\" has no text to show; it is for {{#%s}}", tag->name, tag->name);
	wrong = html_value(&c->html, found.name->kind);
	if (wrong)
		return refuse(c, s, "{{%s}}: %s", tag->name, wrong);
	add_op(c, OP_VALUE, &found);
	return OK;
}

static enum status open_section(struct compiler *c, const struct source *s, const struct tag *tag)
{
	struct section *section = &c->sections[c->n_sections];
	enum op_kind kind = tag->kind == '^' ? OP_UNLESS : OP_IF;
	struct found found;

	if (!find(c, tag->name, &found))
		return refuse_name(c, s, tag->name);
	if (c->n_sections == TEMPLATE_SECTIONS_MAX)
		return refuse(c, s, "more than %d sections inside one another", TEMPLATE_SECTIONS_MAX);
	if (tag->kind == '#' && found.name->kind == VIEW_LIST) {
		kind = OP_EACH;
		assert(found.name->items && c->n_scopes < TEMPLATE_SCOPES_MAX);
		c->scopes[c->n_scopes++] = found.name->items;
	}
	*section = (struct section){ .op = count_ops(c), .line = s->line, .html = c->html };
	memcpy(section->name, tag->name, sizeof section->name);
	c->n_sections++;
	add_op(c, kind, &found);
	return OK;
}

static enum status close_section(
	struct compiler *c, const struct source *s, const struct tag *tag, size_t outer_sections)
{
	const struct section *section;

	if (c->n_sections == outer_sections)
		return refuse(c, s, "{{/%s}} closes nothing that this file opened", tag->name);
	section = &c->sections[c->n_sections - 1];
	if (strcmp(section->name, tag->name) != 0)
		return refuse(c, s, "{{/%s}} where {{/%s}} is due: that section began on line %zu",
			tag->name, section->name, section->line);
	if (!html_same(&section->html, &c->html))
		return refuse(c, s,
			"section \"%s\" began on line %zu in %s and ends in %s; both must be the "
			"same, as it may be left out",
			tag->name, section->line, html_where(&section->html), html_where(&c->html));
	if (op_at(c, section->op)->kind == OP_EACH) {
		add_op(c, OP_NEXT, NULL);
		op_at(c, count_ops(c) - 1)->jump = (uint32_t)section->op + 1;
		c->n_scopes--;
	}
	op_at(c, section->op)->jump = (uint32_t)count_ops(c);
	c->n_sections--;
	return OK;
}

static enum status include(struct compiler *c, const struct source *s, const struct tag *tag)
{
	for (const struct source *up = s; up; up = up->includer)
		if (!strcmp(up->file, tag->name))
			return refuse(c, s, "{{>%s}} includes itself", tag->name);
	if (s->depth == INCLUDES_DEPTH_MAX || ++c->n_includes > INCLUDES_MAX)
		return refuse(c, s,
			"{{>%s}} is one too many: at most %d partials inside one another, %d a page", tag->name,
			INCLUDES_DEPTH_MAX, INCLUDES_MAX);
	return compile_file(c, tag->name, s);
}

static enum status do_tag(
	struct compiler *c, const struct source *s, const struct tag *tag, size_t outer_sections)
{
	if (tag->wrong)
		return refuse(c, s, "%s", tag->wrong);
	switch (tag->kind) {
	case '!':
		return OK;
	case '>':
		return include(c, s, tag);
	case '/':
		return close_section(c, s, tag, outer_sections);
	case ' ':
		return do_value(c, s, tag);
	default:
		return open_section(c, s, tag);
	}
}

/* --- files ---------------------------------------------------------------------------------- */

/* The text up to the next tag, and that tag. */
static enum status compile_next(struct compiler *c, struct source *s, size_t outer_sections)
{
	const char *start = memmem(s->at, (size_t)(s->end - s->at), "{{", 2);
	enum status rc;
	struct tag tag;

	if (!start)
		return add_literal(c, s, s->end);
	tag_parse(s->start, s->end, start, &tag);
	/* Only blanks may stand between tag.from and the tag, so s->line is then the tag's. */
	rc = add_literal(c, s, tag.from);
	if (!rc)
		rc = do_tag(c, s, &tag, outer_sections);
	advance(s, tag.to);
	return rc;
}

/* Reads to the end, or until it is clearly too much. */
static void read_all(FILE *in, struct buf *text)
{
	size_t len = 1;

	while (len && text->len <= FILE_BYTES_MAX) {
		char *room = buf_reserve(text, READ_BYTES);

		len = room ? fread(room, 1, READ_BYTES, in) : 0;
		text->len += len;
		if (room)
			room[len] = '\0';
	}
}

static enum status read_file(const struct compiler *c, const char *file, struct buf *text)
{
	auto_buf path = BUF_INIT(4096);
	enum status rc = OK;
	FILE *in;

	buf_printf(&path, "%s/%s.html", c->dir, file);
	in = path.failed ? NULL : fopen(path.data, "re");
	if (path.failed)
		return err_set(c->err, ERR_INPUT, "%.100s…: the folder's name is too long", c->dir);
	if (!in)
		return err_set(c->err, errno == ENOENT ? ERR_MISSING : ERR_LOCAL, "%s: %s", path.data,
			strerror(errno));
	read_all(in, text);
	if (ferror(in) || text->failed)
		rc = err_set(
			c->err, ERR_LOCAL, "%s: %s", path.data, text->failed ? "no memory" : strerror(errno));
	else if (text->len > FILE_BYTES_MAX)
		rc = err_set(
			c->err, ERR_INPUT, "%s: a template has at most %d bytes", path.data, FILE_BYTES_MAX);
	else if (!text_is_utf8(buf_text(text), text->len))
		rc = err_set(c->err, ERR_INPUT, "%s: not UTF-8, or holds a NUL", path.data);
	fclose(in);
	return rc;
}

static enum status compile_file(struct compiler *c, const char *file, const struct source *includer)
{
	auto_buf text = BUF_INIT(FILE_BYTES_MAX + 2 * READ_BYTES);
	struct source s = { .file = file, .includer = includer, .line = 1 };
	size_t outer_sections = c->n_sections;
	enum status rc = read_file(c, file, &text);

	if (rc)
		return includer ? err_wrap(c->err, rc, "%s/%s.html:%zu: {{>%s}}", c->dir, includer->file,
							  includer->line, file)
						: rc;
	s.depth = includer ? includer->depth + 1 : 0;
	s.start = s.at = buf_text(&text);
	s.end = s.start + text.len;
	while (!rc && s.at < s.end) {
		rc = compile_next(c, &s, outer_sections);
		if (c->text->failed || c->ops->failed)
			rc = err_set(c->err, ERR_LOCAL, "%s: the templates are too large", c->dir);
	}
	if (!rc && c->n_sections > outer_sections) {
		s.line = c->sections[c->n_sections - 1].line;
		return refuse(c, &s, "section \"%s\" is not closed in this file",
			c->sections[c->n_sections - 1].name);
	}
	if (!rc && !includer && c->html.at != HTML_TEXT)
		return refuse(c, &s, "the page ends in %s", html_where(&c->html));
	return rc;
}

enum status template_compile(const char *dir, const struct view_name *common,
	const struct template_page *page, struct buf *text, struct buf *ops, struct err *err)
{
	struct compiler c = { .dir = dir,
		.page = page->file,
		.text = text,
		.ops = ops,
		.scopes = { common, page->names },
		.n_scopes = 2,
		.err = err };

	return compile_file(&c, page->file, NULL);
}
