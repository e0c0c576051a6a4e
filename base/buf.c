#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 1024 };

void buf_done(struct buf *buf)
{
	if (!buf)
		return;
	if (!buf->lent)
		free(buf->data);
	*buf = BUF_INIT(buf->max);
}

void buf_wipe(struct buf *buf)
{
	if (buf && buf->data)
		explicit_bzero(buf->data, buf->cap);
	buf_done(buf);
}

void buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->failed = false;
	if (buf->data)
		buf->data[0] = '\0';
}

static char *grow(struct buf *buf, size_t cap)
{
	char *data = realloc(buf->lent ? NULL : buf->data, cap);

	if (data && buf->lent) {
		memcpy(data, buf->data, buf->len + 1);
		explicit_bzero(buf->data, buf->cap);
		buf->lent = false;
	}
	return data;
}

char *buf_reserve(struct buf *buf, size_t len)
{
	size_t cap = buf->cap ? buf->cap : FIRST_BYTES;
	char *data;

	if (len < buf->cap - buf->len && len <= buf->max - buf->len && !buf->failed)
		return buf->data + buf->len; /* nearly always */
	if (buf->failed || len > buf->max || buf->len > buf->max - len) {
		buf->failed = true;
		return NULL;
	}
	while (cap < buf->len + len + 1)
		cap *= 2;
	if (cap > buf->cap) {
		data = grow(buf, cap);
		if (!data) {
			buf->failed = true;
			return NULL;
		}
		buf->data = data;
		buf->cap = cap;
	}
	return buf->data + buf->len;
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
	char *end = buf_reserve(buf, len);

	if (!end)
		return;
	if (len)
		memcpy(end, data, len);
	end[len] = '\0';
	buf->len += len;
}

void buf_puts(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_texts(struct buf *buf, const char *first, ...)
{
	va_list more;

	va_start(more, first);
	for (const char *text = first; text; text = va_arg(more, const char *))
		buf_puts(buf, text);
	va_end(more);
}

void buf_putc(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_number(struct buf *buf, long long number)
{
	char digits[3 * sizeof number + 2], *at = digits + sizeof digits;
	unsigned long long left = (unsigned long long)number;

	if (number < 0)
		left = 0 - left;
	do
		*--at = (char)('0' + left % 10);
	while (left /= 10);
	if (number < 0)
		*--at = '-';
	buf_add(buf, at, (size_t)(digits + sizeof digits - at));
}

void buf_json_text(struct buf *buf, const char *text)
{
	static const char special[] = "\"\\\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17"
		"\20\21\22\23\24\25\26\27\30\31\32\33\34\35\36\37";

	buf_putc(buf, '"');
	while (*text) {
		size_t plain = strcspn(text, special);

		buf_add(buf, text, plain);
		text += plain;
		if (!*text)
			break;
		if ((unsigned char)*text < ' ')
			buf_printf(buf, "\\u%04x", (unsigned)*text);
		else
			buf_add(buf, *text == '"' ? "\\\"" : "\\\\", 2);
		text++;
	}
	buf_putc(buf, '"');
}

void buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list args, again;
	size_t room = buf->data ? buf->cap - buf->len : 0;
	int len;
	char *end;

	va_start(args, fmt);
	va_copy(again, args);
	/* Most fits into what is there already. */
	len = vsnprintf(room ? buf->data + buf->len : NULL, room, fmt, args);
	va_end(args);
	end = len < 0 ? NULL : buf_reserve(buf, (size_t)len);
	if (end) {
		if ((size_t)len >= room)
			vsnprintf(end, (size_t)len + 1, fmt, again);
		buf->len += (size_t)len;
	} else {
		buf->failed = true;
		if (room)
			buf->data[buf->len] = '\0';
	}
	va_end(again);
}

const char *buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}
