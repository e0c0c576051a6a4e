#include "aws/metering_check.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

enum {
	TEXT_BYTES_MAX = 64 * 1024, /* where the reference states none: what a form may have */
	REGION_MAX = 63,            /* of an ARN, and its service and account too */
	RESOURCE_MAX = 1024,
};

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Later than any clock says, and small enough to be exact in JSON. */
static const int64_t timestamp_max_s = 253402300799; /* 9999-12-31T23:59:59Z */

static bool is_made_of(const char *text, const char *allowed)
{
	return text[strspn(text, allowed)] == '\0';
}

/* Steps over min to max of the allowed characters, the first of which is a letter or a digit if
 * there must be one, and over what has to stand after them. */
static bool step(const char **at, const char *allowed, size_t min, size_t max, char after)
{
	size_t len = strspn(*at, allowed);

	if (len < min || len > max || (*at)[len] != after || (min && !strchr(DIGITS LETTERS, **at)))
		return false;
	*at += len + (after != '\0');
	return true;
}

/* The pattern is in aws/limits.h. */
static bool is_arn(const char *text)
{
	static const char start[] = "arn:aws", part[] = DIGITS LETTERS "_/.-";
	const char *at = text + strlen(start);

	if (strncmp(text, start, strlen(start)) != 0)
		return false;
	return step(&at, LETTERS "-", 0, TEXT_BYTES_MAX, ':') && step(&at, part, 1, REGION_MAX, ':') &&
		step(&at, part, 0, REGION_MAX, ':') && step(&at, part, 0, REGION_MAX, ':') &&
		step(&at, DIGITS LETTERS ":_/+=,@.-", 1, RESOURCE_MAX, '\0');
}

static const char *const allowed[] = {
	[LIMITS_ANY_TEXT] = "any text",
	[LIMITS_NO_SPACE] = "no white space",
	[LIMITS_DIGITS] = "digits",
	[LIMITS_PRODUCT_CODE] = "letters, digits and - / = : _ . @",
	[LIMITS_ARN] = "arn:aws:service:region:account:resource, as AWS writes it",
	[LIMITS_TAG] = "letters, digits, blanks and + - = . _ : / @",
};

static bool has_pattern(enum limits_pattern pattern, const char *text)
{
	switch (pattern) {
	case LIMITS_ANY_TEXT:
		return true;
	case LIMITS_NO_SPACE:
		return text[strcspn(text, " \t\n\v\f\r")] == '\0';
	case LIMITS_DIGITS:
		return is_made_of(text, DIGITS);
	case LIMITS_PRODUCT_CODE:
		return is_made_of(text, DIGITS LETTERS "-/=:_.@");
	case LIMITS_ARN:
		return is_arn(text);
	case LIMITS_TAG:
		return is_made_of(text, DIGITS LETTERS "+ -=._:/@");
	}
	return false;
}

enum status metering_check_text(const struct limits_member *limit, const char *text,
	struct err *err)
{
	size_t bytes = strlen(text), n;
	bool few;

	if (!limit->max && bytes > TEXT_BYTES_MAX)
		return err_set(err, ERR_INPUT, "has %zu bytes; allowed are %d", bytes, TEXT_BYTES_MAX);
	if (!text_is_utf8(text, bytes))
		return err_set(err, ERR_INPUT, "is not UTF-8 text");
	/* There are no more of them than bytes: most need not be counted. */
	few = limit->min <= 1 && (!limit->max || bytes <= (size_t)limit->max);
	n = few ? bytes : text_characters(text, bytes);
	if (n < (size_t)limit->min || (limit->max && n > (size_t)limit->max))
		return err_set(err, ERR_INPUT, "has %zu characters; allowed are %lld to %lld", n,
			(long long)limit->min, (long long)limit->max);
	if (!has_pattern(limit->pattern, text))
		return err_set(err, ERR_INPUT, "has another form than is allowed: %s",
			allowed[limit->pattern]);
	return OK;
}

enum status metering_check_integer(const struct limits_member *limit, int64_t number,
	struct err *err)
{
	if (number >= limit->min && number <= limit->max)
		return OK;
	return err_set(err, ERR_INPUT, "is %lld; allowed is %lld to %lld", (long long)number,
		(long long)limit->min, (long long)limit->max);
}

enum status metering_check_timestamp(int64_t seconds, struct err *err)
{
	if (seconds > 0 && seconds <= timestamp_max_s)
		return OK;
	return err_set(err, ERR_INPUT, "is %lld; allowed are seconds since 1970, 1 to %lld",
		(long long)seconds, (long long)timestamp_max_s);
}

enum status metering_check_count(const struct limits_member *limit, size_t n, struct err *err)
{
	if (n >= (size_t)limit->min && n <= (size_t)limit->max)
		return OK;
	return err_set(err, ERR_INPUT, "has %zu items; allowed are %lld to %lld", n,
		(long long)limit->min, (long long)limit->max);
}
