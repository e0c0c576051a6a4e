#include "meter/ids.h"

#include <stdlib.h>
#include <string.h>

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
	return true;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* From the end, where the room is that the `n` new ones leave. */
static void merge(int64_t *list, size_t n_sorted, const int64_t *fresh, size_t n)
{
	while (n) {
		bool from_list = n_sorted && list[n_sorted - 1] > fresh[n - 1];

		list[n_sorted + n - 1] = from_list ? list[n_sorted - 1] : fresh[n - 1];
		if (from_list)
			n_sorted--;
		else
			n--;
	}
}

/* Only what was added since the last time, which then goes in between. */
static void sort(struct ids *ids)
{
	size_t n = ids->n - ids->n_sorted;
	int64_t *fresh = ids->n_sorted ? reallocarray(NULL, n, sizeof *fresh) : NULL;

	if (fresh) {
		memcpy(fresh, ids->list + ids->n_sorted, n * sizeof *fresh);
		qsort(fresh, n, sizeof *fresh, compare);
		merge(ids->list, ids->n_sorted, fresh, n);
		free(fresh);
	} else {
		qsort(ids->list, ids->n, sizeof *ids->list, compare);
	}
	ids->n_sorted = ids->n;
}

bool ids_has(struct ids *ids, int64_t id)
{
	if (!ids->n)
		return false;
	if (ids->n_sorted < ids->n)
		sort(ids);
	return bsearch(&id, ids->list, ids->n, sizeof id, compare) != NULL;
}

void ids_done(struct ids *ids)
{
	free(ids->list);
	*ids = (struct ids){ 0 };
}
