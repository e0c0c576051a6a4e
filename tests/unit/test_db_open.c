/* One connection: what it finds when it is open, what a statement's failure says. */
#include <semaphore.h>
#include <signal.h>

#include "base/clock.h"
#include "tests/unit/probe.h"

static const struct db_queries no_schema = { probe_list, N_PROBE, "nowhere", 1 };
static const struct db_queries newer = { probe_list, N_PROBE, "probe", 8 };
static const struct db_query wrong_list[] = { { .name = "fine", .text = "SELECT 1" },
	{ .name = "wrong", .text = "SELECT nothing FROM probe.item" } };
static const struct db_queries wrong = { wrong_list, 2, NULL, 0 };
static const struct db_queries wrong_of_old = { wrong_list, 2, "probe", 6 };
static const struct db_queries wrong_of_today = { wrong_list, 2, "probe", 7 };

static const struct db_query twice_list[] = { { .name = "twice", .text = "SELECT 1" },
	{ .name = "twice", .text = "SELECT 1" } };
static const struct db_queries twice = { twice_list, 2, NULL, 0 };

static struct db *open_probe(void)
{
	struct db *db = NULL;
	struct err err = { "" };

	assert_ok(db_open(&probe_queries, &db, &err));
	return db;
}

static void until_answered(struct db *db)
{
	for (int i = 0; !db_has_answer(db); i++) {
		assert_true(i < 20000);
		clock_sleep_ms(1);
	}
}

static void check_refused(
	const struct db_queries *queries, enum status status, const char *first, const char *second)
{
	struct db *db = NULL;
	struct err err = { "" };

	assert_int_equal(db_open(queries, &db, &err), status);
	assert_null(db);
	if (!strstr(err.text, first) || !strstr(err.text, second))
		fail_msg("\"%s\" lacks \"%s\" or \"%s\"", err.text, first, second);
}

static void values_come_back_as_text_and_null_as_null(void **state)
{
	const char *const values[] = { "a'b\"c\xc3\xa9", "1" };
	struct db *db = open_probe();
	auto_result result = { 0 };
	struct err err = { "" };

	(void)state;
	assert_ok(db_run(db, PROBE_ODD, values, 2, &result, &err));
	assert_int_equal(db_result_rows(&result), 1);
	assert_null(db_result_text(&result, 0, 0));
	assert_string_equal(db_result_text(&result, 0, 1), "");
	assert_string_equal(db_result_text(&result, 0, 2), values[0]);
	assert_null(db_result_text(&result, 1, 2));
	assert_null(db_result_text(&result, 0, 4));
	db_free(db);
}

static void a_result_may_be_unwanted_and_an_empty_one_has_no_rows(void **state)
{
	const char *const values[] = { "x", "1" };
	struct db_result empty = { 0 };
	struct db *db = open_probe();
	struct err err = { "" };

	(void)state;
	assert_ok(db_run(db, PROBE_ODD, values, 2, NULL, &err));
	assert_int_equal(db_result_rows(&empty), 0);
	assert_null(db_result_text(&empty, 0, 0));
	db_result_done(&empty);
	db_result_done(NULL);
	db_free(db);
	db_free(NULL);
}

static void a_broken_check_names_the_constraint_and_not_the_row(void **state)
{
	const char *const values[] = { "secret@example.com", "1000" };
	struct db *db = open_probe();
	struct err err = { "" };

	(void)state;
	assert_int_equal(db_run(db, PROBE_ADD, values, 2, NULL, &err), ERR_INPUT);
	assert_string_equal(err.text, "statement add: SQLSTATE 23514, constraint item_number_small");
	assert_false(db_is_lost(db));
	db_free(db);
}

static void an_unreadable_value_is_not_repeated_in_the_error(void **state)
{
	const char *const values[] = { "x", "secret@example.com" };
	struct db *db = open_probe();
	struct err err = { "" };

	(void)state;
	assert_int_equal(db_run(db, PROBE_ODD, values, 2, NULL, &err), ERR_INPUT);
	assert_string_equal(err.text, "statement odd: SQLSTATE 22P02");
	db_free(db);
}

static void bytes_that_are_not_utf8_are_refused(void **state)
{
	const char *const values[] = { "\xff", "1" };
	struct db *db = open_probe();
	struct err err = { "" };

	(void)state;
	assert_int_equal(db_run(db, PROBE_ODD, values, 2, NULL, &err), ERR_INPUT);
	db_free(db);
}

static void a_failed_statement_leaves_the_connection_usable(void **state)
{
	const char *const bad[] = { "x", "0" }, *const good[] = { "x", "1" };
	struct db *db = open_probe();
	struct err err = { "" };

	(void)state;
	assert_int_equal(db_run(db, PROBE_ODD, bad, 2, NULL, &err), ERR_INPUT);
	assert_ok(db_run(db, PROBE_ODD, good, 2, NULL, &err));
	db_free(db);
}

