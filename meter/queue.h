/* What a run still has to send, by deadline. Each record is read once: what AWS did not take, and
 * what it may take in a smaller call, waits here. */
#ifndef METER_QUEUE_H
#define METER_QUEUE_H

#include "meter/call.h"

struct queue;

/* product: only of this one; NULL: all.  margin_s: records whose deadline is closer are left out. */
MUST_CHECK enum status queue_new(struct db *db, const char *product, int margin_s,
	struct queue **ret_queue, struct err *err);
void queue_free(struct queue *queue);

/* The next call, or NULL while there is none: all that is left waits for another try. The caller
 * owns it. */
MUST_CHECK enum status queue_next(struct queue *queue, struct call **ret_call, struct err *err);

/* Both halves of a call that AWS refused whole, each by itself. Takes the call over.
 * ERR_LOCAL: no memory; the call is the caller's. */
MUST_CHECK enum status queue_halve(struct queue *queue, struct call *call, struct err *err);

/* A record that AWS may take as it is, later in this run. Takes it over. */
void queue_again(struct queue *queue, struct record *record);

/* Lets those in once more. False: there are none. */
bool queue_turn(struct queue *queue);

#endif
