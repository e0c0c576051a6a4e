/* POST /shop/subscribe: the buyer pressed "Subscribe". The answer has the button that AWS calls
 * "Set up your account", which posts a fresh token to the seller's landing page: a form on another
 * site, as with AWS, so that the browser does what it does there. */
#include <string.h>

#include "base/text.h"
#include "fcgi/form.h"
#include "sandbox/sandbox.h"
#include "sandbox/shop.h"
#include "sandbox/token.h"

/* Who buys: "" a new buyer, 12 digits an account that buys once more, else a license's ARN: the
 * same subscription, set up again. */
static void choose_buyer(struct token_order *order, const char *buyer)
{
	if (strspn(buyer, "0123456789") == strlen(buyer))
		order->account = text_or_null(buyer);
	else
		order->license_arn = buyer;
}

static void show_setup(struct sandbox *sandbox, const struct request *request, struct reply *reply,
	const struct token_order *order)
{
	auto_buf token = BUF_INIT(TOKEN_LENGTH_MAX);
	auto_result row = { 0 };
	struct view_value values[N_SETUP] = { 0 };
	enum status rc = token_issue(sandbox, request, order, &token, &row);

	if (rc == ERR_INPUT) {
		shop_refuse(sandbox, request, reply, 400, "This cannot be bought",
			db_result_text(&row, 0, TOKEN_ROW_PROBLEM));
		return;
	}
	if (rc) {
		shop_refuse(sandbox, request, reply, 503, "The shop is closed",
			"The sandbox cannot reach its database. Its log says why.");
		return;
	}
	values[SETUP_PRODUCT].text = db_result_text(&row, 0, TOKEN_ROW_TITLE);
	values[SETUP_ACCOUNT].text = db_result_text(&row, 0, TOKEN_ROW_CUSTOMER_AWS_ACCOUNT_ID);
	values[SETUP_LICENSE].text = db_result_text(&row, 0, TOKEN_ROW_LICENSE_ARN);
	if (*db_result_text(&row, 0, TOKEN_ROW_SHOWS_IDENTIFIER) == 't')
		values[SETUP_IDENTIFIER].text = db_result_text(&row, 0, TOKEN_ROW_CUSTOMER_IDENTIFIER);
	values[SETUP_TOKEN].text = buf_text(&token);
	values[SETUP_OFFER_TYPE].text = order->offer_type;
	values[SETUP_LANDING_URL].text = sandbox->landing_url;
	shop_send(sandbox, request, reply, SHOP_SETUP, values);
}

void shop_subscribe(void *app, struct request *request, struct reply *reply)
{
	auto_form form = { 0 };
	struct token_order order = { 0 };
	struct err err = { 0 };
	const char *buyer, *problem;

	if (!request_is_type(request, "application/x-www-form-urlencoded") ||
		form_parse(buf_text(&request->body), request->body.len, &form, &err)) {
		shop_refuse(app, request, reply, 400, "This is not the shop's form",
			"Go back to the shop and press Subscribe there.");
		return;
	}
	buyer = form_value(&form, "buyer");
	order.product_code = form_value(&form, "product");
	order.offer_type = form_value(&form, "free_trial") ? "free-trial" : NULL;
	choose_buyer(&order, buyer ? buyer : "");
	problem = order.product_code ? token_check(&order) : "The form names no product";
	if (problem)
		shop_refuse(app, request, reply, 400, "This cannot be bought", problem);
	else
		show_setup(app, request, reply, &order);
}
