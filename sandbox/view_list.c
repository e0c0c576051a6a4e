#include "sandbox/view_list.h"

#include <stdlib.h>
#include <string.h>

bool view_list_fill(struct view_list *list, const struct db_result *rows, const char *key,
	size_t first, size_t columns)
{
	size_t n = db_result_rows(rows);

	list->items = calloc(n + 1, sizeof(const struct view_value *));
	list->cells = calloc(n + 1, columns * sizeof *list->cells);
	if (!list->items || !list->cells)
		return false;
	for (size_t row = 0; row < n; row++) {
		struct view_value *cells = list->cells + list->n * columns;

		if (key && strcmp(db_result_text(rows, row, 0), key) != 0)
			continue;
		for (size_t i = 0; i < columns; i++) {
			const char *text = db_result_text(rows, row, i + first);

			cells[i] = (struct view_value){ .text = text, .flag = text && !strcmp(text, "t") };
		}
		list->items[list->n++] = cells;
	}
	return true;
}

void view_list_done(struct view_list *list)
{
	free(list->items);
	free(list->cells);
	*list = (struct view_list){ 0 };
}
