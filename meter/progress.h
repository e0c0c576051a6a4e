/* The line that shows on a terminal how far a run is. A thread of its own draws it anew a few times
 * a second, since the main one waits for PostgreSQL; it is gone before each line of the log. */
#ifndef METER_PROGRESS_H
#define METER_PROGRESS_H

#include <stdint.h>

#include "base/buf.h"

struct progress_counts {
	int64_t records, all; /* settled, of those that were open; all 0: nothing to count */
	int64_t calls, errors;
};

struct progress;

/* NULL: stderr is no terminal that could show it. All that follows accepts NULL. */
struct progress *progress_new(void);
void progress_free(struct progress *progress);

/* What the run does now; the string must stay. Counts begin anew. */
void progress_phase(struct progress *progress, const char *phase);

/* Where a phase is that another one interrupts, and back there. */
struct progress_mark {
	const char *phase;
	int64_t began_ms;
};
struct progress_mark progress_mark(struct progress *progress);
void progress_return(struct progress *progress, struct progress_mark mark);

/* What the line shows. */
void progress_count(struct progress *progress, struct progress_counts counts);

/* Records a second, rounded down; 0 where no time has passed. */
int64_t progress_rate(int64_t records, int64_t lasted_ms);

/* Seconds that the rest will take at the pace so far, rounded up; -1: nobody knows. */
int64_t progress_left_s(struct progress_counts counts, int64_t lasted_ms);

/* The line, without what places it on a terminal. */
void progress_write(
	const char *phase, struct progress_counts counts, int64_t lasted_ms, struct buf *line);

#endif
