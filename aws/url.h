/* Just enough of URLs to know whom we would call, and whether that may go unencrypted. */
#ifndef AWS_URL_H
#define AWS_URL_H

#include <stdbool.h>

#include "base/buf.h"

struct url {
	bool tls;
	char host[256]; /* an IPv6 address without its brackets */
	int port;       /* given, or the scheme's */
	char authority[272]; /* as the Host header has it: with the port unless it is the scheme's */
};

/* Takes apart scheme://host[:port][/].
 * ERR_INPUT: anything else, or a user name, path or query in it; the text says what, not the URL,
 * as it may hold a password. */
MUST_CHECK enum status url_parse(const char *text, struct url *ret_url, struct err *err);

/* The same of an address that may have a path or query: *ret_rest is what follows host and port, ""
 * or from the first of / ? # on; it points into `text`. */
MUST_CHECK enum status url_split(const char *text, struct url *ret_url, const char **ret_rest,
	struct err *err);

/* localhost, its sub-domains, 127.0.0.0/8 and ::1: bytes that never leave this machine. */
bool url_is_loopback(const struct url *url);

/* 169.254.0.0/16, fe80::/10, and EC2's own fd00:ec2::/32: where AWS's metadata services are. No
 * proxy can stand in between. */
bool url_is_link_local(const struct url *url);

/* Adds a text with all but letters, digits and - . _ ~ as %XX: for a part of a path or a form. */
void url_encode(struct buf *out, const char *text);

#endif
