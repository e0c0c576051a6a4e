#include "db/writer.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/away.h"
#include "db/batch.h"

enum {
	/* For a batch with all its repetitions. Who waited as long before its turn came is told to come
	 * again, so that nobody waits longer than twice this. */
	BATCH_MS = 6000,
	/* What a repetition may need: a second of waiting for a lock, and some. */
	REPEAT_MS = 1500,
	/* Of a row by itself, against deadlocks with another process. */
	TRIES = 2,
	/* A batch costs as much as ten rows or more. So, where many have shared one of late, the next
	 * waits until half as many are there, if that is as many as this, and no longer than this. */
	COMPANY = 16,
	LINGER_MS = 6,
	LATELY = 32, /* batches */
};

/* On its caller's stack. */
struct waiting {
	struct batch_row row;
	enum status status;
	struct err *err;
	int64_t since_ms;
	sem_t done; /* not the lock: all who are answered together would wait for it again */
	struct waiting *next;
};

struct db_writer {
	const struct db_queries *queries;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t has_work;
	/* Under the lock. */
	size_t n_queued;
	struct waiting *first, **end;
	struct away away;
	bool is_stopping;
	/* Of the thread alone. */
	struct db *db;
	struct waiting *batch[BATCH_ROWS_MAX];
	size_t n_batch;
	double largest; /* batch of late: what it was falls by a part of LATELY with each */
};

/* The row is gone afterwards. */
static void answer(struct waiting *row, enum status status, const struct err *err)
{
	row->status = status;
	if (status)
		*row->err = *err;
	sem_post(&row->done);
}

/* Under the lock. */
static struct waiting *pop(struct db_writer *writer)
{
	struct waiting *row = writer->first;

	if (row) {
		writer->first = row->next;
		writer->n_queued--;
	}
	if (!writer->first)
		writer->end = &writer->first;
	return row;
}

/* How many rows the next batch waits for. */
static size_t company(struct db_writer *writer)
{
	size_t half;

	writer->largest -= writer->largest / LATELY;
	if (writer->largest < (double)writer->n_batch)
		writer->largest = (double)writer->n_batch;
	half = (size_t)(writer->largest / 2);
	return half >= COMPANY ? half : 1;
}

/* Under the lock: until there are so many rows, or LINGER_MS have passed, or the end has come. */
static void wait_for_company(struct db_writer *writer, size_t n)
{
	struct timespec until = clock_monotonic_in(LINGER_MS);
	int waited = 0;

	while (writer->n_queued < n && !writer->is_stopping && !waited)
		waited = pthread_cond_clockwait(&writer->has_work, &writer->lock, CLOCK_MONOTONIC, &until);
}

/* Waits until there is something to do; false at the end. */
static bool take_batch(struct db_writer *writer)
{
	static const struct err busy = { "the database is busy: the statements before took too long" };
	size_t n = company(writer);
	struct waiting *row;
	bool is_end;

	writer->n_batch = 0;
	pthread_mutex_lock(&writer->lock);
	if (n > 1)
		wait_for_company(writer, n);
	while (!writer->first && !writer->is_stopping)
		pthread_cond_wait(&writer->has_work, &writer->lock);
	is_end = !writer->first;
	while (writer->n_batch < BATCH_ROWS_MAX && (row = pop(writer))) {
		if (clock_monotonic_ms() - row->since_ms <= BATCH_MS) {
			writer->batch[writer->n_batch++] = row;
			continue;
		}
		answer(row, ERR_RETRY, &busy);
		away_drop(&writer->away); /* it may have been the one that was to find the server back */
	}
	pthread_mutex_unlock(&writer->lock);
	return !is_end;
}

/* Tells all who wait that the server is away. */
static void give_up(struct db_writer *writer, enum status status, const struct err *err)
{
	struct waiting *row;

	pthread_mutex_lock(&writer->lock);
	away_begin(&writer->away, clock_monotonic_ms(), status, err);
	while ((row = pop(writer)))
		answer(row, status, err);
	pthread_mutex_unlock(&writer->lock);
}

static bool was_just_tried(struct db_writer *writer, enum status *ret_status, struct err *err)
{
	bool was_tried;

	pthread_mutex_lock(&writer->lock);
	was_tried = writer->away.status && clock_monotonic_ms() < writer->away.retry_at_ms;
	if (was_tried) {
		*ret_status = writer->away.status;
		*err = writer->away.err;
	}
	pthread_mutex_unlock(&writer->lock);
	return was_tried;
}

static enum status connect_again(struct db_writer *writer, struct err *err)
{
	enum status rc;

	if (was_just_tried(writer, &rc, err))
		return rc;
	rc = db_open(writer->queries, &writer->db, err);
	if (!rc)
		rc = batch_begin_with(writer->db, err);
	if (rc) {
		db_free(writer->db);
		writer->db = NULL;
		give_up(writer, rc, err);
		return rc;
	}
	pthread_mutex_lock(&writer->lock);
	away_end(&writer->away);
	pthread_mutex_unlock(&writer->lock);
	return OK;
}

/* Once, or twice if the connection is lost meanwhile. Without a connection afterwards: the server
 * is away. */
