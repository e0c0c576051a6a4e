/* A set of records' ids. A zeroed struct is empty. */
#ifndef METER_IDS_H
#define METER_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ids {
	int64_t *list;
	size_t n, room;
	size_t n_sorted; /* the first so many are in order */
};

/* False: no memory, and the id is not in it. */
bool ids_add(struct ids *ids, int64_t id);

/* Sorts what was added since. */
bool ids_has(struct ids *ids, int64_t id);

void ids_done(struct ids *ids);

#endif
