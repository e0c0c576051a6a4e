/* Inside db/: several statements in one transaction, sent in one go (libpq's pipeline mode). */
#ifndef DB_BATCH_H
#define DB_BATCH_H

#include <stdint.h>

#include "db/link.h"

enum { BATCH_ROWS_MAX = 256, BATCH_VALUES_MAX = 16 };

/* One statement of a batch. The values are borrowed, `result` is owned by whoever owns the row. */
struct batch_row {
	size_t query;
	const char *const *values;
	size_t n_values;
	struct db_result result;
};

/* Puts a connection, fresh from db_open, into pipeline mode, which batches need. */
MUST_CHECK enum status batch_begin_with(struct db *db, struct err *err);

/* Sends the rows' statements, as one transaction: the server commits what came before libpq's
 * synchronisation, or undoes it all. Rows of the same grouped statement are one execution of it.
 * ERR_RETRY: the connection is lost. */
MUST_CHECK enum status batch_send(
	struct db *db, struct batch_row *const *rows, size_t n, struct err *err);

/* Waits for what batch_send sent. OK: committed, and each row has its result. Otherwise nothing is
 * committed and no row has a result, but if db_is_lost(), the commit may have happened. Errors as
 * db_run, of the first row that failed. */
MUST_CHECK enum status batch_receive(
	struct db *db, struct batch_row *const *rows, size_t n, int64_t deadline_ms, struct err *err);

#endif
