/* How to subscribe: for whoever comes without AWS's POST. */
#include <stdlib.h>

#include "fcgi/page.h"
#include "fcgi/pages.h"

void page_home(void *arg, struct request *request, struct reply *reply)
{
	struct app *app = arg;
	struct product_list *list = products_hold(app->products);
	size_t n = list ? list->n : 0;
	struct view_value(*rows)[N_HOME_PRODUCT] = calloc(n + 1, sizeof *rows);
	const struct view_value **items = calloc(n + 1, sizeof(const struct view_value *));
	struct view_value values[N_HOME] = { 0 };

	for (size_t i = 0; i < n && rows && items; i++) {
		rows[i][HOME_PRODUCT_NAME].text = list->products[i].name;
		items[i] = rows[i];
	}
	values[HOME_PRODUCTS] = (struct view_value){ .items = items, .n_items = rows && items ? n : 0 };
	page_send(app, request, reply, PAGE_HOME, NULL, values);
	free(items);
	free(rows);
	products_release(app->products, list);
}
