#include "db/writer.c" /* as a whole, to see who waits in its queue */
#include "tests/unit/probe.h"

enum { THREADS = 24, ROWS = 60 };

static struct db_writer *new_writer(void)
{
	struct db_writer *writer = NULL;
	struct err err = { "" };

	assert_ok(db_writer_new(&probe_queries, &writer, &err));
	return writer;
}

/* A statement given to the writer by a thread of its own. */
struct call {
	pthread_t thread;
	struct db_writer *writer;
	size_t query;
	const char *values[2];
	char id[32];
	enum status status;
	struct err err;
	struct db_result result;
};

static void *run_call(void *arg)
{
	struct call *call = arg;
	size_t n = call->query == PROBE_ADD || call->query == PROBE_GROUPED ? 2 : 0;

	call->status =
		db_writer_run(call->writer, call->query, call->values, n, &call->result, &call->err);
	return NULL;
}

static void await_queued(struct db_writer *writer, size_t wanted)
{
	size_t n;

	do {
		clock_sleep_ms(1);
		pthread_mutex_lock(&writer->lock);
		n = writer->n_queued;
		pthread_mutex_unlock(&writer->lock);
	} while (n != wanted);
}

static void start_wait(struct call *call, struct db_writer *writer)
{
	probe_hold();
	*call = (struct call){ .writer = writer, .query = PROBE_WAIT };
	assert_int_equal(pthread_create(&call->thread, NULL, run_call, call), 0);
	probe_await_waiting("1");
}

static void start_add(
	struct call *call, struct db_writer *writer, const char *name, size_t i, const char *number)
{
	*call = (struct call){ .writer = writer, .query = PROBE_ADD, .values = { call->id, number } };
	snprintf(call->id, sizeof call->id, "%s-%zu", name, i);
	assert_int_equal(pthread_create(&call->thread, NULL, run_call, call), 0);
}

static void finish_call(struct call *call)
{
	pthread_join(call->thread, NULL);
	db_result_done(&call->result);
}

/* While the writer waits for one statement, `n` adds join its queue. The one in the middle has the
 * number `middle`. */
static void add_together(struct db_writer *writer, struct call *adds, size_t n, const char *middle)
{
	struct call wait;

	start_wait(&wait, writer);
	for (size_t i = 0; i < n; i++)
		start_add(&adds[i], writer, "together", i, i == n / 2 ? middle : "1");
	await_queued(writer, n);
	probe_let_go();
	finish_call(&wait);
	for (size_t i = 0; i < n; i++)
		pthread_join(adds[i].thread, NULL);
}

static void drop_results(struct call *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		db_result_done(&calls[i].result);
}

static void a_row_is_stored_and_its_answer_comes_back(void **state)
{
	const char *const values[] = { "single", "5" };
	struct db_writer *writer = new_writer();
	auto_result result = { 0 };
	struct err err = { "" };

	(void)state;
	assert_ok(db_writer_run(writer, PROBE_ADD, values, 2, &result, &err));
	assert_string_equal(db_result_text(&result, 0, 0), "5");
	assert_string_equal(cluster_ask("SELECT number FROM probe.item WHERE id = 'single'"), "5");
	db_writer_free(writer);
	db_writer_free(NULL);
}

static void rows_that_wait_together_share_a_commit(void **state)
{
	struct db_writer *writer = new_writer();
	struct call calls[20];

	(void)state;
	add_together(writer, calls, 20, "1");
	for (size_t i = 0; i < 20; i++) {
		assert_int_equal(calls[i].status, OK);
		assert_string_equal(
			db_result_text(&calls[i].result, 0, 1), db_result_text(&calls[0].result, 0, 1));
	}
	drop_results(calls, 20);
	db_writer_free(writer);
}

