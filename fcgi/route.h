/* Routes are data: method, path, handler. */
#ifndef FCGI_ROUTE_H
#define FCGI_ROUTE_H

#include "fcgi/reply.h"
#include "fcgi/request.h"

/* Makes the reply. `app` is the program's own. */
typedef void handler_fn(void *app, struct request *request, struct reply *reply);

struct route {
	const char *method; /* GET serves HEAD too */
	const char *path;   /* whole, or ending with a segment "*" that stands for any one */
	handler_fn *handle;
};

/* A program's pages. The last four make the reply where no route does. */
struct routes {
	const struct route *list; /* ends with a NULL path */
	handler_fn *not_found;    /* 404 */
	handler_fn *wrong_method; /* 405; Allow is set already */
	handler_fn *too_large;    /* 413: the body; the connection is closed after it */
	handler_fn *bad_request;  /* 400: a body cut short, or parameters over their bound */
};

/* Finds the route and calls it. Returns the route's path, for the log: never the one that a
 * stranger sent; "-" without one. */
const char *routes_dispatch(
	const struct routes *routes, void *app, struct request *request, struct reply *reply);

#endif
