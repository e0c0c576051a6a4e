#include "aws/signer_creds.h"

#include <signal.h>

#include "base/clock.h"

enum {
	STACK_BYTES = 256 * 1024, /* as a worker's: TLS, and 8 KiB for a session token */
	ROUND_MS = 60 * 1000,     /* a clock that was set is noticed by then */
};

static void wait_until(struct signer *signer, pthread_cond_t *cond, int64_t ms)
{
	struct timespec until = clock_monotonic_in(ms);

	pthread_cond_clockwait(cond, &signer->lock, CLOCK_MONOTONIC, &until);
}

static void *renew(void *arg)
{
	struct signer *signer = arg;

	pthread_mutex_lock(&signer->lock);
	while (!signer->stopping) {
		struct signer_now now = signer->now(signer->self);

		if (!signer->by_thread) {
			pthread_cond_wait(&signer->wake, &signer->lock);
		} else if (signer_creds_are_due(signer, now)) {
			signer_creds_renew(signer, now);
		} else {
			int64_t wait_ms = renewal_wait_ms(&signer->renewal, signer_epoch_ms(signer, now),
				now.monotonic_ms);

			wait_until(signer, &signer->wake, wait_ms < ROUND_MS ? wait_ms : ROUND_MS);
		}
	}
	pthread_mutex_unlock(&signer->lock);
	return NULL;
}

enum status signer_thread_start(struct signer *signer, struct err *err)
{
	sigset_t all, before;
	pthread_attr_t attr;
	int problem;

	if (signer->started || !signer->now)
		return OK;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	/* Signals are for the program's threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	problem = pthread_create(&signer->thread, &attr, renew, signer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	if (problem)
		return err_set(err, ERR_LOCAL, "cannot start the thread that renews the credentials");
	signer->started = true;
	return OK;
}

void signer_thread_stop(struct signer *signer)
{
	if (!signer->started)
		return;
	pthread_mutex_lock(&signer->lock);
	signer->stopping = true;
	pthread_cond_signal(&signer->wake);
	pthread_mutex_unlock(&signer->lock);
	pthread_join(signer->thread, NULL);
	signer->started = false;
}

void signer_wait(struct signer *signer, int64_t ms)
{
	int64_t begun_ms = signer->now(signer->self).monotonic_ms, left_ms = ms;

	pthread_mutex_lock(&signer->lock);
	while (!signer->generation && !*signer->trouble.text && left_ms > 0) {
		wait_until(signer, &signer->was_read, left_ms);
		left_ms = begun_ms + ms - signer->now(signer->self).monotonic_ms;
	}
	pthread_mutex_unlock(&signer->lock);
}