static void company_is_half_of_the_largest_batch_of_late(void **state)
{
	struct db_writer writer = { .n_batch = 1 };

	(void)state;
	assert_int_equal(company(&writer), 1);
	writer.n_batch = 2 * COMPANY - 1;
	assert_int_equal(company(&writer), 1);
	writer.n_batch = 2 * COMPANY;
	assert_int_equal(company(&writer), COMPANY);
	writer.n_batch = BATCH_ROWS_MAX;
	assert_int_equal(company(&writer), BATCH_ROWS_MAX / 2);
	writer.n_batch = 1;
	assert_in_range(
		company(&writer), BATCH_ROWS_MAX / 2 - BATCH_ROWS_MAX / LATELY, BATCH_ROWS_MAX / 2 - 1);
	for (int i = 0; i < 4 * LATELY; i++)
		company(&writer);
	assert_int_equal(company(&writer), 1);
}

#ifdef __SANITIZE_THREAD__
enum { LATER_MS = 0 }; /* a thread takes longer to start than the writer waits */
#else
enum { LATER_MS = LINGER_MS / 2 };
#endif

/* By the clock, so it may take several tries on a busy machine. Without waiting no try would do. */
static void who_comes_a_moment_later_is_company(void **state)
{
	struct db_writer *writer = new_writer();
	struct call calls[3 * COMPANY];
	bool shared = false;

	(void)state;
	for (int i = 0; i < 50 && !shared; i++) {
		cluster_ask("DELETE FROM probe.item");
		add_together(writer, calls, 3 * COMPANY, "1");
		drop_results(calls, 3 * COMPANY);
		start_add(&calls[0], writer, "first", 0, "1");
		clock_sleep_ms(LATER_MS);
		start_add(&calls[1], writer, "later", 1, "1");
		finish_call(&calls[0]);
		finish_call(&calls[1]);
		shared = !strcmp(cluster_ask("SELECT count(DISTINCT xmin::text) FROM probe.item "
									 "WHERE id IN ('first-0', 'later-1')"),
			"1");
	}
	assert_true(shared);
	db_writer_free(writer);
}

static void a_bad_row_fails_alone(void **state)
{
	struct db_writer *writer = new_writer();
	struct call calls[11];

	(void)state;
	cluster_ask("DELETE FROM probe.item");
	add_together(writer, calls, 11, "1000");
	drop_results(calls, 11);
	for (size_t i = 0; i < 11; i++)
		assert_int_equal(calls[i].status, i == 5 ? ERR_INPUT : OK);
	assert_string_equal(
		calls[5].err.text, "statement add: SQLSTATE 23514, constraint item_number_small");
	assert_string_equal(cluster_ask("SELECT count(*) FROM probe.item"), "10");
	db_writer_free(writer);
}

/* While the writer waits for one statement, `n` calls of a grouped one join its queue. */
static void group_together(struct db_writer *writer, struct call *calls, size_t n, size_t bad)
{
	struct call wait;

	start_wait(&wait, writer);
	for (size_t i = 0; i < n; i++) {
		calls[i] = (struct call){ .writer = writer, .query = PROBE_GROUPED };
		snprintf(calls[i].id, sizeof calls[i].id, "a \"%zu\", \\ {}", i);
		calls[i].values[0] = calls[i].id;
		calls[i].values[1] = i == bad ? "1000" : i % 2 ? "7" : "8";
		assert_int_equal(pthread_create(&calls[i].thread, NULL, run_call, &calls[i]), 0);
	}
	await_queued(writer, n);
	probe_let_go();
	finish_call(&wait);
	for (size_t i = 0; i < n; i++)
		pthread_join(calls[i].thread, NULL);
}

static void a_grouped_statement_is_executed_once_and_each_gets_its_own_answer(void **state)
{
	struct db_writer *writer = new_writer();
	struct call calls[20];

	(void)state;
	cluster_ask("DELETE FROM probe.item");
	group_together(writer, calls, 20, 20);
	for (size_t i = 0; i < 20; i++) {
		const struct db_result *answer = &calls[i].result;
		bool seven = *calls[i].values[1] == '7';

		assert_int_equal(calls[i].status, OK);
		assert_int_equal(db_result_rows(answer), 1);
		assert_string_equal(db_result_text(answer, 0, 0), calls[i].id);
		assert_string_equal(db_result_text(answer, 0, 1), calls[i].values[1]);
		assert_true(seven == !db_result_text(answer, 0, 2));
		assert_string_equal(db_result_text(answer, 0, 3), "20");
	}
	drop_results(calls, 20);
	db_writer_free(writer);
}

