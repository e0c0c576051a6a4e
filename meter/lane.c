#include "meter/lane.h"

enum { FIRST_MS = 1000, LONGEST_MS = 60 * 1000, DOUBLINGS_MAX = 6 };

int64_t lane_backoff_ms(int tries, double random)
{
	int doublings = tries - 1 < DOUBLINGS_MAX ? tries - 1 : DOUBLINGS_MAX;
	int64_t most_ms = (int64_t)FIRST_MS << doublings;

	if (most_ms > LONGEST_MS)
		most_ms = LONGEST_MS;
	return most_ms / 2 + (int64_t)(random * (double)(most_ms / 2));
}

bool lane_is_open(const struct lane *lane, int64_t now_ms)
{
	if (lane->given_up || now_ms < lane->resume_ms)
		return false;
	return !lane->pauses || !lane->under_way;
}

void lane_start(struct lane *lane)
{
	lane->under_way++;
}

void lane_answered(struct lane *lane)
{
	lane->under_way--;
	lane->pauses = 0;
	lane->resume_ms = 0;
}

void lane_failed(struct lane *lane, int64_t now_ms, double random)
{
	lane->under_way--;
	/* Calls that were under way at the same time met the same trouble. */
	if (now_ms < lane->resume_ms)
		return;
	if (lane->pauses == LANE_PAUSES_MAX)
		lane->given_up = true;
	else
		lane->resume_ms = now_ms + lane_backoff_ms(++lane->pauses, random);
}
