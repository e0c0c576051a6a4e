/* Load: each of N connections sends its next request when it has its answer.
 *   load PORT PATH CONNECTIONS SECONDS [REQUESTS]
 *
 * One thread, HTTP/1.1 on loopback, kept alive. PATH /register is a POST with a token of its own, as
 * the marketplace makes a browser send it; a good answer is 303 to another address, or a page. Any
 * other path is a GET. With REQUESTS it ends after so many, however long they take. What is under way
 * at the end is waited for. Prints JSON. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

enum {
	CONNECTIONS_MAX = 4096,
	EVENTS = 256,
	READ_BYTES = 16 * 1024,
	MESSAGE_BYTES_MAX = 1024 * 1024,
	TOKEN_CHARACTERS = 400,
	PATIENCE_US = 10 * 1000 * 1000, /* an answer that takes longer counts as broken */
	POLL_MS = 100,
	US_A_SECOND = 1000000,
};

struct connection {
	int fd;            /* -1: none */
	int64_t sent_us;   /* 0: nothing is under way */
	struct buf answer; /* as much as came */
};

static struct {
	struct sockaddr_in to;
	const char *path;
	bool post;
	int epoll;
	int64_t end_us;
	long left, under_way;     /* requests that may begin yet; that have no answer yet */
	long good, bad, broken;
	uint32_t *took_us;        /* of each answer */
	size_t n_took, took_cap;
	uint64_t random;
} load = { .random = 0x9e3779b97f4a7c15 };

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * US_A_SECOND + now.tv_nsec / 1000;
}

/* ---- requests ---- */

static uint64_t next_random(void)
{
	load.random ^= load.random << 13;
	load.random ^= load.random >> 7;
	return load.random ^= load.random << 17;
}

/* Base64 as a form sends it. */
static void add_token(struct buf *out)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	uint64_t bits = 0;

	for (int i = 0; i < TOKEN_CHARACTERS - 2; i++, bits >>= 6) {
		unsigned int digit;

		if (i % 10 == 0)
			bits = next_random();
		digit = bits & 63;
		if (digit < 62)
			buf_putc(out, letters[digit]);
		else
			buf_puts(out, digit == 62 ? "%2B" : "%2F");
	}
	buf_puts(out, "%3D%3D");
}

static const struct buf *make_request(void)
{
	static struct buf request = { .max = MESSAGE_BYTES_MAX }, form = { .max = MESSAGE_BYTES_MAX };
	int port = ntohs(load.to.sin_port);

	buf_reset(&request);
	buf_printf(&request, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: Mozilla/5.0\r\n"
		"Accept: text/html\r\n", load.post ? "POST" : "GET", load.path, port);
	if (load.post) {
		buf_reset(&form);
		buf_puts(&form, "x-amzn-marketplace-token=");
		add_token(&form);
		buf_printf(&request, "Content-Type: application/x-www-form-urlencoded\r\n"
			"Content-Length: %zu\r\n\r\n%s", form.len, buf_text(&form));
	} else {
		buf_puts(&request, "\r\n");
	}
	return &request;
}

/* ---- answers ---- */

/* The length of the chunked body at `at`; 0: it is not all there. */
static size_t chunks_bytes(const char *at)
{
	const char *from = at;
	char *line_end;

	for (;;) {
		size_t chunk = strtoul(at, &line_end, 16);
		const char *data = strstr(line_end, "\r\n");

		if (line_end == at || !data || strlen(data) < chunk + 4)
			return 0;
		at = data + 2 + chunk + 2;
		if (!chunk)
			return (size_t)(at - from);
	}
}

/* Whether all of an answer is there. */
static bool is_whole(const struct buf *answer)
{
	const char *data = buf_text(answer), *body = strstr(data, "\r\n\r\n"), *length;

	if (!body)
		return false;
	body += 4;
	length = strcasestr(data, "\r\nContent-Length:");
	if (length && length < body)
		return answer->len >= (size_t)(body - data) + strtoul(length + 17, NULL, 10);
	return chunks_bytes(body) > 0;
}

static bool is_good(const char *answer)
{
	long status = strtol(answer + strlen("HTTP/1.1 "), NULL, 10);

	return status == 200 || (load.post && status == 303 && strcasestr(answer, "\r\nLocation:") &&
		!strcasestr(answer, "marketplace-token"));
}

static void note_time(int64_t took_us)
{
	if (load.n_took == load.took_cap) {
		load.took_cap = load.took_cap ? load.took_cap * 2 : 65536;
		load.took_us = realloc(load.took_us, load.took_cap * sizeof load.took_us[0]);
		if (!load.took_us)
			exit(71);
	}
	load.took_us[load.n_took++] = (uint32_t)took_us;
}

