/* Credentials of AWS, and the sources that they come from. */
#ifndef AWS_CREDS_H
#define AWS_CREDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct http;

enum {
	CREDS_KEY_MAX = 128,    /* IAM: AccessKeyId; secrets are shorter */
	CREDS_TOKEN_MAX = 8191, /* no limit is published; most are under 4 KiB */
	CREDS_ORIGIN_MAX = 255,
};

/* Over 8 KiB: not for the stack of a request's thread. */
struct creds {
	char access_key_id[CREDS_KEY_MAX + 1];
	char secret_access_key[CREDS_KEY_MAX + 1];
	char session_token[CREDS_TOKEN_MAX + 1]; /* "" for a key that lasts */
	char origin[CREDS_ORIGIN_MAX + 1];       /* for messages: which variables, which profile */
	int64_t expires_s;                       /* since 1970; 0: never */
	int reread_s; /* ask again after so long, as they may have changed; 0: only if need be */
	bool background; /* a server or a program gave them: no caller waits for others */
};

struct creds_source {
	const char *name;
	/* `http`: for sources that ask a server, for five seconds at most. NULL: the caller must not
	 * wait, and so no server is asked and no program run; ERR_RETRY where that would be needed.
	 * ERR_MISSING: not set up here, ask the next one. Anything else ends the chain: what is set up
	 * wrongly must not fall through to another identity.  ERR_RETRY: who is to be asked is away. */
	enum status (*get)(const struct creds_source *self, struct http *http,
		struct creds *ret_creds, struct err *err);
};

extern const struct creds_source creds_env;       /* AWS_ACCESS_KEY_ID and its companions */
extern const struct creds_source creds_profile;   /* the profile's and AWS_WEB_IDENTITY_… ways */
extern const struct creds_source creds_container; /* the endpoint of ECS and EKS */
extern const struct creds_source creds_imds;      /* the metadata service of EC2 */

/* All of them, in the order of the AWS SDKs. */
extern const struct creds_source *const creds_sources[];

/* Asks the sources in turn; the list ends with NULL.
 * ERR_MISSING: none is set up here; the text says what to do. */
MUST_CHECK enum status creds_chain_get(const struct creds_source *const *sources,
	struct http *http, struct creds *ret_creds, struct err *err);

/* Fills in what a source found; a session token of NULL or "" is none.
 * ERR_INPUT: a text is empty, too long, or has a character that cannot be; says which one. */
MUST_CHECK enum status creds_set(struct creds *ret_creds, const char *access_key_id,
	const char *secret_access_key, const char *session_token, struct err *err);

/* Reads an ISO 8601 time as AWS writes it: 2026-01-31T12:00:00Z, perhaps with a fraction, which is
 * dropped, or with an offset such as +01:00. */
bool creds_parse_time(const char *text, int64_t *ret_epoch_s);

/* The same key, secret and token. */
bool creds_equal(const struct creds *a, const struct creds *b);

void creds_wipe(struct creds *creds);

#endif
