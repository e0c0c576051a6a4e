/* The rows of a statement as a template's list. */
#ifndef SANDBOX_VIEW_LIST_H
#define SANDBOX_VIEW_LIST_H

#include "db/db.h"
#include "fcgi/template.h"

/* Zeroed: empty. */
struct view_list {
	const struct view_value **items;
	struct view_value *cells;
	size_t n;
};

/* Fills it with `columns` columns from number `first` on, as texts, and as flags where they are
 * SQL's booleans. `key`: only rows whose first column is that; NULL: all. Points into the rows.
 * False: no memory. */
bool view_list_fill(struct view_list *list, const struct db_result *rows, const char *key,
	size_t first, size_t columns);
void view_list_done(struct view_list *list);

#endif
