/* Whether the database is the ledger that the state file knows. */
#ifndef DB_LEDGER_CHECK_H
#define DB_LEDGER_CHECK_H

#include "base/ledger_state.h"
#include "db/db.h"

struct ledger_check {
	struct ledger_state now; /* what the state file is to say from now on */
	char problem[400];       /* "": it is */
	char gap[16];            /* calls that the ledger does not know: none, possible, certain */
};

/* Asks with `query`, which is SELECT … FROM tollgate.compare_state($1) as in
 * sql/queries/meter/compare_state.sql. file: NULL where there is none. Errors are those of db_run;
 * ERR_RETRY: also of a standby. */
MUST_CHECK enum status ledger_check(struct db *db, size_t query, const struct ledger_state *file,
	struct ledger_check *ret_check, struct err *err);

#endif
