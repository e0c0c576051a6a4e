/* Who holds usage back: it is rolled up once its transaction is over, and some stay open. */
#ifndef METER_HELD_BACK_H
#define METER_HELD_BACK_H

#include "base/buf.h"
#include "meter/run.h"

/* Names in the log each transaction that has held usage back for some minutes, and puts them into
 * `json`, an array. Errors are those of db_run. */
MUST_CHECK enum status held_back_tell(struct run *run, struct buf *json, struct err *err);

#endif
