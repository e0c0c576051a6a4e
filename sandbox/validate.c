#include "sandbox/validate.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { PATH_BYTES_MAX = 500, VALUE_BYTES_SHOWN = 100 };

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* One walk over the input. */
struct walk {
	enum { KINDS, LIMITS } looks_at;
	struct buf *path; /* as AWS writes it: usageRecords.1.member.dimension */
	struct buf *why;
};

static const char *const kinds[] = {
	[LIMITS_TEXT] = "a string",
	[LIMITS_INTEGER] = "a whole number",
	[LIMITS_BOOLEAN] = "true or false",
	[LIMITS_TIMESTAMP] = "a number: seconds since 1970",
	[LIMITS_LIST] = "a list",
	[LIMITS_STRUCTURE] = "an object",
};

static enum refusal refuse_kind(struct walk *walk, enum limits_kind kind)
{
	buf_printf(walk->why, "The value at '%s' must be %s.", buf_text(walk->path), kinds[kind]);
	return REFUSAL_NOT_JSON;
}

/* How much of a text is shown: no character is cut. */
static int shown_bytes(const char *text)
{
	size_t len = strlen(text);

	if (len > VALUE_BYTES_SHOWN)
		for (len = VALUE_BYTES_SHOWN; len && ((unsigned char)text[len] & 0xc0) == 0x80; len--)
			;
	return (int)len;
}

/* "Value 'x' at 'path' failed to satisfy constraint: "; the constraint follows. */
static enum refusal begin_refusal(
	struct walk *walk, const struct limits_member *member, const cJSON *value)
{
	const char *text = cJSON_GetStringValue(value);

	buf_puts(walk->why, "1 validation error detected: Value");
	if (!value)
		buf_puts(walk->why, " null");
	else if (text && strcmp(member->name, "RegistrationToken") != 0)
		buf_printf(walk->why, " '%.*s'", shown_bytes(text), text);
	else if (cJSON_IsNumber(value))
		buf_printf(walk->why, " '%.17g'", value->valuedouble);
	buf_printf(walk->why, " at '%s' failed to satisfy constraint: ", buf_text(walk->path));
	return REFUSAL_INVALID;
}

/* From 2^53 on, every double is. */
static bool is_whole(double number)
{
	static const double all = 9007199254740992;

	if (number >= all || number <= -all)
		return isfinite(number);
	return (double)(int64_t)number == number;
}

static bool is_kind(const cJSON *value, enum limits_kind kind)
{
	switch (kind) {
	case LIMITS_TEXT:
		return cJSON_IsString(value);
	case LIMITS_INTEGER:
		return cJSON_IsNumber(value) && is_whole(value->valuedouble);
	case LIMITS_BOOLEAN:
		return cJSON_IsBool(value);
	case LIMITS_TIMESTAMP:
		return cJSON_IsNumber(value) && isfinite(value->valuedouble);
	case LIMITS_LIST:
		return cJSON_IsArray(value);
	case LIMITS_STRUCTURE:
		return cJSON_IsObject(value);
	}
	return false;
}

/* Steps over `min` to `max` characters that are among `chars`, as many as there are. */
static bool skip(const char **at, const char *chars, size_t min, size_t max)
{
	size_t len = strspn(*at, chars);

	if (len > max)
		len = max;
	*at += len;
	return len >= min;
}

static bool is_arn(const char *text)
{
	static const char name[] = LETTERS DIGITS "_/.-";

	if (strncmp(text, "arn:aws", 7) != 0)
		return false;
	text += 7;
	return skip(&text, LETTERS "-", 0, SIZE_MAX) && skip(&text, ":", 1, 1) &&
		skip(&text, LETTERS DIGITS, 1, 1) && skip(&text, name, 0, 62) && skip(&text, ":", 1, 1) &&
		skip(&text, name, 0, 63) && skip(&text, ":", 1, 1) && skip(&text, name, 0, 63) &&
		skip(&text, ":", 1, 1) && skip(&text, LETTERS DIGITS, 1, 1) &&
		skip(&text, LETTERS DIGITS ":_/+=,@.-", 0, 1023) && !*text;
}

/* By the pattern as it is published: a range from the blank to '=' and some more. */
static bool is_tag(const char *text)
{
	for (; *text; text++)
		if (!(*text >= ' ' && *text <= '=') && !strchr(LETTERS "_@", *text))
			return false;
	return true;
}

/* The pattern that a text breaks, or NULL. Its length is another matter. */
static const char *broken_pattern(const char *text, enum limits_pattern pattern)
{
	switch (pattern) {
	case LIMITS_ANY_TEXT:
		break;
	case LIMITS_NO_SPACE:
		return strpbrk(text, " \t\n\v\f\r") ? "\\S+" : NULL;
	case LIMITS_DIGITS:
		return text[strspn(text, DIGITS)] ? "^[0-9]+$" : NULL;
	case LIMITS_PRODUCT_CODE:
		return text[strspn(text, LETTERS DIGITS "-/=:_.@")] ? "^[-a-zA-Z0-9/=:_.@]*$" : NULL;
	case LIMITS_ARN:
		return is_arn(text)
			? NULL
			: "^arn:aws[a-zA-Z-]*:[A-Za-z0-9][A-Za-z0-9_/.-]{0,62}:[A-Za-z0-9_/.-]{0,63}:"
			  "[A-Za-z0-9_/.-]{0,63}:[A-Za-z0-9][A-Za-z0-9:_/+=,@.-]{0,1023}$";
	case LIMITS_TAG:
		return is_tag(text) ? NULL : "^[a-zA-Z0-9+ -=._:\\/@]+$";
	}
	return NULL;
}

