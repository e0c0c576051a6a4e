/* All threads that have nothing to do wait for a connection by one epoll, which wakes the one that
 * began to wait last: its stack and its heap are warm, and few threads are touched when there is
 * little to do. Whoever accepts has the next one woken. The listening socket is never shut down, as
 * systemd and other handlers hold the same one; what ends the waiting is an eventfd beside it. */
#include "fcgi/worker.h"

#include <errno.h>
#include <fcgiapp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/streams.h"

enum {
	STACK_BYTES = 256 * 1024,
	PEER_TIMEOUT_S = 30,     /* nginx sends and takes at once; whoever does not is not nginx */
	AT_ONCE_BYTES = 2048,    /* an empty socket takes head and body of so much: nothing waits */
	/* TCP's address stays until the end, and more may come all the time. */
	DRAIN_MS = 1000,
	SHORTAGE_PAUSE_MS = 50,  /* out of descriptors: wait for one to come free instead of spinning */
	KEEP_BYTES = 128 * 1024, /* a reply that grew beyond this gives its memory back */
};

struct pool {
	const struct server *server;
	int epoll_fd, stop_fd;
	_Atomic int64_t drain_until_ms; /* set before stop_fd is, an order that C does not know */
	pthread_t *threads;
	size_t n_threads;
};

static size_t fcgi_read(void *self, char *to, size_t len)
{
	FCGX_Request *wire = self;
	int got = FCGX_GetStr(to, (int)len, wire->in);

	return got > 0 ? (size_t)got : 0;
}

static void set_time_out(int fd, int which)
{
	struct timeval limit = { .tv_sec = PEER_TIMEOUT_S };

	setsockopt(fd, SOL_SOCKET, which, &limit, sizeof limit);
}

static bool fcgi_write(void *self, const char *data, size_t len)
{
	FCGX_Request *wire = self;

	if (len > AT_ONCE_BYTES)
		set_time_out(wire->ipcFd, SO_SNDTIMEO);
	return FCGX_PutStr(data, (int)len, wire->out) == (int)len;
}

static void log_request(const struct request *request, const struct reply *reply, const char *path,
	int64_t started_ms, bool sent)
{
	log_event(LOG_INFO, "request", LOG_TEXT("request_id", request->id),
		LOG_TEXT("method", request->method), LOG_TEXT("path", path),
		LOG_NUM("status", reply->status), LOG_NUM("bytes", reply->body.len),
		LOG_NUM("ms", clock_monotonic_ms() - started_ms), LOG_TEXT("client", sent ? NULL : "gone"));
}

static void serve(const struct server *server, const struct wire *wire, struct request *request,
	struct reply *reply)
{
	int64_t started_ms = clock_monotonic_ms();
	const char *path;
	bool sent;

	request_read(request, wire, server->body_max);
	reply_reset(reply);
	path = routes_dispatch(server->routes, server->app, request, reply);
	sent = reply_send(reply, wire, !strcmp(request->method, "HEAD"));
	log_request(request, reply, path, started_ms, sent);
	/* Bodies hold tokens and contact data: our copies go with their request. */
	if (request->body.data)
		explicit_bzero(request->body.data, request->body.cap);
	if (reply->body.data)
		explicit_bzero(reply->body.data, reply->body.len);
	if (reply->body.cap > KEEP_BYTES)
		buf_done(&reply->body);
	if (request->body.cap > KEEP_BYTES)
		buf_done(&request->body);
}

/* Gives libfcgi a connection that we accepted: with a descriptor in place and keepConnection set,
 * FCGX_Accept_r reads the next request from it instead of accepting (fcgiapp.c, FCGX_Accept_r). */
static void serve_connection(
	const struct server *server, int fd, struct request *request, struct reply *reply)
{
	FCGX_Request fcgi;
	struct wire wire = { .read = fcgi_read, .write = fcgi_write, .self = &fcgi };

	set_time_out(fd, SO_RCVTIMEO);
	FCGX_InitRequest(&fcgi, -1, 0);
	fcgi.ipcFd = fd;
	fcgi.keepConnection = 1;
	if (FCGX_Accept_r(&fcgi) < 0) {
		log_event(
			LOG_WARN, "bad_fastcgi", LOG_TEXT("what", "a connection ended without a request"));
		return; /* closed by libfcgi */
	}
	fcgi.keepConnection =
		0; /* a kept connection would hold its thread: nginx must not ask for one */
	wire.params = fcgi.envp;
	serve(server, &wire, request, reply);
	/* Without it FCGX_Finish_r waits for nginx to close. With input unread, nginx would see a reset
	 * instead of the reply, so then it has to wait. */
	if (request->body_state == BODY_WHOLE)
		FCGX_Detach(&fcgi);
	FCGX_Finish_r(&fcgi);
}

/* The next connection that waits; negative: there is none. */
static int accept_one(const struct pool *pool)
{
	int fd = accept4(pool->server->listener->fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
		log_event(LOG_ERROR, "accept", LOG_TEXT("error", strerror(errno)),
			LOG_TEXT("do", "raise the limit of open files (LimitNOFILE, ulimit -n)"));
		clock_sleep_ms(SHORTAGE_PAUSE_MS);
	}
	return fd;
}

/* Has one of those who wait woken for the next connection, and none for the one after it. */
static int watch_listener(const struct pool *pool, int operation)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT,
		.data.fd = pool->server->listener->fd };

	return epoll_ctl(pool->epoll_fd, operation, event.data.fd, &event);
}

/* One of those that wait at the end; negative: there is none. What waits in a shared socket goes to
 * the next process; in our own it would be refused. */
