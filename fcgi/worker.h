/* The accept loop: a thread a request, each page straight-line code; a stop that loses nothing. */
#ifndef FCGI_WORKER_H
#define FCGI_WORKER_H

#include <stddef.h>

#include "base/err.h"
#include "fcgi/listen.h"
#include "fcgi/route.h"

struct server {
	struct listener *listener;
	long threads;
	size_t body_max; /* bytes of a request's body */
	const struct routes *routes;
	void *app;
};

/* Blocks SIGTERM and SIGINT for this thread and those that it starts: call it before any is
 * started, so that only server_run hears of a stop. Ignores SIGPIPE and SIGXFSZ. */
void server_block_signals(void);

/* Serves until SIGTERM or SIGINT, then finishes the requests in hand and those that wait in a
 * socket of our own, and returns OK. Without a socket: serves one request as plain CGI. Logs a line
 * a request. */
MUST_CHECK enum status server_run(const struct server *server, struct err *err);

#endif
