/* The limits of AWS Marketplace's metering API as its reference states them, in two editions that
 * exclude each other: "today" and "2019". Data only: client, meter and sandbox each check it with
 * code of their own, or a mistake that they share would stay unseen. */
#ifndef AWS_LIMITS_H
#define AWS_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

/* The service as it appears on the wire. */
#define LIMITS_SIGNING_NAME "aws-marketplace"
#define LIMITS_TARGET "AWSMPMeteringService." /* X-Amz-Target: this and the action's name */
#define LIMITS_CONTENT_TYPE "application/x-amz-json-1.1"

enum limits_kind {
	LIMITS_TEXT,      /* min, max: characters */
	LIMITS_INTEGER,   /* min, max: its range */
	LIMITS_BOOLEAN,
	LIMITS_TIMESTAMP, /* seconds since 1970, a fraction allowed */
	LIMITS_LIST,      /* min, max: items, each a structure of `members` */
	LIMITS_STRUCTURE, /* of `members` */
};

/* Of a text. */
enum limits_pattern {
	LIMITS_ANY_TEXT,     /* [\s\S]* */
	LIMITS_NO_SPACE,     /* \S+ */
	LIMITS_DIGITS,       /* ^[0-9]+$ */
	LIMITS_PRODUCT_CODE, /* ^[-a-zA-Z0-9/=:_.@]*$ */
	/* ^arn:aws[a-zA-Z-]*:[A-Za-z0-9][A-Za-z0-9_/.-]{0,62}:[A-Za-z0-9_/.-]{0,63}:
	 * [A-Za-z0-9_/.-]{0,63}:[A-Za-z0-9][A-Za-z0-9:_/+=,@.-]{0,1023}$ */
	LIMITS_ARN,
	/* ^[a-zA-Z0-9+ -=._:\/@]+$, where " -=" is a range by mistake: the reference's prose allows
	 * letters, digits, blanks and + - = . _ : / @ alone. */
	LIMITS_TAG,
};

enum limits_need {
	LIMITS_OPTIONAL,
	LIMITS_REQUIRED,
	/* The reference calls it required and gives a default too: a client sends it, the service takes
	 * the default where it is absent. */
	LIMITS_DEFAULTED,
};

/* A member of a request. */
struct limits_member {
	const char *name; /* NULL ends a list */
	enum limits_kind kind;
	enum limits_need need;
	int64_t min, max; /* max 0: the reference states none */
	enum limits_pattern pattern;
	const struct limits_member *members;
};

struct limits_error {
	const char *name; /* NULL ends a list */
	int status;       /* of HTTP */
};

struct limits_action {
	const char *name; /* NULL ends a list */
	const struct limits_member *request;
	const struct limits_error *errors; /* its own; the common ones are the edition's */
	int past_s;                        /* how old a Timestamp may be; 0: it has none */
	bool past_exclusive;               /* one of exactly that age is too old */
};

struct limits {
	const char *edition; /* NULL ends the list of editions */
	const struct limits_action *actions;
	const struct limits_error *common_errors; /* the reference's page "Common Errors" */
	/* On no page of the reference, but what AWS's JSON front ends answer before an action runs. */
	const struct limits_error *unlisted_errors;
	int64_t request_bytes_max; /* a request has fewer; 0: the reference states none */
	/* How far the signed time may be off, either way. 2019: RequestExpired; today: IAM's guide,
	 * "AWS Signature Version 4 for API requests". */
	int clock_skew_s;
	/* BatchMeterUsage takes last month's records so long into a month (UTC); 0: as any other. */
	int month_closes_s;
	int tag_keys_max; /* different ones in the allocations of a record; 0: no tags */
};

/* The edition of that name, or NULL. */
const struct limits *limits_find(const char *edition);

/* The action of that name, or NULL. */
const struct limits_action *limits_find_action(const struct limits *limits, const char *name);

/* The member of that name, or NULL. */
const struct limits_member *limits_find_member(
	const struct limits_member *members, const char *name);

/* The HTTP status of an error, the action's own first, or 0 if the edition has none of that name.
 * `action` may be NULL. */
int limits_error_status(const struct limits *limits, const struct limits_action *action,
	const char *name);

#endif
