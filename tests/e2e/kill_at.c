/* What the tests link into tollgate-meter in place of base/clock.c and meter/point.c.
 * KILL_AT=NAME: at that point the program is killed as by a power cut; NAME:3, when it gets there
 * the third time. PACE=20: it waits a twentieth of the time; what time it is, it knows as ever. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "meter/point.h"

enum { NS_A_MS = 1000000, NS_A_SECOND = 1000000000 };

void point_reach(const char *name)
{
	static atomic_long reached;
	const char *at = getenv("KILL_AT");
	size_t len = at ? strcspn(at, ":") : 0;
	long time = len && at[len] ? strtol(at + len + 1, NULL, 10) : 1;

	if (len && !strncmp(at, name, len) && !name[len] &&
		atomic_fetch_add(&reached, 1) + 1 == time)
		raise(SIGKILL);
}

static long pace(void)
{
	const char *set = getenv("PACE");
	long times = set ? strtol(set, NULL, 10) : 1;

	return times > 1 ? times : 1;
}

static int64_t read_ns(clockid_t which)
{
	struct timespec now;

	clock_gettime(which, &now);
	return (int64_t)now.tv_sec * NS_A_SECOND + now.tv_nsec;
}

int64_t clock_epoch_ms(void)
{
	return read_ns(CLOCK_REALTIME) / NS_A_MS;
}

int64_t clock_monotonic_ms(void)
{
	return read_ns(CLOCK_MONOTONIC) * pace() / NS_A_MS;
}

void clock_sleep_ms(int64_t ms)
{
	int64_t ns = ms * NS_A_MS / pace();
	struct timespec left = { .tv_sec = ns / NS_A_SECOND, .tv_nsec = ns % NS_A_SECOND };

	while (ms > 0 && clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left))
		;
}

/* In place of libc's, for conditions whose time-outs are of the clock that never goes back. */
int pthread_cond_timedwait(
	pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until)
{
	int64_t now_ns = read_ns(CLOCK_MONOTONIC);
	int64_t until_ns = (int64_t)until->tv_sec * NS_A_SECOND + until->tv_nsec;
	int64_t at_ns = now_ns + (until_ns - now_ns) / pace();
	struct timespec at = { .tv_sec = at_ns / NS_A_SECOND, .tv_nsec = at_ns % NS_A_SECOND };

	return pthread_cond_clockwait(cond, mutex, CLOCK_MONOTONIC, &at);
}