static void an_answer_can_be_asked_for_before_it_is_wanted(void **state)
{
	const char *const bad[] = { "x", "0" }, *const good[] = { "x", "1" };
	struct db *db = open_probe();
	auto_result result = { 0 };
	struct err err = { "" };

	(void)state;
	assert_ok(db_send(db, PROBE_WAIT, NULL, 0, &err));
	assert_false(db_has_answer(db));
	cluster_ask("INSERT INTO probe.go DEFAULT VALUES");
	until_answered(db);
	assert_ok(db_receive(db, PROBE_WAIT, NULL, &err));
	cluster_ask("DELETE FROM probe.go");
	assert_ok(db_send(db, PROBE_ODD, bad, 2, &err));
	until_answered(db);
	assert_int_equal(db_receive(db, PROBE_ODD, &result, &err), ERR_INPUT);
	assert_string_equal(err.text, "statement odd: SQLSTATE 22012");
	assert_ok(db_send(db, PROBE_ODD, good, 2, &err));
	assert_ok(db_receive(db, PROBE_ODD, &result, &err));
	assert_string_equal(db_result_text(&result, 0, 3), "1");
	db_free(db);
}

static void a_connection_that_is_lost_has_an_answer(void **state)
{
	struct db *db = open_probe();
	struct err err = { "" };

	(void)state;
	assert_ok(db_send(db, PROBE_WAIT, NULL, 0, &err));
	cluster_hang_up();
	until_answered(db);
	assert_int_equal(db_receive(db, PROBE_WAIT, NULL, &err), ERR_RETRY);
	assert_true(db_is_lost(db));
	assert_non_null(strstr(err.text, "terminating connection"));
	db_free(db);
}

static void a_lost_connection_says_why_and_that_it_is_lost(void **state)
{
	struct db *db = open_probe();
	struct err err = { "" };

	(void)state;
	cluster_hang_up();
	assert_int_equal(db_run(db, PROBE_WHO, NULL, 0, NULL, &err), ERR_RETRY);
	assert_true(db_is_lost(db));
	assert_non_null(strstr(err.text, "terminating connection"));
	assert_int_equal(db_run(db, PROBE_WHO, NULL, 0, NULL, &err), ERR_RETRY);
	db_free(db);
}

/* As statement_timeout does. */
static void a_statement_that_the_server_cancels_is_to_be_repeated(void **state)
{
	struct db *db = open_probe();
	struct err err = { "" };

	(void)state;
	assert_int_equal(db_run(db, PROBE_CANCEL, NULL, 0, NULL, &err), ERR_RETRY);
	assert_non_null(strstr(err.text, "statement cancel: SQLSTATE 57014"));
	assert_false(db_is_lost(db));
	assert_ok(db_run(db, PROBE_WHO, NULL, 0, NULL, &err));
	db_free(db);
}

/* More than the socket's buffers hold, both ways. */
static void a_value_of_megabytes_goes_there_and_comes_back(void **state)
{
	enum { SIZE = 8 * 1024 * 1024 };
	char *large = malloc(SIZE + 1);
	const char *const values[] = { large, "1" };
	struct db *db = open_probe();
	auto_result result = { 0 };
	struct err err = { "" };

	(void)state;
	assert_non_null(large);
	memset(large, 'x', SIZE);
	large[SIZE] = '\0';
	assert_ok(db_run(db, PROBE_ODD, values, 2, &result, &err));
	assert_true(!strcmp(db_result_text(&result, 0, 2), large));
	db_free(db);
	free(large);
}

static sem_t signalled;

static void on_signal(int signal)
{
	(void)signal;
	sem_post(&signalled);
}

struct waiter {
	struct db *db;
	enum status status;
};

static void *wait_for_answer(void *arg)
{
	struct waiter *waiter = arg;
	struct err err = { "" };

	waiter->status = db_run(waiter->db, PROBE_WAIT, NULL, 0, NULL, &err);
	return NULL;
}

static void a_signal_does_not_end_the_wait_for_an_answer(void **state)
{
	const struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct waiter waiter = { .db = open_probe() };
	pthread_t thread;

	(void)state;
	sem_init(&signalled, 0, 0);
	sigaction(SIGUSR1, &action, NULL);
	probe_hold();
	assert_int_equal(pthread_create(&thread, NULL, wait_for_answer, &waiter), 0);
	probe_await_waiting("1");
	pthread_kill(thread, SIGUSR1);
	while (sem_wait(&signalled))
		;
	probe_let_go();
	pthread_join(thread, NULL);
	assert_int_equal(waiter.status, OK);
	assert_false(db_is_lost(waiter.db));
	db_free(waiter.db);
}

