/* The exit status of a run (sysexits). */
#ifndef METER_EXIT_H
#define METER_EXIT_H

#include <stdbool.h>

#include "base/err.h"

/* What happened that a person or the next run has to see to. */
struct exit_facts {
	bool broken;        /* the ledger does not add up: a bug */
	bool misconfigured; /* a setting is wrong, of one product at least */
	bool refused;       /* AWS refused a record for good, or whether it did cannot be told */
	bool unsettled;     /* something is left for the next run */
};

/* Whether what failed with this status fails again until a person has mended something. */
bool exit_needs_person(enum status rc);

/* The worst wins: 70, 78, 65, 75; 0 is for nothing of these. */
int exit_status(struct exit_facts facts);

#endif
