/* What the tests link into tollgate-meter in place of base/clock.c and meter/point.c, and around
 * db_run() and its halves. Points are those that the program names, and "before X" and "after X" of
 * each statement of sql/queries/meter, which is a transaction of its own; "sent X" where the program
 * goes on while the server works.
 * KILL_AT=NAME: there the program is killed as by a power cut; NAME:3, when it gets there the third
 * time. RECORDS_AN_HOUR=N: instead of AWS's quota, where hours are coalesced. POINTS=FILE: notes the points that it gets to. PACE=20: it waits a twentieth of the time;
 * what time it is, it knows as ever. */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "meter/point.h"
#include "meter_queries.h"

enum { NAME_SIZE = 80, NS_A_MS = 1000000, NS_A_SECOND = 1000000000, LIST_HOURS_VALUES = 6 };

/* One write a point, for the threads' sake. */
static void note(const char *file, const char *name)
{
	char line[NAME_SIZE];
	int len = snprintf(line, sizeof line, "%s\n", name);
	int fd = open(file, O_WRONLY | O_APPEND | O_CREAT, 0600);

	if (fd < 0 || write(fd, line, (size_t)len) != len)
		abort();
	close(fd);
}

void point_reach(const char *name)
{
	static atomic_long reached;
	const char *at = getenv("KILL_AT"), *points = getenv("POINTS");
	size_t len = at ? strcspn(at, ":") : 0;
	long time = len && at[len] ? strtol(at + len + 1, NULL, 10) : 1;

	if (points)
		note(points, name);
	if (len && !strncmp(at, name, len) && !name[len] &&
		atomic_fetch_add(&reached, 1) + 1 == time)
		raise(SIGKILL);
}

/* ---- around each statement ---- */

static void reach(const char *when, size_t query)
{
	char name[NAME_SIZE];

	snprintf(name, sizeof name, "%s %s", when, meter_queries.list[query].name);
	point_reach(name);
}

enum status __real_db_run(struct db *db, size_t query, const char *const *values, size_t n_values,
	struct db_result *ret_result, struct err *err);
enum status __wrap_db_run(struct db *db, size_t query, const char *const *values, size_t n_values,
	struct db_result *ret_result, struct err *err);

enum status __wrap_db_run(struct db *db, size_t query, const char *const *values, size_t n_values,
	struct db_result *ret_result, struct err *err)
{
	const char *rate = getenv("RECORDS_AN_HOUR");
	const char *with_rate[LIST_HOURS_VALUES];
	enum status rc;

	if (query == METER_LIST_HOURS && rate && values[LIST_HOURS_VALUES - 1]) {
		memcpy(with_rate, values, sizeof with_rate);
		with_rate[LIST_HOURS_VALUES - 1] = rate;
		values = with_rate;
	}
	reach("before", query);
	rc = __real_db_run(db, query, values, n_values, ret_result, err);
	reach("after", query);
	return rc;
}

enum status __real_db_send(struct db *db, size_t query, const char *const *values, size_t n_values,
	struct err *err);
enum status __wrap_db_send(struct db *db, size_t query, const char *const *values, size_t n_values,
	struct err *err);

enum status __wrap_db_send(struct db *db, size_t query, const char *const *values, size_t n_values,
	struct err *err)
{
	enum status rc;

	reach("before", query);
	rc = __real_db_send(db, query, values, n_values, err);
	reach("sent", query);
	return rc;
}

enum status __real_db_receive(
	struct db *db, size_t query, struct db_result *ret_result, struct err *err);
enum status __wrap_db_receive(
	struct db *db, size_t query, struct db_result *ret_result, struct err *err);

enum status __wrap_db_receive(
	struct db *db, size_t query, struct db_result *ret_result, struct err *err)
{
	enum status rc = __real_db_receive(db, query, ret_result, err);

	reach("after", query);
	return rc;
}

/* ---- clocks ---- */

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

struct timespec clock_monotonic_in(int64_t ms)
{
	int64_t ns = read_ns(CLOCK_MONOTONIC) + ms * NS_A_MS / pace();

	return (struct timespec){ .tv_sec = ns / NS_A_SECOND, .tv_nsec = ns % NS_A_SECOND };
}
