/* When calls to one seller account and region may start: all at once while AWS answers; after a
 * failure a pause that grows, then one call to try it. As arithmetic: clock and random number are
 * the caller's. */
#ifndef METER_LANE_H
#define METER_LANE_H

#include <stdbool.h>
#include <stdint.h>

/* 1, 2, 4 … 32 seconds and as many calls: some minutes at most. The next run goes on. */
enum { LANE_PAUSES_MAX = 6 };

/* Zeroed: AWS answers. */
struct lane {
	int under_way;
	int pauses;        /* since AWS answered last */
	int64_t resume_ms; /* monotonic: the end of the last of them */
	bool given_up;     /* for this run */
};

/* Whether a call may start. Never again once it is given up. */
bool lane_is_open(const struct lane *lane, int64_t now_ms);
void lane_start(struct lane *lane);

/* A call is back: AWS answered, whatever it said; or it was throttled, failed or got no answer. */
void lane_answered(struct lane *lane);
void lane_failed(struct lane *lane, int64_t now_ms, double random);

/* How long to wait before try number `tries`, from 1, [0.5, 1) of what doubles from a second to a
 * minute. random: [0, 1). */
int64_t lane_backoff_ms(int tries, double random);

#endif