static int64_t count_characters(const char *text)
{
	int64_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static enum refusal check_length(
	struct walk *walk, const struct limits_member *member, const cJSON *value, int64_t length)
{
	bool is_short = length < member->min;
	enum refusal refusal;

	if (!is_short && (!member->max || length <= member->max))
		return REFUSAL_NONE;
	refusal = begin_refusal(walk, member, value);
	buf_printf(walk->why, "Member must have length %s than or equal to %" PRId64,
		is_short ? "greater" : "less", is_short ? member->min : member->max);
	return refusal;
}

static enum refusal check_text(
	struct walk *walk, const struct limits_member *member, const cJSON *value)
{
	enum refusal refusal = check_length(walk, member, value, count_characters(value->valuestring));
	const char *pattern = broken_pattern(value->valuestring, member->pattern);

	if (refusal || !pattern)
		return refusal;
	refusal = begin_refusal(walk, member, value);
	buf_printf(walk->why, "Member must satisfy regular expression pattern: %s", pattern);
	return refusal;
}

static enum refusal check_range(
	struct walk *walk, const struct limits_member *member, const cJSON *value)
{
	bool is_small = value->valuedouble < (double)member->min;
	enum refusal refusal;

	if (!is_small && value->valuedouble <= (double)member->max)
		return REFUSAL_NONE;
	refusal = begin_refusal(walk, member, value);
	buf_printf(walk->why, "Member must have value %s than or equal to %" PRId64,
		is_small ? "greater" : "less", is_small ? member->min : member->max);
	return refusal;
}

static enum refusal check_limits(
	struct walk *walk, const struct limits_member *member, const cJSON *value)
{
	switch (member->kind) {
	case LIMITS_TEXT:
		return check_text(walk, member, value);
	case LIMITS_INTEGER:
		return check_range(walk, member, value);
	case LIMITS_LIST:
		return check_length(walk, member, value, cJSON_GetArraySize(value));
	case LIMITS_BOOLEAN:
	case LIMITS_TIMESTAMP:
	case LIMITS_STRUCTURE:
		break;
	}
	return REFUSAL_NONE;
}

static enum refusal check_absent(struct walk *walk, const struct limits_member *member)
{
	enum refusal refusal;

	if (walk->looks_at == KINDS || member->need != LIMITS_REQUIRED)
		return REFUSAL_NONE;
	refusal = begin_refusal(walk, member, NULL);
	buf_puts(walk->why, "Member must not be null");
	return refusal;
}

static enum refusal check_members(
	struct walk *walk, const struct limits_member *members, const cJSON *object);

static void shorten_path(struct walk *walk, size_t len)
{
	if (!walk->path->data)
		return;
	walk->path->len = len;
	walk->path->data[len] = '\0';
}

static enum refusal check_items(
	struct walk *walk, const struct limits_member *member, const cJSON *list)
{
	/* As if each were a required member. */
	const struct limits_member of = { .name = member->name, .need = LIMITS_REQUIRED };
	size_t len = walk->path->len;
	enum refusal refusal = REFUSAL_NONE;
	const cJSON *item;
	int n = 0;

	cJSON_ArrayForEach(item, list)
	{
		buf_printf(walk->path, ".%d.member", ++n);
		if (cJSON_IsNull(item))
			refusal = check_absent(walk, &of);
		else if (!cJSON_IsObject(item))
			refusal = refuse_kind(walk, LIMITS_STRUCTURE);
		else
			refusal = check_members(walk, member->members, item);
		if (refusal)
			break;
		shorten_path(walk, len);
	}
	return refusal;
}

static enum refusal check_value(
	struct walk *walk, const struct limits_member *member, const cJSON *value)
{
	enum refusal refusal = REFUSAL_NONE;

	if (walk->looks_at == LIMITS)
		refusal = check_limits(walk, member, value);
	else if (!is_kind(value, member->kind))
		refusal = refuse_kind(walk, member->kind);
	if (!refusal && member->kind == LIMITS_LIST)
		refusal = check_items(walk, member, value);
	else if (!refusal && member->kind == LIMITS_STRUCTURE)
		refusal = check_members(walk, member->members, value);
	return refusal;
}

static enum refusal check_members(
	struct walk *walk, const struct limits_member *members, const cJSON *object)
{
	size_t len = walk->path->len;
	enum refusal refusal = REFUSAL_NONE;

	for (; members->name; members++) {
		const cJSON *value = json_member(object, members->name);

		/* AWS's messages name members as its own code does: registrationToken. */
		buf_printf(walk->path, "%s%c%s", len ? "." : "", tolower((unsigned char)*members->name),
			members->name + 1);
		refusal = value ? check_value(walk, members, value) : check_absent(walk, members);
		if (refusal)
			break;
		shorten_path(walk, len);
	}
	return refusal;
}

enum refusal validate_input(
	const struct limits_member *members, const cJSON *input, struct buf *ret_why)
{
	auto_buf path = BUF_INIT(PATH_BYTES_MAX);
	struct walk walk = { .looks_at = KINDS, .path = &path, .why = ret_why };
	enum refusal refusal = check_members(&walk, members, input);

	if (!refusal) {
		walk.looks_at = LIMITS;
		refusal = check_members(&walk, members, input);
	}
	return refusal;
}
