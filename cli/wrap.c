#include "cli/wrap.h"

#include <string.h>

#include "base/text.h"

enum { WIDTH = 100 };

void wrap_print(FILE *out, int indent, const char *text)
{
	int column = indent;

	while (*text) {
		size_t len = strcspn(text, " ");
		int width = (int)text_characters(text, len); /* in columns */

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
