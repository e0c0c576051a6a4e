#include "meter/json.h"

void json_text(struct buf *out, const char *text)
{
	buf_putc(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_putc(out, '\\');
		if ((unsigned char)*text < ' ')
			buf_printf(out, "\\u%04x", (unsigned)*text);
		else
			buf_putc(out, *text);
	}
	buf_putc(out, '"');
}

void json_name(struct buf *out, const char *name)
{
	char last = '{';

	if (out->len)
		last = out->data[out->len - 1];
	if (last != '{')
		buf_putc(out, ',');
	json_text(out, name);
	buf_putc(out, ':');
}

void json_add_text(struct buf *out, const char *name, const char *text)
{
	if (!text)
		return;
	json_name(out, name);
	json_text(out, text);
}

void json_add_number(struct buf *out, const char *name, long long number)
{
	json_name(out, name);
	buf_printf(out, "%lld", number);
}
