/* One connection to PostgreSQL with its prepared statements. Where to connect is libpq's own PG*
 * variables. A connection belongs to one thread at a time. */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* A file of sql/queries; the lists are made by the Makefile, an enum beside each. */
struct db_query {
	const char *name;
	const char *text;
	bool grouped; /* for the group writer: takes an array for each value, and answers a row for each
					 element, in their order */
};
struct db_queries {
	const struct db_query *list;
	size_t n;
	const char *schema; /* where its table `migration` is; NULL: none is needed */
	int migration;      /* the newest that the program was built with */
};

struct db;
struct db_result;
#define auto_result __attribute__((cleanup(db_result_done))) struct db_result

/* The rows of an answer. A zeroed struct is an empty one. */
struct db_result {
	void *rows; /* libpq's, owned */
};
void db_result_done(struct db_result *result);
size_t db_result_rows(const struct db_result *result);
/* NULL for SQL's NULL. Owned by the result. */
const char *db_result_text(const struct db_result *result, size_t row, size_t column);

/* Connects, sets time-outs, checks that the schema is new enough for this program, prepares every
 * statement. ERR_RETRY: the server is away.  ERR_LOCAL: it answers, but refuses us or has an older
 * or no schema; the text says what to do. */
MUST_CHECK enum status db_open(
	const struct db_queries *queries, struct db **ret_db, struct err *err);
void db_free(struct db *db);

/* Whether libpq takes its settings, PG* and the service's, as far as it can tell without connecting
 * to anybody: not whether the host, role and database are there, nor what TLS needs.
 * ERR_LOCAL: it does not; the text says why. */
MUST_CHECK enum status db_check_settings(struct err *err);

/* Runs one prepared statement; all parameters are text, NULL is SQL's NULL. Not repeated here.
 * ERR_RETRY: connection lost, time-out, deadlock: db_is_lost() tells which.  ERR_INPUT: a rule of
 * the data (class 22, a check).  ERR_CONFLICT: unique, TG409.  ERR_MISSING: TG404.  ERR_LOCAL:
 * rights, schema. The error's text has SQLSTATE and constraint, never a row's values. ret_result
 * may be NULL. */
MUST_CHECK enum status db_run(struct db *db, size_t query, const char *const *values,
	size_t n_values, struct db_result *ret_result, struct err *err);

/* The halves of db_run, for who has something else to do while the server works: no other statement
 * in between. db_has_answer: whether db_receive would not wait (for what failed it does not
 * either); it also takes in what has come, so that the server need not keep it. */
MUST_CHECK enum status db_send(struct db *db, size_t query, const char *const *values,
	size_t n_values, struct err *err);
MUST_CHECK enum status db_receive(
	struct db *db, size_t query, struct db_result *ret_result, struct err *err);
bool db_has_answer(struct db *db);

/* For batch programs: lets each statement of this connection take so long, instead of five seconds.
 * It ends with the program, if that is killed. And the network may pause for a minute, instead of
 * two seconds. */
MUST_CHECK enum status db_be_patient(struct db *db, int64_t answer_ms, struct err *err);

bool db_is_lost(const struct db *db);

#endif
