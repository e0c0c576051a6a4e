/* A client of AWS's JSON 1.1 services: credentials, SigV4, keep-alive connections, retries.
 * Thread-safe. */
#ifndef AWS_CLIENT_H
#define AWS_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct aws;
struct limits;

enum {
	AWS_ACCOUNT_MAX = 12,  /* digits of an account id */
	AWS_ARN_MAX = 2048,    /* IAM: the longest ARN */
	AWS_ORIGIN_MAX = 255,
};

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

/* What of a usage record an error is about, so that others with the same need not be tried. */
enum error_about {
	ABOUT_RECORD,    /* itself, or nobody knows */
	ABOUT_CUSTOMER,  /* or the license */
	ABOUT_DIMENSION,
	ABOUT_TAGS,
	ABOUT_TIME,      /* it is too old or too new for AWS */
};

/* What AWS said last. Texts are "" where it said nothing. */
struct aws_answer {
	int http_status; /* 0: no answer */
	bool withdrawn;  /* before the first try: see aws_withdraw() */
	int tries;
	enum error_class class;
	enum error_about about;
	/* One of the tries may have been carried out although no answer says so: its request left, and
	 * its answer was lost, could not be read, was a 5xx, or says that AWS failed or gave it up. */
	bool uncertain;
	char code[128];       /* the error's name, normalised; "" on success */
	char request_id[128]; /* x-amzn-RequestId */
	char message[256];    /* AWS's words about the error, where they may be shown */
	const char *advice;   /* what to do about it; NULL: nothing is known */
	int64_t date_s;       /* what AWS's clock said; 0: nothing */
};

/* Reads AWS_* and the shared profile files as the AWS SDKs do: region, endpoint, credentials,
 * AWS_MAX_ATTEMPTS, AWS_CA_BUNDLE. Calls nobody but who hands out credentials, where the settings
 * name such a server or program: for five seconds at most. If that is away, the client is made all
 * the same and goes on asking; its calls fail with ERR_RETRY meanwhile (see aws_origin).
 * connections: how many calls may be under way; each lends a warm handle, last in first out.
 * ERR_INPUT: a setting is missing or wrong.  ERR_REMOTE: who hands out credentials refuses.
 * ERR_LOCAL: a file cannot be read; no memory. The text says which and what to do. */
MUST_CHECK enum status aws_new(long connections, struct aws **ret_aws, struct err *err);

/* No call may be under way. Waits for a server or program that is being asked for credentials just
 * now, five seconds at most. */
void aws_free(struct aws *aws);

/* Another seller account. Each may be NULL or "": then as the base has it. */
struct aws_role {
	const char *role_arn;    /* assumed with the base's credentials */
	const char *external_id; /* what the role's trust policy asks for */
	const char *region;      /* where AWS Marketplace is called */
};

/* A client that acts as a role, perhaps in another region. It shares the base's connections, and
 * takes over its limits and rate as they are now; rate, retries and credentials are its own from
 * then on. The base must outlive it. Waits up to two seconds for its credentials, and is made
 * whether or not they come: until they are there, its calls say why they are not.
 * ERR_INPUT: a text cannot be what it should be; says which.  ERR_LOCAL: no memory, no thread. */
MUST_CHECK enum status aws_new_role(struct aws *base, const struct aws_role *role,
	struct aws **ret_aws, struct err *err);

/* Which edition of the API's reference holds (aws/limits.h); today's unless this is called, before
 * the first call. */
void aws_set_limits(struct aws *aws, const struct limits *limits);

/* At most so many tries a second from now on, evenly, those of all threads together; 0: no limit,
 * which is how a client starts. A try waits for its turn; one whose turn would come after its
 * deadline is not made. */
void aws_set_rate(struct aws *aws, long calls_per_second);

/* From now on no call begins: one that waits for its first turn ends within a tenth of a second,
 * with ERR_RETRY and the answer's `withdrawn`. One that has sent something goes on. */
void aws_withdraw(struct aws *aws);

/* Where calls go, for the start-up message. Owned by `aws`. */
const char *aws_endpoint(const struct aws *aws);
const char *aws_region(const struct aws *aws);

/* Where the credentials come from, such as: profile "shop" of /root/.aws/credentials. Sends nothing
 * and waits for nobody.
 * ERR_RETRY: there are none now, but there may be later.  ERR_INPUT, ERR_REMOTE, ERR_MISSING,
 * ERR_LOCAL: there are none any more, or none yet; the text says why. */
MUST_CHECK enum status aws_origin(struct aws *aws, char ret_origin[AWS_ORIGIN_MAX + 1],
	struct err *err);

/* Whose they are, which STS tells everybody (GetCallerIdentity). deadline_ms: monotonic.
 * ERR_RETRY: STS is busy or away.  Otherwise as aws_origin; ERR_REMOTE: STS refuses them. */
MUST_CHECK enum status aws_caller_account(struct aws *aws, int64_t deadline_ms,
	char ret_account[AWS_ACCOUNT_MAX + 1], char ret_arn[AWS_ARN_MAX + 1], struct err *err);

#endif
