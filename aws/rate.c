#include "aws/rate.h"

enum { US_A_MS = 1000, US_A_SECOND = 1000000 };

void rate_set(struct rate *rate, long calls_per_second)
{
	/* Rounded up: a little too slow rather than refused. */
	rate->every_us =
		calls_per_second > 0 ? (US_A_SECOND + calls_per_second - 1) / calls_per_second : 0;
}

bool rate_take(struct rate *rate, int64_t now_ms, int64_t deadline_ms, int64_t *ret_wait_ms)
{
	int64_t now_us = now_ms * US_A_MS;
	int64_t turn_us = rate->every_us && rate->next_us > now_us ? rate->next_us : now_us;
	int64_t wait_ms = (turn_us - now_us + US_A_MS - 1) / US_A_MS;

	if (now_ms + wait_ms >= deadline_ms)
		return false;
	rate->next_us = turn_us + rate->every_us;
	*ret_wait_ms = wait_ms;
	return true;
}
