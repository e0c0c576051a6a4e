#include "sandbox/window.h"

#include <time.h>

/* When the month began (UTC). */
static double month_start(double now_s)
{
	time_t at = (time_t)now_s;
	struct tm utc;

	gmtime_r(&at, &utc);
	utc.tm_mday = 1;
	utc.tm_hour = utc.tm_min = utc.tm_sec = 0;
	return (double)timegm(&utc);
}

bool window_takes(
	const struct limits *limits, const struct limits_action *action, int64_t now_ms, double used_s)
{
	double now_s = (double)now_ms / 1000, age_s = now_s - used_s, month_s = month_start(now_s);

	if (age_s < 0 || age_s > action->past_s || (action->past_exclusive && age_s >= action->past_s))
		return false;
	return !limits->month_closes_s || used_s >= month_s || now_s < month_s + limits->month_closes_s;
}
