/* One {{tag}} of a template: how it is written. What it means is the compiler's. */
#ifndef FCGI_TEMPLATE_TAG_H
#define FCGI_TEMPLATE_TAG_H

enum { TAG_NAME_MAX = 63 };

struct tag {
	char kind; /* one of # ? ^ / > ! or, for a value, a blank */
	char name[TAG_NAME_MAX + 1];
	const char *from, *to; /* what it takes out of the text: itself, or its whole line */
	const char *wrong;     /* NULL, or why it is no tag */
};

/* Reads the tag whose braces open at `at`, inside the file [start, end). */
void tag_parse(const char *start, const char *end, const char *at, struct tag *ret_tag);

#endif
