#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum status err_set(struct err *err, enum status status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, args);
	va_end(args);
	return status;
}

/* What does not fit is cut: the beginning says what was being done. */
static void append(struct err *err, const char *text)
{
	size_t used = strlen(err->text), room = sizeof err->text - 1 - used, len = strlen(text);

	if (len > room)
		len = room;
	memcpy(err->text + used, text, len);
	err->text[used + len] = '\0';
}

enum status err_wrap(struct err *err, enum status status, const char *fmt, ...)
{
	struct err inner = *err;
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, args);
	va_end(args);
	append(err, ": ");
	append(err, inner.text);
	return status;
}
