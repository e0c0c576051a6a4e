/* What a run does when its bills are done: old usage is dropped, and once a day all is counted. */
#ifndef METER_HOUSEKEEP_H
#define METER_HOUSEKEEP_H

#include "meter/run.h"

/* Cheap where nothing is due. Says what it did in the log, and in the run's facts what is wrong;
 * nothing of it keeps a run from billing. Does nothing after a signal or without a database. */
void housekeep(struct run *run);

#endif
