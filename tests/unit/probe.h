/* A table and statements for tests of db/, on a private cluster. */
#ifndef TESTS_UNIT_PROBE_H
#define TESTS_UNIT_PROBE_H

#include "tests/unit/cluster.h"

enum { PROBE_ADD, PROBE_WAIT, PROBE_WHO, PROBE_ODD, PROBE_CANCEL, PROBE_GROUPED, PROBE_SHORT, N_PROBE };

/* Every one is safe to repeat. */
static const struct db_query probe_list[] = {
	[PROBE_ADD] = { .name = "add", .text =
		"INSERT INTO probe.item (id, number) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE "
		"SET number = excluded.number RETURNING number, pg_current_xact_id()" },
	[PROBE_WAIT] = { .name = "wait", .text = "SELECT probe.wait()" },
	[PROBE_WHO] = { .name = "who", .text = "SELECT pg_backend_pid()" },
	[PROBE_CANCEL] = { .name = "cancel", .text = "SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(5)" },
	[PROBE_GROUPED] = { .name = "grouped", .text =
		"INSERT INTO probe.item (id, number) SELECT * FROM unnest($1::text[], $2::int[]) "
		"ON CONFLICT (id) DO UPDATE SET number = excluded.number "
		"RETURNING id, number, nullif(number, 7), cardinality($1::text[])", .grouped = true },
	[PROBE_SHORT] = { .name = "short", .text = "SELECT 1 WHERE $1::text[] IS NULL", .grouped = true },
	[PROBE_ODD] = { .name = "odd", .text = "SELECT NULL, '', $1::text, 1 / $2::int" },
};
static const struct db_queries probe_queries = { probe_list, N_PROBE, "probe", 7 };

static inline int probe_setup(void **state)
{
	if (cluster_setup(state))
		return -1;
	cluster_ask("CREATE SCHEMA probe");
	cluster_ask("CREATE TABLE probe.migration (number int)");
	cluster_ask("INSERT INTO probe.migration VALUES (7)");
	cluster_ask("CREATE TABLE probe.item (id text PRIMARY KEY, number int NOT NULL, "
				"CONSTRAINT item_number_small CHECK (number < 1000))");
	cluster_ask("CREATE TABLE probe.go ()");
	cluster_ask(
		"CREATE FUNCTION probe.wait() RETURNS void LANGUAGE plpgsql AS 'BEGIN "
		"WHILE NOT EXISTS (SELECT FROM probe.go) LOOP PERFORM pg_sleep(0.01); END LOOP; END'");
	return 0;
}

/* Whoever runs PROBE_WAIT waits, until the test lets it go. */
static inline void probe_hold(void)
{
	cluster_ask("DELETE FROM probe.go");
}

static inline void probe_let_go(void)
{
	cluster_ask("INSERT INTO probe.go DEFAULT VALUES");
}

static inline void probe_await_waiting(const char *n)
{
	cluster_await("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' "
				  "AND query = 'SELECT probe.wait()'",
		n);
}

#endif
