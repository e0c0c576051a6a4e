/* One connection: where it is made to, and what keeps it from being made. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "db/link.h"
#include "tests/unit/probe.h"

static struct db *open_probe(void)
{
	struct db *db = NULL;
	struct err err = { "" };

	assert_ok(db_open(&probe_queries, &db, &err));
	return db;
}

static void check_refused(enum status status, const char *first, const char *second)
{
	struct db *db = NULL;
	struct err err = { "" };

	assert_int_equal(db_open(&probe_queries, &db, &err), status);
	assert_null(db);
	if (!strstr(err.text, first) || !strstr(err.text, second))
		fail_msg("\"%s\" lacks \"%s\" or \"%s\"", err.text, first, second);
}

/* A variable of libpq's for one attempt. */
static void check_setting(
	const char *name, const char *value, enum status status, const char *first, const char *second)
{
	char *before = getenv(name) ? strdup(getenv(name)) : NULL;

	setenv(name, value, 1);
	check_refused(status, first, second);
	if (before)
		setenv(name, before, 1);
	else
		unsetenv(name);
	free(before);
}

static void a_role_that_does_not_exist_is_no_outage(void **state)
{
	(void)state;
	check_setting("PGUSER", "nobody_here", ERR_LOCAL, "28000", "nobody_here");
}

static void a_database_that_does_not_exist_is_no_outage(void **state)
{
	(void)state;
	check_setting("PGDATABASE", "not_here", ERR_LOCAL, "3D000", "not_here");
}

static void a_socket_that_is_not_there_is_an_outage(void **state)
{
	(void)state;
	check_setting("PGHOST", "/nonexistent", ERR_RETRY, "/nonexistent", "No such file");
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

static void check_settings(const char *name, const char *value, const char *wanted)
{
	char *before = getenv(name) ? strdup(getenv(name)) : NULL;
	struct err err = { "" };
	enum status rc;

	setenv(name, value, 1);
	rc = db_check_settings(&err);
	if (before)
		setenv(name, before, 1);
	else
		unsetenv(name);
	free(before);
	if (*wanted ? rc != ERR_LOCAL || !strstr(err.text, wanted) : rc != OK)
		fail_msg("%s=%s: \"%s\", status %d, lacks \"%s\"", name, value, err.text, (int)rc, wanted);
}

static void settings_are_checked_without_a_connection(void **state)
{
	char *host = strdup(getenv("PGHOST"));

	(void)state;
	check_settings("PGSSLMODE", "requird", "invalid sslmode value: \"requird\"");
	check_settings("PGPORT", "99999", "invalid port number: \"99999\"");
	check_settings("PGPORT", "5432,5433", "could not match 2 port numbers to 1 hosts");
	check_settings("PGTARGETSESSIONATTRS", "any one", "target_session_attrs");
	check_settings("PGSERVICE", "not_here", "not_here");
	/* And no host is: this one would take as long as DNS does. */
	check_settings("PGHOST", "not-here.invalid", "");
	check_settings("PGHOSTADDR", "192.0.2.1", "");
	check_settings("PGUSER", "nobody_here", "");
	setenv("PGHOST", "one.invalid,/two,", 1);
	check_settings("PGPORT", "5432,5433", "could not match 2 port numbers to 3 hosts");
	check_settings("PGPORT", ",5432,99999", "invalid port number: \"99999\"");
	check_settings("PGHOSTADDR", "192.0.2.1", "could not match 3 host names to 1 hostaddr values");
	check_settings("PGPORT", ",5432,", "");
	setenv("PGHOST", "", 1);
	check_settings("PGPORT", "", "");
	check_settings("PGPORT", "5432x", "5432x");
	setenv("PGHOST", host, 1);
	free(host);
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

/* The first host has an address and no name, the second a name and no address, and libpq's port. */
static void an_empty_item_in_a_list_of_hosts_is_libpq_s_default(void **state)
{
	char port[8], hosts[128], ports[32];
	int fd = listen_silently(port);
	char *host = strdup(getenv("PGHOST"));

	(void)state;
	snprintf(hosts, sizeof hosts, ",%s", host);
	snprintf(ports, sizeof ports, "%s,", port);
	setenv("PGHOST", hosts, 1);
	setenv("PGPORT", ports, 1);
	setenv("PGHOSTADDR", "127.0.0.1,", 1);
	db_free(open_probe());
	/* What the lists are hidden with hides nothing else. */
	check_setting("PGDATABASE", "not_here", ERR_LOCAL, "3D000", "not_here");
	unsetenv("PGHOSTADDR");
	setenv("PGHOST", host, 1);
	unsetenv("PGPORT");
	free(host);
	close(fd);
}

/* Carries one connection on to the cluster's socket, until either side hangs up. */
static void *relay(void *arg)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int ends[2] = { accept(*(int *)arg, NULL, NULL), socket(AF_UNIX, SOCK_STREAM, 0) };
	struct pollfd wait[2] = { { ends[0], POLLIN, 0 }, { ends[1], POLLIN, 0 } };
	char data[4096];
	ssize_t got = 1;

	snprintf(name.sun_path, sizeof name.sun_path, "%s/pgsocket/.s.PGSQL.5432", cluster_dir);
	if (connect(ends[1], (struct sockaddr *)&name, sizeof name))
		got = 0;
	while (got > 0 && poll(wait, 2, -1) > 0)
		for (int i = 0; i < 2 && got > 0; i++)
			if (wait[i].revents && (got = read(ends[i], data, sizeof data)) > 0)
				send(ends[!i], data, (size_t)got, MSG_NOSIGNAL);
	close(ends[0]);
	close(ends[1]);
	return NULL;
}

static unsigned pause_of(const struct db *db)
{
	unsigned pause_ms = 0;
	socklen_t size = sizeof pause_ms;

	assert_int_equal(
		getsockopt(PQsocket(db->pg), IPPROTO_TCP, TCP_USER_TIMEOUT, &pause_ms, &size), 0);
	return pause_ms;
}

static void the_network_may_pause_longer_for_a_batch_program(void **state)
{
	char port[8];
	int fd = listen_silently(port);
	char *host = strdup(getenv("PGHOST"));
	pthread_t thread;
	struct db *db;
	struct err err;

	(void)state;
	pthread_create(&thread, NULL, relay, &fd);
	setenv("PGHOST", "127.0.0.1", 1);
	setenv("PGPORT", port, 1);
	db = open_probe();
	assert_int_equal(pause_of(db), 2000);
	assert_ok(db_be_patient(db, 60000, &err));
	assert_int_equal(pause_of(db), 60000);
	db_free(db);
	pthread_join(thread, NULL);
	setenv("PGHOST", host, 1);
	unsetenv("PGPORT");
	free(host);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_role_that_does_not_exist_is_no_outage),
		cmocka_unit_test(a_database_that_does_not_exist_is_no_outage),
		cmocka_unit_test(a_socket_that_is_not_there_is_an_outage),
		cmocka_unit_test(a_setting_that_libpq_refuses_is_no_outage),
		cmocka_unit_test(settings_are_checked_without_a_connection),
		cmocka_unit_test(a_host_name_that_is_not_found_is_an_outage),
		cmocka_unit_test(tls_that_cannot_be_had_is_no_outage),
		cmocka_unit_test(a_host_that_accepts_and_is_silent_leaves_time_for_the_next),
		cmocka_unit_test(an_empty_item_in_a_list_of_hosts_is_libpq_s_default),
		cmocka_unit_test(the_network_may_pause_longer_for_a_batch_program),
	};

	return CLUSTER_RUN(tests, probe_setup, cluster_teardown);
}
