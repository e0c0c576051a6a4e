/* How many tries a second: evenly spaced turns, as arithmetic. Clock and sleep are the caller's. */
#ifndef AWS_RATE_H
#define AWS_RATE_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: no limit. */
struct rate {
	int64_t every_us; /* between two turns; 0: no limit */
	int64_t next_us;  /* when the next turn is free */
};

/* 0: no limit. */
void rate_set(struct rate *rate, long calls_per_second);

/* Takes the next free turn, *ret_wait_ms from now. Turns that nobody took are not saved up: a
 * service that counts within any second never sees more. False: the turn would not come before the
 * deadline, and is not taken. Both times are of one clock that never goes back. */
bool rate_take(struct rate *rate, int64_t now_ms, int64_t deadline_ms, int64_t *ret_wait_ms);

#endif
