/* For tests: a server on a loopback port that answers from a script, a thread a connection. */
#ifndef TESTS_UNIT_HTTP_SERVER_H
#define TESTS_UNIT_HTTP_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

enum { SERVER_REPLIES = 8, SERVER_CONNECTIONS = 64, SERVER_REQUESTS = 16, SERVER_TEXT = 4096 };

enum server_then { SERVER_KEEP, SERVER_CLOSE, SERVER_HANG };

struct server_reply {
	const char *text; /* sent as it stands; NULL: nothing */
	enum server_then then;
};

struct server;

struct server_connection {
	struct server *server;
	int fd;
	SSL *tls;
	pthread_t thread;
};

struct server {
	int fd, port;
	SSL_CTX *tls; /* NULL: plain */
	struct server_reply replies[SERVER_REPLIES]; /* in the order of requests; the last one stays */
	int n_replies;
	int together; /* answer only when so many requests wait */
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t arrived;
	struct server_connection connections[SERVER_CONNECTIONS];
	int n_connections, n_requests;
	int n_partial; /* requests of which only a part came */
	char requests[SERVER_REQUESTS][SERVER_TEXT];
	int from[SERVER_REQUESTS]; /* which connection it came by */
};

static inline bool server_read(struct server_connection *c, char *text, size_t *len)
{
	size_t room = SERVER_TEXT - 1 - *len;
	char *end = text + *len;
	ssize_t got = c->tls ? SSL_read(c->tls, end, (int)room) : read(c->fd, end, room);

	if (got <= 0)
		return false;
	*len += (size_t)got;
	text[*len] = '\0';
	return true;
}

/* Reads one request whole. */
static inline bool server_receive(struct server_connection *c, char *text)
{
	size_t len = 0;

	text[0] = '\0';
	for (;;) {
		const char *body = strstr(text, "\r\n\r\n");
		const char *length = strcasestr(text, "\r\ncontent-length:");

		if (body && (!length || len >= (size_t)(body + 4 - text) + (size_t)atol(length + 17)))
			return true;
		if (len < SERVER_TEXT - 1 && server_read(c, text, &len))
			continue;
		pthread_mutex_lock(&c->server->lock);
		c->server->n_partial += len > 0;
		pthread_mutex_unlock(&c->server->lock);
		return false;
	}
}

static inline void server_send(struct server_connection *c, const char *text)
{
	if (c->tls)
		SSL_write(c->tls, text, (int)strlen(text));
	else
		send(c->fd, text, strlen(text), MSG_NOSIGNAL);
}

/* Notes the request and returns what to answer. */
static inline struct server_reply server_note(struct server_connection *c, const char *text)
{
	struct server *s = c->server;
	struct server_reply reply;
	int i;

	pthread_mutex_lock(&s->lock);
	i = s->n_requests++;
	if (i < SERVER_REQUESTS) {
		strcpy(s->requests[i], text);
		s->from[i] = (int)(c - s->connections);
	}
	reply = s->replies[i < s->n_replies ? i : s->n_replies - 1];
	pthread_cond_broadcast(&s->arrived);
	while (s->n_requests < s->together)
		pthread_cond_wait(&s->arrived, &s->lock);
	pthread_mutex_unlock(&s->lock);
	return reply;
}

static inline void *server_serve(void *self)
{
	struct server_connection *c = self;
	char *text = malloc(SERVER_TEXT);

	if (c->tls && SSL_accept(c->tls) != 1)
		goto out;
	while (text && server_receive(c, text)) {
		struct server_reply reply = server_note(c, text);

		if (reply.text)
			server_send(c, reply.text);
		if (reply.then == SERVER_HANG)
			while (read(c->fd, text, 1) > 0)
				;
		if (reply.then != SERVER_KEEP)
			break;
	}
out:
	shutdown(c->fd, SHUT_RDWR);
	free(text);
	return NULL;
}

static inline void *server_accept(void *self)
{
	struct server *s = self;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		struct server_connection *c;

		pthread_mutex_lock(&s->lock);
		if (s->n_connections == SERVER_CONNECTIONS)
			abort();
		c = &s->connections[s->n_connections++];
		pthread_mutex_unlock(&s->lock);
		c->server = s;
		c->fd = fd;
		if (s->tls) {
			c->tls = SSL_new(s->tls);
			SSL_set_fd(c->tls, fd);
		}
		pthread_create(&c->thread, NULL, server_serve, c);
	}
	return NULL;
}

static inline struct server *server_start(SSL_CTX *tls)
{
	struct server *s = calloc(1, sizeof *s);
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;

	if (!s)
		abort();
	signal(SIGPIPE, SIG_IGN); /* a client that hangs up is part of the tests */
	s->tls = tls;
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s->fd, (struct sockaddr *)&at, len) || listen(s->fd, SERVER_CONNECTIONS) ||
		getsockname(s->fd, (struct sockaddr *)&at, &len))
		abort();
	s->port = ntohs(at.sin_port);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->arrived, NULL);
	pthread_create(&s->thread, NULL, server_accept, s);
	return s;
}

/* Returns how many requests came in part. */
static inline int server_stop(struct server *s)
{
	int n_partial;

	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	for (int i = 0; i < s->n_connections; i++) {
		shutdown(s->connections[i].fd, SHUT_RDWR);
		pthread_join(s->connections[i].thread, NULL);
		SSL_free(s->connections[i].tls);
		close(s->connections[i].fd);
	}
	n_partial = s->n_partial;
	close(s->fd);
	pthread_cond_destroy(&s->arrived);
	pthread_mutex_destroy(&s->lock);
	free(s);
	return n_partial;
}

static inline void server_reply(struct server *s, const char *text, enum server_then then)
{
	s->replies[s->n_replies++] = (struct server_reply){ text, then };
}

#endif
