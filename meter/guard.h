/* Whether this is the ledger that this machine bills from: not a copy of it, and not one that went
 * back in time. What the machine knows of it is in the state file (base/ledger_state.h). */
#ifndef METER_GUARD_H
#define METER_GUARD_H

#include "meter/run.h"

/* Once the run has the meter's lock, before anything else. Brings the file up to date, which also
 * shows that it can be written; makes it for a new ledger.
 * ERR_LOCAL: this is another ledger, or a copy, or the file can't be read or written. Others: the
 * database's; ERR_RETRY: also of a standby. */
MUST_CHECK enum status guard_check(struct run *run, struct err *err);

/* Notes the calls that were begun, before the first byte of them leaves. Errors as above. */
MUST_CHECK enum status guard_note(struct run *run, struct err *err);

#endif
