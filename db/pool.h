/* A few connections for reads, lent last in, first out. Thread-safe. */
#ifndef DB_POOL_H
#define DB_POOL_H

#include "db/db.h"

struct db_pool;

/* Connects nothing yet: that happens at the first use, so that a program starts while the database
 * is away. */
MUST_CHECK enum status db_pool_new(
	const struct db_queries *queries, size_t size, struct db_pool **ret_pool, struct err *err);
void db_pool_free(struct db_pool *pool);

/* Runs a statement that is safe to repeat: on a lost connection once more on a new one.
 * ERR_RETRY at once while the server is known to be away (a new connection is tried at most once a
 * second), or when no connection became free within two seconds. Otherwise as db_run. */
MUST_CHECK enum status db_pool_run(struct db_pool *pool, size_t query, const char *const *values,
	size_t n_values, struct db_result *ret_result, struct err *err);

#endif
