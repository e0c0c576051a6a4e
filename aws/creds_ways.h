/* Inside of the sources: the ways to credentials that a profile can name, and what they have in
 * common with the sources that ask a server. */
#ifndef AWS_CREDS_WAYS_H
#define AWS_CREDS_WAYS_H

#include "aws/creds.h"
#include "aws/http.h"
#include "aws/profile.h"

struct cJSON;
struct sts_role;

enum { CREDS_SOURCE_MS = 5000 }; /* for all that one source asks, however often */

/* What can be waited for, and until when. */
struct creds_wait {
	struct http *http;
	int64_t deadline_ms; /* monotonic */
};

struct creds_wait creds_wait_for(struct http *http);

/* For who must not wait: returns ERR_RETRY. */
enum status creds_wait_refuse(const char *whom, struct err *err);

/* A profile's way but a role: web identity, keys, program. use_env: AWS_WEB_IDENTITY_TOKEN_FILE and
 * its companions count as well. ERR_MISSING: it names none. */
MUST_CHECK enum status creds_profile_own(const struct profile *profile, bool use_env,
	const struct creds_wait *wait, struct creds *ret_creds, struct err *err);

/* `role_arn`, of the way that has source_profile or credential_source beside it. */
bool creds_role_is_named(const struct profile *profile);
MUST_CHECK enum status creds_role_get(const struct profile *profile,
	const struct creds_wait *wait, struct creds *ret_creds, struct err *err);

/* external_id, role_session_name and duration_seconds of a profile, beside its role_arn; the texts
 * are the profile's. ERR_INPUT: one of them is wrong. */
MUST_CHECK enum status creds_role_read(const struct profile *profile, struct sts_role *ret_role,
	struct err *err);

/* web_identity_token_file. ERR_MISSING: there is none. */
MUST_CHECK enum status creds_web_identity_get(const struct profile *profile, bool use_env,
	const struct creds_wait *wait, struct creds *ret_creds, struct err *err);

/* credential_process. ERR_MISSING: there is none. */
MUST_CHECK enum status creds_process_get(const struct profile *profile,
	const struct creds_wait *wait, struct creds *ret_creds, struct err *err);

/* Splits a command into words as the shell quotes them ('…', "…" and \), without doing anything
 * else that a shell does. `words` are good for as long as `text`, and end with NULL.
 * ERR_INPUT: a quotation mark has no partner, or there are more words than max, or none. */
MUST_CHECK enum status creds_process_split(const char *command, struct buf *text, char **words,
	size_t max, struct err *err);

/* Runs a program without a shell: its standard output into an empty buffer, at most about its max,
 * within the time; what it says on standard error is dropped.
 * ERR_INPUT: it cannot be run.  ERR_RETRY: it failed, took too long, or said too much.  ERR_LOCAL:
 * no memory, no descriptor. */
MUST_CHECK enum status creds_process_run(char *const *words, int64_t deadline_ms,
	struct buf *ret_out, struct err *err);

/* AccessKeyId, SecretAccessKey, the session token (which is called differently) and Expiration of
 * a JSON object; says that others are to be had in the background.
 * ERR_RETRY: they are not all there; which names say so. */
MUST_CHECK enum status creds_read_json(const struct cJSON *json, const char *token_name,
	struct creds *ret_creds, struct err *err);

/* A secret that stands in a file alone, at most max bytes; a line's end after it counts as part of
 * it. ERR_LOCAL: it cannot be read.  ERR_INPUT: it is empty, longer, or no text. */
MUST_CHECK enum status creds_read_file(const char *path, size_t max, struct buf *ret_text,
	struct err *err);

/* A request to a server of this machine's surroundings, with one header beside Host and Accept. */
struct creds_question {
	const char *method; /* NULL: GET */
	const char *url;
	const char *name, *value; /* NULL: none */
	int64_t timeout_ms;
};

/* Statuses as http.call; ret_answer's body has room set aside, to be wiped with buf_wipe whatever
 * happens. */
MUST_CHECK enum status creds_ask(const struct http *http, const struct creds_question *question,
	struct http_answer *ret_answer, struct err *err);

#endif
