#include "fcgi/page.h"

#include <string.h>

/* The one place where a page's HTTP status is decided. */
static const int statuses[N_PAGES] = {
	[PAGE_HOME] = 200,
	[PAGE_SIGNUP] = 200,
	[PAGE_THANKS] = 200,
	[PAGE_EXISTING] = 200,
	[PAGE_NOT_MINE] = 200,
	[PAGE_TRY_AGAIN] = 503,
	[PAGE_UNAVAILABLE] = 503,
	[PAGE_TOKEN_EXPIRED] = 400,
	[PAGE_TOKEN_INVALID] = 400,
	[PAGE_NO_TOKEN] = 400,
	[PAGE_UNKNOWN_PRODUCT] = 403,
	[PAGE_SESSION_OVER] = 403,
	[PAGE_FORM_EXPIRED] = 403,
	[PAGE_BAD_FORM] = 400,
	[PAGE_WRONG_TYPE] = 415,
	[PAGE_TOO_LARGE] = 413,
	[PAGE_NOT_FOUND] = 404,
	[PAGE_WRONG_METHOD] = 405,
};

static void fill_common(struct view_value common[N_COMMON], const struct product *product,
	const struct request *request)
{
	memset(common, 0, N_COMMON * sizeof *common);
	common[COMMON_REQUEST_ID].text = request->id;
	if (!product)
		return;
	common[COMMON_PRODUCT_NAME].text = product->name;
	common[COMMON_SELLER_NAME].text = product->seller_name;
	common[COMMON_LOGO_URL].text = product->logo_url;
	common[COMMON_SUPPORT_EMAIL].text = product->support_email;
	common[COMMON_SUPPORT_URL].text = product->support_url;
	common[COMMON_TERMS_URL].text = product->terms_url;
	common[COMMON_PRIVACY_URL].text = product->privacy_url;
}

void page_send(struct app *app, const struct request *request, struct reply *reply, enum page page,
	const struct product *product, const struct view_value *values)
{
	struct product_list *list = product ? NULL : products_hold(app->products);
	struct view_value common[N_COMMON];

	if (list)
		product = &list->shared;
	fill_common(common, product, request);
	reply->status = statuses[page];
	if (product && product->logo_origin)
		buf_puts(&reply->img_src, product->logo_origin);
	if (page == PAGE_EXISTING && product && product->handoff_origin)
		buf_puts(&reply->form_action, product->handoff_origin);
	if (reply->status == 503)
		reply_header(reply, "Retry-After", "30");
	templates_render(app->templates, page, common, values, &reply->body);
	products_release(app->products, list);
}

void page_plain(struct app *app, const struct request *request, struct reply *reply, enum page page)
{
	page_send(app, request, reply, page, NULL, NULL);
}

bool page_form(
	struct app *app, const struct request *request, struct reply *reply, struct form *ret_form)
{
	struct err err;
	enum status rc;

	if (!request_is_type(request, "application/x-www-form-urlencoded")) {
		page_plain(app, request, reply, PAGE_WRONG_TYPE);
		return false;
	}
	rc = form_parse(buf_text(&request->body), request->body.len, ret_form, &err);
	if (rc)
		page_plain(app, request, reply, rc == ERR_INPUT ? PAGE_BAD_FORM : PAGE_UNAVAILABLE);
	return !rc;
}

bool page_session(struct app *app, const struct request *request, struct reply *reply,
	struct session *ret_session)
{
	if (session_of(&app->keys, request, app->secure, ret_session))
		return true;
	page_plain(app, request, reply, PAGE_SESSION_OVER);
	return false;
}

bool page_session_form(struct app *app, const struct request *request, struct reply *reply,
	struct session *ret_session, struct form *ret_form)
{
	if (!page_form(app, request, reply, ret_form) ||
		!page_session(app, request, reply, ret_session))
		return false;
	if (session_csrf_ok(&app->keys, ret_session, form_value(ret_form, "csrf")))
		return true;
	page_plain(app, request, reply, PAGE_FORM_EXPIRED);
	return false;
}

const char *page_account_tail(const struct session *session)
{
	const char *account = session->who.customer_aws_account_id;
	size_t len = strlen(account);

	return len > 4 ? account + len - 4 : "";
}
