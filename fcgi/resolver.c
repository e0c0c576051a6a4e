#include "fcgi/resolver.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum {
	RESOLVE_MS = 8000,   /* all tries; a buyer looks at a blank page meanwhile */
	REFUSED_MS = 60000,  /* how long AWS's word on a bad token holds */
	REFUSED_KEPT = 4096, /* newest ones; nginx limits the rate an address */
	BUCKETS = 256,       /* by a byte of the hash: one call in each, where there are many */
};

/* A call under way, and its result once it is there. */
struct flight {
	struct flight *next;
	unsigned char hash[HASH_BYTES];
	int waiting; /* threads that will read the result, the caller among them */
	bool landed;
	pthread_cond_t arrival;
	enum status rc;
	struct metering_customer who;
	struct aws_answer answer;
	struct err err;
};

struct refused {
	unsigned char hash[HASH_BYTES];
	int64_t until_ms;
	struct aws_answer answer;
};

struct resolver {
	pthread_mutex_t lock;
	struct flight *flights[BUCKETS];
	long waiting, waiting_max;
	struct refused refused[REFUSED_KEPT]; /* a ring */
	size_t n_refused;                     /* ever */
};

enum status resolver_new(long waiting_max, struct resolver **ret_resolver, struct err *err)
{
	struct resolver *resolver = calloc(1, sizeof *resolver);

	if (!resolver)
		return err_set(err, ERR_LOCAL, "no memory for the resolver");
	resolver->waiting_max = waiting_max;
	pthread_mutex_init(&resolver->lock, NULL);
	*ret_resolver = resolver;
	return OK;
}

void resolver_free(struct resolver *resolver)
{
	free(resolver);
}

static const struct refused *find_refused(
	const struct resolver *resolver, const unsigned char *hash, int64_t now_ms)
{
	size_t kept = resolver->n_refused < REFUSED_KEPT ? resolver->n_refused : REFUSED_KEPT;

	/* Newest first; the ring is in order of time, so the first stale one ends the search. */
	for (size_t i = 1; i <= kept; i++) {
		const struct refused *at = &resolver->refused[(resolver->n_refused - i) % REFUSED_KEPT];

		if (at->until_ms <= now_ms)
			return NULL;
		if (!memcmp(at->hash, hash, HASH_BYTES))
			return at;
	}
	return NULL;
}

static void note_refused(struct resolver *resolver, const struct flight *flight)
{
	struct refused *slot = &resolver->refused[resolver->n_refused++ % REFUSED_KEPT];

	memcpy(slot->hash, flight->hash, HASH_BYTES);
	slot->until_ms = clock_monotonic_ms() + REFUSED_MS;
	slot->answer = flight->answer;
}

static struct flight *find_flight(const struct resolver *resolver, const unsigned char *hash)
{
	for (struct flight *at = resolver->flights[*hash]; at; at = at->next)
		if (!memcmp(at->hash, hash, HASH_BYTES))
			return at;
	return NULL;
}

static struct flight *add_flight(struct resolver *resolver, const unsigned char *hash)
{
	struct flight *flight = malloc(sizeof *flight);

	if (!flight)
		return NULL;
	/* The result, some KiB, is the call's to fill in. */
	memcpy(flight->hash, hash, HASH_BYTES);
	pthread_cond_init(&flight->arrival, NULL);
	flight->waiting = 0;
	flight->landed = false;
	flight->err.text[0] = '\0';
	flight->next = resolver->flights[*hash];
	resolver->flights[*hash] = flight;
	return flight;
}

static void remove_flight(struct resolver *resolver, const struct flight *flight)
{
	for (struct flight **at = &resolver->flights[*flight->hash]; *at; at = &(*at)->next) {
		if (*at == flight) {
			*at = flight->next;
			return;
		}
	}
}

/* The call itself, without the lock: it takes as long as AWS takes. */
static void fly(struct resolver *resolver, struct flight *flight,
	const struct resolver_question *question)
{
	pthread_mutex_unlock(&resolver->lock);
	flight->rc = metering_resolve(question->aws, question->token,
		clock_monotonic_ms() + RESOLVE_MS, &flight->who, &flight->answer, &flight->err);
	pthread_mutex_lock(&resolver->lock);
	/* From here on a new request asks again; those that wait share this answer. */
	remove_flight(resolver, flight);
	if (flight->rc == ERR_INPUT)
		note_refused(resolver, flight);
	flight->landed = true;
	pthread_cond_broadcast(&flight->arrival);
}

/* Joins the call for this token, or makes it. With the lock held. */
static struct flight *join_or_fly(
	struct resolver *resolver, const struct resolver_question *question)
{
	struct flight *flight = find_flight(resolver, question->hash);

	if (flight) {
		flight->waiting++;
		while (!flight->landed)
			pthread_cond_wait(&flight->arrival, &resolver->lock);
		return flight;
	}
	flight = add_flight(resolver, question->hash);
	if (flight) {
		flight->waiting++;
		fly(resolver, flight, question);
	}
	return flight;
}

static void leave(struct flight *flight)
{
	if (--flight->waiting > 0)
		return;
	pthread_cond_destroy(&flight->arrival);
	free(flight);
}

enum status resolver_resolve(struct resolver *resolver,
	const struct resolver_question *question, struct metering_customer *ret_who,
	struct aws_answer *ret_answer, struct err *err)
{
	const struct refused *refused;
	struct flight *flight;
	enum status rc;

	pthread_mutex_lock(&resolver->lock);
	refused = find_refused(resolver, question->hash, clock_monotonic_ms());
	if (refused) {
		*ret_answer = refused->answer;
		rc = err_set(err, ERR_INPUT, "AWS refused this token less than a minute ago: %s",
			refused->answer.code);
	} else if (resolver->waiting >= resolver->waiting_max) {
		*ret_answer = (struct aws_answer){ 0 };
		rc = err_set(err, ERR_RETRY, "%ld requests wait for AWS already", resolver->waiting);
	} else {
		resolver->waiting++;
		flight = join_or_fly(resolver, question);
		resolver->waiting--;
		if (flight) {
			rc = flight->rc;
			*ret_answer = flight->answer;
			*err = flight->err;
			if (!rc)
				*ret_who = flight->who;
			leave(flight);
		} else {
			*ret_answer = (struct aws_answer){ 0 };
			rc = err_set(err, ERR_RETRY, "no memory for a call to AWS");
		}
	}
	pthread_mutex_unlock(&resolver->lock);
	return rc;
}
