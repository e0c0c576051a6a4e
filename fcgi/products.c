#include "fcgi/products.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fcgi_queries.h"

/* The columns of sql/queries/fcgi/list_products.sql: a row a product and field. */
enum column {
	CODE,
	NAME,
	SELLER_NAME,
	LOGO_URL,
	SUPPORT_EMAIL,
	SUPPORT_URL,
	TERMS_URL,
	PRIVACY_URL,
	ACCESS_NOTE,
	HANDOFF_URL,
	AWS_ROLE_ARN,
	AWS_EXTERNAL_ID,
	AWS_REGION,
	FIELD_NAME,
	FIELD_LABEL,
	FIELD_HINT,
	FIELD_REQUIRED,
	FIELD_MAX_LENGTH,
	FIELD_TYPE,
};

struct products {
	struct db_pool *pool;
	pthread_mutex_t lock;
	struct product_list *list;
};

static void list_free(struct product_list *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->n; i++) {
		struct product *product = &list->products[i];

		for (size_t j = 0; j < product->n_fields; j++)
			free(product->fields[j].input);
		free(product->fields);
		free(product->logo_origin);
		free(product->handoff_origin);
	}
	free(list->products);
	db_result_done(&list->result);
	free(list);
}

static const char *text_at(const struct db_result *result, size_t row, enum column column)
{
	const char *text = db_result_text(result, row, column);

	return text ? text : "";
}

/* "https://host:port" of a URL; NULL if it has no such beginning. It goes into a header, so nothing
 * odd may be in it. */
static char *origin_of(const char *url)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
	const char *host = strstr(url, "://");
	size_t len = host ? strspn(host + 3, allowed) : 0;

	return len && strchr("/?#", host[3 + len]) ? strndup(url, (size_t)(host - url) + 3 + len)
											   : NULL;
}

static bool add_field(struct product *product, const struct db_result *result, size_t row)
{
	struct product_field *fields, *field;

	fields = realloc(product->fields, (product->n_fields + 1) * sizeof *fields);
	if (!fields)
		return false;
	product->fields = fields;
	field = &fields[product->n_fields];
	*field = (struct product_field){ .name = text_at(result, row, FIELD_NAME),
		.label = text_at(result, row, FIELD_LABEL),
		.hint = text_at(result, row, FIELD_HINT),
		.type = text_at(result, row, FIELD_TYPE),
		.max_length_text = text_at(result, row, FIELD_MAX_LENGTH),
		.required = !strcmp(text_at(result, row, FIELD_REQUIRED), "t") };
	if (!text_number(field->max_length_text, 1, 100000, &field->max_length) ||
		asprintf(&field->input, "field_%s", field->name) < 0)
		return false;
	product->n_fields++;
	return true;
}

static void fill_product(struct product *product, const struct db_result *result, size_t row)
{
	*product = (struct product){ .code = text_at(result, row, CODE),
		.name = text_at(result, row, NAME),
		.seller_name = text_at(result, row, SELLER_NAME),
		.logo_url = text_at(result, row, LOGO_URL),
		.support_email = text_at(result, row, SUPPORT_EMAIL),
		.support_url = text_at(result, row, SUPPORT_URL),
		.terms_url = text_at(result, row, TERMS_URL),
		.privacy_url = text_at(result, row, PRIVACY_URL),
		.access_note = text_at(result, row, ACCESS_NOTE),
		.handoff_url = text_at(result, row, HANDOFF_URL),
		.role = { text_at(result, row, AWS_ROLE_ARN), text_at(result, row, AWS_EXTERNAL_ID),
			text_at(result, row, AWS_REGION) } };
	product->logo_origin = origin_of(product->logo_url);
	product->handoff_origin = origin_of(product->handoff_url);
	product->handoff_host =
		product->handoff_origin ? strstr(product->handoff_origin, "://") + 3 : "";
}

static const char *same(const char *a, const char *b)
{
	return !strcmp(a, b) ? a : "";
}

/* One seller's products mostly share the seller's name and support contact. */
static void fill_shared(struct product_list *list)
{
	struct product *shared = &list->shared;

	if (!list->n)
		return;
	*shared = list->products[0];
	shared->fields = NULL;
	shared->n_fields = 0;
	for (size_t i = 1; i < list->n; i++) {
		const struct product *at = &list->products[i];

		shared->name = "";
		shared->seller_name = same(shared->seller_name, at->seller_name);
		shared->logo_url = same(shared->logo_url, at->logo_url);
		shared->support_email = same(shared->support_email, at->support_email);
		shared->support_url = same(shared->support_url, at->support_url);
		shared->terms_url = same(shared->terms_url, at->terms_url);
		shared->privacy_url = same(shared->privacy_url, at->privacy_url);
	}
	if (!*shared->logo_url)
		shared->logo_origin = NULL;
}

static bool fill_list(struct product_list *list)
{
	size_t rows = db_result_rows(&list->result);

	list->products = calloc(rows + 1, sizeof *list->products);
	if (!list->products)
		return false;
	for (size_t row = 0; row < rows; row++) {
		struct product *last = list->n ? &list->products[list->n - 1] : NULL;

		if (!last || strcmp(last->code, text_at(&list->result, row, CODE)) != 0) {
			last = &list->products[list->n++];
			fill_product(last, &list->result, row);
		}
		if (db_result_text(&list->result, row, FIELD_NAME) && !add_field(last, &list->result, row))
			return false;
	}
	fill_shared(list);
	return true;
}

enum status products_new(struct db_pool *pool, struct products **ret_products, struct err *err)
{
	struct products *products = calloc(1, sizeof *products);

	if (!products)
		return err_set(err, ERR_LOCAL, "no memory for the products");
	products->pool = pool;
	pthread_mutex_init(&products->lock, NULL);
	*ret_products = products;
	return OK;
}

void products_free(struct products *products)
{
	if (products)
		list_free(products->list);
	free(products);
}

enum status products_refresh(struct products *products, struct err *err)
{
	struct product_list *list = calloc(1, sizeof *list), *old;
	enum status rc;

	if (!list)
		return err_set(err, ERR_LOCAL, "no memory for the products");
	rc = db_pool_run(products->pool, FCGI_LIST_PRODUCTS, NULL, 0, &list->result, err);
	if (!rc && !fill_list(list))
		rc = err_set(err, ERR_LOCAL, "no memory for the products, or a field without a length");
	if (rc) {
		list_free(list);
		return rc;
	}
	list->holders = 1;
	pthread_mutex_lock(&products->lock);
	old = products->list;
	products->list = list;
	pthread_mutex_unlock(&products->lock);
	products_release(products, old);
	return OK;
}

struct product_list *products_hold(struct products *products)
{
	struct product_list *list;

	pthread_mutex_lock(&products->lock);
	list = products->list;
	if (list)
		list->holders++;
	pthread_mutex_unlock(&products->lock);
	return list;
}

void products_release(struct products *products, struct product_list *list)
{
	bool last;

	if (!list)
		return;
	pthread_mutex_lock(&products->lock);
	last = --list->holders == 0;
	pthread_mutex_unlock(&products->lock);
	if (last)
		list_free(list);
}

const struct product *product_find(const struct product_list *list, const char *code)
{
	for (size_t i = 0; list && i < list->n; i++)
		if (!strcmp(list->products[i].code, code))
			return &list->products[i];
	return NULL;
}
