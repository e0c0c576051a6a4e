/* One connection: how it opens, what a statement's failure says. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/unit/probe.h"

static const struct db_queries no_schema = { probe_list, N_PROBE, "nowhere", 1 };
static const struct db_queries newer = { probe_list, N_PROBE, "probe", 8 };
static const struct db_query wrong_list[] = { { .name = "fine", .text = "SELECT 1" },
	{ .name = "wrong", .text = "SELECT nothing FROM probe.item" } };
static const struct db_queries wrong = { wrong_list, 2, NULL, 0 };

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

static void a_role_that_does_not_exist_is_no_outage(void **state)
{
	(void)state;
	setenv("PGUSER", "nobody_here", 1);
	check_refused(&probe_queries, ERR_LOCAL, "28000", "nobody_here");
	setenv("PGUSER", "tollgate", 1);
}

static void a_database_that_does_not_exist_is_no_outage(void **state)
{
	(void)state;
	setenv("PGDATABASE", "not_here", 1);
	check_refused(&probe_queries, ERR_LOCAL, "3D000", "not_here");
	setenv("PGDATABASE", "tollgate", 1);
}

static void a_socket_that_is_not_there_is_an_outage(void **state)
{
	char *host = strdup(getenv("PGHOST"));

	(void)state;
	setenv("PGHOST", "/nonexistent", 1);
	check_refused(&probe_queries, ERR_RETRY, "/nonexistent", "No such file");
	setenv("PGHOST", host, 1);
	free(host);
}

/* A variable of libpq's for one attempt. */
static void check_setting(
	const char *name, const char *value, enum status status, const char *first, const char *second)
{
	char *before = getenv(name) ? strdup(getenv(name)) : NULL;

	setenv(name, value, 1);
	check_refused(&probe_queries, status, first, second);
	if (before)
		setenv(name, before, 1);
	else
		unsetenv(name);
	free(before);
}

static void a_setting_that_libpq_refuses_is_no_outage(void **state)
{
	(void)state;
	check_setting("PGSSLMODE", "requird", ERR_LOCAL, "sslmode", "\"requird\"");
	check_setting("PGPORT", "99999", ERR_LOCAL, "port", "\"99999\"");
	check_setting("PGPORT", "5432,5433", ERR_LOCAL, "could not match", "port");
	check_setting("PGTARGETSESSIONATTRS", "any one", ERR_LOCAL, "target_session_attrs", "any one");
	check_setting("PGSERVICE", "not_here", ERR_LOCAL, "service", "not_here");
	check_setting("PGOPTIONS", "-c not.here=1 -c nothere=1", ERR_LOCAL, "42704", "nothere");
	check_setting("PGREQUIREPEER", "nobody", ERR_LOCAL, "requirepeer", "nobody");
}

static void a_host_name_that_is_not_found_is_an_outage(void **state)
{
	(void)state;
	check_setting("PGHOST", "not-here.invalid", ERR_RETRY, "not-here.invalid", "translate");
}

/* A TCP socket that takes connections and says nothing; PGHOST and PGPORT for it. */
static int listen_silently(char ret_port[8])
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) || listen(fd, 16) ||
		getsockname(fd, (struct sockaddr *)&address, &size))
		fail_msg("cannot listen");
	snprintf(ret_port, 8, "%d", ntohs(address.sin_port));
	return fd;
}

struct tls_server {
	int fd;
	const char *answer; /* to the request for TLS */
};

static void *answer_tls(void *arg)
{
	const struct tls_server *server = arg;
	int client = accept(server->fd, NULL, NULL);
	char request[8];

	if (recv(client, request, sizeof request, MSG_WAITALL) == sizeof request)
		send(client, server->answer, 1, MSG_NOSIGNAL);
	recv(client, request, 1, 0); /* until it hangs up */
	close(client);
	return NULL;
}

static void check_tls(const char *mode, const char *answer, const char *first)
{
	char port[8];
	struct tls_server server = { listen_silently(port), answer };
	char *host = strdup(getenv("PGHOST"));
	pthread_t thread;

	pthread_create(&thread, NULL, answer_tls, &server);
	setenv("PGHOST", "127.0.0.1", 1);
	setenv("PGPORT", port, 1);
	setenv("PGSSLROOTCERT", "/nonexistent/root.crt", 1);
	check_setting("PGSSLMODE", mode, ERR_LOCAL, "127.0.0.1", first);
	pthread_join(thread, NULL);
	unsetenv("PGSSLROOTCERT");
	unsetenv("PGPORT");
	setenv("PGHOST", host, 1);
	free(host);
	close(server.fd);
}

static void tls_that_cannot_be_had_is_no_outage(void **state)
{
	(void)state;
	check_tls("require", "N", "server does not support SSL");
	check_tls("verify-full", "S", "root certificate file \"/nonexistent/root.crt\"");
}

/* Several hosts, with an answer from the last of them. */
static void a_host_that_accepts_and_is_silent_leaves_time_for_the_next(void **state)
{
	char port[8], hosts[128], ports[32];
	int fd = listen_silently(port);
	char *host = strdup(getenv("PGHOST"));

	(void)state;
	snprintf(hosts, sizeof hosts, "127.0.0.1,/nonexistent,%s", host);
	snprintf(ports, sizeof ports, "%s,5432,5432", port);
	setenv("PGHOST", hosts, 1);
	setenv("PGPORT", ports, 1);
	db_free(open_probe());
	/* The server's refusal is one, wherever it is in the list. */
	check_setting("PGUSER", "nobody_here", ERR_LOCAL, "28000", "nobody_here");
	setenv("PGHOST", host, 1);
	unsetenv("PGPORT");
	free(host);
	close(fd);
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
		cmocka_unit_test(a_lost_connection_says_why_and_that_it_is_lost),
		cmocka_unit_test(a_statement_that_the_server_cancels_is_to_be_repeated),
		cmocka_unit_test(the_session_has_its_time_outs_and_isolation),
		cmocka_unit_test(a_database_without_the_schema_says_what_to_run),
		cmocka_unit_test(an_older_schema_says_how_old_and_what_to_run),
		cmocka_unit_test(a_newer_schema_is_fine),
		cmocka_unit_test(a_statement_that_does_not_fit_the_schema_stops_the_start),
		cmocka_unit_test(a_statement_that_is_there_already_tells_of_a_pooler),
		cmocka_unit_test(a_role_without_rights_is_told_so),
		cmocka_unit_test(a_role_that_does_not_exist_is_no_outage),
		cmocka_unit_test(a_database_that_does_not_exist_is_no_outage),
		cmocka_unit_test(a_socket_that_is_not_there_is_an_outage),
		cmocka_unit_test(a_setting_that_libpq_refuses_is_no_outage),
		cmocka_unit_test(a_host_name_that_is_not_found_is_an_outage),
		cmocka_unit_test(tls_that_cannot_be_had_is_no_outage),
		cmocka_unit_test(a_host_that_accepts_and_is_silent_leaves_time_for_the_next),
	};

	return CLUSTER_RUN(tests, probe_setup, cluster_teardown);
}
