/* Inside db/: what a connection is made of, and waiting for its answers no longer than a deadline
 * allows. Deadlines are of clock_monotonic_ms(). */
#ifndef DB_LINK_H
#define DB_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "db/db.h"

enum {
	LINK_CONNECT_MS = 3000,
	/* A second more than statement_timeout: who does not answer by then never will. */
	LINK_ANSWER_MS = 6000,
	/* How long the network may take nothing of what we sent; of db_be_patient, see there. */
	LINK_PAUSE_MS = 2000,
	LINK_PATIENT_PAUSE_MS = 60 * 1000,
};

struct db {
	PGconn *pg;
	const struct db_queries *queries;
	bool is_lost;
	int64_t answer_ms; /* how long an answer of db_run may take */
	int64_t answer_until_ms; /* of what db_send sent last */
};

/* Connects and no more; the connection is in non-blocking mode.
 * ERR_RETRY: the server is away.  ERR_LOCAL: it refuses us, or the settings are wrong. */
MUST_CHECK enum status link_connect(int64_t deadline_ms, PGconn **ret_pg, struct err *err);

/* What of PG* libpq refuses before it connects, as db_check_settings() has it. */
MUST_CHECK enum status link_check(struct err *err);

/* Waits for the result of the statement that was sent first, and for its end. `statement` names it
 * in errors. ret_result may be NULL. */
MUST_CHECK enum status link_answer(struct db *db, const char *statement, int64_t deadline_ms,
	struct db_result *ret_result, struct err *err);

/* db_has_answer(). */
bool link_has_answer(struct db *db);

/* Waits for the end of a pipeline, PQpipelineSync(), where the server commits what it did not do
 * in a transaction of its own. */
MUST_CHECK enum status link_sync(struct db *db, int64_t deadline_ms, struct err *err);

/* Marks the connection as lost, with libpq's reason; returns ERR_RETRY. */
enum status link_lose(struct db *db, struct err *err);

#endif
