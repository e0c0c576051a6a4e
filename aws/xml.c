#include "aws/xml.h"

#include <string.h>

#include "base/text.h"

enum { DEPTH_MAX = 16 }; /* STS's go four levels deep */

static const char name_chars[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:";
static const char blank[] = " \t\r\n";

struct reader {
	const char *at, *end;
	const char *path;
	struct xml_text names[DEPTH_MAX]; /* of the elements that are open */
	int depth, n_roots;
	const char *content; /* the wanted element is open, and this follows its tag */
	struct xml_text found;
	bool is_found;
};

/* Moves to behind the next `text`. */
static bool skip_to(struct reader *r, const char *text)
{
	const char *at = memmem(r->at, (size_t)(r->end - r->at), text, strlen(text));

	if (at)
		r->at = at + strlen(text);
	return at != NULL;
}

static bool starts(const struct reader *r, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(r->end - r->at) >= len && !memcmp(r->at, text, len);
}

static bool is_one_of(char c, const char *chars)
{
	return c && strchr(chars, c);
}

static struct xml_text read_name(struct reader *r)
{
	struct xml_text name = { r->at, 0 };

	while (r->at < r->end && is_one_of(*r->at, name_chars))
		r->at++;
	name.len = (size_t)(r->at - name.at);
	return name;
}

/* Whether the open elements are those of the path. */
static bool is_path(const struct reader *r)
{
	const char *part = r->path;

	for (int i = 0; i < r->depth; i++) {
		size_t len = strcspn(part, "/");

		if (r->names[i].len != len || memcmp(r->names[i].at, part, len) != 0)
			return false;
		part += len;
		if (!*part)
			return i + 1 == r->depth;
		part++;
	}
	return false;
}

/* Behind a tag's name: skips attributes; *ret_empty for "/>". */
static bool skip_attributes(struct reader *r, bool *ret_empty)
{
	for (; r->at < r->end && *r->at != '>'; r->at++) {
		if (*r->at == '<')
			return false;
		if (*r->at == '"' || *r->at == '\'') {
			const char *close = memchr(r->at + 1, *r->at, (size_t)(r->end - r->at) - 1);

			if (!close)
				return false;
			r->at = close;
		}
	}
	if (r->at == r->end)
		return false;
	*ret_empty = r->at[-1] == '/';
	r->at++;
	return true;
}

static bool read_start(struct reader *r)
{
	struct xml_text name = read_name(r);
	bool empty;

	if (!name.len || r->depth == DEPTH_MAX || r->content || (!r->depth && r->n_roots++))
		return false;
	r->names[r->depth++] = name;
	if (!skip_attributes(r, &empty))
		return false;
	if (is_path(r) && !r->is_found) {
		r->content = r->at;
		r->found = (struct xml_text){ r->at, 0 };
		r->is_found = empty;
	}
	if (empty) {
		r->content = NULL;
		r->depth--;
	}
	return true;
}

/* `tag` is where "</" stands. */
static bool read_end(struct reader *r, const char *tag)
{
	struct xml_text name = read_name(r);

	while (r->at < r->end && is_one_of(*r->at, blank))
		r->at++;
	if (!r->depth || r->at == r->end || *r->at != '>' || r->names[r->depth - 1].len != name.len ||
		memcmp(r->names[r->depth - 1].at, name.at, name.len) != 0)
		return false;
	r->at++;
	r->depth--;
	if (r->content) {
		r->found.len = (size_t)(tag - r->content);
		r->is_found = true;
		r->content = NULL;
	}
	return true;
}

/* What begins with '<'. */
static bool read_markup(struct reader *r)
{
	const char *tag = r->at;

	if (starts(r, "<?"))
		return !r->content && skip_to(r, "?>");
	if (starts(r, "<!--"))
		return !r->content && skip_to(r, "-->");
	if (starts(r, "</")) {
		r->at += 2;
		return read_end(r, tag);
	}
	r->at++;
	return read_start(r); /* "<!" has no name */
}

static bool read_all(struct reader *r)
{
	while (r->at < r->end) {
		if (*r->at == '<') {
			if (!read_markup(r))
				return false;
		} else if (!r->depth && !is_one_of(*r->at, blank)) {
			return false;
		} else {
			r->at++;
		}
	}
	return r->n_roots == 1 && !r->depth;
}

enum status xml_find(const char *document, size_t len, const char *path,
	struct xml_text *ret_text, struct err *err)
{
	struct reader r = { .at = document, .end = document + len, .path = path };

	if (!text_is_utf8(document, len) || !read_all(&r))
		return err_set(err, ERR_RETRY, "the body is not XML, or not all of it");
	if (!r.is_found)
		return err_set(err, ERR_MISSING, "the body has no %s", path);
	*ret_text = r.found;
	return OK;
}

bool xml_copy(const struct xml_text *text, char *to, size_t size)
{
	static const struct {
		const char *entity;
		char c;
	} entities[] = {
		{ "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' },
	};
	enum { N = sizeof entities / sizeof entities[0] };
	const char *at = text->at, *end = text->at + text->len;
	size_t n = 0;

	while (at < end) {
		size_t i = 0, len = 1;
		char c = *at;

		if (c == '&') {
			while (i < N && ((size_t)(end - at) < strlen(entities[i].entity) ||
					memcmp(at, entities[i].entity, strlen(entities[i].entity)) != 0))
				i++;
			if (i == N)
				return false;
			c = entities[i].c;
			len = strlen(entities[i].entity);
		}
		if (n + 1 >= size)
			return false;
		to[n++] = c;
		at += len;
	}
	to[n] = '\0';
	return true;
}
