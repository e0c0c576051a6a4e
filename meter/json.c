#include "meter/json.h"

void json_name(struct buf *out, const char *name)
{
	char last = '{';

	if (out->len)
		last = out->data[out->len - 1];
	if (last != '{')
		buf_putc(out, ',');
	buf_json_text(out, name);
	buf_putc(out, ':');
}

void json_add_text(struct buf *out, const char *name, const char *text)
{
	if (!text)
		return;
	json_name(out, name);
	buf_json_text(out, text);
}

void json_add_number(struct buf *out, const char *name, long long number)
{
	json_name(out, name);
	buf_number(out, number);
}
