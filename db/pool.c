#include "db/pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "db/away.h"

enum {
	WAIT_MS = 2000,
	/* A connection that was lost later than this took the server's time, not the network's; the
	 * caller has waited long enough. */
	REPEAT_MS = 3000,
};

struct db_pool {
	const struct db_queries *queries;
	size_t size;
	pthread_mutex_t lock;
	pthread_cond_t has_free;
	/* Below: under the lock. */
	struct away away;
	size_t n_free;
	struct db *free[]; /* NULL where not connected */
};

struct call {
	size_t query;
	const char *const *values;
	size_t n_values;
	struct db_result *ret_result;
};

enum status db_pool_new(
	const struct db_queries *queries, size_t size, struct db_pool **ret_pool, struct err *err)
{
	struct db_pool *pool = calloc(1, sizeof *pool + size * sizeof(struct db *));
	pthread_condattr_t attr;

	if (!pool)
		return err_set(err, ERR_LOCAL, "no memory for %zu connections to PostgreSQL", size);
	pool->queries = queries;
	pool->size = pool->n_free = size;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&pool->has_free, &attr);
	pthread_condattr_destroy(&attr);
	*ret_pool = pool;
	return OK;
}

void db_pool_free(struct db_pool *pool)
{
	if (!pool)
		return;
	for (size_t i = 0; i < pool->size; i++)
		db_free(pool->free[i]);
	pthread_cond_destroy(&pool->has_free);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

/* Under the lock. Last in, first out: the warm ones are used, the others may stay unconnected. */
static bool take(struct db_pool *pool, struct db **ret_db)
{
	int64_t until_ms = clock_monotonic_ms() + WAIT_MS;
	struct timespec until = { until_ms / 1000, until_ms % 1000 * 1000000 };

	while (!pool->n_free)
		if (pthread_cond_timedwait(&pool->has_free, &pool->lock, &until) == ETIMEDOUT &&
			!pool->n_free)
			return false;
	*ret_db = pool->free[--pool->n_free];
	return true;
}

static enum status borrow(
	struct db_pool *pool, struct db **ret_db, bool *ret_is_probe, struct err *err)
{
	enum status rc;

	pthread_mutex_lock(&pool->lock);
	rc = away_check(&pool->away, clock_monotonic_ms(), ret_is_probe, err);
	if (!rc && !take(pool, ret_db)) {
		if (*ret_is_probe)
			away_drop(&pool->away);
		rc = err_set(err, ERR_RETRY, "all %zu connections to PostgreSQL are in use", pool->size);
	}
	pthread_mutex_unlock(&pool->lock);
	return rc;
}

static void give_back(struct db_pool *pool, struct db *db, bool is_probe)
{
	pthread_mutex_lock(&pool->lock);
	pool->free[pool->n_free++] = db;
	if (is_probe)
		away_drop(&pool->away);
	pthread_cond_signal(&pool->has_free);
	pthread_mutex_unlock(&pool->lock);
}

/* A new connection, unless another caller has found meanwhile that the server is away. */
static enum status connect_again(
	struct db_pool *pool, struct db **ret_db, bool *is_probe, struct err *err)
{
	enum status rc = OK;

	pthread_mutex_lock(&pool->lock);
	if (!*is_probe)
		rc = away_check(&pool->away, clock_monotonic_ms(), is_probe, err);
	pthread_mutex_unlock(&pool->lock);
	if (rc)
		return rc;
	rc = db_open(pool->queries, ret_db, err);
	pthread_mutex_lock(&pool->lock);
	if (rc)
		away_begin(&pool->away, clock_monotonic_ms(), rc, err);
	else
		away_end(&pool->away);
	*is_probe = false;
	pthread_mutex_unlock(&pool->lock);
	return rc;
}

/* On *db, which is replaced if it is lost: NULL then, or a new one. */
static enum status run_twice(
	struct db_pool *pool, struct db **db, bool *is_probe, const struct call *call, struct err *err)
{
	int64_t repeat_until_ms = clock_monotonic_ms() + REPEAT_MS;
	enum status rc = OK;

	for (int i = 0; i < 2; i++) {
		if (!*db)
			rc = connect_again(pool, db, is_probe, err);
		if (rc)
			return rc;
		rc = db_run(*db, call->query, call->values, call->n_values, call->ret_result, err);
		if (!db_is_lost(*db))
			return rc;
		db_free(*db);
		*db = NULL;
		if (clock_monotonic_ms() > repeat_until_ms)
			return rc;
		if (i == 0)
			rc = OK;
	}
	return rc;
}

enum status db_pool_run(struct db_pool *pool, size_t query, const char *const *values,
	size_t n_values, struct db_result *ret_result, struct err *err)
{
	const struct call call = { query, values, n_values, ret_result };
	struct db *db = NULL;
	bool is_probe = false;
	enum status rc = borrow(pool, &db, &is_probe, err);

	if (rc)
		return rc;
	if (is_probe) {
		/* A connection from before the outage may hang: the probe is of the server. */
		db_free(db);
		db = NULL;
	}
	rc = run_twice(pool, &db, &is_probe, &call, err);
	give_back(pool, db, is_probe);
	return rc;
}
