/* The customers of whose success this run has told the ledger, of late: so that it need not look up
 * where each of them stands for every record. Of fixed size: one of whom it does not know any more
 * is looked up again. What others note of a customer during the run (that a person resumed them)
 * stands until the next run's first success. */
#ifndef METER_HEARD_H
#define METER_HEARD_H

#include <stdbool.h>
#include <stdint.h>

enum { HEARD_PLACES = 16 * 1024 };

/* Zeroed: of nobody. Ids are above zero. */
struct heard {
	int64_t customers[HEARD_PLACES];
};

bool heard_has(const struct heard *heard, int64_t customer_id);

/* AWS took a record of theirs, and the ledger has it. */
void heard_success(struct heard *heard, int64_t customer_id);

/* AWS said that they are not subscribed. */
void heard_otherwise(struct heard *heard, int64_t customer_id);

#endif
