#include "aws/sigv4.h"

#include <stdlib.h>
#include <string.h>

#include "aws/hash.h"
#include "base/text.h"

enum {
	DATE_CHARS = 8,
	SECRET_MAX = 256,
	CANONICAL_MAX = 128 * 1024, /* the body is in it as a hash; a session token takes some KiB */
};

static const char algorithm[] = "AWS4-HMAC-SHA256";
static const char terminator[] = "aws4_request";

static void add_sha256_hex(struct buf *out, const void *data, size_t len)
{
	char hex[HASH_HEX_SIZE];

	hash_sha256_hex(data, len, hex);
	buf_puts(out, hex);
}

/* Without white space at the ends, and with one space for each run of it inside. */
static void add_header_value(struct buf *out, const char *value)
{
	size_t len;

	for (value += strspn(value, " \t"); *value; value += strspn(value, " \t")) {
		len = strcspn(value, " \t");
		buf_add(out, value, len);
		value += len;
		if (value[strspn(value, " \t")])
			buf_putc(out, ' ');
	}
}

/* Whether it goes on with the name of the header before it. */
static bool repeats_name(const struct sigv4_request *request, size_t i)
{
	return i && !strcmp(request->headers[i].name, request->headers[i - 1].name);
}

void sigv4_signed_headers(struct buf *out, const struct sigv4_request *request)
{
	for (size_t i = 0; i < request->n_headers; i++) {
		if (repeats_name(request, i))
			continue;
		if (i)
			buf_putc(out, ';');
		buf_puts(out, request->headers[i].name);
	}
}

static void add_headers(struct buf *out, const struct sigv4_request *request)
{
	for (size_t i = 0; i < request->n_headers; i++) {
		if (repeats_name(request, i)) {
			buf_putc(out, ',');
		} else {
			if (i)
				buf_putc(out, '\n');
			buf_puts(out, request->headers[i].name);
			buf_putc(out, ':');
		}
		add_header_value(out, request->headers[i].value);
	}
	if (request->n_headers)
		buf_putc(out, '\n');
}

void sigv4_canonical_request(struct buf *out, const struct sigv4_request *request)
{
	buf_texts(out, request->method, "\n", request->path, "\n", request->query, "\n", NULL);
	add_headers(out, request);
	buf_putc(out, '\n');
	sigv4_signed_headers(out, request);
	buf_putc(out, '\n');
	add_sha256_hex(out, request->body, request->body_len);
}

static void add_scope(struct buf *out, const struct sigv4_scope *scope)
{
	buf_add(out, scope->time, DATE_CHARS);
	buf_texts(out, "/", scope->region, "/", scope->service, "/", terminator, NULL);
}

void sigv4_string_to_sign(struct buf *out, const struct sigv4_scope *scope, const char *canonical,
	size_t len)
{
	buf_texts(out, algorithm, "\n", scope->time, "\n", NULL);
	add_scope(out, scope);
	buf_putc(out, '\n');
	add_sha256_hex(out, canonical, len);
}

void sigv4_signing_key(const char *secret, const struct sigv4_scope *scope,
	struct sigv4_key *ret_key)
{
	__attribute__((cleanup(buf_wipe))) struct buf first = BUF_INIT(SECRET_MAX);
	struct sigv4_key key = { .ready = NULL };

	buf_puts(&first, "AWS4");
	buf_puts(&first, secret);
	if (first.failed)
		abort(); /* the sources of credentials bound a secret well below this */
	hash_hmac(first.data, first.len, scope->time, DATE_CHARS, key.bytes);
	hash_hmac(key.bytes, HASH_BYTES, scope->region, strlen(scope->region), key.bytes);
	hash_hmac(key.bytes, HASH_BYTES, scope->service, strlen(scope->service), key.bytes);
	hash_hmac(key.bytes, HASH_BYTES, terminator, sizeof terminator - 1, key.bytes);
	*ret_key = key;
	explicit_bzero(&key, sizeof key);
}

void sigv4_signature(const struct sigv4_key *key, const char *string_to_sign, size_t len,
	char ret_hex[65])
{
	unsigned char mac[HASH_BYTES];

	if (key->ready)
		hash_key_hmac(key->ready, string_to_sign, len, mac);
	else
		hash_hmac(key->bytes, HASH_BYTES, string_to_sign, len, mac);
	text_hex(mac, sizeof mac, ret_hex);
}

void sigv4_authorization(struct buf *out, const struct sigv4_request *request,
	const struct sigv4_scope *scope, const char *access_key_id, const struct sigv4_key *key)
{
	/* The canonical request holds the session token. */
	char room[1024] = "", room_to_sign[256] = ""; /* without a session token they do */
	__attribute__((cleanup(buf_wipe))) struct buf text = BUF_ON(room, CANONICAL_MAX);
	__attribute__((cleanup(buf_wipe))) struct buf to_sign = BUF_ON(room_to_sign, CANONICAL_MAX);
	char signature[HASH_HEX_SIZE];

	sigv4_canonical_request(&text, request);
	sigv4_string_to_sign(&to_sign, scope, buf_text(&text), text.len);
	sigv4_signature(key, buf_text(&to_sign), to_sign.len, signature);
	buf_texts(out, algorithm, " Credential=", access_key_id, "/", NULL);
	add_scope(out, scope);
	buf_puts(out, ", SignedHeaders=");
	sigv4_signed_headers(out, request);
	buf_texts(out, ", Signature=", signature, NULL);
	out->failed |= text.failed | to_sign.failed;
}
