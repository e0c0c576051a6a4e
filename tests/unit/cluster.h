/* A private PostgreSQL for a test of db/: made by dev/cluster in a folder that goes away with it.
 * Tests run from the top of the checkout. */
#ifndef TESTS_UNIT_CLUSTER_H
#define TESTS_UNIT_CLUSTER_H

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "base/clock.h"
#include "db/db.h"
#include "tests/unit/unit.h"

static char cluster_dir[64];

static inline void cluster_shell(const char *what)
{
	char command[256];
	int status;

	snprintf(command, sizeof command, "%s %s", what, cluster_dir);
	status = system(command);
	if (status)
		fail_msg("%s: status %d", command, status);
}

static inline void cluster_up(void)
{
	cluster_shell("dev/cluster start --throwaway");
}

static inline void cluster_down(void)
{
	cluster_shell("dev/cluster stop");
}

/* As the superuser, on a connection of its own; the first value of the answer, "" if none. */
static inline const char *cluster_ask(const char *sql)
{
	static char answer[256];
	PGconn *pg = PQconnectdb("user=tollgate dbname=tollgate");
	PGresult *result = PQexec(pg, sql);

	if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(pg));
	snprintf(answer, sizeof answer, "%s", PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
	PQclear(result);
	PQfinish(pg);
	return answer;
}

/* Asks until the answer is `wanted`, for at most ten seconds. */
static inline void cluster_await(const char *sql, const char *wanted)
{
	int64_t until_ms = clock_monotonic_ms() + 10000;

	while (strcmp(cluster_ask(sql), wanted) != 0) {
		if (clock_monotonic_ms() > until_ms)
			fail_msg("%s: is \"%s\" and not \"%s\"", sql, cluster_ask(sql), wanted);
		clock_sleep_ms(5);
	}
}

/* Ends the server side of all connections of this program but the one that asks. */
static inline void cluster_hang_up(void)
{
	cluster_ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
				"WHERE pid <> pg_backend_pid() AND datname = current_database()");
}

static inline int cluster_setup(void **state)
{
	char socket_dir[96];

	(void)state;
	alarm(300); /* a lost wake-up must not hang the run */
	snprintf(cluster_dir, sizeof cluster_dir, "/var/tmp/tollgate-db.XXXXXX");
	if (!mkdtemp(cluster_dir) || chmod(cluster_dir, 0755))
		return -1;
	snprintf(socket_dir, sizeof socket_dir, "%s/pgsocket", cluster_dir);
	setenv("PGHOST", socket_dir, 1);
	setenv("PGUSER", "tollgate", 1);
	setenv("PGDATABASE", "tollgate", 1);
	unsetenv("PGPORT");
	unsetenv("PGOPTIONS");
	cluster_up();
	return 0;
}

static inline int cluster_teardown(void **state)
{
	(void)state;
	cluster_down();
	cluster_shell("rm -rf");
	return 0;
}

/* Fails the test if the call did. */
#define assert_ok(call)                                                                            \
	do {                                                                                           \
		enum status status_ = (call);                                                              \
		if (status_)                                                                               \
			fail_msg("%s: %d: %s", #call, (int)status_, err.text);                              \
	} while (0)

#define CLUSTER_RUN(tests, setup, teardown)                                                        \
	(cmocka_set_message_output(CM_OUTPUT_TAP), cmocka_run_group_tests(tests, setup, teardown))

#endif
