/* What a SQLSTATE means to the caller. It is read here and nowhere else. */
#ifndef DB_SQLSTATE_H
#define DB_SQLSTATE_H

#include <stdbool.h>

#include <libpq-fe.h>

#include "base/err.h"

/* Never OK: an answer without a SQLSTATE (NULL) is a fault too. */
enum status sqlstate_status(const char *state);

/* Whether the connection that brought it is of no more use: the server stops, or became a standby,
 * or the prepared statements are gone or stale. */
bool sqlstate_ends_connection(const char *state);

/* The text for a failed result: the statement, SQLSTATE, what it broke, and the server's words
 * where these hold no values of a row. Returns the status. */
enum status sqlstate_explain(const PGresult *result, const char *statement, struct err *err);

/* The first SQLSTATE in the text of a failed connection attempt (PQERRORS_VERBOSE), "" if the
 * server said none. */
void sqlstate_of_connection(const char *message, char ret_state[6]);

#endif
