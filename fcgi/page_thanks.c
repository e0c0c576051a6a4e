/* After the form: what happens next. */
#include <string.h>

#include "base/text.h"
#include "fcgi/page.h"
#include "fcgi/pages.h"
#include "fcgi_queries.h"

/* The address that this session gave, owned by `saved`; NULL if there is none or it can't be read
 * now. */
static const char *saved_email(
	struct app *app, const struct session *session, struct db_result *saved)
{
	char hash[HASH_HEX_SIZE];
	const char *const values[] = { hash };
	struct err err;

	session_hash_hex(session, hash);
	if (db_pool_run(app->pool, FCGI_CONTACT_OF_SESSION, values, 1, saved, &err))
		return NULL;
	for (size_t row = 0; row < db_result_rows(saved); row++) {
		const char *name = db_result_text(saved, row, 0);

		if (name && !strcmp(name, "email"))
			return db_result_text(saved, row, 1);
	}
	return NULL;
}

void page_thanks(void *arg, struct request *request, struct reply *reply)
{
	struct app *app = arg;
	auto_result saved = { 0 };
	struct session session;
	struct product_list *list;
	const struct product *product;

	if (!page_session(app, request, reply, &session))
		return;
	list = products_hold(app->products);
	product = product_find(list, session.who.product_code);
	if (product) {
		struct view_value values[N_THANKS] = { [THANKS_EMAIL].text =
												   saved_email(app, &session, &saved),
			[THANKS_ACCESS_NOTE].text = product->access_note,
			[THANKS_HAS_APP].flag = *product->handoff_url != '\0' };

		page_send(app, request, reply, PAGE_THANKS, product, values);
	} else {
		page_plain(app, request, reply, PAGE_UNAVAILABLE);
	}
	products_release(app->products, list);
}
