/* STS, AWS's security token service: the query protocol (a form in, XML out) of the few actions
 * that credentials come from. API reference: AWS Security Token Service, 2011-06-15. */
#ifndef AWS_STS_H
#define AWS_STS_H

#include "aws/client.h"
#include "aws/creds.h"
#include "aws/endpoint.h"
#include "aws/http.h"

enum {
	STS_DURATION_MIN_S = 900,
	STS_DURATION_MAX_S = 43200,
	STS_ROLE_ARN_MIN = 20,
	STS_ROLE_ARN_MAX = 2048,
	STS_TOKEN_MIN = 4,
	STS_TOKEN_MAX = 20000,
};

/* Whom to ask, until when, and what was said last. */
struct sts {
	struct http *http;
	const struct endpoint *endpoint;
	int64_t deadline_ms; /* monotonic, for all tries together */
	enum error_class class;
};

struct sts_role {
	const char *role_arn;
	const char *session_name; /* what CloudTrail shows; NULL: "tollgate" */
	const char *external_id;  /* NULL: none */
	long duration_s;          /* 0: STS's own, an hour */
};

/* What the API reference says of a role's texts.
 * ERR_INPUT: says which is wrong, and how it has to be. */
MUST_CHECK enum status sts_check_role(const struct sts_role *role, struct err *err);

/* AssumeRole: signed with *creds, which become those of the role.
 * ERR_RETRY: STS is busy, away, or answers nonsense.  ERR_REMOTE: it refuses.  ERR_LOCAL: no
 * memory.  ERR_INPUT: as sts_check_role. */
MUST_CHECK enum status sts_assume_role(struct sts *sts, const struct sts_role *role,
	struct creds *creds, struct err *err);

/* AssumeRoleWithWebIdentity: the token says who we are; nothing is signed. Statuses as above. */
MUST_CHECK enum status sts_assume_role_with_token(struct sts *sts, const struct sts_role *role,
	const char *token, struct creds *ret_creds, struct err *err);

/* GetCallerIdentity: whose the credentials are. Statuses as above. */
MUST_CHECK enum status sts_get_caller_identity(struct sts *sts, const struct creds *creds,
	char ret_account[AWS_ACCOUNT_MAX + 1], char ret_arn[AWS_ARN_MAX + 1], struct err *err);

#endif