static void a_bad_row_of_a_grouped_statement_fails_alone(void **state)
{
	struct db_writer *writer = new_writer();
	struct call calls[9];

	(void)state;
	cluster_ask("DELETE FROM probe.item");
	group_together(writer, calls, 9, 4);
	for (size_t i = 0; i < 9; i++)
		assert_int_equal(calls[i].status, i == 4 ? ERR_INPUT : OK);
	assert_string_equal(db_result_text(&calls[8].result, 0, 3), "1");
	assert_string_equal(cluster_ask("SELECT count(*) FROM probe.item"), "8");
	drop_results(calls, 9);
	db_writer_free(writer);
}

/* The statements are good, the commit is not: of the two, whichever is tried first is stored. */
static void a_commit_that_is_refused_is_no_success(void **state)
{
	struct db_writer *writer = new_writer();
	struct call calls[2];
	bool first_failed;

	(void)state;
	cluster_ask("DELETE FROM probe.item");
	cluster_ask("ALTER TABLE probe.item ADD CONSTRAINT at_commit UNIQUE (number) "
				"DEFERRABLE INITIALLY DEFERRED");
	add_together(writer, calls, 2, "1");
	drop_results(calls, 2);
	first_failed = calls[0].status != OK;
	assert_int_equal(calls[first_failed].status, OK);
	assert_int_equal(calls[!first_failed].status, ERR_CONFLICT);
	assert_string_equal(
		calls[!first_failed].err.text, "statement COMMIT: SQLSTATE 23505, constraint at_commit");
	assert_string_equal(cluster_ask("SELECT count(*) FROM probe.item"), "1");
	cluster_ask("ALTER TABLE probe.item DROP CONSTRAINT at_commit");
	db_writer_free(writer);
}

static void too_few_answers_of_a_grouped_statement_are_an_error(void **state)
{
	const char *const values[] = { "x" };
	struct db_writer *writer = new_writer();
	struct err err = { "" };

	(void)state;
	assert_int_equal(db_writer_run(writer, PROBE_SHORT, values, 1, NULL, &err), ERR_LOCAL);
	assert_string_equal(err.text, "statement short: 0 rows came back for 1");
	db_writer_free(writer);
}

static void a_bad_row_by_itself_leaves_the_connection_usable(void **state)
{
	const char *const bad[] = { "alone", "1000" };
	struct db_writer *writer = new_writer();
	auto_result first = { 0 }, second = { 0 };
	struct err err = { "" };

	(void)state;
	assert_ok(db_writer_run(writer, PROBE_WHO, NULL, 0, &first, &err));
	assert_int_equal(db_writer_run(writer, PROBE_ADD, bad, 2, NULL, &err), ERR_INPUT);
	assert_ok(db_writer_run(writer, PROBE_WHO, NULL, 0, &second, &err));
	assert_string_equal(db_result_text(&first, 0, 0), db_result_text(&second, 0, 0));
	db_writer_free(writer);
}

