#include "db/link.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "db/sqlstate.h"

/* The first line of what libpq says; the others are advice and places in the server's source. */
static enum status explain_libpq(
	const PGconn *pg, const char *what, enum status status, struct err *err)
{
	const char *text = PQerrorMessage(pg);
	int len = (int)strcspn(text, "\n");

	return err_set(err, status, "%s: %.*s", what, len, text);
}

enum status link_lose(struct db *db, struct err *err)
{
	db->is_lost = true;
	return explain_libpq(db->pg, "connection to PostgreSQL lost", ERR_RETRY, err);
}

/* Whether `events` came before the deadline. */
static bool wait_for(int fd, short events, int64_t deadline_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };
	int ready;

	do {
		int64_t left_ms = deadline_ms - clock_monotonic_ms();

		ready = poll(&poll_fd, 1, left_ms > 0 ? (int)left_ms : 0);
	} while (ready < 0 && errno == EINTR);
	return ready > 0;
}

/* The next result of what was sent; NULL at its end. The caller owns it.
 * ERR_RETRY: the connection is lost, or the deadline passed and it was given up as lost. */
static enum status next_result(
	struct db *db, int64_t deadline_ms, PGresult **ret_result, struct err *err)
{
	for (;;) {
		int unsent = PQflush(db->pg);

		if (unsent < 0)
			return link_lose(db, err);
		if (!PQisBusy(db->pg))
			break;
		if (!wait_for(PQsocket(db->pg), unsent ? POLLIN | POLLOUT : POLLIN, deadline_ms)) {
			db->is_lost = true;
			return err_set(err, ERR_RETRY, "PostgreSQL did not answer in time");
		}
		if (!PQconsumeInput(db->pg))
			return link_lose(db, err);
	}
	*ret_result = PQgetResult(db->pg);
	return OK;
}

static bool is_good(const PGresult *result)
{
	ExecStatusType kind = PQresultStatus(result);

	return kind == PGRES_TUPLES_OK || kind == PGRES_COMMAND_OK;
}

/* The status of a result that is there, OK for rows or a finished command. */
static enum status judge(
	struct db *db, const PGresult *result, const char *statement, struct err *err)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (is_good(result))
		return OK;
	if (!state && PQstatus(db->pg) == CONNECTION_BAD)
		return link_lose(db, err);
	if (sqlstate_ends_connection(state))
		db->is_lost = true;
	return sqlstate_explain(result, statement, err);
}

/* Of several statements sent as one, the last result counts, or the first error. */
static enum status gather(
	struct db *db, int64_t deadline_ms, PGresult **ret_result, struct err *err)
{
	PGresult *next = NULL;
	enum status rc;

	while (!(rc = next_result(db, deadline_ms, &next, err)) && next) {
		if (*ret_result && !is_good(*ret_result)) {
			PQclear(next);
			continue;
		}
		PQclear(*ret_result);
		*ret_result = next;
	}
	return rc;
}

enum status link_answer(struct db *db, const char *statement, int64_t deadline_ms,
	struct db_result *ret_result, struct err *err)
{
	auto_result answer = { 0 };
	PGresult *result = NULL;
	enum status rc = gather(db, deadline_ms, &result, err);

	answer.rows = result;
	/* Why the server hung up is better than that it did. */
	if (result && (!rc || !is_good(result)))
		rc = judge(db, result, statement, err);
	else if (!rc)
		rc = link_lose(db, err);
	if (!rc && ret_result) {
		db_result_done(ret_result);
		*ret_result = answer;
		answer.rows = NULL;
	}
	return rc;
}

bool link_has_answer(struct db *db)
{
	/* libpq reads 16 KiB at a time. */
	while (PQflush(db->pg) >= 0 && PQisBusy(db->pg)) {
		if (!wait_for(PQsocket(db->pg), POLLIN, 0))
			return false;
		if (!PQconsumeInput(db->pg))
			break;
	}
	return true;
}

enum status link_sync(struct db *db, int64_t deadline_ms, struct err *err)
{
	PGresult *result = NULL;
	enum status rc = next_result(db, deadline_ms, &result, err), refused = OK;

