/* Customers whose subscription has ended: AWS takes their usage for an hour more, so they come
 * before all others, in a run that is under way too. */
#ifndef METER_ENDING_H
#define METER_ENDING_H

#include "base/buf.h"
#include "meter/run.h"

/* Notes that the subscription of --final's customer has ended, unless that is known.
 * ERR_MISSING: no such customer; ERR_CONFLICT: their last hour is over. */
MUST_CHECK enum status ending_begin(struct run *run, struct err *err);

/* Whether another subscription has ended since the last time that it was asked; at most every half
 * second it looks. */
MUST_CHECK enum status ending_look(struct run *run, bool *ret_found, struct err *err);

/* Freezes all that the ending customers have used, in the middle of sending. */
MUST_CHECK enum status ending_freeze(struct run *run, struct err *err);

/* Tells of each by when the next run is needed, in the log and as a JSON array. */
MUST_CHECK enum status ending_tell(struct run *run, struct buf *json, struct err *err);

#endif
