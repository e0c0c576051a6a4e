/* Where requests come from: an address of our own, systemd's socket, a socket on descriptor 0, or
 * one CGI request. */
#ifndef FCGI_LISTEN_H
#define FCGI_LISTEN_H

#include <stdbool.h>

#include "base/err.h"

struct listener {
	int fd;         /* listening, non-blocking; -1: there is one request, as plain CGI */
	bool shared;    /* others hold this socket too (systemd, a second handler): what waits in it is
					   theirs to serve */
	char path[108]; /* of a unix socket of our own, with its inode; "" otherwise */
	unsigned long inode;
};

/* address: as conf_load takes it: a unix socket's path, which has a slash, or host:port; NULL to
 * look for what the parent process handed down. A unix socket is put in place of an older one by
 * rename, so that there is always one to connect to, and the process that had the older one
 * finishes what it accepted. Its mode is 0666: the folder decides who may connect. ERR_INPUT: no
 * address and nothing handed down, or an address that can't be used; the text says which. */
MUST_CHECK enum status listener_open(
	const char *address, struct listener *ret_listener, struct err *err);

/* Removes the path of a socket of our own, if it is still ours: nobody new can connect, what waits
 * can be served. */
void listener_withdraw(struct listener *listener);

/* Withdraws and closes. */
void listener_close(struct listener *listener);

#endif
