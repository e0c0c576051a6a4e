#include "fcgi/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

enum {
	BACKLOG = 4096, /* nginx answers 502 when a unix socket's backlog is full; the kernel caps it at
					   somaxconn */
	SYSTEMD_FIRST_FD = 3,
};

static enum status set_flags(int fd, struct err *err)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) || fcntl(fd, F_SETFD, FD_CLOEXEC))
		return err_set(err, ERR_LOCAL, "cannot prepare the listening socket: %s", strerror(errno));
	return OK;
}

static enum status bind_unix(int fd, const char *path, struct err *err)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	char temporary[sizeof name.sun_path];
	int len = snprintf(temporary, sizeof temporary, "%s.%d", path, (int)getpid());
	struct stat there;

	if (len < 0 || (size_t)len >= sizeof temporary)
		return err_set(err, ERR_INPUT,
			"TOLLGATE_LISTEN is \"%s\"; a unix socket's path has at most %zu characters", path,
			sizeof temporary - 1 - 8);
	/* The new socket takes the place of an old one; of a key or a page it must not. */
	if (!stat(path, &there) && !S_ISSOCK(there.st_mode))
		return err_set(err, ERR_INPUT,
			"TOLLGATE_LISTEN is \"%s\", and what is there is no socket: allowed is the path of a "
			"unix socket, there or not",
			path);
	text_copy(name.sun_path, sizeof name.sun_path, temporary);
	unlink(temporary);
	if (bind(fd, (struct sockaddr *)&name, sizeof name) || chmod(temporary, 0666) ||
		listen(fd, BACKLOG) || rename(temporary, path)) {
		int why = errno;

		unlink(temporary);
		return err_set(
			err, ERR_INPUT, "cannot listen on the unix socket %s: %s", path, strerror(why));
	}
	return OK;
}

static enum status open_unix(const char *path, struct listener *listener, struct err *err)
{
	struct stat made;
	enum status rc;

	listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener->fd < 0)
		return err_set(err, ERR_LOCAL, "cannot make a unix socket: %s", strerror(errno));
	rc = bind_unix(listener->fd, path, err);
	if (rc)
		return rc;
	if (stat(path, &made))
		return err_set(
			err, ERR_LOCAL, "cannot look at the unix socket %s: %s", path, strerror(errno));
	listener->inode = made.st_ino;
	text_copy(listener->path, sizeof listener->path, path);
	return OK;
}

static int bind_any(const struct addrinfo *at)
{
	int on = 1;

	for (; at; at = at->ai_next) {
		int fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);

		if (fd < 0)
			continue;
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
		if (!bind(fd, at->ai_addr, at->ai_addrlen) && !listen(fd, BACKLOG))
			return fd;
		on = errno;
		close(fd);
		errno = on;
		on = 1;
	}
	return -1;
}

static enum status open_tcp(const char *address, struct listener *listener, struct err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *found = NULL;
	const char *colon = strrchr(address, ':');
	size_t host_len = (size_t)(colon - address);
	char host[256];
	int rc;

	if (host_len > 1 && address[0] == '[' && colon[-1] == ']') {
		address++;
		host_len -= 2;
	}
	if (!host_len || host_len >= sizeof host)
		return err_set(
			err, ERR_INPUT, "TOLLGATE_LISTEN: the host before \"%s\" is empty or too long", colon);
	memcpy(host, address, host_len);
	host[host_len] = '\0';
	rc = getaddrinfo(host, colon + 1, &hints, &found);
	if (rc)
		return err_set(err, ERR_INPUT, "TOLLGATE_LISTEN: cannot resolve %s port %s: %s", host,
			colon + 1, gai_strerror(rc));
	listener->fd = bind_any(found);
	rc = errno;
	freeaddrinfo(found);
	if (listener->fd < 0)
		return err_set(
			err, ERR_INPUT, "cannot listen on %s port %s: %s", host, colon + 1, strerror(rc));
	return OK;
}

static bool is_listening(int fd)
{
	int on = 0;
	socklen_t len = sizeof on;

	return !getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) && on;
}

/* sd_listen_fds(3), without the library. */
static long sockets_of_systemd(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	long number;

	if (!pid || !fds || !text_number(pid, 1, 1L << 30, &number) || number != (long)getpid())
		return 0;
	return text_number(fds, 0, INT_MAX, &number) ? number : 0;
}

static enum status take_inherited(struct listener *listener, struct err *err)
{
	long sockets = sockets_of_systemd();

	listener->shared = true;
	if (sockets > 1)
		return err_set(err, ERR_INPUT,
			"systemd passed %ld sockets, and one is served: leave one ListenStream= in the "
			"socket's unit",
			sockets);
	if (sockets) {
		listener->fd = SYSTEMD_FIRST_FD;
		if (!is_listening(listener->fd))
			return err_set(err, ERR_INPUT,
				"LISTEN_FDS is set, but descriptor %d is not a listening stream socket",
				SYSTEMD_FIRST_FD);
	} else if (is_listening(STDIN_FILENO)) {
		listener->fd = STDIN_FILENO;
	} else if (getenv("GATEWAY_INTERFACE")) {
		listener->fd = -1;
	} else {
		return err_set(err, ERR_INPUT,
			"nothing to listen on: set TOLLGATE_LISTEN to a unix socket's path or host:port, "
			"or start it by systemd's socket, with a socket on descriptor 0, or as CGI");
	}
	return OK;
}

enum status listener_open(const char *address, struct listener *ret_listener, struct err *err)
{
	struct listener listener = { .fd = -1 };
	enum status rc;

	if (!address)
		rc = take_inherited(&listener, err);
	else if (strchr(address, '/'))
		rc = open_unix(address, &listener, err);
	else
		rc = open_tcp(address, &listener, err);
	if (!rc && listener.fd >= 0)
		rc = set_flags(listener.fd, err);
	if (rc) {
		if (listener.fd > STDIN_FILENO)
			close(listener.fd);
		return rc;
	}
	*ret_listener = listener;
	return OK;
}

void listener_withdraw(struct listener *listener)
{
	struct stat now;

	/* Another process may have put its own socket there since. */
	if (listener->path[0] && !stat(listener->path, &now) && now.st_ino == listener->inode)
		unlink(listener->path);
	listener->path[0] = '\0';
}

void listener_close(struct listener *listener)
{
	listener_withdraw(listener);
	if (listener->fd >= 0)
		close(listener->fd);
	listener->fd = -1;
}
