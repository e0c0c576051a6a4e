/* After the form: what happens next. */
#include <string.h>

#include "base/text.h"
#include "fcgi/page.h"
#include "fcgi/pages.h"
#include "fcgi_queries.h"

/* The address that this session gave, owned by `saved`. ERR_MISSING: it gave none. */
static enum status find_email(
	struct app *app, const struct session *session, struct db_result *saved, const char **ret_email)
{
	char hash[HASH_HEX_SIZE];
	const char *const values[] = { hash };
	struct err err;
	enum status rc;

	session_hash_hex(session, hash);
	rc = db_pool_run(app->pool, FCGI_CONTACT_OF_SESSION, values, 1, saved, &err);
	if (rc)
		return rc;
	for (size_t row = 0; row < db_result_rows(saved); row++) {
		const char *name = db_result_text(saved, row, 0);

		if (name && !strcmp(name, "email")) {
			*ret_email = db_result_text(saved, row, 1);
			return OK;
		}
	}
	return ERR_MISSING;
}

void page_thanks(void *arg, struct request *request, struct reply *reply)
{
	struct app *app = arg;
	auto_result saved = { 0 };
	struct session session;
	struct product_list *list;
	const struct product *product;
	const char *email = NULL;

	if (!page_session(app, request, reply, &session))
		return;
	/* Nothing to give thanks for yet. While the database is away, nobody knows: then the page has
	 * no address. */
	if (find_email(app, &session, &saved, &email) == ERR_MISSING) {
		reply_redirect(reply, "/signup");
		return;
	}
	list = products_hold(app->products);
	product = product_find(list, session.who.product_code);
	if (product) {
		struct view_value values[N_THANKS] = { [THANKS_EMAIL].text = email,
			[THANKS_ACCESS_NOTE].text = product->access_note,
			[THANKS_HAS_APP].flag = *product->handoff_url != '\0' };

		page_send(app, request, reply, PAGE_THANKS, product, values);
	} else {
		page_plain(app, request, reply, PAGE_UNAVAILABLE);
	}
	products_release(app->products, list);
}
