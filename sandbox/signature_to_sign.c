/* Mistakes in the string to sign. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sandbox/signature.h"
#include "sandbox/signature_search.h"

enum {
	DATE_CHARS = 8,
	TIME_SIZE = sizeof "20260131T120000Z",
	OFF_MAX_S = 5, /* between two looks at the clock */
};

void search_add_lines(struct buf *out, const struct search_lines *lines)
{
	buf_printf(out, "AWS4-HMAC-SHA256\n%s\n%s\n%s%s", lines->time, lines->scope, lines->hash,
		lines->end);
}

static bool fits_lines(struct search *s, struct search_lines parts, const char *detail)
{
	secret_buf text = BUF_INIT(SEARCH_TEXT_MAX);

	search_add_lines(&text, &parts);
	return search_signs(s, &text, &s->key, sizeof s->key) &&
		search_found(s, "string_to_sign", detail, "");
}

/* Both come from one look at the clock; a signer that looks twice is right most of the time. */
static bool find_in_time(struct search *s)
{
	struct search_lines parts = s->lines;
	char time[TIME_SIZE] = "";
	int64_t right_s = 0;
	struct tm utc;

	if (!signature_parse_time(s->in->scope->time, &right_s))
		return false;
	parts.time = time;
	for (int off_s = -OFF_MAX_S; off_s <= OFF_MAX_S; off_s++) {
		time_t other_s = (time_t)right_s + off_s;

		strftime(time, sizeof time, "%Y%m%dT%H%M%SZ", gmtime_r(&other_s, &utc));
		if (fits_lines(s, parts, "time: seconds off X-Amz-Date; the clock was read twice"))
			return true;
	}
	snprintf(time, sizeof time, "%.*s", DATE_CHARS, s->in->scope->time);
	return fits_lines(s, parts, "time: the date alone was signed");
}

static bool find_in_lines(struct search *s)
{
	struct search_lines parts = s->lines;
	char scope[2 * SEARCH_SCOPE_SIZE], hash[SEARCH_HASH_SIZE];

	snprintf(scope, sizeof scope, "%s/%s", s->in->access_key_id, s->scope);
	parts.scope = scope;
	if (fits_lines(s, parts, "scope: it begins with the access key, as Credential does"))
		return true;
	snprintf(scope, sizeof scope, "%.*s", (int)(strrchr(s->scope, '/') - s->scope), s->scope);
	if (fits_lines(s, parts, "scope: aws4_request is missing"))
		return true;
	parts = s->lines;
	parts.end = "\n";
	if (fits_lines(s, parts, "a line's end stands after the hash"))
		return true;
	parts = s->lines;
	parts.hash = buf_text(&s->canonical);
	if (fits_lines(s, parts, "the canonical request stands there in place of its hash"))
		return true;
	search_upper(s->lines.hash, hash);
	parts.hash = hash;
	return fits_lines(s, parts, "the hash of the canonical request is not in lower case");
}

bool search_string_to_sign(struct search *s)
{
	return find_in_time(s) || find_in_lines(s);
}
