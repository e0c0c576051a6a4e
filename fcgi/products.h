/* The seller's products, kept in memory: a lost database does not stop a registration or its pages.
 */
#ifndef FCGI_PRODUCTS_H
#define FCGI_PRODUCTS_H

#include <stdbool.h>

#include "aws/accounts.h"
#include "db/pool.h"

/* One more field of a product's sign-up form. */
struct product_field {
	const char *name, *label, *hint, *type; /* type: text, tel, url or multiline */
	char *input;                            /* the input's name: field_NAME */
	const char *max_length_text;
	long max_length; /* characters */
	bool required;
};

/* "" where the product's row has NULL. */
struct product {
	const char *code, *name, *seller_name, *logo_url, *support_email, *support_url, *terms_url,
		*privacy_url, *access_note, *handoff_url;
	char *logo_origin, *handoff_origin; /* "https://host", for the Content-Security-Policy; NULL if
										   there is none */
	struct aws_role role;               /* as whom AWS is called for it */
	const char *handoff_host;           /* inside handoff_origin; "" if there is none */
	struct product_field *fields;
	size_t n_fields;
};

/* A snapshot; held while a page is made. */
struct product_list {
	struct product *products;
	size_t n;
	struct product shared;   /* what all products say alike, for pages that know no product; zeroed
								if there is none */
	struct db_result result; /* owns the texts */
	int holders;
};

struct products;

MUST_CHECK enum status products_new(
	struct db_pool *pool, struct products **ret_products, struct err *err);
void products_free(struct products *products);

/* Reads all of them from the database; on failure the last snapshot stays. */
MUST_CHECK enum status products_refresh(struct products *products, struct err *err);

/* The newest snapshot; NULL if none was ever read. Give it back with products_release. */
struct product_list *products_hold(struct products *products);
void products_release(struct products *products, struct product_list *list);

/* A product of the snapshot; NULL if it has none of that code. Accepts NULL. */
const struct product *product_find(const struct product_list *list, const char *code);

#endif
