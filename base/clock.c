#include "base/clock.h"

#include <errno.h>

enum { MS_A_SECOND = 1000, NS_A_MS = 1000000, NS_A_SECOND = 1000000000 };

static int64_t read_ms(clockid_t which)
{
	struct timespec now;

	clock_gettime(which, &now);
	return (int64_t)now.tv_sec * MS_A_SECOND + now.tv_nsec / NS_A_MS;
}

int64_t clock_epoch_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

int64_t clock_monotonic_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

struct timespec clock_monotonic_in(int64_t ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += ms / MS_A_SECOND;
	at.tv_nsec += ms % MS_A_SECOND * NS_A_MS;
	if (at.tv_nsec >= NS_A_SECOND) {
		at.tv_sec++;
		at.tv_nsec -= NS_A_SECOND;
	}
	return at;
}

void clock_sleep_ms(int64_t ms)
{
	struct timespec left = { .tv_sec = ms / MS_A_SECOND, .tv_nsec = ms % MS_A_SECOND * NS_A_MS };

	while (ms > 0 && clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}
