/* A dry run: what a run would send now, changing nothing. */
#ifndef METER_DRY_RUN_H
#define METER_DRY_RUN_H

#include "meter/run.h"

/* Does what a run does before it sends, in one transaction that is taken back, and shows the
 * records that are open then on stdout: all of them, or nothing where it fails. Returns the exit
 * status. */
int dry_run(struct run *run);

#endif
