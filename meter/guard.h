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

/* The last of the calls that ledger_begin() noted is noted outside the ledger too, before the first
 * byte of any of them leaves. ERR_LOCAL: it cannot be, and none of them may be made. */
MUST_CHECK enum status guard_note(struct run *run, struct err *err);

/* Settles calls as not sent, which ledger_begin noted and nobody made, or which were given up
 * before they sent anything, so that nothing about them is uncertain; and frees them. A failure is
 * logged: then they are uncertain. Accepts NULL. */
void guard_withdraw(struct run *run, struct call *calls);

#endif
