/* Reads HTML as browsers do, as far as tests need it: a tag at a time, with attributes.
 * Comments, doctypes and what stands inside script, style, textarea and title is passed over. It was
 * written apart from the templates' own checker, so that one proves the other. */
#ifndef TESTS_HTML_SCAN_H
#define TESTS_HTML_SCAN_H

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

enum { SCAN_ATTRIBUTES_MAX = 24, SCAN_NAME_MAX = 40, SCAN_VALUE_MAX = 400 };

struct scan_tag {
	char name[SCAN_NAME_MAX];
	bool closing;
	struct {
		char name[SCAN_NAME_MAX], value[SCAN_VALUE_MAX];
	} attributes[SCAN_ATTRIBUTES_MAX];
	size_t n_attributes; /* may be more than are kept */
	const char *raw;     /* what stands inside a script, style, textarea or title */
	size_t raw_len;
};

/* Up to one of the characters of `stop_at`; what is too long is cut. */
static inline const char *scan_copy(
	const char *from, const char *stop_at, char *ret_text, size_t size)
{
	size_t whole = strcspn(from, stop_at), len = whole < size ? whole : size - 1;

	memcpy(ret_text, from, len);
	ret_text[len] = '\0';
	return from + whole;
}

static inline void scan_lower(char *name)
{
	for (; *name; name++)
		*name = (char)tolower((unsigned char)*name);
}

static inline const char *scan_blanks(const char *at)
{
	return at + strspn(at, " \t\r\n\f");
}

/* One attribute, its value unescaped as little as it was written. */
static inline const char *scan_attribute(const char *at, struct scan_tag *tag)
{
	char name[SCAN_NAME_MAX], value[SCAN_VALUE_MAX] = "";
	const char *after = scan_copy(at + 1, " \t\r\n\f/>=", name + 1, sizeof name - 1);

	name[0] = *at; /* even a = */
	scan_lower(name);
	if (*scan_blanks(after) == '=') {
		after = scan_blanks(scan_blanks(after) + 1);
		if (*after == '"' || *after == '\'') {
			const char quote[2] = { *after, '\0' };

			after = scan_copy(after + 1, quote, value, sizeof value);
			after += *after != '\0';
		} else {
			after = scan_copy(after, " \t\r\n\f>", value, sizeof value);
		}
	}
	if (tag->n_attributes < SCAN_ATTRIBUTES_MAX) {
		memcpy(tag->attributes[tag->n_attributes].name, name, sizeof name);
		memcpy(tag->attributes[tag->n_attributes].value, value, sizeof value);
	}
	tag->n_attributes++;
	return after;
}

static inline const char *scan_tag_from(const char *at, struct scan_tag *tag)
{
	memset(tag, 0, sizeof *tag);
	tag->closing = at[1] == '/';
	at = scan_copy(at + 1 + tag->closing, " \t\r\n\f/>", tag->name, sizeof tag->name);
	scan_lower(tag->name);
	for (;;) {
		at += strspn(at, " \t\r\n\f/");
		if (!*at || *at == '>')
			return at + (*at == '>');
		at = scan_attribute(at, tag);
	}
}

static inline bool scan_is_raw(const char *name)
{
	return !strcmp(name, "script") || !strcmp(name, "style") || !strcmp(name, "textarea") ||
		!strcmp(name, "title");
}

/* Past the content of an element that holds no tags. */
static inline const char *scan_raw(const char *at, const char *name)
{
	size_t len = strlen(name);

	for (; *at; at++)
		if (at[0] == '<' && at[1] == '/' && !strncasecmp(at + 2, name, len) &&
			strchr(" \t\r\n\f/>", at[2 + len]))
			return at;
	return at;
}

/* The next tag from *at on, which moves past it; false at the end. */
static inline bool scan_next(const char **at, struct scan_tag *ret_tag)
{
	for (const char *p = *at; *p; p++) {
		if (*p != '<')
			continue;
		if (!strncmp(p, "<!--", 4)) {
			const char *end = strstr(p + 4, "-->");

			p = end ? end + 2 : p + strlen(p) - 1;
		} else if (p[1] == '!' || p[1] == '?') {
			p += strcspn(p, ">");
			p -= !*p;
		} else if (isalpha((unsigned char)p[1]) || (p[1] == '/' && isalpha((unsigned char)p[2]))) {
			*at = ret_tag->raw = scan_tag_from(p, ret_tag);
			if (!ret_tag->closing && scan_is_raw(ret_tag->name))
				*at = scan_raw(*at, ret_tag->name);
			ret_tag->raw_len = (size_t)(*at - ret_tag->raw);
			return true;
		}
	}
	return false;
}

static inline const char *scan_get(const struct scan_tag *tag, const char *name)
{
	for (size_t i = 0; i < tag->n_attributes && i < SCAN_ATTRIBUTES_MAX; i++)
		if (!strcmp(tag->attributes[i].name, name))
			return tag->attributes[i].value;
	return NULL;
}

/* The names of all tags and their attributes, a line a tag: what no value may change. */
static inline void scan_skeleton(const char *html, struct buf *out)
{
	struct scan_tag tag;

	while (scan_next(&html, &tag)) {
		buf_printf(out, "%s%s", tag.closing ? "/" : "", tag.name);
		for (size_t i = 0; i < tag.n_attributes && i < SCAN_ATTRIBUTES_MAX; i++)
			buf_printf(out, " %s", tag.attributes[i].name);
		buf_putc(out, '\n');
	}
}

#endif
