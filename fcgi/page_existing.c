/* "I already have an account": hands the buyer to the seller's app with a code that is good once,
 * for two minutes. The app redeems it with tollgate.redeem_handoff and asks its own signed-in user
 * to confirm. */
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/page.h"
#include "fcgi/pages.h"
#include "fcgi_queries.h"

enum { CODE_BYTES = 32, LOCATION_BYTES_MAX = 4096 };

void page_existing(void *arg, struct request *request, struct reply *reply)
{
	struct app *app = arg;
	struct session session;
	struct product_list *list;
	const struct product *product;

	if (!page_session(app, request, reply, &session))
		return;
	list = products_hold(app->products);
	product = product_find(list, session.who.product_code);
	if (product && product->handoff_origin) {
		auto_buf csrf = BUF_INIT(100);
		struct view_value values[N_EXISTING] = { [EXISTING_ACCOUNT_TAIL].text =
													 page_account_tail(&session),
			[EXISTING_APP_HOST].text = product->handoff_host };

		session_csrf(&app->keys, &session, &csrf);
		values[EXISTING_CSRF].text = buf_text(&csrf);
		page_send(app, request, reply, PAGE_EXISTING, product, values);
	} else {
		page_plain(app, request, reply, product ? PAGE_NOT_FOUND : PAGE_UNAVAILABLE);
	}
	products_release(app->products, list);
}

static enum status make_code(
	struct app *app, const struct session *session, struct buf *code, struct err *err)
{
	const struct metering_customer *who = &session->who;
	unsigned char random[CODE_BYTES];
	char hash[HASH_HEX_SIZE];
	const char *const values[] = { hash, who->product_code, text_or_null(who->customer_identifier),
		text_or_null(who->customer_aws_account_id), text_or_null(who->license_arn) };

	text_random(random, sizeof random);
	text_base64url(code, random, sizeof random);
	explicit_bzero(random, sizeof random);
	/* An empty one is what anybody can guess. */
	if (code->failed)
		return err_set(err, ERR_LOCAL, "no memory for a code");
	hash_sha256_hex(buf_text(code), code->len, hash);
	return db_writer_run(
		app->writer, FCGI_MAKE_HANDOFF, values, sizeof values / sizeof values[0], NULL, err);
}

static void hand_off(struct app *app, const struct request *request, struct reply *reply,
	const struct session *session, const struct product *product)
{
	auto_buf code = BUF_INIT(100), location = BUF_INIT(LOCATION_BYTES_MAX);
	struct err err = { 0 };

	if (make_code(app, session, &code, &err)) {
		log_event(LOG_ERROR, "handoff_not_made", LOG_TEXT("request_id", request->id),
			LOG_TEXT("error", err.text));
		page_plain(app, request, reply, PAGE_UNAVAILABLE);
	} else {
		buf_printf(&location, "%s%ccode=%s", product->handoff_url,
			strchr(product->handoff_url, '?') ? '&' : '?', buf_text(&code));
		reply_redirect(reply, buf_text(&location));
		reply->headers.failed |= location.failed;
		log_event(LOG_INFO, "handed_off", LOG_TEXT("request_id", request->id),
			LOG_TEXT("product", product->code));
	}
	buf_wipe(&code);
	buf_wipe(&location);
}

void page_handoff(void *arg, struct request *request, struct reply *reply)
{
	struct app *app = arg;
	auto_form form = { 0 };
	struct session session;
	struct product_list *list;
	const struct product *product;

	if (!page_session_form(app, request, reply, &session, &form))
		return;
	list = products_hold(app->products);
	product = product_find(list, session.who.product_code);
	if (product && product->handoff_origin)
		hand_off(app, request, reply, &session, product);
	else
		page_plain(app, request, reply, product ? PAGE_NOT_FOUND : PAGE_UNAVAILABLE);
	products_release(app->products, list);
}
