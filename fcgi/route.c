#include "fcgi/route.h"

#include <string.h>

static bool is_method(const char *wanted, const char *given)
{
	return !strcmp(wanted, given) || (!strcmp(wanted, "GET") && !strcmp(given, "HEAD"));
}

/* "/a/" with a star after it stands for "/a/" and one more segment. */
static bool is_path(const char *route, const char *path)
{
	size_t len = strlen(route);

	if (len < 2 || strcmp(route + len - 2, "/*") != 0)
		return !strcmp(route, path);
	return !strncmp(route, path, len - 1) && path[len - 1] && !strchr(path + len - 1, '/');
}

/* The methods of all routes with that path. */
static void put_allow(const struct routes *routes, const char *path, struct reply *reply)
{
	auto_buf allow = BUF_INIT(100);

	for (const struct route *route = routes->list; route->path; route++) {
		if (!is_path(route->path, path))
			continue;
		buf_printf(&allow, "%s%s", allow.len ? ", " : "", route->method);
		if (!strcmp(route->method, "GET"))
			buf_puts(&allow, ", HEAD");
	}
	reply_header(reply, "Allow", buf_text(&allow));
}

const char *routes_dispatch(
	const struct routes *routes, void *app, struct request *request, struct reply *reply)
{
	const char *known_path = NULL;
	handler_fn *handle = NULL;

	for (const struct route *route = routes->list; route->path && !handle; route++) {
		if (!is_path(route->path, request->path))
			continue;
		known_path = route->path;
		if (is_method(route->method, request->method))
			handle = route->handle;
	}
	if (request->params_too_large || request->body_state == BODY_CUT_SHORT) {
		handle = routes->bad_request;
	} else if (!known_path) {
		handle = routes->not_found;
	} else if (!handle) {
		put_allow(routes, request->path, reply);
		handle = routes->wrong_method;
	} else if (request->body_state == BODY_TOO_LARGE) {
		handle = routes->too_large;
	}
	handle(app, request, reply);
	return known_path ? known_path : "-";
}
