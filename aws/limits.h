/* The limits of AWS Marketplace's metering API as its reference states them, in two editions that
 * exclude each other: "today" and "2019". Data only: client, meter and sandbox each check it with
 * code of their own, or a mistake that they share would stay unseen. */
#ifndef AWS_LIMITS_H
#define AWS_LIMITS_H

#include <stdbool.h>

/* The service as it appears on the wire. */
#define LIMITS_SIGNING_NAME "aws-marketplace"
#define LIMITS_TARGET "AWSMPMeteringService." /* X-Amz-Target: this and the action's name */
#define LIMITS_CONTENT_TYPE "application/x-amz-json-1.1"

enum limits_pattern {
	LIMITS_ANY_TEXT,     /* [\s\S]* */
	LIMITS_NO_SPACE,     /* \S+ */
	LIMITS_DIGITS,       /* ^[0-9]+$ */
	LIMITS_PRODUCT_CODE, /* ^[-a-zA-Z0-9/=:_.@]*$ */
	/* ^arn:aws[a-zA-Z-]*:[A-Za-z0-9][A-Za-z0-9_/.-]{0,62}:[A-Za-z0-9_/.-]{0,63}:
	 * [A-Za-z0-9_/.-]{0,63}:[A-Za-z0-9][A-Za-z0-9:_/+=,@.-]{0,1023}$ */
	LIMITS_ARN,
};

/* A member of a request or an answer. All are strings so far. */
struct limits_member {
	const char *name; /* NULL ends a list */
	bool required;
	long min, max; /* characters; max 0: the reference states none */
	enum limits_pattern pattern;
};

struct limits_error {
	const char *name; /* NULL ends a list */
	int status;       /* of HTTP */
};

struct limits_action {
	const char *name; /* NULL ends a list */
	const struct limits_member *request, *answer;
	const struct limits_error *errors; /* its own; the common ones are the edition's */
};

struct limits {
	const char *edition; /* NULL ends the list of editions */
	const struct limits_action *actions;
	const struct limits_error *common_errors; /* the reference's page "Common Errors" */
	/* On no page of the reference, but what AWS's JSON front ends answer before an action runs. */
	const struct limits_error *unlisted_errors;
	long request_bytes_max; /* 0: the reference states none */
	int clock_skew_s;       /* how far the signed time may be off, either way */
};

/* The edition of that name, or NULL. */
const struct limits *limits_find(const char *edition);

/* The action of that name, or NULL. */
const struct limits_action *limits_find_action(const struct limits *limits, const char *name);

/* The HTTP status of an error, the action's own first, or 0 if the edition has none of that name.
 * `action` may be NULL. */
int limits_error_status(const struct limits *limits, const struct limits_action *action,
	const char *name);

#endif
