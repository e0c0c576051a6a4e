/* Mistakes in the signing key, and scopes that are not the one that Credential names. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "sandbox/region.h"
#include "sandbox/signature.h"
#include "sandbox/signature_search.h"

enum {
	HASH_SIZE = SEARCH_HASH_SIZE,
	DATE_CHARS = 8,
	SECRET_MAX = 256,
	DAY_S = 86400,
};

/* A step of the key's making; its result in hex is a common mistake. */
static void add_step(struct buf *key, const char *text, bool in_hex)
{
	unsigned char mac[SEARCH_HASH_BYTES];
	char hex[HASH_SIZE];

	search_hmac(key->data, key->len, text, strlen(text), mac);
	text_hex(mac, sizeof mac, hex);
	buf_reset(key);
	buf_add(key, in_hex ? (const void *)hex : mac, in_hex ? HASH_SIZE - 1 : sizeof mac);
}

enum key_style { KEY_RIGHT = 0, KEY_IN_HEX = 1, KEY_UNFINISHED = 2 };

static void make_key(struct buf *key, const struct sigv4_scope *scope, enum key_style style)
{
	char date[DATE_CHARS + 1];

	snprintf(date, sizeof date, "%s", scope->time);
	add_step(key, date, style == KEY_IN_HEX);
	add_step(key, scope->region, style == KEY_IN_HEX);
	add_step(key, scope->service, style == KEY_IN_HEX);
	if (style != KEY_UNFINISHED)
		add_step(key, "aws4_request", style == KEY_IN_HEX);
}

static bool find_in_steps(struct search *s)
{
	static const struct {
		const char *before, *after;
		enum key_style style;
		const char *detail;
	} mistakes[] = {
		{ "", "", KEY_RIGHT, "AWS4 is missing before the secret key" },
		{ "AWS4", "\n", KEY_RIGHT, "a line's end belongs to the secret key" },
		{ "AWS4", "", KEY_IN_HEX, "each step takes the one before in hexadecimal" },
		{ "AWS4", "", KEY_UNFINISHED, "the last step, aws4_request, is missing" },
	};
	secret_buf key = BUF_INIT(SECRET_MAX);

	for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
		buf_reset(&key);
		buf_printf(&key, "%s%s%s", mistakes[i].before, s->in->secret, mistakes[i].after);
		make_key(&key, s->in->scope, mistakes[i].style);
		if (search_signs(s, &s->to_sign, key.data, key.len))
			return search_found(s, "signing_key", mistakes[i].detail, "");
	}
	return false;
}

/* What a signer would make of another scope than Credential names: in the string to sign, in the
 * key, or in both. */
static bool fits_scope(struct search *s, const struct sigv4_scope *scope, const char *name)
{
	static const char another[] = "its scope is not that of Credential, but of ";
	static const char another_in_both[] =
		"its scope, and the key's, is not that of Credential, but of ";
	struct search_lines lines = s->lines;
	char text[SEARCH_SCOPE_SIZE];
	secret_buf to_sign = BUF_INIT(SEARCH_TEXT_MAX);
	struct sigv4_key key;

	search_format_scope(scope, text);
	lines.scope = text;
	search_add_lines(&to_sign, &lines);
	sigv4_signing_key(s->in->secret, scope, &key);
	if (search_signs(s, &to_sign, &s->key, sizeof s->key))
		return search_found(s, "string_to_sign", another, name);
	if (search_signs(s, &to_sign, &key, sizeof key))
		return search_found(s, "string_to_sign", another_in_both, name);
	return search_signs(s, &s->to_sign, &key, sizeof key) &&
		search_found(s, "signing_key", another, name);
}

static bool find_in_region_or_service(struct search *s)
{
	static const char *const services[] = { "metering.marketplace", "metering-marketplace",
		"meteringmarketplace", "marketplacemetering", "marketplace", "execute-api", NULL };
	struct sigv4_scope other = *s->in->scope;

	for (size_t i = 0; region_served(i); i++) {
		other.region = region_served(i);
		if (strcmp(other.region, s->in->scope->region) != 0 && fits_scope(s, &other, other.region))
			return true;
	}
	other = *s->in->scope;
	for (const char *const *service = services; *service; service++) {
		other.service = *service;
		if (fits_scope(s, &other, other.service))
			return true;
	}
	return false;
}

/* Where a key is kept for too long, or a day is of another time zone. */
static bool find_in_day(struct search *s)
{
	struct sigv4_scope other = *s->in->scope;
	char date[DATE_CHARS + 1] = "";
	int64_t right_s = 0;
	struct tm utc;

	if (!signature_parse_time(s->in->scope->time, &right_s))
		return false;
	other.time = date;
	for (int days = -1; days <= 1; days += 2) {
		time_t other_s = (time_t)right_s + days * DAY_S;

		strftime(date, sizeof date, "%Y%m%d", gmtime_r(&other_s, &utc));
		if (fits_scope(s, &other, days < 0 ? "the day before" : "the day after"))
			return true;
	}
	return false;
}

bool search_signing_key(struct search *s)
{
	return find_in_steps(s) || find_in_region_or_service(s) || find_in_day(s);
}
