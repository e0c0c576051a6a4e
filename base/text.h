/* Bytes and text: checks, encodings, random bytes. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Well-formed UTF-8 (RFC 3629) without NUL. */
bool text_is_utf8(const char *text, size_t len);

/* How many characters such a text has. */
size_t text_characters(const char *text, size_t len);

/* Lower-case hexadecimal of `len` bytes; ret_hex has 2 * len + 1 bytes. */
void text_hex(const void *data, size_t len, char *ret_hex);

/* The value of a hexadecimal digit; -1: it is none. */
int text_hex_digit(char c);

/* Reads exactly 2 * len hexadecimal digits followed by NUL; false leaves ret_data in any state. */
bool text_unhex(const char *hex, void *ret_data, size_t len);

/* base64url without padding (RFC 4648 §5). */
void text_base64url(struct buf *out, const void *data, size_t len);

/* Decodes the whole of `text`; false if a character, the length or the spare bits are not
 * canonical. */
bool text_unbase64url(struct buf *out, const char *text, size_t len);

/* A whole decimal number within [min, max], nothing before or after it. */
bool text_number(const char *text, long min, long max, long *ret_number);

/* Bytes that nobody can guess, from the kernel. Cannot fail once the system has booted. */
void text_random(void *ret_data, size_t len);

/* [0, 1), of such bytes. */
double text_random_fraction(void);

/* CRC-32 (ISO 3309), for what may be torn or cut; no protection against people. */
uint32_t text_crc32(const void *data, size_t len);

/* NULL instead of "": for tables, where a missing value is NULL. Accepts NULL. */
const char *text_or_null(const char *text);

/* Copies with truncation, always NUL-terminated; false if it did not fit. */
bool text_copy(char *to, size_t size, const char *from);

#endif
