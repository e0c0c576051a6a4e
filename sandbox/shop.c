#include "sandbox/shop.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/sandbox.h"
#include "sandbox/view_list.h"
#include "sandbox_queries.h"

/* What is shown inside each product: a statement whose first column is the product's code. */
static const struct part {
	enum list_product_name name;
	size_t query, columns;
} parts[] = {
	{ PRODUCT_DIMENSIONS, SANDBOX_LIST_DIMENSIONS, N_DIMENSION },
	{ PRODUCT_SUBSCRIPTIONS, SANDBOX_LIST_SUBSCRIPTIONS, N_SUBSCRIPTION },
	{ PRODUCT_ACCOUNTS, SANDBOX_LIST_ACCOUNTS, N_ACCOUNT },
};

enum { N_PARTS = sizeof parts / sizeof parts[0] };

/* The columns of sql/queries/sandbox/list_products.sql. */
enum column { CODE, TITLE, ABOUT, LICENSED };

struct product {
	struct view_value values[N_PRODUCT];
	struct view_list lists[N_PARTS];
};

struct shelf {
	struct db_result rows, part_rows[N_PARTS];
	struct product *products;
	const struct view_value **items;
	size_t n;
};

void shop_send(struct sandbox *sandbox, const struct request *request, struct reply *reply,
	enum shop_page page, const struct view_value *values)
{
	const struct view_value common[N_SHOP_COMMON] = { [SHOP_REQUEST_ID] = { .text = request->id } };

	if (page == SHOP_SETUP)
		buf_puts(&reply->form_action, sandbox->landing_origin);
	templates_render(sandbox->templates, page, common, values, &reply->body);
}

void shop_refuse(struct sandbox *sandbox, const struct request *request, struct reply *reply,
	int status, const char *title, const char *message)
{
	const struct view_value values[N_FAILURE] = {
		[FAILURE_TITLE] = { .text = title }, [FAILURE_MESSAGE] = { .text = message }
	};

	reply->status = status;
	shop_send(sandbox, request, reply, SHOP_FAILURE, values);
}

static bool fill_product(struct shelf *shelf, size_t row)
{
	struct product *product = &shelf->products[row];
	struct view_value *values = product->values;

	values[PRODUCT_CODE].text = db_result_text(&shelf->rows, row, CODE);
	values[PRODUCT_TITLE].text = db_result_text(&shelf->rows, row, TITLE);
	values[PRODUCT_ABOUT].text = db_result_text(&shelf->rows, row, ABOUT);
	values[PRODUCT_LICENSED].flag = *db_result_text(&shelf->rows, row, LICENSED) == 't';
	for (size_t i = 0; i < N_PARTS; i++) {
		struct view_list *list = &product->lists[i];

		if (!view_list_fill(
				list, &shelf->part_rows[i], values[PRODUCT_CODE].text, 1, parts[i].columns))
			return false;
		values[parts[i].name].items = list->items;
		values[parts[i].name].n_items = list->n;
	}
	return true;
}

static void shelf_done(struct shelf *shelf)
{
	for (size_t i = 0; shelf->products && i < db_result_rows(&shelf->rows); i++)
		for (size_t j = 0; j < N_PARTS; j++)
			view_list_done(&shelf->products[i].lists[j]);
	free(shelf->products);
	free(shelf->items);
	for (size_t i = 0; i < N_PARTS; i++)
		db_result_done(&shelf->part_rows[i]);
	db_result_done(&shelf->rows);
}

static bool shelf_load(struct sandbox *sandbox, const struct request *request, struct shelf *shelf)
{
	size_t n;

	if (sandbox_query(sandbox, request, SANDBOX_LIST_PRODUCTS, NULL, 0, &shelf->rows))
		return false;
	for (size_t i = 0; i < N_PARTS; i++)
		if (sandbox_query(sandbox, request, parts[i].query, NULL, 0, &shelf->part_rows[i]))
			return false;
	n = db_result_rows(&shelf->rows);
	shelf->products = calloc(n + 1, sizeof *shelf->products);
	shelf->items = calloc(n + 1, sizeof(const struct view_value *));
	if (!shelf->products || !shelf->items)
		return false;
	for (; shelf->n < n; shelf->n++) {
		if (!fill_product(shelf, shelf->n))
			return false;
		shelf->items[shelf->n] = shelf->products[shelf->n].values;
	}
	return true;
}

void shop_list(void *app, struct request *request, struct reply *reply)
{
	__attribute__((cleanup(shelf_done))) struct shelf shelf = { .n = 0 };
	struct view_value values[N_LIST] = { 0 };

	if (!shelf_load(app, request, &shelf)) {
		shop_refuse(app, request, reply, 503, "The shop is closed",
			"The sandbox cannot reach its database. Its log says why.");
		return;
	}
	values[LIST_PRODUCTS] = (struct view_value){ .items = shelf.items, .n_items = shelf.n };
	shop_send(app, request, reply, SHOP_LIST, values);
}