	/* It commits; why it could not comes first, with an end of its own. */
	if (!rc && result && PQresultStatus(result) == PGRES_FATAL_ERROR) {
		refused = judge(db, result, "COMMIT", err);
		PQclear(result);
		result = NULL;
		if (!db->is_lost)
			rc = next_result(db, deadline_ms, &result, err);
		if (!db->is_lost && !result)
			rc = next_result(db, deadline_ms, &result, err);
	}
	if (!db->is_lost && PQresultStatus(result) != PGRES_PIPELINE_SYNC)
		rc = link_lose(db, err);
	PQclear(result);
	return rc ? rc : refused;
}

/* Whether it is the settings alone that libpq complains of, so that no later attempt does better:
 * PG*, and the files that they name. It has no code for that; its words are in English, as none of
 * our programs calls setlocale(). A server's certificate that is refused may just be too old. */
static bool is_setting(const char *message)
{
	static const char *const beginnings[] = { "invalid ", "could not match ",
		"definition of service ", "service file ", "root certificate file ", "certificate file ",
		"private key file ", "could not read root certificate file ",
		"could not read certificate file ", "could not load private key file ", "requirepeer ",
		"channel binding ", "server does not support SSL, but SSL was required" };
	const char *after = strstr(message, " failed: ");

	if (after)
		message = after + strlen(" failed: ");
	for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
		if (!strncmp(message, beginnings[i], strlen(beginnings[i])))
			return true;
	return false;
}

static enum status explain_refusal(PGconn *pg, struct err *err)
{
	const char *message = PQerrorMessage(pg);
	char state[6];
	bool is_refused;

	sqlstate_of_connection(message, state);
	is_refused = *state ? sqlstate_status(state) == ERR_LOCAL
						: PQconnectionNeedsPassword(pg) || is_setting(message);
	return explain_libpq(
		pg, "cannot connect to PostgreSQL", is_refused ? ERR_LOCAL : ERR_RETRY, err);
}

/* For the deadline this does by hand what PQconnectdb does. Also, only so can the SQLSTATE of a
 * refusal be had. */
static enum status finish_connecting(PGconn *pg, int64_t deadline_ms, struct err *err)
{
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;

	PQsetErrorVerbosity(pg, PQERRORS_VERBOSE);
	while (PQstatus(pg) != CONNECTION_BAD && state != PGRES_POLLING_OK) {
		short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;

		if (!wait_for(PQsocket(pg), events, deadline_ms))
			return err_set(err, ERR_RETRY,
				"cannot connect to PostgreSQL: no answer in time from host \"%s\"", PQhost(pg));
		state = PQconnectPoll(pg);
		if (state == PGRES_POLLING_FAILED)
			break;
	}
	return PQstatus(pg) == CONNECTION_OK ? OK : explain_refusal(pg, err);
}

static void ignore_notice(void *arg, const PGresult *notice)
{
	(void)arg;
	(void)notice; /* libpq would print it; db/ does not log */
}

/* `names` and `values` are libpq's, beside what PG* says; dbname may be a connection string. */
static enum status connect_one(const char *const *names, const char *const *values,
	int64_t deadline_ms, PGconn **ret_pg, struct err *err)
{
	PGconn *pg = PQconnectStartParams(names, values, 1);
	enum status rc;

	if (!pg)
		return err_set(err, ERR_LOCAL, "no memory for a connection to PostgreSQL");
	rc = finish_connecting(pg, deadline_ms, err);
	if (!rc && PQsetnonblocking(pg, 1))
		rc = explain_libpq(pg, "cannot use the connection to PostgreSQL", ERR_LOCAL, err);
	if (rc) {
		PQfinish(pg);
		return rc;
	}
	PQsetErrorVerbosity(pg, PQERRORS_TERSE);
	PQsetNoticeReceiver(pg, ignore_notice, NULL);
	*ret_pg = pg;
	return OK;
}

/* ---- several hosts ---- */

/* What a host is told by: lists in equal order, with commas; one port is that of all. */
enum { HOST_LISTS = 3, HOST_BYTES_MAX = 256, ADDRESSES_BYTES_MAX = 64 * 1024 };
static const char *const host_lists[HOST_LISTS] = { "host", "hostaddr", "port" };
/* An empty item of a list is libpq's own default, and so has to hide the list; of an empty value
 * libpq would take the list, unless it stands in a connection string. */
static const char no_lists[] = "host='' hostaddr='' port=''";

static const char *find_default(const PQconninfoOption *defaults, const char *name)
{
	for (; defaults && defaults->keyword; defaults++)
		if (!strcmp(defaults->keyword, name) && defaults->val)
			return defaults->val;
	return "";
}

