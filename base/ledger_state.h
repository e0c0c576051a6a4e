/* The state file: which ledger this machine bills from, and the last call that it was about to
 * make. It is outside the database, so that a copy of that, or one that went back in time, shows. A
 * file of text lines in the state folder, replaced as a whole. */
#ifndef BASE_LEDGER_STATE_H
#define BASE_LEDGER_STATE_H

#include "base/buf.h"
#include "base/err.h"

#define LEDGER_STATE_NAME "ledger"

/* All texts, as the database gives them (sql/functions/compare_state.sql): what they mean is its
 * business alone. */
struct ledger_state {
	char ledger[37];            /* the ledger's UUID */
	char system_identifier[21]; /* of the server */
	char timeline[21];
	char database[21]; /* its oid */
	char database_name[256];
	char generation[21];
	char last_call[21];
	char called_at[41]; /* "": there was no call */
};

/* Reads the file in the folder. ERR_MISSING: there is none.  ERR_INPUT: it is damaged, or was not
 * written by this program.  ERR_LOCAL: it can't be read. The text names the path. */
MUST_CHECK enum status ledger_state_read(
	const char *dir, struct ledger_state *ret_state, struct err *err);

/* Writes it so that after a power cut it is there as a whole, as it is now or as it was before. For
 * root it is the folder's owner's. ERR_LOCAL: it can't be written; the text names the path. */
MUST_CHECK enum status ledger_state_write(
	const char *dir, const struct ledger_state *state, struct err *err);

/* As JSON, for compare_state() and adopt_ledger(). */
void ledger_state_json(const struct ledger_state *state, struct buf *out);

#endif
