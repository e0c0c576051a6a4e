/* What all pages do alike: fill in the seller and the product, render, set the policy; and the
 * failures. */
#ifndef FCGI_PAGE_H
#define FCGI_PAGE_H

#include "fcgi/app.h"
#include "fcgi/form.h"
#include "fcgi/session.h"
#include "fcgi/views.h"

/* product NULL: none is known; what the seller's products say alike is shown. values: parallel to
 * the page's names. */
void page_send(struct app *app, const struct request *request, struct reply *reply, enum page page,
	const struct product *product, const struct view_value *values);

/* A page that has no values of its own. */
void page_plain(
	struct app *app, const struct request *request, struct reply *reply, enum page page);

/* Parses a posted form. False: the reply says what is wrong with it (415, 400, 503). */
bool page_form(
	struct app *app, const struct request *request, struct reply *reply, struct form *ret_form);

/* The session of a page that needs one. False: the reply says that there is none. */
bool page_session(struct app *app, const struct request *request, struct reply *reply,
	struct session *ret_session);

/* A posted form of a session that brought its CSRF token back. False: the reply says what is wrong.
 */
bool page_session_form(struct app *app, const struct request *request, struct reply *reply,
	struct session *ret_session, struct form *ret_form);

/* The last four digits of the buyer's AWS account, "" if AWS named none. */
const char *page_account_tail(const struct session *session);

#endif
