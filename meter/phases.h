/* The phases of a run before it sends: each a statement or a few, that change the ledger. */
#ifndef METER_PHASES_H
#define METER_PHASES_H

#include "meter/run.h"

/* Whether a signal ends the run before a phase is through. */
bool phase_is_stopped(struct run *run);

/* New usage becomes lines. */
MUST_CHECK enum status phase_roll_up(struct run *run, struct err *err);

/* What AWS does not take any more is moved, or unknown. Customers whose last hour is over have
 * ended. */
MUST_CHECK enum status phase_expire(struct run *run, struct err *err);

/* Each hour that is over becomes records, and all that customers have who are ending. */
MUST_CHECK enum status phase_freeze(struct run *run, struct err *err);

/* The second of these alone. */
MUST_CHECK enum status phase_freeze_ending(struct run *run, struct err *err);

#endif
