/* A client of AWS's JSON 1.1 services: credentials, SigV4, keep-alive connections, retries.
 * Thread-safe. */
#ifndef AWS_CLIENT_H
#define AWS_CLIENT_H

#include <stdint.h>

#include "base/err.h"

struct aws;
struct limits;

/* What AWS said last. Texts are "" where it said nothing. */
struct aws_answer {
	int http_status; /* 0: no answer */
	int tries;
	char code[128];       /* the error's name, normalised; "" on success */
	char request_id[128]; /* x-amzn-RequestId */
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

/* Where calls go, for the start-up message. Owned by `aws`. */
const char *aws_endpoint(const struct aws *aws);
const char *aws_region(const struct aws *aws);

#endif
