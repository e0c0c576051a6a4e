#include "base/text.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* How many continuation bytes follow, and the range of the first of them (RFC 3629 §4). */
static int utf8_lead(unsigned char lead, unsigned char *ret_low, unsigned char *ret_high)
{
	*ret_low = 0x80;
	*ret_high = 0xbf;
	if (lead < 0x80)
		return 0;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 1;
	if (lead >= 0xe0 && lead <= 0xef) {
		if (lead == 0xe0)
			*ret_low = 0xa0; /* shorter forms exist */
		if (lead == 0xed)
			*ret_high = 0x9f; /* surrogates */
		return 2;
	}
	if (lead >= 0xf0 && lead <= 0xf4) {
		if (lead == 0xf0)
			*ret_low = 0x90;
		if (lead == 0xf4)
			*ret_high = 0x8f; /* past U+10FFFF */
		return 3;
	}
	return -1;
}

/* Eight bytes that are ASCII and not NUL, as nearly all are: no bit 7, in them nor less one. */
static bool is_plain(const unsigned char *p)
{
	uint64_t eight;

	memcpy(&eight, p, sizeof eight);
	return !((eight | (eight - 0x0101010101010101)) & 0x8080808080808080);
}

bool text_is_utf8(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + len;

	while (p < end) {
		unsigned char low, high;
		int more;

		if (end - p >= 8 && is_plain(p)) {
			p += 8;
			continue;
		}
		more = *p ? utf8_lead(*p, &low, &high) : -1;

		p++;
		if (more < 0 || end - p < more)
			return false;
		for (; more > 0; more--, p++, low = 0x80, high = 0xbf)
			if (*p < low || *p > high)
				return false;
	}
	return true;
}

size_t text_characters(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80; /* all but continuation bytes */
	return n;
}

void text_hex(const void *data, size_t len, char *ret_hex)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++) {
		ret_hex[2 * i] = digits[p[i] >> 4];
		ret_hex[2 * i + 1] = digits[p[i] & 15];
	}
	ret_hex[2 * len] = '\0';
}

int text_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool text_unhex(const char *hex, void *ret_data, size_t len)
{
	unsigned char *to = ret_data;

	for (size_t i = 0; i < len; i++) {
		int high = text_hex_digit(hex[2 * i]);
		int low = high < 0 ? -1 : text_hex_digit(hex[2 * i + 1]);

		if (low < 0)
			return false;
		to[i] = (unsigned char)(high << 4 | low);
	}
	return hex[2 * len] == '\0';
}

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void text_base64url(struct buf *out, const void *data, size_t len)
{
	const unsigned char *p = data;
	char *to = buf_reserve(out, len / 3 * 4 + (len % 3 ? len % 3 + 1 : 0));

	if (!to)
		return;
	for (; len >= 3; p += 3, len -= 3) {
		*to++ = base64url[p[0] >> 2];
		*to++ = base64url[(p[0] & 3) << 4 | p[1] >> 4];
		*to++ = base64url[(p[1] & 15) << 2 | p[2] >> 6];
		*to++ = base64url[p[2] & 63];
	}
	if (len == 1) {
		*to++ = base64url[p[0] >> 2];
		*to++ = base64url[(p[0] & 3) << 4];
	} else if (len == 2) {
		*to++ = base64url[p[0] >> 2];
		*to++ = base64url[(p[0] & 3) << 4 | p[1] >> 4];
		*to++ = base64url[(p[1] & 15) << 2];
	}
	*to = '\0';
	out->len = (size_t)(to - out->data);
}

bool text_unbase64url(struct buf *out, const char *text, size_t len)
{
	unsigned bits = 0;
	int n_bits = 0;

	if (len % 4 == 1)
		return false;
	for (size_t i = 0; i < len; i++) {
		const char *at = text[i] ? strchr(base64url, text[i]) : NULL;

		if (!at)
			return false;
		bits = (bits << 6 | (unsigned)(at - base64url)) & 0xffff;
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			buf_putc(out, (char)(unsigned char)(bits >> n_bits & 0xff));
		}
	}
	/* Spare bits must be zero, or one value would have several spellings. */
	return !(bits & ((1u << n_bits) - 1)) && !out->failed;
}

bool text_number(const char *text, long min, long max, long *ret_number)
{
	bool negative = *text == '-';
	const char *at = text + negative;
	long number = 0; /* below zero, where there is room for one more */

	if (!*at)
		return false;
	for (; *at; at++)
		if (*at < '0' || *at > '9' || __builtin_mul_overflow(number, 10L, &number) ||
			__builtin_sub_overflow(number, (long)(*at - '0'), &number))
			return false;
	if (!negative && __builtin_sub_overflow(0L, number, &number))
		return false;
	if (number < min || number > max)
		return false;
	*ret_number = number;
	return true;
}

void text_random(void *ret_data, size_t len)
{
	char *to = ret_data;

	while (len > 0) {
		ssize_t got = getrandom(to, len, 0);

		if (got < 0 && errno != EINTR)
			abort(); /* no kernel that we run on lacks the call; a guessable id must never leave */
		if (got > 0) {
			to += got;
			len -= (size_t)got;
		}
	}
}

double text_random_fraction(void)
{
	uint64_t bits;

	text_random(&bits, sizeof bits);
	return (double)(bits >> 11) * 0x1p-53; /* as many bits as a double has */
}

uint32_t text_crc32(const void *data, size_t len)
{
	const unsigned char *at = data;
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < len; i++) {
		crc ^= at[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

const char *text_or_null(const char *text)
{
	return text && *text ? text : NULL;
}

bool text_copy(char *to, size_t size, const char *from)
{
	size_t len = strlen(from), fits = len < size ? len : size - 1;

	memcpy(to, from, fits);
	to[fits] = '\0';
	return fits == len;
}
