/* Whether the database's clock, which decides everything, agrees with AWS's. */
#ifndef METER_CLOCK_H
#define METER_CLOCK_H

#include "meter/run.h"

/* Asks AWS with a call that meters nothing: BatchMeterUsage with an empty list. Whatever it answers
 * has the time.
 * ERR_RETRY: AWS does not answer.  ERR_REMOTE: it can't be called, for a reason that a person must
 * mend.  ERR_LOCAL: the clocks are over two minutes apart; the text says how far. Others: the
 * database's. */
MUST_CHECK enum status clock_compare(struct run *run, struct err *err);

#endif
