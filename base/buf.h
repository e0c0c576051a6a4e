/* Growing text with a hard maximum and sticky failure: append ten times, check once. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* A zeroed struct with `max` set is an empty buffer. `data` is NULL or NUL-terminated. */
struct buf {
	char *data;
	size_t len, cap;
	size_t max;  /* bytes, without the closing NUL */
	bool failed; /* over `max`, or no memory: appends do nothing from then on */
	bool lent;   /* `data` is the caller's array */
};

#define BUF_INIT(max_bytes) ((struct buf){ .max = (max_bytes) })

/* Begins in an empty array of the caller's, which has to be there as long; takes memory where that
 * is too small. For what is made for each request. */
#define BUF_ON(array, max_bytes) \
	((struct buf){ .data = (array), .cap = sizeof(array), .max = (max_bytes), .lent = true })
#define auto_buf __attribute__((cleanup(buf_done))) struct buf

/* Frees what the buffer holds and leaves it empty, with its maximum. Accepts NULL. */
void buf_done(struct buf *buf);

/* Like buf_done, but wipes the bytes first: for secrets. */
void buf_wipe(struct buf *buf);

/* Empties it and keeps the memory for the next use. */
void buf_reset(struct buf *buf);

void buf_add(struct buf *buf, const void *data, size_t len);
void buf_puts(struct buf *buf, const char *text);

/* Appends all texts up to the closing NULL. Where there are only texts, it takes a tenth of what
 * buf_printf takes. */
void buf_texts(struct buf *buf, const char *first, ...) __attribute__((sentinel));
void buf_putc(struct buf *buf, char c);
void buf_number(struct buf *buf, long long number);

/* Appends a JSON string: the bytes of the text, but for what JSON does not allow in one. */
void buf_json_text(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Room for `len` more bytes at data + len of the buffer, or NULL; the caller then adds to `len`. */
char *buf_reserve(struct buf *buf, size_t len);

/* The text, "" when empty. Owned by the buffer, good until the next change. */
const char *buf_text(const struct buf *buf);

#endif