static enum status commit(struct db_writer *writer, struct waiting *const *waiting, size_t n,
	int64_t deadline_ms, struct err *err)
{
	struct batch_row *rows[BATCH_ROWS_MAX];
	enum status rc = OK;

	for (size_t i = 0; i < n; i++)
		rows[i] = &waiting[i]->row;
	for (int i = 0; i < 2; i++) {
		if (!writer->db) {
			rc = connect_again(writer, err);
			if (rc)
				return rc;
		}
		rc = batch_send(writer->db, rows, n, err);
		if (!rc)
			rc = batch_receive(writer->db, rows, n, deadline_ms, err);
		if (!db_is_lost(writer->db))
			return rc;
		db_free(writer->db);
		writer->db = NULL;
		/* Whatever ended it, nothing is known about these rows. */
		if (rc != ERR_RETRY)
			rc = err_wrap(err, ERR_RETRY, "connection given up");
		if (deadline_ms - clock_monotonic_ms() < REPEAT_MS)
			return rc;
	}
	return rc;
}

/* A row by itself, so that a bad one fails alone. */
static void commit_one(struct db_writer *writer, struct waiting *row, int64_t deadline_ms)
{
	struct err err = { "the database is busy: no time was left for this statement" };
	enum status rc = ERR_RETRY;

	for (int i = 0; i < TRIES && rc == ERR_RETRY; i++) {
		if (deadline_ms - clock_monotonic_ms() < REPEAT_MS)
			break;
		rc = commit(writer, &row, 1, deadline_ms, &err);
		if (!writer->db)
			break;
	}
	answer(row, rc, &err);
}

static void write_batch(struct db_writer *writer)
{
	int64_t deadline_ms = clock_monotonic_ms() + BATCH_MS;
	struct err err = { 0 };
	enum status rc = commit(writer, writer->batch, writer->n_batch, deadline_ms, &err);
	bool is_final = !rc || !writer->db || (writer->n_batch == 1 && rc != ERR_RETRY);

	for (size_t i = 0; i < writer->n_batch; i++) {
		if (is_final)
			answer(writer->batch[i], rc, &err);
		else
			commit_one(writer, writer->batch[i], deadline_ms);
	}
}

static void *work(void *arg)
{
	struct db_writer *writer = arg;

	while (take_batch(writer))
		if (writer->n_batch)
			write_batch(writer);
	return NULL;
}

static void destroy(struct db_writer *writer)
{
	db_free(writer->db);
	pthread_cond_destroy(&writer->has_work);
	pthread_mutex_destroy(&writer->lock);
	free(writer);
}

enum status db_writer_new(
	const struct db_queries *queries, struct db_writer **ret_writer, struct err *err)
{
	struct db_writer *writer = calloc(1, sizeof *writer);
	int problem;

	if (!writer)
		return err_set(err, ERR_LOCAL, "no memory for the writer to PostgreSQL");
	writer->queries = queries;
	writer->end = &writer->first;
	pthread_mutex_init(&writer->lock, NULL);
	pthread_cond_init(&writer->has_work, NULL);
	problem = pthread_create(&writer->thread, NULL, work, writer);
	if (problem) {
		destroy(writer);
		return err_set(
			err, ERR_LOCAL, "no thread for the writer to PostgreSQL: %s", strerrorname_np(problem));
	}
	*ret_writer = writer;
	return OK;
}

void db_writer_free(struct db_writer *writer)
{
	if (!writer)
		return;
	pthread_mutex_lock(&writer->lock);
	writer->is_stopping = true;
	pthread_cond_signal(&writer->has_work);
	pthread_mutex_unlock(&writer->lock);
	pthread_join(writer->thread, NULL);
	destroy(writer);
}

/* Under the lock: joins the queue, or says at once why not. */
static enum status join(struct db_writer *writer, struct waiting *row, struct err *err)
{
	bool is_probe; /* of no interest: the thread's attempt to connect answers for it */
	enum status rc;

	if (writer->is_stopping)
		return err_set(err, ERR_LOCAL, "the writer to PostgreSQL is stopping");
	rc = away_check(&writer->away, row->since_ms, &is_probe, err);
	if (rc)
		return rc;
	*writer->end = row;
	writer->end = &row->next;
	writer->n_queued++;
	pthread_cond_signal(&writer->has_work);
	return OK;
}

enum status db_writer_run(struct db_writer *writer, size_t query, const char *const *values,
	size_t n_values, struct db_result *ret_result, struct err *err)
{
	struct waiting self = { .row = { .query = query, .values = values, .n_values = n_values },
		.err = err,
		.since_ms = clock_monotonic_ms() };
	enum status rc;

	sem_init(&self.done, 0, 0);
	pthread_mutex_lock(&writer->lock);
	rc = join(writer, &self, err);
	pthread_mutex_unlock(&writer->lock);
	if (!rc) {
		while (sem_wait(&self.done))
			; /* a signal */
		rc = self.status;
	}
	sem_destroy(&self.done);
	if (!rc && ret_result) {
		db_result_done(ret_result);
		*ret_result = self.row.result;
	} else {
		db_result_done(&self.row.result);
	}
	return rc;
}

bool db_writer_is_away(struct db_writer *writer)
{
	bool is_away;

	pthread_mutex_lock(&writer->lock);
	is_away = writer->away.status != OK;
	pthread_mutex_unlock(&writer->lock);
	return is_away;
}
