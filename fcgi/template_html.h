/* Where in an HTML page a template stands: a tokenizer that is fed the template's own text and
 * tells where a value may come. It is stricter than browsers: what they would mend, or read in two
 * ways, is refused, so that there is one reading of a page, whatever the values hold. */
#ifndef FCGI_TEMPLATE_HTML_H
#define FCGI_TEMPLATE_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "fcgi/template.h"

enum html_at {
	HTML_TEXT,
	HTML_OPEN,        /* after < or </ */
	HTML_MARKUP,      /* after <! */
	HTML_DOCTYPE,
	HTML_COMMENT,
	HTML_TAG_NAME,
	HTML_IN_TAG,      /* between attributes */
	HTML_ATTRIBUTE,   /* in an attribute's name */
	HTML_ASSIGN,      /* after its = */
	HTML_VALUE,       /* inside the quotes */
	HTML_VALUE_END,   /* after the closing quote */
	HTML_SLASH,       /* after the / of <br/> */
	HTML_RAW,         /* inside script or style */
	HTML_ESCAPABLE,   /* inside textarea or title: text without tags */
};

enum { HTML_NAME_MAX = 31, HTML_LINK_START_MAX = 8 };

/* Zeroed: the start of a page. */
struct html {
	enum html_at at;
	bool closing;                        /* the tag is </… */
	char tag[HTML_NAME_MAX + 1];         /* lower case, as are the next two */
	char attribute[HTML_NAME_MAX + 1];
	char link[HTML_LINK_START_MAX + 1];  /* how the link in this attribute begins */
	bool link_is_value;                  /* a template's value is the whole link */
	char quote;
	size_t matched; /* how much of what ends a comment, script, textarea … has been seen */
};

/* One more byte of the page. NULL, or what is wrong with it. */
const char *html_feed(struct html *html, char c);

/* A value of this kind comes here. NULL, or why it may not. */
const char *html_value(struct html *html, enum view_kind kind);

bool html_same(const struct html *a, const struct html *b);

/* "text", "an attribute's value" …, for messages. */
const char *html_where(const struct html *html);

#endif
