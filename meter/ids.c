#include "meter/ids.h"

#include <stdlib.h>

enum { ROOM_FIRST = 64 };

bool ids_add(struct ids *ids, int64_t id)
{
	if (ids->n == ids->room) {
		size_t room = ids->room ? 2 * ids->room : ROOM_FIRST;
		int64_t *list = reallocarray(ids->list, room, sizeof *list);

		if (!list)
			return false;
		ids->list = list;
		ids->room = room;
	}
	ids->list[ids->n++] = id;
	ids->is_sorted = false;
	return true;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

bool ids_has(struct ids *ids, int64_t id)
{
	if (!ids->n)
		return false;
	if (!ids->is_sorted)
		qsort(ids->list, ids->n, sizeof *ids->list, compare);
	ids->is_sorted = true;
	return bsearch(&id, ids->list, ids->n, sizeof id, compare) != NULL;
}

void ids_done(struct ids *ids)
{
	free(ids->list);
	*ids = (struct ids){ 0 };
}
