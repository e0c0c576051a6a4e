/* AWS's metering service as the benchmark needs it: it takes every token and every record, cheaply.
 *   mock PORT [CLOCK_OFFSET_SECONDS]
 *
 * One thread. Every answer to the service's actions is held back for the same time, so that those
 * that wait are a queue: the first in is the first out. GET /control?delay_ms=50&refuse_every=0 sets
 * that time and whether each n-th record is a DuplicateRecord, answers what was counted, and counts
 * anew. It listens on loopback only and checks no signature. */
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
	EVENTS = 256,
	READ_BYTES = 16 * 1024,
	MESSAGE_BYTES_MAX = 2 * 1024 * 1024, /* AWS takes 1 MB, and the answer repeats it */
	BACKLOG = 4096,
	US_A_MS = 1000,
	US_A_SECOND = 1000000,
};

struct connection {
	int fd;         /* -1: the client went while its answer waited */
	int64_t due_us; /* when the answer may go; 0: at once */
	bool waits;
	struct buf request, answer;
	struct connection *next; /* of those that wait */
};

static struct {
	int epoll;
	long delay_us, refuse_every;
	time_t clock_offset_s;
	uint64_t customers, records; /* since the start: names are never used twice */
	uint64_t resolved, calls, metered;
	struct connection *first, *last;
} mock;

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * US_A_SECOND + now.tv_nsec / 1000;
}

/* ---- what is answered ---- */

#define SCATTER UINT64_C(0x9e3779b97f4a7c15) /* odd, so that no two numbers become one */
#define ACCOUNTS UINT64_C(1000000000000)

/* Both identities, as AWS gives them, and scattered as they are there: what comes in order costs an index
 * less. */
static void answer_customer(struct buf *body)
{
	uint64_t n = ++mock.customers * SCATTER;

	mock.resolved++;
	buf_printf(body, "{\"CustomerAWSAccountId\":\"%012" PRIu64 "\",\"CustomerIdentifier\":"
		"\"buyer%016" PRIx64 "\",\"LicenseArn\":\"arn:aws:license-manager::294406891311:license:"
		"l-%016" PRIx64 "%016" PRIx64 "\",\"ProductCode\":\"prod-bench\"}", n % ACCOUNTS, n, n, ~n);
}

/* The end of the object that begins at `at`: behind its brace. NULL: there is none. */
static const char *object_end(const char *at)
{
	bool quoted = false;
	int depth = 0;

	for (; *at; at++) {
		if (quoted) {
			if (*at == '\\' && at[1])
				at++;
			else if (*at == '"')
				quoted = false;
			continue;
		}
		if (*at == '"')
			quoted = true;
		depth += *at == '{';
		depth -= *at == '}';
		if (*at == '}' && depth == 0)
			return at + 1;
	}
	return NULL;
}

static void answer_record(struct buf *body, const char *record, size_t len)
{
	uint64_t n = ++mock.records;
	bool refused = mock.refuse_every && n % (uint64_t)mock.refuse_every == 0;

	mock.metered++;
	buf_puts(body, "{\"UsageRecord\":");
	buf_add(body, record, len);
	buf_printf(body, ",\"MeteringRecordId\":\"%08x-bec4-4000-8000-%012" PRIx64 "\",\"Status\":\"%s\"}",
		(unsigned int)n, n, refused ? "DuplicateRecord" : "Success");
}

static void answer_records(struct buf *body, const char *request)
{
	const char *at = strstr(request, "\"UsageRecords\"");

	mock.calls++;
	at = at ? strchr(at, '[') : NULL;
	buf_puts(body, "{\"Results\":[");
	for (at = at ? at + 1 : ""; *at && *at != ']';) {
		const char *end = *at == '{' ? object_end(at) : NULL;

		if (*at == ',')
			buf_putc(body, ',');
		if (end)
			answer_record(body, at, (size_t)(end - at));
		at = end ? end : at + 1;
	}
	buf_puts(body, "],\"UnprocessedRecords\":[]}");
}

static long query_number(const char *head, const char *name)
{
	const char *at = strstr(head, name);

	return at ? strtol(at + strlen(name), NULL, 10) : 0;
}

static void answer_control(struct buf *body, const char *head)
{
	mock.delay_us = query_number(head, "delay_ms=") * US_A_MS;
	mock.refuse_every = query_number(head, "refuse_every=");
	buf_printf(body, "{\"resolved\":%" PRIu64 ",\"calls\":%" PRIu64 ",\"metered\":%" PRIu64 "}",
		mock.resolved, mock.calls, mock.metered);
	mock.resolved = mock.calls = mock.metered = 0;
}

/* As a header has it; made once a second. */
static const char *date_text(void)
{
	static time_t made_of;
	static char text[40];
	time_t now = time(NULL) + mock.clock_offset_s;
	struct tm utc;

	if (now != made_of && gmtime_r(&now, &utc))
		strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
	made_of = now;
	return text;
}

