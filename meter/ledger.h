/* What the run tells the ledger of its calls. */
#ifndef METER_LEDGER_H
#define METER_LEDGER_H

#include "meter/product.h"
#include "meter/run.h"

/* Calls that are about to be made; sets their ids. One commit for all, before a byte leaves.
 * Errors are those of db_run. */
MUST_CHECK enum status ledger_begin(struct run *run, struct call *calls, struct err *err);

/* Calls that were begun and will not be made: known not to have been sent. */
MUST_CHECK enum status ledger_withdraw(struct run *run, struct call *calls, struct err *err);

/* Calls that came back; sets the outcome of each record and counts it. One commit for all of them.
 * `meanwhile` (or NULL) is called once, as soon as PostgreSQL has what it needs; it may not use
 * run->db. Not where that fails. Errors are those of db_run. */
MUST_CHECK enum status ledger_settle(struct run *run, struct call *calls,
	void (*meanwhile)(void *self), void *self, struct err *err);

/* Records that AWS refused by themselves, while others passed; counts them. */
MUST_CHECK enum status ledger_refuse(
	struct run *run, const struct refusal *refusals, struct err *err);

#endif
