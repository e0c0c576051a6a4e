/* The one background thread: replays the journal when the database is back, keeps the products
 * fresh, drops old visits. */
#ifndef FCGI_KEEPER_H
#define FCGI_KEEPER_H

#include "fcgi/app.h"

struct keeper;

/* Reads the products at once, so that a start with a database is ready at once; all else is the
 * thread's. ERR_LOCAL: the database refuses us or lacks our schema, or there can be no thread. */
MUST_CHECK enum status keeper_start(struct app *app, struct keeper **ret_keeper, struct err *err);
void keeper_stop(struct keeper *keeper);

#endif
