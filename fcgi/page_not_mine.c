/* "This is not my account": whoever was lured here with another's token leaves with nothing. The
 * answer to login CSRF, together with the account's last digits above the form. */
#include "fcgi/page.h"
#include "fcgi/pages.h"

void page_not_mine(void *arg, struct request *request, struct reply *reply)
{
	struct app *app = arg;
	auto_form form = { 0 };
	struct session session;

	if (!page_session_form(app, request, reply, &session, &form))
		return;
	session_forget(app->secure, reply);
	page_plain(app, request, reply, PAGE_NOT_MINE);
}
