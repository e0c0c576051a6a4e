#include "fcgi/form.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Decodes [from, end) to `to`, which may not be shorter, and closes it with NUL. */
static size_t decode(const char *from, const char *end, char *to)
{
	char *start = to;

	while (from < end) {
		int high = -1, low = -1;

		if (*from == '%' && end - from > 2) {
			high = text_hex_digit(from[1]);
			low = text_hex_digit(from[2]);
		}
		if (high >= 0 && low >= 0) {
			*to++ = (char)(high << 4 | low);
			from += 3;
		} else {
			*to++ = *from == '+' ? ' ' : *from;
			from++;
		}
	}
	*to = '\0';
	return (size_t)(to - start);
}

static size_t count_fields(const char *body, size_t len)
{
	size_t n = 1;

	for (size_t i = 0; i < len; i++)
		n += body[i] == '&';
	return n;
}

/* Writes name and value one behind the other; returns where the next field's text goes, NULL for
 * bad text. */
static char *put_field(const char *at, const char *end, char *to, struct form_field *field)
{
	const char *equals = memchr(at, '=', (size_t)(end - at));
	const char *name_end = equals ? equals : end;
	size_t name_len = decode(at, name_end, to);
	char *value = to + name_len + 1;
	size_t value_len = decode(equals ? equals + 1 : end, end, value);

	field->name = to;
	field->value = value;
	if (!text_is_utf8(to, name_len) || !text_is_utf8(value, value_len))
		return NULL;
	return value + value_len + 1;
}

enum status form_parse(const char *body, size_t len, struct form *ret_form, struct err *err)
{
	size_t n = count_fields(body, len);
	const char *at = body, *end = body + len;
	auto_form form = { 0 };
	char *to;

	if (n > FORM_FIELDS_MAX)
		return err_set(
			err, ERR_INPUT, "the form has %zu fields, over the %d allowed", n, FORM_FIELDS_MAX);
	/* Decoding never grows a text; each field needs two NULs and gives up at most one '=' and one
	 * '&'. */
	form.text_len = len + 2 * n;
	form.text = malloc(form.text_len);
	form.fields = calloc(n, sizeof *form.fields);
	if (!form.text || !form.fields)
		return err_set(err, ERR_LOCAL, "no memory for a form of %zu bytes", len);
	for (to = form.text; at < end;) {
		const char *stop = memchr(at, '&', (size_t)(end - at));

		if (!stop)
			stop = end;
		if (stop > at) {
			to = put_field(at, stop, to, &form.fields[form.n_fields]);
			if (!to)
				return err_set(err, ERR_INPUT, "field %zu of the form holds NUL or is not UTF-8",
					form.n_fields + 1);
			form.n_fields++;
		}
		at = stop < end ? stop + 1 : end;
	}
	*ret_form = form;
	form = (struct form){ 0 };
	return OK;
}

void form_unify_line_breaks(struct form *form)
{
	for (size_t i = 0; i < form->n_fields; i++) {
		char *to = form->text + (form->fields[i].value - form->text);

		for (const char *at = to; *at; at++)
			if (at[0] != '\r' || at[1] != '\n')
				*to++ = *at;
		*to = '\0';
	}
}

void form_done(struct form *form)
{
	if (!form)
		return;
	if (form->text)
		explicit_bzero(form->text, form->text_len);
	free(form->text);
	free(form->fields);
	*form = (struct form){ 0 };
}

const char *form_value(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->n_fields; i++)
		if (!strcmp(form->fields[i].name, name))
			return form->fields[i].value;
	return NULL;
}

const char *form_only_value(const struct form *form, const char *name, bool *ret_differ)
{
	const char *first = form_value(form, name);

	*ret_differ = false;
	for (size_t i = 0; i < form->n_fields && first; i++)
		if (!strcmp(form->fields[i].name, name) && strcmp(form->fields[i].value, first) != 0)
			*ret_differ = true;
	return first;
}
