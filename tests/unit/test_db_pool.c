#include "db/pool.c" /* as a whole, to say when the server was away */
#include "tests/unit/probe.h"

static struct db_pool *pool_of(size_t size)
{
	struct db_pool *pool = NULL;
	struct err err = { "" };

	assert_ok(db_pool_new(&probe_queries, size, &pool, &err));
	return pool;
}

static void ask_pid(struct db_pool *pool, char ret_pid[32])
{
	auto_result result = { 0 };
	struct err err = { "" };

	assert_ok(db_pool_run(pool, PROBE_WHO, NULL, 0, &result, &err));
	assert_int_equal(db_result_rows(&result), 1);
	snprintf(ret_pid, 32, "%s", db_result_text(&result, 0, 0));
}

/* A thread that holds a connection of the pool until probe_let_go(). */
struct holder {
	pthread_t thread;
	struct db_pool *pool;
	enum status status;
};

static void *hold(void *arg)
{
	struct holder *holder = arg;
	struct err err = { "" };

	holder->status = db_pool_run(holder->pool, PROBE_WAIT, NULL, 0, NULL, &err);
	return NULL;
}

static void start_holder(struct holder *holder)
{
	probe_hold();
	assert_int_equal(pthread_create(&holder->thread, NULL, hold, holder), 0);
	probe_await_waiting("1");
}

static void finish_holder(struct holder *holder)
{
	probe_let_go();
	pthread_join(holder->thread, NULL);
	assert_int_equal(holder->status, OK);
}

/* Connections of the pool. Those of cluster_ask(), which the server may still be ending, have no
 * name. */
static const char *count_pooled(void)
{
	return cluster_ask("SELECT count(*) FROM pg_stat_activity "
					   "WHERE application_name = 'test_db_pool'");
}

static void nothing_is_connected_before_the_first_use(void **state)
{
	struct db_pool *pool = pool_of(4);
	char pid[32];

	(void)state;
	assert_string_equal(count_pooled(), "0");
	ask_pid(pool, pid);
	assert_string_equal(count_pooled(), "1");
	db_pool_free(pool);
	db_pool_free(NULL);
}

static void the_warm_connection_is_used_again(void **state)
{
	struct db_pool *pool = pool_of(4);
	char first[32], second[32];

	(void)state;
	ask_pid(pool, first);
	ask_pid(pool, second);
	assert_string_equal(first, second);
	db_pool_free(pool);
}

static void a_busy_connection_is_not_waited_for_while_another_is_free(void **state)
{
	struct db_pool *pool = pool_of(2);
	struct holder holder = { .pool = pool };
	char pid[32];

	(void)state;
	start_holder(&holder);
	ask_pid(pool, pid);
	probe_await_waiting("1");
	finish_holder(&holder);
	db_pool_free(pool);
}

static void when_all_are_busy_the_wait_ends_after_two_seconds(void **state)
{
	struct db_pool *pool = pool_of(1);
	struct holder holder = { .pool = pool };
	struct err err = { "" };
	int64_t began_ms;

	(void)state;
	start_holder(&holder);
	began_ms = clock_monotonic_ms();
	assert_int_equal(db_pool_run(pool, PROBE_WHO, NULL, 0, NULL, &err), ERR_RETRY);
	assert_in_range(clock_monotonic_ms() - began_ms, 1900, 3500);
	assert_string_equal(err.text, "all 1 connections to PostgreSQL are in use");
	finish_holder(&holder);
	db_pool_free(pool);
}

static void *ask_in_thread(void *arg)
{
	struct err err = { "" };

	return db_pool_run(arg, PROBE_WHO, NULL, 0, NULL, &err) ? arg : NULL;
}

static void who_waits_gets_the_connection_that_becomes_free(void **state)
{
	struct db_pool *pool = pool_of(1);
	struct holder holder = { .pool = pool };
	pthread_t thread;
	void *failed;

	(void)state;
	start_holder(&holder);
	assert_int_equal(pthread_create(&thread, NULL, ask_in_thread, pool), 0);
	finish_holder(&holder);
	pthread_join(thread, &failed);
	assert_null(failed);
	db_pool_free(pool);
}

static void a_connection_lost_while_idle_is_replaced_unnoticed(void **state)
{
	struct db_pool *pool = pool_of(1);
	char first[32], second[32];

	(void)state;
	ask_pid(pool, first);
	cluster_hang_up();
	ask_pid(pool, second);
	assert_string_not_equal(first, second);
	db_pool_free(pool);
}

static void a_connection_lost_during_a_statement_is_replaced_and_it_is_repeated(void **state)
{
	struct db_pool *pool = pool_of(1);
	struct holder holder = { .pool = pool };

	(void)state;
	start_holder(&holder);
	cluster_hang_up();
	finish_holder(&holder);
	db_pool_free(pool);
}

