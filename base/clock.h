/* The two clocks: what time it is, and how long something takes. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

int64_t clock_epoch_ms(void);     /* since 1970, UTC; may jump */
int64_t clock_monotonic_ms(void); /* from an arbitrary start; never goes back */
struct timespec clock_monotonic_in(int64_t ms); /* then, for pthread_cond_clockwait() */
void clock_sleep_ms(int64_t ms);  /* the whole time, signals or not */

#endif