static void the_session_has_its_time_outs_and_isolation(void **state)
{
	static const struct db_query list[] = { { .name = "settings",
		.text = "SELECT current_setting('statement_timeout') || ' ' || current_setting('lock_timeout') || "
		"' ' || current_setting('synchronous_commit') || "
		"' ' || current_setting('idle_in_transaction_session_timeout') || ' ' || "
		"current_setting('transaction_isolation') || ' ' || current_setting('client_encoding') || "
		"' ' || current_setting('search_path')" } };
	static const struct db_queries queries = { list, 1, NULL, 0 };
	struct db *db = NULL;
	struct err err = { "" };
	auto_result result = { 0 };

	(void)state;
	assert_ok(db_open(&queries, &db, &err));
	assert_ok(db_run(db, 0, NULL, 0, &result, &err));
	assert_string_equal(
		db_result_text(&result, 0, 0), "5s 1s on 10s read committed UTF8 pg_catalog");
	db_free(db);
}

static void a_database_without_the_schema_says_what_to_run(void **state)
{
	(void)state;
	check_refused(&no_schema, ERR_LOCAL, "\"tollgate\" has no schema nowhere", "make migrate");
}

static void an_older_schema_says_how_old_and_what_to_run(void **state)
{
	(void)state;
	check_refused(
		&newer, ERR_LOCAL, "is at migration 0007 and this program needs 0008", "tollgate-migrate");
}

static void a_newer_schema_is_fine(void **state)
{
	struct db *db;

	(void)state;
	cluster_ask("INSERT INTO probe.migration VALUES (8)");
	db = open_probe();
	cluster_ask("DELETE FROM probe.migration WHERE number = 8");
	db_free(db);
}

static void a_statement_that_does_not_fit_the_schema_stops_the_start(void **state)
{
	(void)state;
	check_refused(&wrong, ERR_LOCAL, "statement wrong: SQLSTATE 42703", "nothing");
}

/* So it looks where a pooler lends connections by the transaction. */
static void a_program_that_is_older_than_the_schema_is_told_so(void **state)
{
	struct db *db = NULL;
	struct err err = { "" };

	(void)state;
	check_refused(&wrong_of_old, ERR_LOCAL,
		"is at migration 0007 and this program knows 0006: install the newer program",
		"statement wrong: SQLSTATE 42703");
	assert_int_equal(db_open(&wrong_of_today, &db, &err), ERR_LOCAL);
	assert_null(strstr(err.text, "newer program"));
}

static void what_a_migration_took_from_a_running_program_is_told_so(void **state)
{
	struct db *db = open_probe();
	struct err err = { "" };

	(void)state;
	cluster_ask("ALTER FUNCTION probe.wait() RENAME TO waited");
	assert_int_equal(db_run(db, PROBE_WAIT, NULL, 0, NULL, &err), ERR_LOCAL);
	cluster_ask("ALTER FUNCTION probe.waited() RENAME TO wait");
	assert_non_null(strstr(err.text, "SQLSTATE 42883"));
	assert_non_null(strstr(err.text, "tollgate doctor"));
	db_free(db);
}

static void a_statement_that_is_there_already_tells_of_a_pooler(void **state)
{
	(void)state;
	check_refused(&twice, ERR_LOCAL, "statement twice: SQLSTATE 42P05", "pool_mode=session");
}

static void a_role_without_rights_is_told_so(void **state)
{
	(void)state;
	cluster_ask("CREATE ROLE stranger LOGIN");
	setenv("PGUSER", "stranger", 1);
	check_refused(&probe_queries, ERR_LOCAL, "role \"stranger\"", "permission denied");
	setenv("PGUSER", "tollgate", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_come_back_as_text_and_null_as_null),
		cmocka_unit_test(a_result_may_be_unwanted_and_an_empty_one_has_no_rows),
		cmocka_unit_test(a_broken_check_names_the_constraint_and_not_the_row),
		cmocka_unit_test(an_unreadable_value_is_not_repeated_in_the_error),
		cmocka_unit_test(bytes_that_are_not_utf8_are_refused),
		cmocka_unit_test(a_failed_statement_leaves_the_connection_usable),
		cmocka_unit_test(an_answer_can_be_asked_for_before_it_is_wanted),
		cmocka_unit_test(a_connection_that_is_lost_has_an_answer),
		cmocka_unit_test(a_lost_connection_says_why_and_that_it_is_lost),
		cmocka_unit_test(a_statement_that_the_server_cancels_is_to_be_repeated),
		cmocka_unit_test(a_value_of_megabytes_goes_there_and_comes_back),
		cmocka_unit_test(a_signal_does_not_end_the_wait_for_an_answer),
		cmocka_unit_test(the_session_has_its_time_outs_and_isolation),
		cmocka_unit_test(a_database_without_the_schema_says_what_to_run),
		cmocka_unit_test(an_older_schema_says_how_old_and_what_to_run),
		cmocka_unit_test(a_newer_schema_is_fine),
		cmocka_unit_test(a_statement_that_does_not_fit_the_schema_stops_the_start),
		cmocka_unit_test(a_program_that_is_older_than_the_schema_is_told_so),
		cmocka_unit_test(what_a_migration_took_from_a_running_program_is_told_so),
		cmocka_unit_test(a_statement_that_is_there_already_tells_of_a_pooler),
		cmocka_unit_test(a_role_without_rights_is_told_so),
	};

	return CLUSTER_RUN(tests, probe_setup, cluster_teardown);
}
