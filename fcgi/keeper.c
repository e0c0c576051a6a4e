#include "fcgi/keeper.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "fcgi_queries.h"

enum {
	ROUND_MS = 1000,
	PRODUCTS_MS = 5000,       /* a seller who changes a row sees it soon */
	DROP_MS = 60 * 60 * 1000, /* visits are dropped by the day; an hour is near enough */
};

struct keeper {
	struct app *app;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t stop;
	bool stopping;
	bool started;
	bool database_away; /* so that a change is logged, and not each round */
	int64_t products_at_ms, drop_at_ms;
};

static bool is_stopping(struct keeper *keeper)
{
	bool stopping;

	pthread_mutex_lock(&keeper->lock);
	stopping = keeper->stopping;
	pthread_mutex_unlock(&keeper->lock);
	return stopping;
}

/* Of the journal: see journal_store_fn. */
static enum status store(void *arg, const struct visit *visit, struct err *err)
{
	struct keeper *keeper = arg;
	struct db_writer *writer = keeper->app->writer;
	enum status rc;

	if (is_stopping(keeper))
		return err_set(err, ERR_LOCAL, "the program is stopping");
	rc = visit_store(writer, visit, err);
	if (rc == ERR_MISSING) { /* nobody could tell while the database was away */
		log_event(LOG_WARN, "unknown_product", LOG_TEXT("request_id", visit->request_id),
			LOG_TEXT("product", visit->who.product_code));
		rc = visit_note(writer, visit, "unknown_product", err);
	}
	if (rc == ERR_RETRY || rc == ERR_LOCAL)
		return db_writer_is_away(writer) ? ERR_LOCAL : ERR_RETRY;
	return rc;
}

static void replay(struct keeper *keeper)
{
	struct journal_counts counts = { 0 };
	struct err err = { 0 };
	enum status rc;

	if (!journal_waits(keeper->app->journal))
		return;
	rc = journal_replay(keeper->app->journal, store, keeper, &counts, &err);
	if (counts.stored || counts.set_aside)
		log_event(counts.set_aside ? LOG_ERROR : LOG_INFO, "journal_replayed",
			LOG_NUM("stored", counts.stored), LOG_NUM("set_aside", counts.set_aside));
	if (rc)
		log_event(LOG_WARN, "journal_waits", LOG_TEXT("error", err.text));
}

static enum status refresh_products(struct keeper *keeper, struct err *err)
{
	enum status rc = products_refresh(keeper->app->products, err);

	if (rc == ERR_LOCAL && !keeper->started)
		return rc; /* it ends the start, and is told there */
	if (rc && !keeper->database_away)
		log_event(LOG_ERROR, "database_away", LOG_TEXT("error", err->text),
			LOG_TEXT("meanwhile", "registrations go to the journal"));
	if (!rc && keeper->database_away)
		log_event(LOG_INFO, "database_back", LOG_TEXT("what", "the journal is replayed now"));
	keeper->database_away = rc != OK;
	keeper->products_at_ms = clock_monotonic_ms() + PRODUCTS_MS;
	return rc;
}

/* Whether there were some: a call drops a part of them, so that nobody waits for it. */
static bool drop_old_visits(struct keeper *keeper)
{
	auto_result result = { 0 };
	struct err err = { 0 };
	const char *dropped;

	if (db_writer_run(keeper->app->writer, FCGI_DROP_OLD_VISITS, NULL, 0, &result, &err)) {
		log_event(LOG_WARN, "old_visits_not_dropped", LOG_TEXT("error", err.text));
		return false;
	}
	dropped = db_result_text(&result, 0, 0);
	if (!dropped || !strcmp(dropped, "0"))
		return false;
	log_event(LOG_INFO, "old_visits_dropped", LOG_TEXT("visits", dropped));
	return true;
}

static void do_round(struct keeper *keeper)
{
	int64_t now_ms = clock_monotonic_ms();
	struct err err; /* refresh_products has logged it */

	if ((now_ms >= keeper->products_at_ms || keeper->database_away) &&
		refresh_products(keeper, &err))
		return; /* the next round tries again */
	replay(keeper);
	if (now_ms >= keeper->drop_at_ms && !drop_old_visits(keeper))
		keeper->drop_at_ms = now_ms + DROP_MS;
}

static bool wait_round(struct keeper *keeper)
{
	struct timespec until = clock_monotonic_in(ROUND_MS);

	pthread_mutex_lock(&keeper->lock);
	if (!keeper->stopping)
		pthread_cond_clockwait(&keeper->stop, &keeper->lock, CLOCK_MONOTONIC, &until);
	pthread_mutex_unlock(&keeper->lock);
	return !is_stopping(keeper);
}

static void *keep(void *arg)
{
	do
		do_round(arg);
	while (wait_round(arg));
	return NULL;
}

enum status keeper_start(struct app *app, struct keeper **ret_keeper, struct err *err)
{
	struct keeper *keeper = calloc(1, sizeof *keeper);

	if (!keeper)
		return err_set(err, ERR_LOCAL, "no memory for the background thread");
	keeper->app = app;
	pthread_mutex_init(&keeper->lock, NULL);
	pthread_cond_init(&keeper->stop, NULL);
	/* A database that is away comes back; one that lacks our schema or refuses us needs the
	 * operator. The journal is not waited for. */
	if (refresh_products(keeper, err) == ERR_LOCAL) {
		free(keeper);
		return ERR_LOCAL;
	}
	keeper->started = true;
	if (pthread_create(&keeper->thread, NULL, keep, keeper)) {
		free(keeper);
		return err_set(err, ERR_LOCAL, "cannot start the background thread");
	}
	*ret_keeper = keeper;
	return OK;
}

void keeper_stop(struct keeper *keeper)
{
	if (!keeper)
		return;
	pthread_mutex_lock(&keeper->lock);
	keeper->stopping = true;
	pthread_cond_signal(&keeper->stop);
	pthread_mutex_unlock(&keeper->lock);
	pthread_join(keeper->thread, NULL);
	free(keeper);
}