/* ---- connections ---- */

static bool open_connection(struct connection *c)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
	const int yes = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (const struct sockaddr *)&load.to, sizeof load.to)) {
		perror("load: connect");
		return false;
	}
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	return !epoll_ctl(load.epoll, EPOLL_CTL_ADD, c->fd, &event);
}

static void close_connection(struct connection *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	buf_reset(&c->answer);
}

static void begin_request(struct connection *c)
{
	const struct buf *request;

	if (load.left <= 0 || now_us() >= load.end_us)
		return;
	if (c->fd < 0 && !open_connection(c))
		exit(1);
	request = make_request();
	load.left--;
	load.under_way++;
	c->sent_us = now_us();
	/* It fits into the socket's buffer, which is empty. */
	if (send(c->fd, request->data, request->len, MSG_NOSIGNAL) != (ssize_t)request->len)
		perror("load: send");
}

static void end_request(struct connection *c, bool whole)
{
	bool closes = !whole || strcasestr(c->answer.data, "\r\nConnection: close") != NULL;

	load.under_way--;
	if (!whole) {
		load.broken++;
	} else {
		note_time(now_us() - c->sent_us);
		if (is_good(c->answer.data)) {
			load.good++;
		} else {
			load.bad++;
			if (load.bad == 1)
				fprintf(stderr, "load: %.200s\n", c->answer.data);
		}
	}
	c->sent_us = 0;
	if (closes)
		close_connection(c);
	buf_reset(&c->answer);
	begin_request(c);
}

static void read_answer(struct connection *c)
{
	char *room = buf_reserve(&c->answer, READ_BYTES);
	ssize_t got = room ? recv(c->fd, room, READ_BYTES - 1, MSG_DONTWAIT) : 0;

	if (got < 0 && errno == EAGAIN)
		return;
	if (got > 0) {
		c->answer.len += (size_t)got;
		c->answer.data[c->answer.len] = '\0';
		if (c->sent_us && is_whole(&c->answer))
			end_request(c, true);
	} else if (c->sent_us) {
		end_request(c, false);
	} else {
		close_connection(c); /* idle, and the server ended it */
	}
}

static void run(struct connection *connections, long n)
{
	struct epoll_event events[EVENTS];

	for (long i = 0; i < n; i++)
		begin_request(&connections[i]);
	while (load.under_way > 0) {
		int ready = epoll_wait(load.epoll, events, EVENTS, POLL_MS);

		for (int i = 0; i < ready; i++)
			read_answer(events[i].data.ptr);
		for (long i = 0; ready == 0 && i < n; i++)
			if (connections[i].sent_us && now_us() - connections[i].sent_us > PATIENCE_US)
				end_request(&connections[i], false);
	}
}

/* ---- the result ---- */

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static double quantile_ms(double share)
{
	size_t at = (size_t)((double)load.n_took * share);

	if (!load.n_took)
		return 0;
	return load.took_us[at < load.n_took ? at : load.n_took - 1] / 1000.0;
}

static void tell(double seconds)
{
	qsort(load.took_us, load.n_took, sizeof load.took_us[0], compare);
	printf("{\"good\":%ld,\"bad\":%ld,\"broken\":%ld,\"seconds\":%.6f,\"p50\":%.3f,\"p99\":%.3f,"
		"\"max\":%.3f}\n", load.good, load.bad, load.broken, seconds, quantile_ms(0.5),
		quantile_ms(0.99), quantile_ms(1));
}

int main(int argc, char **argv)
{
	static struct connection connections[CONNECTIONS_MAX];
	long n = argc > 4 ? strtol(argv[3], NULL, 10) : 0;
	int64_t from_us = now_us();

	if (n < 1 || n > CONNECTIONS_MAX)
		return 64;
	load.to = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons((uint16_t)strtol(argv[1], NULL, 10)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	load.path = argv[2];
	load.post = !strcmp(load.path, "/register");
	load.left = argc > 5 ? strtol(argv[5], NULL, 10) : INT64_MAX;
	load.end_us = argc > 5 ? INT64_MAX : from_us + (int64_t)(strtod(argv[4], NULL) * US_A_SECOND);
	load.random ^= (uint64_t)from_us << 20;
	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	for (long i = 0; i < n; i++)
		connections[i] = (struct connection){ .fd = -1, .answer = BUF_INIT(MESSAGE_BYTES_MAX) };
	run(connections, n);
	tell((double)(now_us() - from_us) / US_A_SECOND);
	return 0;
}
