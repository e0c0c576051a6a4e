/* A server that is stopped, and one that hangs: nobody waits long, and it is found again. */
#include "db/pool.h"
#include "db/writer.h"
#include "tests/unit/probe.h"

enum { AT_ONCE_MS = 300 };

struct clients {
	struct db_pool *pool;
	struct db_writer *writer;
};

static struct clients open_clients(void)
{
	struct clients clients = { 0 };
	struct err err = { "" };

	assert_ok(db_pool_new(&probe_queries, 2, &clients.pool, &err));
	assert_ok(db_writer_new(&probe_queries, &clients.writer, &err));
	return clients;
}

static void free_clients(struct clients *clients)
{
	db_writer_free(clients->writer);
	db_pool_free(clients->pool);
}

static enum status write_row(const struct clients *clients, struct err *err)
{
	static const char *const values[] = { "outage", "1" };

	return db_writer_run(clients->writer, PROBE_ADD, values, 2, NULL, err);
}

static enum status read_row(const struct clients *clients, struct err *err)
{
	return db_pool_run(clients->pool, PROBE_WHO, NULL, 0, NULL, err);
}

typedef enum status call_fn(const struct clients *, struct err *);

static void check_refused(
	call_fn *call, const struct clients *clients, int64_t longest_ms, const char *why)
{
	struct err err = { "" };
	int64_t began_ms = clock_monotonic_ms();

	assert_int_equal(call(clients, &err), ERR_RETRY);
	if (clock_monotonic_ms() - began_ms > longest_ms)
		fail_msg("took %ld ms: %s", (long)(clock_monotonic_ms() - began_ms), err.text);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" lacks \"%s\"", err.text, why);
}

/* A connection is tried once a second. */
static void await_return(call_fn *call, const struct clients *clients)
{
	int64_t until_ms = clock_monotonic_ms() + 5000;
	struct err err = { "" };

	while (call(clients, &err)) {
		if (clock_monotonic_ms() > until_ms)
			fail_msg("%s", err.text);
		clock_sleep_ms(20);
	}
}

static void a_stopped_server_is_reported_at_once_and_found_when_it_is_back(void **state)
{
	struct clients clients = open_clients();
	struct err err = { "" };

	(void)state;
	assert_ok(write_row(&clients, &err));
	assert_ok(read_row(&clients, &err));
	cluster_down();
	for (int i = 0; i < 3; i++) {
		check_refused(write_row, &clients, AT_ONCE_MS, "pgsocket");
		check_refused(read_row, &clients, AT_ONCE_MS, "pgsocket");
	}
	cluster_up();
	await_return(write_row, &clients);
	await_return(read_row, &clients);
	free_clients(&clients);
}

static void a_server_that_is_away_at_the_start_is_found_later(void **state)
{
	struct clients clients = open_clients();

	(void)state;
	cluster_down();
	check_refused(write_row, &clients, AT_ONCE_MS, "pgsocket");
	check_refused(read_row, &clients, AT_ONCE_MS, "pgsocket");
	cluster_up();
	await_return(write_row, &clients);
	await_return(read_row, &clients);
	free_clients(&clients);
}

/* The server's processes are those that work in its data folder. */
static void signal_server(const char *name)
{
	char command[256];

	snprintf(command, sizeof command,
		"for at in /proc/[0-9]*/cwd; do [ \"$(readlink $at)\" != %s/pgdata ] || "
		"{ at=${at%%/cwd}; kill -%s ${at#/proc/}; }; done",
		cluster_dir, name);
	assert_int_equal(system(command), 0);
}

struct timed {
	pthread_t thread;
	call_fn *call;
	const struct clients *clients;
	enum status status;
	int64_t took_ms;
};

static void *take_time(void *arg)
{
	struct timed *timed = arg;
	struct err err = { "" };
	int64_t began_ms = clock_monotonic_ms();

	timed->status = timed->call(timed->clients, &err);
	timed->took_ms = clock_monotonic_ms() - began_ms;
	return NULL;
}

/* Two writes: the second waits behind the first. */
static void a_server_that_hangs_keeps_nobody_longer_than_promised(void **state)
{
	struct clients clients = open_clients();
	struct timed timed[3] = { { .call = write_row }, { .call = write_row }, { .call = read_row } };
	struct err err = { "" };

	(void)state;
	assert_ok(write_row(&clients, &err));
	assert_ok(read_row(&clients, &err));
	signal_server("STOP");
	for (int i = 0; i < 3; i++) {
		timed[i].clients = &clients;
		pthread_create(&timed[i].thread, NULL, take_time, &timed[i]);
	}
	for (int i = 0; i < 3; i++)
		pthread_join(timed[i].thread, NULL);
	signal_server("CONT");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(timed[i].status, ERR_RETRY);
		assert_in_range(timed[i].took_ms, 2000, 12500);
	}
	await_return(write_row, &clients);
	await_return(read_row, &clients);
	free_clients(&clients);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stopped_server_is_reported_at_once_and_found_when_it_is_back),
		cmocka_unit_test(a_server_that_is_away_at_the_start_is_found_later),
		cmocka_unit_test(a_server_that_hangs_keeps_nobody_longer_than_promised),
	};

	return CLUSTER_RUN(tests, probe_setup, cluster_teardown);
}
