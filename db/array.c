#include "db/array.h"

static void add_quoted(struct buf *out, const char *text)
{
	buf_putc(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *text);
	}
	buf_putc(out, '"');
}

void db_array(struct buf *out, const char *const *values, size_t n)
{
	buf_putc(out, '{');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_putc(out, ',');
		if (values[i])
			add_quoted(out, values[i]);
		else
			buf_puts(out, "NULL");
	}
	buf_putc(out, '}');
}
