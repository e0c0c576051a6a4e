/* When credentials that a server or a program gives are asked for again: arithmetic. Clocks, random
 * numbers and waiting are the caller's. */
#ifndef AWS_RENEWAL_H
#define AWS_RENEWAL_H

#include <stdint.h>

#define RENEWAL_NEVER INT64_MAX

/* Zeroed: now. */
struct renewal {
	int64_t at_ms;    /* since 1970, by AWS's clock */
	int64_t retry_ms; /* after a failure: when the next try may be; monotonic */
	int n_failed;     /* in a row */
};

/* After credentials came that last until expires_s (0: for ever). They are renewed 15 minutes
 * before that, or in the last quarter of their life if that is shorter. */
void renewal_succeeded(struct renewal *renewal, int64_t epoch_ms, int64_t expires_s);

/* After none came. The next try is in about a second, later in up to a minute. random: [0, 1) */
void renewal_failed(struct renewal *renewal, int64_t monotonic_ms, double random);

/* Not before so long from now, whatever else was to be. */
void renewal_put_off(struct renewal *renewal, int64_t monotonic_ms, int64_t delay_ms);

/* How long it is until then; 0: it is time. */
int64_t renewal_wait_ms(const struct renewal *renewal, int64_t epoch_ms, int64_t monotonic_ms);

#endif
