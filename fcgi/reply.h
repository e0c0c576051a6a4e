/* The one place where status, headers and Content-Security-Policy are written. */
#ifndef FCGI_REPLY_H
#define FCGI_REPLY_H

#include <stdbool.h>

#include "base/buf.h"
#include "fcgi/request.h"

struct reply {
	int status;
	const char *content_type;
	struct buf headers; /* further ones, whole lines */
	struct buf body;
	/* More origins for the policy, "https://host"; "" for none. */
	struct buf form_action, img_src;
	bool bare; /* for machines: none of the headers that only browsers heed */
	size_t held_back; /* bytes at the body's end that are declared and not sent: a cut answer */
};

/* Empties it for the next request and keeps the memory. The body's maximum is 1 MiB unless the
 * owner set another. */
void reply_reset(struct reply *reply);
void reply_done(struct reply *reply);

/* One more header. A value with a control character would end the header: it is a bug, and refused
 * by failing the reply with 500. */
void reply_header(struct reply *reply, const char *name, const char *value);

/* 303: the browser goes on with GET, so a reload never posts twice. */
void reply_redirect(struct reply *reply, const char *location);

/* A short text/plain answer. */
void reply_text(struct reply *reply, int status, const char *text);

/* Writes it all; without the body for HEAD. A body or header over its maximum becomes a bare 500.
 * False: the client or nginx is gone. */
bool reply_send(struct reply *reply, const struct wire *wire, bool head_only);

#endif