/* The head's length is not known before the body's, so the body is made aside. */
static void answer(struct connection *c, const char *head, const char *request)
{
	static struct buf body = { .max = MESSAGE_BYTES_MAX };
	static uint64_t n;
	bool control = !strncmp(head, "GET ", 4);

	buf_reset(&body);
	if (control)
		answer_control(&body, head);
	else if (strcasestr(head, ".ResolveCustomer\r\n"))
		answer_customer(&body);
	else
		answer_records(&body, request);
	buf_printf(&c->answer, "HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: application/x-amz-json-1.1\r\n"
		"x-amzn-RequestId: 00000000-0000-4000-8000-%012" PRIx64 "\r\nContent-Length: %zu\r\n\r\n",
		date_text(), ++n, body.len);
	buf_add(&c->answer, buf_text(&body), body.len);
	c->due_us = control ? 0 : now_us() + mock.delay_us;
}

/* ---- connections ---- */

static void forget(struct connection *c)
{
	buf_done(&c->request);
	buf_done(&c->answer);
	free(c);
}

static void hang_up(struct connection *c)
{
	close(c->fd);
	c->fd = -1;
	if (!c->waits)
		forget(c);
}

/* A client sends its next request when it has its answer, so the socket's buffer is empty: an answer
 * that does not fit is a client that does not read. */
static void send_answer(struct connection *c)
{
	ssize_t sent = send(c->fd, c->answer.data, c->answer.len, MSG_NOSIGNAL);

	if (sent != (ssize_t)c->answer.len)
		fprintf(stderr, "mock: an answer was sent in part\n");
	buf_reset(&c->answer);
}

static void hold_back(struct connection *c)
{
	c->next = NULL;
	c->waits = true;
	if (mock.last)
		mock.last->next = c;
	else
		mock.first = c;
	mock.last = c;
}

/* Answers a request once all of it is there. */
static void take_request(struct connection *c)
{
	char *data = c->request.data, *body = data ? strstr(data, "\r\n\r\n") : NULL;
	const char *length;
	size_t body_bytes;

	if (!body)
		return;
	body += 4;
	length = strcasestr(data, "\r\nContent-Length:");
	body_bytes = length && length < body ? strtoul(length + 17, NULL, 10) : 0;
	if (c->request.len < (size_t)(body - data) + body_bytes)
		return;
	body[-2] = '\0'; /* the head is a text of its own, and each of its lines ends as sent */
	answer(c, data, body);
	buf_reset(&c->request);
	if (c->due_us > now_us() || (mock.first && c->due_us))
		hold_back(c);
	else
		send_answer(c);
}

static void read_request(struct connection *c)
{
	char *room = buf_reserve(&c->request, READ_BYTES);
	ssize_t got = room ? recv(c->fd, room, READ_BYTES - 1, 0) : 0;

	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		hang_up(c);
		return;
	}
	c->request.len += (size_t)got;
	c->request.data[c->request.len] = '\0';
	take_request(c);
}

static void accept_all(int listener)
{
	const int yes = 1;
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct connection *c = calloc(1, sizeof *c);
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };

		if (!c)
			exit(1);
		*c = (struct connection){ .fd = fd,
			.request = BUF_INIT(MESSAGE_BYTES_MAX),
			.answer = BUF_INIT(MESSAGE_BYTES_MAX) };
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
		epoll_ctl(mock.epoll, EPOLL_CTL_ADD, fd, &event);
	}
}

/* Sends what is due; returns for how long there is nothing to do, in epoll's terms. */
static int send_due(void)
{
	struct connection *c;
	int64_t wait_us = -1;

	while ((c = mock.first) && (wait_us = c->due_us - now_us()) <= 0) {
		mock.first = c->next;
		if (!mock.first)
			mock.last = NULL;
		c->waits = false;
		if (c->fd < 0)
			forget(c);
		else
			send_answer(c);
	}
	return c ? (int)((wait_us + US_A_MS - 1) / US_A_MS) : -1;
}

static int listen_on(int port)
{
	const struct sockaddr_in here = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int yes = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&here, sizeof here) || listen(fd, BACKLOG)) {
		perror("mock");
		exit(1);
	}
	return fd;
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS], event = { .events = EPOLLIN, .data.ptr = NULL };
	int listener;

	if (argc < 2)
		return 64;
	mock.clock_offset_s = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
	mock.epoll = epoll_create1(EPOLL_CLOEXEC);
	listener = listen_on((int)strtol(argv[1], NULL, 10));
	epoll_ctl(mock.epoll, EPOLL_CTL_ADD, listener, &event);
	for (;;) {
		int n = epoll_wait(mock.epoll, events, EVENTS, send_due());

		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr)
				read_request(events[i].data.ptr);
			else
				accept_all(listener);
		}
	}
}
