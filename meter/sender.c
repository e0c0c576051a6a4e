#include "meter/sender.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "meter/point.h"

enum {
	CALL_MS = 60 * 1000,     /* all tries of one call; the ledger repeats it in the next run */
	STACK_BYTES = 512 * 1024,
};

struct sender {
	pthread_mutex_t lock;
	pthread_cond_t work, back;
	struct call *ready, **ready_end, *done, *withdrawn;
	int n_threads, ahead, under_way;
	bool stop;
	pthread_t threads[];
};

static struct call *take(struct call **list)
{
	struct call *first = *list;

	if (first)
		*list = first->next;
	return first;
}

static void put(struct call **list, struct call *call)
{
	call->next = *list;
	*list = call;
}

static void *serve(void *self)
{
	struct sender *sender = self;

	pthread_mutex_lock(&sender->lock);
	for (;;) {
		struct call *call;

		while (!(call = take(&sender->ready)) && !sender->stop)
			pthread_cond_wait(&sender->work, &sender->lock);
		if (!call)
			break;
		if (!sender->ready)
			sender->ready_end = &sender->ready;
		pthread_mutex_unlock(&sender->lock);
		point_reach("calling");
		call_make(call, clock_monotonic_ms() + CALL_MS);
		point_reach("called");
		pthread_mutex_lock(&sender->lock);
		put(call->answer.withdrawn ? &sender->withdrawn : &sender->done, call);
		/* Who waits for an answer takes all that are there. */
		if (sender->done == call && !call->next)
			pthread_cond_signal(&sender->back);
	}
	pthread_mutex_unlock(&sender->lock);
	return NULL;
}

static bool start_threads(struct sender *sender, int threads)
{
	pthread_attr_t attr;
	bool started = true;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	while (started && sender->n_threads < threads) {
		started = !pthread_create(&sender->threads[sender->n_threads], &attr, serve, sender);
		sender->n_threads += started;
	}
	pthread_attr_destroy(&attr);
	return sender->n_threads > 0;
}

enum status sender_new(int threads, int ahead, struct sender **ret_sender, struct err *err)
{
	struct sender *sender =
		calloc(1, sizeof *sender + (size_t)threads * sizeof sender->threads[0]);

	if (!sender)
		return err_set(err, ERR_LOCAL, "no memory for %d threads", threads);
	sender->ready_end = &sender->ready;
	sender->ahead = ahead;
	pthread_mutex_init(&sender->lock, NULL);
	pthread_cond_init(&sender->work, NULL);
	pthread_cond_init(&sender->back, NULL);
	if (!start_threads(sender, threads)) {
		sender_free(sender);
		return err_set(err, ERR_LOCAL, "no thread could be started");
	}
	*ret_sender = sender;
	return OK;
}

void sender_free(struct sender *sender)
{
	if (!sender)
		return;
	pthread_mutex_lock(&sender->lock);
	sender->stop = true;
	pthread_cond_broadcast(&sender->work);
	pthread_mutex_unlock(&sender->lock);
	for (int i = 0; i < sender->n_threads; i++)
		pthread_join(sender->threads[i], NULL);
	call_free_list(sender->done);
	call_free_list(sender->withdrawn);
	pthread_cond_destroy(&sender->back);
	pthread_cond_destroy(&sender->work);
	pthread_mutex_destroy(&sender->lock);
	free(sender);
}

int sender_room(const struct sender *sender)
{
	return sender->n_threads + sender->ahead - sender->under_way;
}

bool sender_is_idle(const struct sender *sender)
{
	return !sender->under_way;
}

void sender_start(struct sender *sender, struct call *calls)
{
	int n = 0;

	pthread_mutex_lock(&sender->lock);
	*sender->ready_end = calls;
	for (; *sender->ready_end; n++)
		sender->ready_end = &(*sender->ready_end)->next;
	pthread_mutex_unlock(&sender->lock);
	sender->under_way += n;
	/* Not under the lock, or each that wakes would wait for it. */
	while (n-- > 0)
		pthread_cond_signal(&sender->work);
}

struct call *sender_withdraw(struct sender *sender)
{
	struct call *list;

	pthread_mutex_lock(&sender->lock);
	*sender->ready_end = sender->withdrawn;
	list = sender->ready;
	sender->ready = sender->withdrawn = NULL;
	sender->ready_end = &sender->ready;
	pthread_mutex_unlock(&sender->lock);
	for (const struct call *call = list; call; call = call->next)
		sender->under_way--;
	return list;
}

struct call *sender_wait(struct sender *sender, int timeout_ms)
{
	struct timespec until = clock_monotonic_in(timeout_ms);
	struct call *list;
	int waited = 0;

	pthread_mutex_lock(&sender->lock);
	while (!sender->done && !waited)
		waited = pthread_cond_clockwait(&sender->back, &sender->lock, CLOCK_MONOTONIC, &until);
	list = sender->done;
	sender->done = NULL;
	pthread_mutex_unlock(&sender->lock);
	for (const struct call *call = list; call; call = call->next)
		sender->under_way--;
	return list;
}
