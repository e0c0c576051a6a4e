/* Whether this is the ledger that this machine bills from: not a copy of it, and not one that went
 * back in time. What the machine knows of it is in the state file (base/ledger_state.h). */
#ifndef METER_GUARD_H
#define METER_GUARD_H

#include "meter/call.h"
#include "meter/run.h"

/* Once the run has the meter's lock, before anything else. Brings the file up to date, which also
 * shows that it can be written; makes it for a new ledger. A dry run only looks.
 * ERR_LOCAL: this is another ledger, or a copy, or the file can't be read or written. Others: the
 * database's; ERR_RETRY: also of a standby. */
MUST_CHECK enum status guard_check(struct run *run, struct err *err);

/* ledger_begin(), and the last of the calls is noted outside the ledger too. Where that fails they
 * are withdrawn: none of them was made. Errors as above, and those of ledger_begin(). */
MUST_CHECK enum status guard_begin(struct run *run, struct call *calls, struct err *err);

/* Settles calls as not sent, which guard_begin noted and nobody made, or which were given up before
 * they sent anything, so that nothing about them is uncertain; and frees them. A failure is logged:
 * then they are uncertain. Accepts NULL. */
void guard_withdraw(struct run *run, struct call *calls);

#endif
