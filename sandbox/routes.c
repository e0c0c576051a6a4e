#include "sandbox/routes.h"

#include <string.h>

#include "sandbox/api.h"
#include "sandbox/control.h"
#include "sandbox/shop.h"

enum { LIST_BYTES_MAX = 1000 };

static const struct route list[] = {
	{ "POST", "/", api_handle },
	{ "GET", "/", shop_list },
	{ "POST", "/shop/subscribe", shop_subscribe },
	{ "GET", "/console", console_show },
	{ "GET", "/app/handoff", shop_handoff },
	{ "POST", "/control/tokens", control_tokens },
	{ "POST", "/control/faults", control_faults },
	{ "POST", "/control/clock", control_clock },
	{ "POST", "/control/rate", control_rate },
	{ "POST", "/control/settings", control_settings },
	{ "POST", "/control/subscriptions/end", control_end },
	{ "POST", "/control/callers", control_callers },
	{ "GET", "/control/calls", control_calls },
	{ "GET", "/control/records", control_records },
	{ "GET", "/control/usage", control_usage },
	{ "POST", "/control/keys", control_keys },
	{ "GET", "/control/keys/*", control_key },
	{ "POST", "/control/reset", control_reset },
	{ 0 },
};

static bool is_control(const char *path)
{
	return !strncmp(path, "/control/", 9);
}

static bool is_call(const struct request *request)
{
	return !strcmp(request->path, "/") && !strcmp(request->method, "POST");
}

static void refuse_control(struct reply *reply, int status, const char *what)
{
	auto_buf allowed = BUF_INIT(LIST_BYTES_MAX);

	for (const struct route *route = list; route->path; route++)
		if (is_control(route->path))
			buf_printf(&allowed, "%s%s %s", allowed.len ? ", " : "", route->method, route->path);
	control_refuse(reply, status, "%s Allowed: %s.", what, buf_text(&allowed));
}

static void not_found(void *app, struct request *request, struct reply *reply)
{
	if (is_control(request->path))
		refuse_control(reply, 404, "There is no such control call.");
	else
		shop_refuse(
			app, request, reply, 404, "Page not found", "There is nothing here. The shop is at /.");
}

static void wrong_method(void *app, struct request *request, struct reply *reply)
{
	if (is_control(request->path))
		refuse_control(reply, 405, "This control call has another method.");
	else
		shop_refuse(app, request, reply, 405, "Method not allowed",
			"This address does not answer to that method.");
}

static void too_large(void *app, struct request *request, struct reply *reply)
{
	if (is_call(request))
		api_refuse_body(app, request, reply);
	else if (is_control(request->path))
		control_refuse(reply, 413, "The body is too large.");
	else
		shop_refuse(app, request, reply, 413, "Too large", "The request has too large a body.");
}

static void bad_request(void *app, struct request *request, struct reply *reply)
{
	if (is_call(request))
		api_refuse_body(app, request, reply);
	else if (is_control(request->path))
		control_refuse(reply, 400, "The request is not complete, or its headers are too large.");
	else
		shop_refuse(app, request, reply, 400, "Bad request",
			"The request is not complete, or its headers are too large.");
}

const struct routes sandbox_routes = { .list = list,
	.not_found = not_found,
	.wrong_method = wrong_method,
	.too_large = too_large,
	.bad_request = bad_request };
