#include "db/db.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "db/link.h"

static const char session_settings[] = "SET statement_timeout = '5s';"
									   "SET lock_timeout = '1s';"
									   "SET idle_in_transaction_session_timeout = '10s';"
									   "SET synchronous_commit = on;"
									   "SET default_transaction_isolation = 'read committed';"
									   "SET search_path = pg_catalog;"
									   "SET jit = off;" /* it takes longer than ours */
									   "SET TimeZone = 'UTC';"
									   "SET DateStyle = 'ISO';"
									   "SET bytea_output = 'hex';"
									   "SET array_nulls = on;"
									   "SET standard_conforming_strings = on";

static enum status ask(
	struct db *db, const char *name, const char *sql, struct db_result *ret_result, struct err *err)
{
	if (!PQsendQuery(db->pg, sql))
		return link_lose(db, err);
	return link_answer(db, name, clock_monotonic_ms() + LINK_ANSWER_MS, ret_result, err);
}

static enum status refuse_schema(const struct db *db, const char *what, struct err *err)
{
	bool is_sandbox = !strcmp(db->queries->schema, "sandbox");

	return err_set(err, ERR_LOCAL,
		"the database \"%s\" %s: run make migrate (or tollgate-migrate%s)", PQdb(db->pg), what,
		is_sandbox ? " --sandbox" : "");
}

static enum status ask_schema(struct db *db, const char *before, const char *after,
	struct db_result *ret_result, struct err *err)
{
	auto_buf sql = BUF_INIT(200);
	enum status rc;

	buf_printf(&sql, "%s%s%s", before, db->queries->schema, after);
	rc = ask(db, "(schema's version)", buf_text(&sql), ret_result, err);
	if (rc == ERR_LOCAL)
		return err_wrap(
			err, rc, "role \"%s\" in the database \"%s\"", PQuser(db->pg), PQdb(db->pg));
	return rc;
}

static enum status check_schema(struct db *db, long *ret_migration, struct err *err)
{
	auto_result place = { 0 }, newest = { 0 };
	auto_buf what = BUF_INIT(200);
	long migration = 0;
	enum status rc = ask_schema(db, "SELECT to_regclass('", ".migration')", &place, err);

	if (!rc && !db_result_text(&place, 0, 0)) {
		buf_printf(&what, "has no schema %s", db->queries->schema);
		return refuse_schema(db, buf_text(&what), err);
	}
	if (!rc)
		rc = ask_schema(db, "SELECT coalesce(max(number), 0) FROM ", ".migration", &newest, err);
	if (rc)
		return rc;
	if (!text_number(db_result_text(&newest, 0, 0), 0, 9999, &migration) ||
		migration < db->queries->migration) {
		buf_printf(&what, "is at migration %04ld and this program needs %04d", migration,
			db->queries->migration);
		return refuse_schema(db, buf_text(&what), err);
	}
	*ret_migration = migration;
	return OK;
}

/* All in one trip; the first that fails is named. */
static enum status prepare_all(struct db *db, struct err *err)
{
	int64_t deadline_ms = clock_monotonic_ms() + LINK_ANSWER_MS;
	enum status rc = OK;

	if (!PQenterPipelineMode(db->pg))
		return link_lose(db, err);
	for (size_t i = 0; i < db->queries->n; i++)
		if (!PQsendPrepare(db->pg, db->queries->list[i].name, db->queries->list[i].text, 0, NULL))
			return link_lose(db, err);
	if (!PQpipelineSync(db->pg))
		return link_lose(db, err);
	for (size_t i = 0; i < db->queries->n && !rc; i++)
		rc = link_answer(db, db->queries->list[i].name, deadline_ms, NULL, err);
	if (!rc)
		rc = link_sync(db, deadline_ms, err);
	if (!rc && !PQexitPipelineMode(db->pg))
		rc = link_lose(db, err);
	return rc;
}

enum status db_open(const struct db_queries *queries, struct db **ret_db, struct err *err)
{
	struct db *db = calloc(1, sizeof *db);
	long migration = 0;
	enum status rc;

	if (!db)
		return err_set(err, ERR_LOCAL, "no memory for a connection to PostgreSQL");
	db->queries = queries;
	db->answer_ms = LINK_ANSWER_MS;
	rc = link_connect(clock_monotonic_ms() + LINK_CONNECT_MS, &db->pg, err);
	if (!rc)
		rc = ask(db, "(session's settings)", session_settings, NULL, err);
	if (!rc && queries->schema)
		rc = check_schema(db, &migration, err);
	if (!rc)
		rc = prepare_all(db, err);
	/* A newer schema is fine, unless what a statement needs is gone. */
	if (rc == ERR_LOCAL && migration > queries->migration)
		rc = err_wrap(err, rc,
			"the database \"%s\" is at migration %04ld and this program knows %04d: install the "
			"newer program", PQdb(db->pg), migration, queries->migration);
	if (rc) {
		db_free(db);
		return rc;
	}
	*ret_db = db;
	return OK;
}

void db_free(struct db *db)
{
	if (!db)
		return;
	PQfinish(db->pg);
	free(db);
}

enum status db_check_settings(struct err *err)
{
	return link_check(err);
}

enum status db_send(struct db *db, size_t query, const char *const *values, size_t n_values,
	struct err *err)
{
	const char *name = db->queries->list[query].name;

	db->answer_until_ms = clock_monotonic_ms() + db->answer_ms;
	if (!PQsendQueryPrepared(db->pg, name, (int)n_values, values, NULL, NULL, 0) ||
		PQflush(db->pg) < 0)
		return link_lose(db, err);
	return OK;
}

enum status db_receive(
	struct db *db, size_t query, struct db_result *ret_result, struct err *err)
{
	return link_answer(
		db, db->queries->list[query].name, db->answer_until_ms, ret_result, err);
}

bool db_has_answer(struct db *db)
{
	return link_has_answer(db);
}

enum status db_run(struct db *db, size_t query, const char *const *values, size_t n_values,
	struct db_result *ret_result, struct err *err)
{
	enum status rc = db_send(db, query, values, n_values, err);

	return rc ? rc : db_receive(db, query, ret_result, err);
}

enum status db_be_patient(struct db *db, int64_t answer_ms, struct err *err)
{
	auto_buf sql = BUF_INIT(200);

	/* The server gives up first, and says why. If we are killed it finds out in a second: it would
	 * go on with the statement, and hold the session's locks meanwhile. */
	buf_printf(&sql,
		"SET statement_timeout = %lld; SET lock_timeout = %lld;"
		"SET client_connection_check_interval = 1000",
		(long long)answer_ms - 1000, (long long)answer_ms - 1000);
	db->answer_ms = answer_ms;
	/* A run that ends may leave answers of AWS unstored, so the network may pause as long as one of
	 * its calls may take. A unix socket has no such option. */
	setsockopt(PQsocket(db->pg), IPPROTO_TCP, TCP_USER_TIMEOUT,
		&(unsigned){ LINK_PATIENT_PAUSE_MS }, sizeof(unsigned));
	return ask(db, "(session's patience)", buf_text(&sql), NULL, err);
}

bool db_is_lost(const struct db *db)
{
	return db->is_lost;
}
