/* What a run says at its end: in its row of the ledger, in the log, and as JSON. */
#ifndef METER_SUMMARY_H
#define METER_SUMMARY_H

#include "base/buf.h"
#include "meter/run.h"

/* Counts what is left, into the tally. Errors are those of db_run. */
MUST_CHECK enum status summary_count(struct run *run, struct err *err);

/* The tally's members, after what is in the object already, with why records were refused; dry:
 * only what is known before anything is sent. */
void summary_write(const struct tally *tally, bool dry, struct buf *json);

/* Ends the run in the ledger and says so in the log, and on stdout with --json. */
void summary_tell(struct run *run);

#endif
