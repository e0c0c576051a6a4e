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

enum status err_wrap(struct err *err, enum status status, const char *fmt, ...)
{
	struct err inner = *err;
	va_list args;
	size_t used;

	va_start(args, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, args);
	va_end(args);
	used = strlen(err->text);
	strncat(err->text, ": ", sizeof err->text - used - 1);
	used = strlen(err->text);
	strncat(err->text, inner.text, sizeof err->text - used - 1);
	return status;
}

const char *status_name(enum status status)
{
	switch (status) {
	case OK:
		return "ok";
	case ERR_INPUT:
		return "input";
	case ERR_MISSING:
		return "missing";
	case ERR_CONFLICT:
		return "conflict";
	case ERR_RETRY:
		return "retry";
	case ERR_REMOTE:
		return "remote";
	case ERR_LOCAL:
		return "local";
	}
	return "unknown";
}
