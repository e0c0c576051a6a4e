/* One request, as it came: bounded, and nothing in it trusted. */
#ifndef FCGI_REQUEST_H
#define FCGI_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* Where a request comes from and its answer goes: FastCGI, plain CGI, or a test. */
struct wire {
	char **params;                                    /* NAME=value, NULL at the end */
	size_t (*read)(void *self, char *to, size_t len); /* 0: the body has ended */
	bool (*write)(void *self, const char *data, size_t len);
	void *self;
};

struct request {
	char id[33];        /* 32 hex digits, nginx's $request_id where it gives one */
	const char *method; /* these four are "" where nothing was sent; owned by the wire */
	const char *path;
	const char *query;
	const char *content_type;
	struct buf body;
	enum { BODY_WHOLE, BODY_TOO_LARGE, BODY_CUT_SHORT } body_state;
	bool params_too_large;
	char **params;
};

/* Reads parameters and body. A body of more than body_max bytes is not kept: body_state says so,
 * and the rest is left unread. Reuses request->body's memory. */
void request_read(struct request *request, const struct wire *wire, size_t body_max);

/* A CGI variable, HTTP_X_Y for header X-Y; NULL if absent. Owned by the wire. */
const char *request_param(const struct request *request, const char *name);

/* The value of a cookie and its length; NULL if absent. Not decoded. */
const char *request_cookie(const struct request *request, const char *name, size_t *ret_len);

/* Whether the content type, without its parameters, is `type` (lower case). */
bool request_is_type(const struct request *request, const char *type);

#endif
