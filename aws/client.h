/* A client of AWS's JSON 1.1 services: credentials, SigV4, keep-alive connections, retries.
 * Thread-safe. */
#ifndef AWS_CLIENT_H
#define AWS_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct aws;
struct limits;

/* What an error of AWS's means for the caller; aws/error.c has each name's. */
enum error_class {
	ERROR_NONE,      /* none, or nothing was said */
	ERROR_BUYER,     /* the buyer's: their token, their subscription */
	ERROR_RECORD,    /* what we were given to send is bad; it stays bad */
	ERROR_THROTTLED, /* too many calls: later */
	ERROR_TRANSIENT, /* AWS's trouble: later */
	ERROR_AUTH,      /* who we say we are, or when: other credentials or another clock may help */
	ERROR_SETTING,   /* the configuration's: a person must change something */
	ERROR_UNKNOWN,   /* AWS refuses, with a name that no reference has */
};

/* What AWS said last. Texts are "" where it said nothing. */
struct aws_answer {
	int http_status; /* 0: no answer */
	int tries;
	enum error_class class;
	/* One of the tries may have been carried out although no answer says so: its request left, and
	 * its answer was lost, could not be read, or was a 5xx. */
	bool uncertain;
	char code[128];       /* the error's name, normalised; "" on success */
	char request_id[128]; /* x-amzn-RequestId */
	char message[256];    /* AWS's words about the error, where they may be shown */
	const char *advice;   /* what to do about it; NULL: nothing is known */
	int64_t date_s;       /* what AWS's clock said; 0: nothing */
};

/* Reads AWS_* and the shared profile files as the AWS SDKs do: region, endpoint, credentials,
 * AWS_MAX_ATTEMPTS, AWS_CA_BUNDLE. Sends nothing. connections: how many calls may be under way;
 * each lends a warm handle, last in first out. ERR_INPUT: a setting is missing or wrong; the text
 * says which and what to do. */
MUST_CHECK enum status aws_new(long connections, struct aws **ret_aws, struct err *err);
void aws_free(struct aws *aws);

/* Which edition of the API's reference holds (aws/limits.h); today's unless this is called, before
 * the first call. */
void aws_set_limits(struct aws *aws, const struct limits *limits);

/* At most so many tries a second from now on, evenly, those of all threads together; 0: no limit,
 * which is how a client starts. A try waits for its turn; one whose turn would come after its
 * deadline is not made. */
void aws_set_rate(struct aws *aws, long calls_per_second);

/* Where calls go, for the start-up message. Owned by `aws`. */
const char *aws_endpoint(const struct aws *aws);
const char *aws_region(const struct aws *aws);

#endif