static int drain(const struct pool *pool)
{
	bool may = !pool->server->listener->shared && clock_monotonic_ms() < pool->drain_until_ms;

	return may ? accept_one(pool) : -1;
}

/* Waits for a connection. Negative: it is time to stop. */
static int next_connection(const struct pool *pool)
{
	struct epoll_event event;
	int fd;

	for (;;) {
		if (epoll_wait(pool->epoll_fd, &event, 1, -1) < 1)
			continue; /* EINTR; nothing else can happen to valid arguments */
		if (event.data.fd == pool->stop_fd)
			return drain(pool);
		fd = accept_one(pool);
		watch_listener(pool, EPOLL_CTL_MOD);
		if (fd >= 0)
			return fd;
	}
}

static void *work(void *arg)
{
	const struct pool *pool = arg;
	struct request request = { 0 };
	struct reply reply = { 0 };
	int fd;

	while ((fd = next_connection(pool)) >= 0)
		serve_connection(pool->server, fd, &request, &reply);
	buf_wipe(&request.body);
	reply_done(&reply);
	return NULL;
}

static enum status start_workers(struct pool *pool, struct err *err)
{
	pthread_attr_t attr;
	int rc = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	for (; pool->n_threads < (size_t)pool->server->threads && !rc; pool->n_threads += !rc)
		rc = pthread_create(&pool->threads[pool->n_threads], &attr, work, pool);
	pthread_attr_destroy(&attr);
	if (rc)
		return err_set(err, ERR_LOCAL,
			"cannot start thread %zu of %ld: %s; lower TOLLGATE_THREADS or raise the limit",
			pool->n_threads + 1, pool->server->threads, strerror(rc));
	return OK;
}

/* Each as soon as it has finished what it does. */
static void stop_workers(struct pool *pool)
{
	eventfd_write(pool->stop_fd, 1); /* never read, so that all see it */
	for (size_t i = 0; i < pool->n_threads; i++)
		pthread_join(pool->threads[i], NULL);
}

static void stop_signals(sigset_t *ret_set)
{
	sigemptyset(ret_set);
	sigaddset(ret_set, SIGTERM);
	sigaddset(ret_set, SIGINT);
}

void server_block_signals(void)
{
	sigset_t set;

	stop_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a full quota is an error of write(), not an end */
}

/* The signal stays where it is: others may watch for it too. */
static void wait_for_stop(int signal_fd)
{
	struct pollfd wait = { .fd = signal_fd, .events = POLLIN };

	while (poll(&wait, 1, -1) < 0)
		; /* EINTR; nothing else can happen to valid arguments */
}

static enum status watch(struct pool *pool, struct err *err)
{
	struct epoll_event stop = { .events = EPOLLIN };

	pool->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	pool->stop_fd = stop.data.fd = eventfd(0, EFD_CLOEXEC);
	if (pool->epoll_fd < 0 || pool->stop_fd < 0 ||
		epoll_ctl(pool->epoll_fd, EPOLL_CTL_ADD, pool->stop_fd, &stop) ||
		watch_listener(pool, EPOLL_CTL_ADD))
		return err_set(err, ERR_LOCAL, "cannot watch the listening socket: %s", strerror(errno));
	return OK;
}

static enum status run_socket(const struct server *server, struct err *err)
{
	struct pool pool = { .server = server, .epoll_fd = -1, .stop_fd = -1 };
	sigset_t set;
	int signal_fd;
	enum status rc;

	stop_signals(&set);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	pool.threads = calloc((size_t)server->threads, sizeof *pool.threads);
	if (signal_fd < 0 || !pool.threads)
		rc = err_set(err, ERR_LOCAL, "cannot make the accept loop: %s", strerror(errno));
	else
		rc = watch(&pool, err);
	if (!rc)
		rc = start_workers(&pool, err);
	if (!rc) {
		wait_for_stop(signal_fd);
		log_event(LOG_INFO, "stopping", LOG_TEXT("what", "finishing the requests in hand"));
		pool.drain_until_ms = *server->listener->path ? INT64_MAX : clock_monotonic_ms() + DRAIN_MS;
		/* First, so that nobody comes after the last one has looked. */
		listener_withdraw(server->listener);
	}
	stop_workers(&pool);
	if (pool.epoll_fd >= 0)
		close(pool.epoll_fd);
	if (pool.stop_fd >= 0)
		close(pool.stop_fd);
	if (signal_fd >= 0)
		close(signal_fd);
	free(pool.threads);
	return rc;
}

static size_t cgi_read(void *self, char *to, size_t len)
{
	ssize_t got;

	(void)self;
	do
		got = read(STDIN_FILENO, to, len);
	while (got < 0 && errno == EINTR);
	return got > 0 ? (size_t)got : 0;
}

static bool cgi_write(void *self, const char *data, size_t len)
{
	(void)self;
	return streams_write(STDOUT_FILENO, data, len);
}

static void run_cgi(const struct server *server)
{
	struct wire wire = { .params = environ, .read = cgi_read, .write = cgi_write };
	struct request request = { 0 };
	struct reply reply = { 0 };

	serve(server, &wire, &request, &reply);
	buf_wipe(&request.body);
	reply_done(&reply);
}

enum status server_run(const struct server *server, struct err *err)
{
	if (server->listener->fd < 0) {
		run_cgi(server);
		return OK;
	}
	/* FCGX_Init would install signal handlers of its own unless ours are in place: ours are
	 * blocked, and it only replaces default ones, whose delivery stays blocked too. */
	if (FCGX_Init())
		return err_set(err, ERR_LOCAL, "cannot set up FastCGI");
	return run_socket(server, err);
}