static size_t count_items(const char *list)
{
	size_t n = *list != '\0';

	for (; *list; list++)
		n += *list == ',';
	return n;
}

static void copy_item(const char *list, size_t i, char ret_item[HOST_BYTES_MAX])
{
	for (; i && strchr(list, ','); i--)
		list = strchr(list, ',') + 1;
	snprintf(ret_item, HOST_BYTES_MAX, "%.*s", (int)strcspn(list, ","), list);
}

/* How many hosts there are. 1, too, where the lists do not fit each other, which libpq tells. */
static size_t count_hosts(const char *const lists[HOST_LISTS])
{
	size_t n = count_items(lists[0]), addresses = count_items(lists[1]),
		   ports = count_items(lists[2]);

	if (!n)
		n = addresses;
	return n && (!addresses || addresses == n) && (ports < 2 || ports == n) ? n : 1;
}

/* Each of the hosts has its share of the time, and what those before it left. libpq would stay with
 * one that accepts and is silent. */
static enum status connect_in_turn(
	const char *const lists[HOST_LISTS], int64_t deadline_ms, PGconn **ret_pg, struct err *err)
{
	/* tcp_user_timeout also bounds the wait for a dead host. */
	const char *names[HOST_LISTS + 5] = { "client_encoding", "fallback_application_name",
		"tcp_user_timeout" };
	char pause[16], items[HOST_LISTS][HOST_BYTES_MAX];
	const char *values[HOST_LISTS + 5] = { "UTF8", program_invocation_short_name, pause };
	size_t n = count_hosts(lists);
	enum status rc = ERR_RETRY;

	snprintf(pause, sizeof pause, "%d", LINK_PAUSE_MS);
	if (n > 1) {
		names[3] = "dbname";
		values[3] = no_lists;
	}
	for (size_t i = 0; i < n && rc == ERR_RETRY; i++) {
		int64_t now_ms = clock_monotonic_ms();

		for (size_t list = 0; list < HOST_LISTS && n > 1; list++) {
			copy_item(lists[list], i, items[list]);
			names[4 + list] = host_lists[list];
			values[4 + list] = items[list];
		}
		rc = connect_one(
			names, values, now_ms + (deadline_ms - now_ms) / (int64_t)(n - i), ret_pg, err);
	}
	return rc;
}

/* The first of libpq's complaints that is about a setting; NULL: there is none. */
static const char *find_setting(const char *message)
{
	while (message && !is_setting(message)) {
		message = strchr(message, '\n');
		message += message != NULL;
	}
	return message;
}

/* libpq has no other way to check all of its settings than to begin to connect. So each host's
 * address is none, which it reads last, and asks nobody about. */
enum status link_check(struct err *err)
{
	static const char *const names[] = { "hostaddr", NULL };
	auto_buf addresses = BUF_INIT(ADDRESSES_BYTES_MAX);
	const char *values[] = { NULL, NULL }, *wrong;
	PQconninfoOption *defaults = PQconndefaults();
	const char *list = find_default(defaults, "hostaddr");
	size_t n = count_items(*list ? list : find_default(defaults, "host"));
	enum status rc = OK;
	PGconn *pg;

	PQconninfoFree(defaults);
	buf_putc(&addresses, '-');
	for (size_t i = 1; i < n; i++)
		buf_puts(&addresses, ",-");
	values[0] = buf_text(&addresses);
	pg = PQconnectStartParams(names, values, 0);
	wrong = pg ? find_setting(PQerrorMessage(pg)) : "no memory";
	if (wrong)
		rc = err_set(err, ERR_LOCAL, "cannot connect to PostgreSQL: %.*s",
			(int)strcspn(wrong, "\n"), wrong);
	PQfinish(pg);
	return rc;
}

enum status link_connect(int64_t deadline_ms, PGconn **ret_pg, struct err *err)
{
	PQconninfoOption *defaults = PQconndefaults(); /* NULL: libpq will say why */
	const char *lists[HOST_LISTS];
	enum status rc;

	for (size_t list = 0; list < HOST_LISTS; list++)
		lists[list] = find_default(defaults, host_lists[list]);
	rc = connect_in_turn(lists, deadline_ms, ret_pg, err);
	PQconninfoFree(defaults);
	return rc;
}
