#include "db/pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "db/away.h"

enum {
	WAIT_MS = 2000,
	/* A connection that is lost later than this was no stale one: the server hangs, and the
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

/* What a caller has of the pool: a connection or an empty place, and perhaps the duty to find out
 * whether the server is back. */
struct loan {
	struct db *db;
	bool is_probe;
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

	if (!pool)
		return err_set(err, ERR_LOCAL, "no memory for %zu connections to PostgreSQL", size);
	pool->queries = queries;
	pool->size = pool->n_free = size;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->has_free, NULL);
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
	struct timespec until = clock_monotonic_in(WAIT_MS);
	int waited = 0;

	while (!pool->n_free && !waited)
		waited = pthread_cond_clockwait(&pool->has_free, &pool->lock, CLOCK_MONOTONIC, &until);
	if (!pool->n_free)
		return false;
	*ret_db = pool->free[--pool->n_free];
	return true;
}

static enum status borrow(struct db_pool *pool, struct loan *loan, struct err *err)
{
	enum status rc;

	pthread_mutex_lock(&pool->lock);
	rc = away_check(&pool->away, clock_monotonic_ms(), &loan->is_probe, err);
	if (!rc && !take(pool, &loan->db)) {
		if (loan->is_probe)
			away_drop(&pool->away);
		rc = err_set(err, ERR_RETRY, "all %zu connections to PostgreSQL are in use", pool->size);
	}
	pthread_mutex_unlock(&pool->lock);
	return rc;
}

static void give_back(struct db_pool *pool, const struct loan *loan)
{
	pthread_mutex_lock(&pool->lock);
	pool->free[pool->n_free++] = loan->db;
	pthread_cond_signal(&pool->has_free);
	pthread_mutex_unlock(&pool->lock);
}

static void drop_connection(struct loan *loan)
{
	db_free(loan->db);
	loan->db = NULL;
}

/* A new connection, unless another caller has found meanwhile that the server is away. */
static enum status connect_again(struct db_pool *pool, struct loan *loan, struct err *err)
{
	enum status rc = OK;

	pthread_mutex_lock(&pool->lock);
	if (!loan->is_probe)
		rc = away_check(&pool->away, clock_monotonic_ms(), &loan->is_probe, err);
	pthread_mutex_unlock(&pool->lock);
	if (rc)
		return rc;
	rc = db_open(pool->queries, &loan->db, err);
	pthread_mutex_lock(&pool->lock);
	if (rc)
		away_begin(&pool->away, clock_monotonic_ms(), rc, err);
	else
		away_end(&pool->away);
	pthread_mutex_unlock(&pool->lock);
	loan->is_probe = false;
	return rc;
}

/* *ret_is_lost: the connection broke; another may do better. */
static enum status run_once(struct db_pool *pool, struct loan *loan, const struct call *call,
	bool *ret_is_lost, struct err *err)
{
	enum status rc = loan->db ? OK : connect_again(pool, loan, err);

	*ret_is_lost = false;
	if (rc)
		return rc;
	rc = db_run(loan->db, call->query, call->values, call->n_values, call->ret_result, err);
	*ret_is_lost = db_is_lost(loan->db);
	if (*ret_is_lost)
		drop_connection(loan);
	return rc;
}

enum status db_pool_run(struct db_pool *pool, size_t query, const char *const *values,
	size_t n_values, struct db_result *ret_result, struct err *err)
{
	const struct call call = { query, values, n_values, ret_result };
	int64_t repeat_until_ms = clock_monotonic_ms() + REPEAT_MS;
	struct loan loan = { 0 };
	bool is_lost;
	enum status rc = borrow(pool, &loan, err);

	if (rc)
		return rc;
	/* The probe is of the server: a connection from before the outage may hang. */
	if (loan.is_probe)
		drop_connection(&loan);
	rc = run_once(pool, &loan, &call, &is_lost, err);
	if (is_lost && clock_monotonic_ms() < repeat_until_ms)
		rc = run_once(pool, &loan, &call, &is_lost, err);
	give_back(pool, &loan);
	return rc;
}
