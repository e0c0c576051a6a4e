/* What a run still has to send. Records come in, by deadline, and go out as calls; a call that AWS
 * did not take waits here for its next try, and one that it refused whole becomes two. */
#ifndef METER_QUEUE_H
#define METER_QUEUE_H

#include "meter/call.h"
#include "meter/ids.h"

enum { QUEUE_PARKED_MAX = 64 }; /* calls that wait; with more, no record is let in */

struct queue {
	struct record *page, **page_end; /* in the order of their deadlines; page_end NULL: empty */
	struct call *forming;            /* calls with room, one for each product, shape and account */
	struct call *parked;
	int n_parked;
};

void queue_done(struct queue *queue);

/* Whether it wants records: all that came were given out, and not too many came back. */
bool queue_is_hungry(const struct queue *queue);

/* Adds a record after those that are there; takes it over. */
void queue_add(struct queue *queue, struct record *record);

/* Adds the ids of the records that wait in it. False: no memory, and not all of them are added. */
MUST_CHECK bool queue_add_ids(const struct queue *queue, struct ids *ids);

/* The next call that may start now (monotonic), or NULL. The caller owns it.
 * ERR_LOCAL: no memory. */
MUST_CHECK enum status queue_take(
	struct queue *queue, int64_t now_ms, struct call **ret_call, struct err *err);

/* A call that waits, until its ready_ms and until its product may call. Takes it over. */
void queue_park(struct queue *queue, struct call *call);

/* Both halves of a call that AWS refused whole. Takes the call over.
 * ERR_LOCAL: no memory; the call is the caller's. */
MUST_CHECK enum status queue_halve(struct queue *queue, struct call *call, struct err *err);

/* Whether nothing is in it. */
bool queue_is_empty(const struct queue *queue);

#endif
