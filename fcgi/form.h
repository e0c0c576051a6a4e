/* application/x-www-form-urlencoded, decoded exactly once. */
#ifndef FCGI_FORM_H
#define FCGI_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { FORM_FIELDS_MAX = 100 };

/* Names and values are NUL-terminated, valid UTF-8, in the order they came. A zeroed struct is
 * empty. */
struct form {
	struct form_field {
		const char *name, *value;
	} * fields;
	size_t n_fields;
	char *text; /* owned: what the names and values point into */
	size_t text_len;
};
#define auto_form __attribute__((cleanup(form_done))) struct form

/* Decodes a body. A '%' that is not followed by two hex digits stands for itself, as browsers have
 * it. ERR_INPUT: NUL or bytes that are not UTF-8 in a name or value, or over FORM_FIELDS_MAX
 * fields. */
MUST_CHECK enum status form_parse(
	const char *body, size_t len, struct form *ret_form, struct err *err);

/* Makes a line break in a value, which browsers send as CRLF, the one character that they count and
 * people see. */
void form_unify_line_breaks(struct form *form);

/* Wipes and frees: a form may hold a token or a person's data. */
void form_done(struct form *form);

/* The first value of that name; NULL if there is none. */
const char *form_value(const struct form *form, const char *name);

/* The value of that name if it is there once, or each time the same; *ret_differ if two are
 * different. */
const char *form_only_value(const struct form *form, const char *name, bool *ret_differ);

#endif
