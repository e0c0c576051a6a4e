/* The canonical forms of path and query string. */
#include <stdlib.h>
#include <string.h>

#include "aws/sigv4.h"
#include "base/text.h"

enum { ENCODED_MAX = 3 }; /* characters of one byte, encoded */

struct pair {
	const char *name, *value; /* encoded */
};

static void add_encoded(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		/* RFC 3986: unreserved; isalnum would ask the locale. */
		if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			(c && strchr("-._~", c)))
			buf_putc(out, (char)c);
		else
			buf_printf(out, "%%%02X", c);
	}
}

/* Decodes what is encoded, and encodes what has to be; a '%' without two digits is one. */
static void add_encoded_anew(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		int high = c == '%' && len - i > 2 ? text_hex_digit(text[i + 1]) : -1;
		int low = high < 0 ? -1 : text_hex_digit(text[i + 2]);

		if (low >= 0) {
			c = (char)(high << 4 | low);
			i += 2;
		}
		add_encoded(out, &c, 1);
	}
}

static void cut_last_segment(struct buf *path)
{
	while (path->len && path->data[--path->len] != '/')
		;
}

void sigv4_canonical_path(struct buf *out, const char *path)
{
	size_t path_len = strlen(path), len;
	auto_buf segments = BUF_INIT((ENCODED_MAX + 1) * path_len + 1);

	for (const char *at = path; *at; at += len) {
		at += strspn(at, "/");
		len = strcspn(at, "/");
		if (len == 0 || (len == 1 && *at == '.'))
			continue;
		if (len == 2 && !strncmp(at, "..", len)) {
			cut_last_segment(&segments);
			continue;
		}
		buf_putc(&segments, '/');
		add_encoded(&segments, at, len);
	}
	buf_add(out, segments.data, segments.len);
	if (!segments.len || path[path_len - 1] == '/')
		buf_putc(out, '/');
	out->failed |= segments.failed;
}

static int compare_pairs(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int by_name = strcmp(x->name, y->name);

	return by_name ? by_name : strcmp(x->value, y->value);
}

/* Adds a text to keep; the buffer has room for it, so that those before do not move. */
static const char *keep_encoded(struct buf *text, const char *from, size_t len)
{
	size_t at = text->len;

	add_encoded_anew(text, from, len);
	buf_putc(text, '\0');
	return text->failed ? "" : text->data + at;
}

static size_t read_pairs(const char *query, struct buf *text, struct pair *pairs)
{
	size_t n = 0, len;

	for (const char *at = query; *at; at += len + (at[len] == '&')) {
		size_t name_len = strcspn(at, "=&");

		len = strcspn(at, "&");
		if (!len)
			continue;
		pairs[n].name = keep_encoded(text, at, name_len);
		at += name_len + (at[name_len] == '=');
		len = strcspn(at, "&");
		pairs[n++].value = keep_encoded(text, at, len);
	}
	return n;
}

void sigv4_canonical_query(struct buf *out, const char *query)
{
	size_t n_max = strlen(query) / 2 + 1; /* "a&b": two bytes a pair, but for the last */
	auto_buf text = BUF_INIT(ENCODED_MAX * strlen(query) + 2 * n_max);
	struct pair *pairs = calloc(n_max, sizeof *pairs);
	size_t n = 0;

	if (pairs && buf_reserve(&text, text.max))
		n = read_pairs(query, &text, pairs);
	if (n)
		qsort(pairs, n, sizeof *pairs, compare_pairs);
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s%s=%s", i ? "&" : "", pairs[i].name, pairs[i].value);
	out->failed |= !pairs || text.failed;
	free(pairs);
}
