/* The group writer: one thread, one connection in pipeline mode. Statements that wait together
 * share a commit, and where the statement is grouped its execution too; every caller is answered
 * after its commit. Under load a batch waits up to six milliseconds for company. Thread-safe.
 *
 * Every statement given to it must be safe to repeat: a shared commit that fails (a bad row, a
 * deadlock, a lock time-out) is done again row by row, so that one bad row fails alone, and a lost
 * connection is replaced and its rows are sent once more. */
#ifndef DB_WRITER_H
#define DB_WRITER_H

#include "db/db.h"

struct db_writer;

/* Starts the thread; connects at the first statement. */
MUST_CHECK enum status db_writer_new(
	const struct db_queries *queries, struct db_writer **ret_writer, struct err *err);

/* Finishes what waits, then stops the thread. Nobody may come any more; who was answered needs the
 * writer no longer. */
void db_writer_free(struct db_writer *writer);

/* Blocks until the statement is committed (synchronous_commit on) or has failed, for about 12
 * seconds at most. Borrows the values meanwhile. ERR_RETRY: the database is away or busy; nothing
 * is known to be stored, and repeating is safe. While it is known to be away the answer is
 * immediate (a new connection is tried at most once a second). Otherwise as db_run. */
MUST_CHECK enum status db_writer_run(struct db_writer *writer, size_t query,
	const char *const *values, size_t n_values, struct db_result *ret_result, struct err *err);

/* Whether the server is known to be away: the last attempt to connect failed. */
bool db_writer_is_away(struct db_writer *writer);

#endif
