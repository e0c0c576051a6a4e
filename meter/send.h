/* The phases "send" and "settle": what is open goes to AWS, and what it says into the ledger. */
#ifndef METER_SEND_H
#define METER_SEND_H

#include "meter/run.h"

/* Errors are those of the database; what AWS says is in the run's tally and flags. */
MUST_CHECK enum status send_all(struct run *run, struct err *err);

#endif
