/* For load balancers and `make run`. */
#include "base/log.h"
#include "fcgi/app.h"
#include "fcgi/pages.h"
#include "fcgi_queries.h"

void page_healthz(void *arg, struct request *request, struct reply *reply)
{
	(void)arg;
	(void)request;
	reply_text(reply, 200, "alive\n");
}

/* The templates were checked at the start, or there would be no process to ask. */
void page_readyz(void *arg, struct request *request, struct reply *reply)
{
	struct app *app = arg;
	struct err err = { 0 };

	if (!db_pool_run(app->pool, FCGI_PING, NULL, 0, NULL, &err)) {
		reply_text(reply, 200, "ready\n");
		return;
	}
	log_event(
		LOG_WARN, "not_ready", LOG_TEXT("request_id", request->id), LOG_TEXT("error", err.text));
	reply_text(
		reply, 503, "not ready: the database does not answer; registrations go to the journal\n");
}
