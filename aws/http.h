/* The seam between client and network: libcurl in the programs, canned answers in tests. */
#ifndef AWS_HTTP_H
#define AWS_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/sigv4.h"
#include "base/buf.h"

enum {
	/* The longest answer that we ask for repeats 25 records: under 1 MB as we wrote them, and more
	 * as another may escape and space them. */
	HTTP_BODY_MAX = 4 * 1024 * 1024,
};

struct http_request {
	const char *method; /* NULL: POST, or GET where there is no body */
	const char *url;
	const struct sigv4_header *headers; /* Host among them */
	size_t n_headers;
	const void *body;
	size_t body_len;
	int64_t timeout_ms; /* for all of it; connecting may take two seconds of that */
	/* libcurl sends a request again by itself where a kept connection ends before an answer
	 * begins, although the first one may have been carried out. With `once` it does not, and the
	 * call fails. */
	bool once;
	/* Plain http may go to a link-local address too: the metadata services of EC2, ECS and EKS. */
	bool link_local;
};

/* What came back. Zeroed by whoever asks, but for the body's maximum. */
struct http_answer {
	int status;             /* 0: none came, or not all of it */
	bool timed_out;         /* why none came */
	bool sent;              /* some of the request may have left this machine */
	int64_t date_s;         /* Date, since 1970; 0: none */
	int64_t retry_after_ms; /* x-amz-retry-after, or Retry-After; 0: none */
	char request_id[128];   /* x-amzn-RequestId */
	char error_type[256];   /* X-Amzn-Errortype, as sent */
	struct buf body;
};

struct http {
	/* Sends once and waits for the whole answer, whatever its status; follows no redirect.
	 * ERR_RETRY: no whole answer came: no connection, reset, too late, cut short, too long.
	 * ERR_REMOTE: the server's certificate is not trusted.  ERR_INPUT: the URL is wrong, or plain
	 * http to another machine.  ERR_LOCAL: no memory. */
	enum status (*call)(void *self, const struct http_request *request,
		struct http_answer *ret_answer, struct err *err);
	void *self;
};

/* Takes in one header line of an answer, its end included. A status line starts anew. */
void http_read_header(struct http_answer *answer, const char *line, size_t len);

#endif
