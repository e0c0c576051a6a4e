/* When a call is tried again: the SDKs' standard mode, as data and arithmetic. Clock, random number
 * and sleep are the caller's. */
#ifndef AWS_RETRY_H
#define AWS_RETRY_H

#include <stdbool.h>
#include <stdint.h>

enum { RETRY_ATTEMPTS = 3, RETRY_BUCKET = 500 };

/* Retries cost tokens, which successes earn back, so that an outage is not met with a storm. Shared
 * by all calls of a client. Starts with RETRY_BUCKET. */
struct retry_bucket {
	int tokens;
};

/* One call's. Starts zeroed. */
struct retry {
	int n_failed; /* tries that failed and count */
	int paid;     /* tokens that the last retry cost */
};

/* How a try failed, and what the clock says. */
struct retry_failure {
	bool timed_out;
	int64_t hint_ms;     /* what the server asks to wait, of which 5 s count; 0: nothing */
	int64_t now_ms;      /* the clock that the deadline is of */
	int64_t deadline_ms; /* no try may begin then or later */
	double random;       /* [0, 1) */
};

/* Whether there is another try, and after how long. False: the attempts are used up, the bucket is
 * empty, or the deadline would have passed by then. */
bool retry_next(struct retry *retry, struct retry_bucket *bucket, int attempts_max,
	const struct retry_failure *failure, int64_t *ret_delay_ms);

/* Pays back after a success. */
void retry_succeeded(const struct retry *retry, struct retry_bucket *bucket);

#endif
