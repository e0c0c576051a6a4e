#include "cli/wrap.h"

#include <string.h>

enum { WIDTH = 100 };

/* How many columns a text takes: all bytes of UTF-8 but the continuing ones. */
static int columns(const char *text, size_t len)
{
	int n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

void wrap_print(FILE *out, int indent, const char *text)
{
	int column = indent;

	while (*text) {
		size_t len = strcspn(text, " ");
		int width = columns(text, len);

		if (column > indent && column + 1 + width > WIDTH) {
			fprintf(out, "\n%*s", indent, "");
			column = indent;
		} else if (column > indent) {
			putc(' ', out);
			column++;
		}
		for (size_t i = 0; i < len; i++)
			putc((unsigned char)text[i] < ' ' || text[i] == 0x7f ? '?' : text[i], out);
		column += width;
		text += len + strspn(text + len, " ");
	}
	putc('\n', out);
}
