#include "cli/time.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DIGITS "0123456789"

/* 9999-12-31T23:59:59Z. Milliseconds since 1970, a common mistake, are beyond it. */
static const double seconds_max = 253402300799;

/* Reads exactly n digits and steps over them. */
static bool read_digits(const char **at, int n, int *ret_number)
{
	*ret_number = 0;
	for (int i = 0; i < n; i++, ++*at) {
		if (**at < '0' || **at > '9')
			return false;
		*ret_number = *ret_number * 10 + (**at - '0');
	}
	return true;
}

static bool step(const char **at, const char *one_of)
{
	if (!**at || !strchr(one_of, **at))
		return false;
	++*at;
	return true;
}

static bool step_fraction(const char **at)
{
	size_t len;

	if (!step(at, "."))
		return true;
	len = strspn(*at, DIGITS);
	*at += len;
	return len > 0;
}

/* Z, +01:00, +0100 or +01, and the end. */
static bool read_zone(const char *at, int *ret_offset_s)
{
	int hours = 0, minutes = 0, sign = *at == '-' ? -1 : 1;

	if (step(&at, "Zz"))
		return !*at;
	if (!step(&at, "+-") || !read_digits(&at, 2, &hours))
		return false;
	step(&at, ":");
	if (*at && !read_digits(&at, 2, &minutes))
		return false;
	*ret_offset_s = sign * (hours * 3600 + minutes * 60);
	return !*at && at[-1] != ':' && hours < 24 && minutes < 60;
}

static bool read_iso(const char *at, int64_t *ret_epoch_s)
{
	struct tm given = { 0 }, real;
	int offset_s = 0;
	time_t epoch_s;

	if (!read_digits(&at, 4, &given.tm_year) || !step(&at, "-") ||
		!read_digits(&at, 2, &given.tm_mon) || !step(&at, "-") ||
		!read_digits(&at, 2, &given.tm_mday) || !step(&at, "Tt ") ||
		!read_digits(&at, 2, &given.tm_hour) || !step(&at, ":") ||
		!read_digits(&at, 2, &given.tm_min))
		return false;
	if (step(&at, ":") && (!read_digits(&at, 2, &given.tm_sec) || !step_fraction(&at)))
		return false;
	if (!read_zone(at, &offset_s))
		return false;
	given.tm_year -= 1900;
	given.tm_mon -= 1;
	real = given;
	epoch_s = timegm(&real);
	/* timegm takes the 30th of February for the 2nd of March. */
	if (real.tm_mon != given.tm_mon || real.tm_mday != given.tm_mday ||
		real.tm_hour != given.tm_hour || real.tm_min != given.tm_min ||
		real.tm_sec != given.tm_sec || epoch_s - offset_s < 0)
		return false;
	*ret_epoch_s = epoch_s - offset_s;
	return true;
}

bool time_of_number(double seconds, int64_t *ret_epoch_s)
{
	if (!(seconds >= 0 && seconds <= seconds_max))
		return false;
	*ret_epoch_s = (int64_t)seconds;
	return true;
}

bool time_read(const char *text, int64_t *ret_epoch_s)
{
	const char *end = text + strspn(text, DIGITS);
	int64_t seconds = 0;

	if (end == text || end - text > 12 || !step_fraction(&end) || *end)
		return read_iso(text, ret_epoch_s);
	for (; *text >= '0' && *text <= '9'; text++)
		seconds = seconds * 10 + (*text - '0');
	return time_of_number((double)seconds, ret_epoch_s);
}

void time_print(int64_t epoch_s, char ret_text[TIME_SIZE])
{
	time_t t = epoch_s;
	struct tm utc;

	if (!gmtime_r(&t, &utc) || !strftime(ret_text, TIME_SIZE, "%Y-%m-%dT%H:%M:%S+00:00", &utc))
		snprintf(ret_text, TIME_SIZE, "%lld", (long long)epoch_s);
}
