/* Inside of the client: how an action is called, and what a client is made of. For the files of
 * actions, and for tests, which bring a network and clocks of their own. */
#ifndef AWS_CALL_H
#define AWS_CALL_H

#include <pthread.h>

#include "aws/client.h"
#include "aws/endpoint.h"
#include "aws/limits.h"
#include "aws/rate.h"
#include "aws/retry.h"
#include "aws/signer.h"

struct cJSON;
struct http_curl;
struct role;

/* What the client wants of the machine. */
struct aws_machine {
	struct http http;
	int64_t (*epoch_ms)(void *self);
	int64_t (*monotonic_ms)(void *self);
	void (*sleep_ms)(void *self, int64_t ms);
	double (*random)(void *self); /* [0, 1) */
	void *self;
};

struct aws_parts {
	struct aws_machine machine;
	struct endpoint endpoint, sts;
	const struct creds_source *const *sources; /* ends with NULL */
	int attempts_max;
	long connections;
};

struct aws {
	struct aws_parts parts;
	struct http_curl *pool; /* NULL where the parts were brought */
	struct role *role;      /* what aws_new_role made it for; NULL: nothing */
	const struct limits *limits;
	struct signer signer;
	pthread_mutex_t lock; /* of what follows */
	struct retry_bucket bucket;
	struct rate rate;
	bool withdrawn;
	long under_way;
};

/* A client whose credentials are yet to be read by signer_init or signer_init_later, before
 * aws_free. NULL: no memory. */
struct aws *aws_make(const struct aws_parts *parts);

/* As aws_new, of these parts; keeps the pointers in them. */
MUST_CHECK enum status aws_new_of(const struct aws_parts *parts, struct aws **ret_aws,
	struct err *err);

struct signer_now aws_now(const struct aws *aws);

struct aws_call {
	const char *action;
	const struct buf *body;
	const char *secret; /* what no error text may repeat */
	size_t answer_bytes_max;
	int64_t deadline_ms; /* monotonic; for all tries together */
	bool once;           /* each try goes out once at most (aws/http.h) */
};

/* Signs, sends, and tries again as the SDKs' standard mode does. *ret_json is an object: what AWS
 * answered with status 200; free it with cJSON_Delete. ret_answer is filled on failure too.
 * ERR_INPUT: AWS calls what is in the body, or the buyer, bad.  ERR_RETRY: AWS is busy, away, or
 * answers nonsense; or there are as many calls under way as connections.  ERR_REMOTE: AWS refuses
 * us, or there are no credentials that could be used.  ERR_LOCAL: no memory. */
MUST_CHECK enum status aws_call(struct aws *aws, const struct aws_call *call,
	struct cJSON **ret_json, struct aws_answer *ret_answer, struct err *err);

#endif