/* Somebody else holds a row: only who wants that row is told to come again. */
static void a_locked_row_holds_up_nobody_but_itself(void **state)
{
	struct db_writer *writer = new_writer();
	PGconn *other = PQconnectdb("");
	struct call calls[5];
	int64_t began_ms = clock_monotonic_ms();

	(void)state;
	cluster_ask("INSERT INTO probe.item VALUES ('together-2', 7) ON CONFLICT (id) DO NOTHING");
	PQclear(PQexec(other, "BEGIN; UPDATE probe.item SET number = 8 WHERE id = 'together-2'"));
	add_together(writer, calls, 5, "1");
	drop_results(calls, 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(calls[i].status, i == 2 ? ERR_RETRY : OK);
	assert_non_null(strstr(calls[2].err.text, "55P03"));
	assert_true(clock_monotonic_ms() - began_ms < 6000);
	PQfinish(other);
	db_writer_free(writer);
}

/* Two processes that store the same rows in another order. */
static void deadlocks_with_another_writer_lose_nothing(void **state)
{
	struct db_writer *writers[] = { new_writer(), new_writer() };
	struct call calls[2][16];

	(void)state;
	for (size_t round = 0; round < 5; round++) {
		for (size_t i = 0; i < 16; i++) {
			start_add(&calls[0][i], writers[0], "dead", i, "1");
			start_add(&calls[1][i], writers[1], "dead", 15 - i, "1");
		}
		for (size_t i = 0; i < 32; i++) {
			struct call *call = &calls[i / 16][i % 16];

			finish_call(call);
			if (call->status)
				fail_msg("%d: %s", (int)call->status, call->err.text);
		}
	}
	assert_string_equal(
		cluster_ask("SELECT count(*) FROM probe.item WHERE id LIKE 'dead-%'"), "16");
	db_writer_free(writers[0]);
	db_writer_free(writers[1]);
}

static void a_connection_lost_while_idle_is_replaced_unnoticed(void **state)
{
	const char *const values[] = { "idle", "1" };
	struct db_writer *writer = new_writer();
	struct err err = { "" };

	(void)state;
	assert_ok(db_writer_run(writer, PROBE_ADD, values, 2, NULL, &err));
	cluster_hang_up();
	assert_ok(db_writer_run(writer, PROBE_ADD, values, 2, NULL, &err));
	db_writer_free(writer);
}

static void a_connection_lost_during_a_batch_is_replaced_and_it_is_repeated(void **state)
{
	struct db_writer *writer = new_writer();
	struct call wait, add;

	(void)state;
	cluster_ask("DELETE FROM probe.item");
	start_wait(&wait, writer);
	start_add(&add, writer, "behind", 0, "1");
	await_queued(writer, 1);
	cluster_hang_up();
	probe_let_go();
	finish_call(&wait);
	finish_call(&add);
	assert_int_equal(wait.status, OK);
	assert_int_equal(add.status, OK);
	assert_string_equal(cluster_ask("SELECT count(*) FROM probe.item"), "1");
	db_writer_free(writer);
}

/* What a caller whose turn comes after six seconds meets; here its clock is set back. */
static void who_waited_too_long_is_told_so_and_the_writer_goes_on(void **state)
{
	const char *const values[] = { "after", "1" };
	struct db_writer *writer = new_writer();
	struct call wait, add;
	struct err err = { "" };

	(void)state;
	start_wait(&wait, writer);
	start_add(&add, writer, "late", 0, "1");
	await_queued(writer, 1);
	pthread_mutex_lock(&writer->lock);
	writer->first->since_ms -= BATCH_MS + 1;
	pthread_mutex_unlock(&writer->lock);
	probe_let_go();
	finish_call(&wait);
	finish_call(&add);
	assert_int_equal(add.status, ERR_RETRY);
	assert_non_null(strstr(add.err.text, "busy"));
	assert_ok(db_writer_run(writer, PROBE_ADD, values, 2, NULL, &err));
	db_writer_free(writer);
}

/* The machine stood still while somebody waited whose connection was to find the server back. No
 * thread works here, so that the moment is known. */
static void who_waited_too_long_leaves_it_to_the_next_to_find_the_server_back(void **state)
{
	struct db_writer writer = { .end = &writer.first,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.has_work = PTHREAD_COND_INITIALIZER };
	struct err err = { "no such socket" }, told = { "" };
	struct waiting late = { .err = &told }, next = { .err = &told };

	(void)state;
	away_begin(&writer.away, 0, ERR_RETRY, &err);
	late.since_ms = next.since_ms = clock_monotonic_ms() - BATCH_MS - 1;
	sem_init(&late.done, 0, 0);
	assert_ok(join(&writer, &late, &err));
	assert_int_equal(join(&writer, &next, &err), ERR_RETRY);
	assert_true(take_batch(&writer));
	assert_int_equal(writer.n_batch, 0);
	assert_int_equal(sem_trywait(&late.done), 0);
	assert_int_equal(late.status, ERR_RETRY);
	next.since_ms = clock_monotonic_ms();
	assert_ok(join(&writer, &next, &err));
	assert_true(take_batch(&writer));
	assert_int_equal(writer.n_batch, 1);
	sem_destroy(&late.done);
}

struct crowd {
	pthread_t thread;
	struct db_writer *writer;
	size_t number;
	size_t stored;
};

static void *store_rows(void *arg)
{
	struct crowd *crowd = arg;
	struct err err = { "" };
	char id[32];
	const char *values[] = { id, "1" };

	for (size_t i = 0; i < ROWS; i++) {
		snprintf(id, sizeof id, "crowd-%zu-%zu", crowd->number, i);
		while (db_writer_run(crowd->writer, PROBE_ADD, values, 2, NULL, &err) == ERR_RETRY)
			clock_sleep_ms(20);
		crowd->stored++;
	}
	return NULL;
}

static void many_threads_lose_no_row_while_connections_break(void **state)
{
	struct db_writer *writer = new_writer();
	struct crowd crowds[THREADS];
	char stored[32];

	(void)state;
	for (size_t i = 0; i < THREADS; i++) {
		crowds[i] = (struct crowd){ .writer = writer, .number = i };
		assert_int_equal(pthread_create(&crowds[i].thread, NULL, store_rows, &crowds[i]), 0);
	}
	for (int i = 0; i < 8; i++)
		cluster_hang_up();
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(crowds[i].thread, NULL);
	snprintf(stored, sizeof stored, "%d", THREADS * ROWS);
	assert_string_equal(
		cluster_ask("SELECT count(*) FROM probe.item WHERE id LIKE 'crowd-%'"), stored);
	db_writer_free(writer);
}

static void *free_writer(void *arg)
{
	db_writer_free(arg);
	return NULL;
}

static void a_stop_finishes_what_waits(void **state)
{
	struct db_writer *writer = new_writer();
	struct call wait, adds[100];
	pthread_t stop;

	(void)state;
	cluster_ask("DELETE FROM probe.item");
	start_wait(&wait, writer);
	for (size_t i = 0; i < 100; i++)
		start_add(&adds[i], writer, "stop", i, "1");
	await_queued(writer, 100);
	assert_int_equal(pthread_create(&stop, NULL, free_writer, writer), 0);
	probe_let_go();
	pthread_join(stop, NULL);
	finish_call(&wait);
	for (size_t i = 0; i < 100; i++) {
		finish_call(&adds[i]);
		assert_int_equal(adds[i].status, OK);
	}
	assert_string_equal(cluster_ask("SELECT count(*) FROM probe.item"), "100");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_stored_and_its_answer_comes_back),
		cmocka_unit_test(rows_that_wait_together_share_a_commit),
		cmocka_unit_test(company_is_half_of_the_largest_batch_of_late),
		cmocka_unit_test(who_comes_a_moment_later_is_company),
		cmocka_unit_test(a_bad_row_fails_alone),
		cmocka_unit_test(a_grouped_statement_is_executed_once_and_each_gets_its_own_answer),
		cmocka_unit_test(a_bad_row_of_a_grouped_statement_fails_alone),
		cmocka_unit_test(a_commit_that_is_refused_is_no_success),
		cmocka_unit_test(too_few_answers_of_a_grouped_statement_are_an_error),
		cmocka_unit_test(a_bad_row_by_itself_leaves_the_connection_usable),
		cmocka_unit_test(a_locked_row_holds_up_nobody_but_itself),
		cmocka_unit_test(deadlocks_with_another_writer_lose_nothing),
		cmocka_unit_test(a_connection_lost_while_idle_is_replaced_unnoticed),
		cmocka_unit_test(a_connection_lost_during_a_batch_is_replaced_and_it_is_repeated),
		cmocka_unit_test(who_waited_too_long_is_told_so_and_the_writer_goes_on),
		cmocka_unit_test(who_waited_too_long_leaves_it_to_the_next_to_find_the_server_back),
		cmocka_unit_test(many_threads_lose_no_row_while_connections_break),
		cmocka_unit_test(a_stop_finishes_what_waits),
	};

	return CLUSTER_RUN(tests, probe_setup, cluster_teardown);
}
