#include "db/array.h"

#include <string.h>

static void add_quoted(struct buf *out, const char *text)
{
	buf_putc(out, '"');
	while (*text) {
		size_t plain = strcspn(text, "\"\\");

		buf_add(out, text, plain);
		text += plain;
		if (*text) {
			buf_putc(out, '\\');
			buf_putc(out, *text++);
		}
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