static void a_statement_that_fails_is_not_repeated_and_says_why(void **state)
{
	const char *const values[] = { "x", "0" };
	struct db_pool *pool = pool_of(1);
	struct err err = { "" };
	char first[32], second[32];

	(void)state;
	ask_pid(pool, first);
	assert_int_equal(db_pool_run(pool, PROBE_ODD, values, 2, NULL, &err), ERR_INPUT);
	assert_string_equal(err.text, "statement odd: SQLSTATE 22012");
	ask_pid(pool, second);
	assert_string_equal(first, second);
	db_pool_free(pool);
}

/* Migrations may change what a function returns while programs run. */
static void a_plan_that_a_migration_made_stale_is_made_anew(void **state)
{
	static const struct db_query list[] = { { .name = "all", .text = "SELECT * FROM probe.item" } };
	static const struct db_queries queries = { list, 1, NULL, 0 };
	struct db_pool *pool = NULL;
	struct err err = { "" };

	(void)state;
	assert_ok(db_pool_new(&queries, 1, &pool, &err));
	assert_ok(db_pool_run(pool, 0, NULL, 0, NULL, &err));
	cluster_ask("ALTER TABLE probe.item ADD COLUMN note text");
	assert_ok(db_pool_run(pool, 0, NULL, 0, NULL, &err));
	db_pool_free(pool);
}

static void a_schema_that_is_too_old_is_asked_once_a_second(void **state)
{
	static const struct db_queries newer = { probe_list, N_PROBE, "probe", 8 };
	struct db_pool *pool = NULL;
	struct err err = { "" };

	(void)state;
	assert_ok(db_pool_new(&newer, 2, &pool, &err));
	assert_int_equal(db_pool_run(pool, PROBE_WHO, NULL, 0, NULL, &err), ERR_LOCAL);
	cluster_ask("INSERT INTO probe.migration VALUES (8)");
	memset(&err, 0, sizeof err);
	assert_int_equal(db_pool_run(pool, PROBE_WHO, NULL, 0, NULL, &err), ERR_LOCAL);
	assert_non_null(strstr(err.text, "make migrate"));
	clock_sleep_ms(1000);
	assert_ok(db_pool_run(pool, PROBE_WHO, NULL, 0, NULL, &err));
	cluster_ask("DELETE FROM probe.migration WHERE number = 8");
	db_pool_free(pool);
}

/* Away was found by a caller with another connection. This one may hang, and what it can do would
 * not say that a new one can be had. */
static void who_looks_whether_the_server_is_back_does_so_with_a_new_connection(void **state)
{
	static const struct err away = { "no such socket" };
	struct db_pool *pool = pool_of(1);
	char first[32], second[32], third[32];

	(void)state;
	ask_pid(pool, first);
	away_begin(&pool->away, 0, ERR_RETRY, &away);
	ask_pid(pool, second);
	assert_string_not_equal(first, second);
	ask_pid(pool, third);
	assert_string_equal(second, third);
	db_pool_free(pool);
}

static void who_gets_no_connection_leaves_the_look_to_the_next(void **state)
{
	static const struct err away = { "no such socket" };
	struct db_pool *pool = pool_of(1);
	struct err err = { "" };
	char pid[32];

	(void)state;
	away_begin(&pool->away, 0, ERR_RETRY, &away);
	pool->n_free = 0;
	assert_int_equal(db_pool_run(pool, PROBE_WHO, NULL, 0, NULL, &err), ERR_RETRY);
	assert_string_equal(err.text, "all 1 connections to PostgreSQL are in use");
	pool->n_free = 1;
	ask_pid(pool, pid);
	db_pool_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_connected_before_the_first_use),
		cmocka_unit_test(the_warm_connection_is_used_again),
		cmocka_unit_test(a_busy_connection_is_not_waited_for_while_another_is_free),
		cmocka_unit_test(when_all_are_busy_the_wait_ends_after_two_seconds),
		cmocka_unit_test(who_waits_gets_the_connection_that_becomes_free),
		cmocka_unit_test(who_looks_whether_the_server_is_back_does_so_with_a_new_connection),
		cmocka_unit_test(who_gets_no_connection_leaves_the_look_to_the_next),
		cmocka_unit_test(a_connection_lost_while_idle_is_replaced_unnoticed),
		cmocka_unit_test(a_connection_lost_during_a_statement_is_replaced_and_it_is_repeated),
		cmocka_unit_test(a_statement_that_fails_is_not_repeated_and_says_why),
		cmocka_unit_test(a_plan_that_a_migration_made_stale_is_made_anew),
		cmocka_unit_test(a_schema_that_is_too_old_is_asked_once_a_second),
	};

	return CLUSTER_RUN(tests, probe_setup, cluster_teardown);
}
