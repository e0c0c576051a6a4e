#include "sandbox/signature_stage.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "base/text.h"
#include "sandbox/signature_search.h"

enum { DATE_CHARS = 8 };

void search_hmac(const void *key, size_t key_len, const void *text, size_t len,
	unsigned char ret_mac[SEARCH_HASH_BYTES])
{
	HMAC(EVP_sha256(), key, (int)key_len, text, len, ret_mac, NULL);
}

void search_hash(const void *data, size_t len, char ret_hex[SEARCH_HASH_SIZE])
{
	unsigned char hash[SEARCH_HASH_BYTES];

	SHA256(data, len, hash);
	text_hex(hash, sizeof hash, ret_hex);
}

void search_upper(const char *hex, char ret_hex[SEARCH_HASH_SIZE])
{
	for (size_t i = 0; i < SEARCH_HASH_SIZE; i++)
		ret_hex[i] = (char)toupper((unsigned char)hex[i]);
}

bool search_signs(const struct search *s, const struct buf *text, const void *key, size_t key_len)
{
	unsigned char mac[SEARCH_HASH_BYTES];
	char hex[SEARCH_HASH_SIZE];

	search_hmac(key, key_len, buf_text(text), text->len, mac);
	text_hex(mac, sizeof mac, hex);
	return !text->failed && !strcmp(hex, s->in->signature);
}

bool search_found(struct search *s, const char *stage, const char *detail, const char *name)
{
	s->finding->stage = stage;
	snprintf(s->finding->detail, sizeof s->finding->detail, "%s%s", detail, name);
	return true;
}

void search_format_scope(const struct sigv4_scope *scope, char ret_text[SEARCH_SCOPE_SIZE])
{
	snprintf(ret_text, SEARCH_SCOPE_SIZE, "%.*s/%s/%s/aws4_request", DATE_CHARS, scope->time,
		scope->region, scope->service);
}

/* Does it the right way, which the mistakes then differ from. */
static void begin(struct search *s, const struct stage_input *in, struct stage_finding *finding)
{
	const struct sigv4_request *right = in->right;

	*s = (struct search){ .in = in,
		.finding = finding,
		.recipe = { right->method, right->path, right->query, s->body_hash, NULL, RECIPE_RIGHT },
		.canonical.max = SEARCH_TEXT_MAX,
		.to_sign.max = SEARCH_TEXT_MAX,
		.lines = { in->scope->time, s->scope, finding->canonical_sha256, "" } };
	search_hash(right->body, right->body_len, s->body_hash);
	sigv4_canonical_request(&s->canonical, right);
	search_hash(buf_text(&s->canonical), s->canonical.len, finding->canonical_sha256);
	search_format_scope(in->scope, s->scope);
	search_add_lines(&s->to_sign, &s->lines);
	sigv4_signing_key(in->secret, in->scope, &s->key);
}

/* The last step of all. */
static bool find_in_signature(struct search *s)
{
	char hex[SEARCH_HASH_SIZE];

	sigv4_signature(&s->key, buf_text(&s->to_sign), s->to_sign.len, hex);
	return !strcasecmp(hex, s->in->signature) &&
		search_found(s, "signature", "its digits are not in lower case", "");
}

void signature_stage_find(const struct stage_input *in, struct stage_finding *ret_finding)
{
	struct search s;

	begin(&s, in, ret_finding);
	if (!search_canonical_request(&s) && !search_string_to_sign(&s) && !search_signing_key(&s) &&
		!find_in_signature(&s))
		search_found(&s, "signing_key",
			"none of the known mistakes in the request: most likely the secret key", "");
	buf_wipe(&s.canonical);
	buf_wipe(&s.to_sign);
	explicit_bzero(&s.key, sizeof s.key);
}
