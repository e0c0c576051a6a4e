#include "sandbox/signing_key.h"

#include <stdio.h>

#include "base/log.h"
#include "sandbox/jwt.h"
#include "sandbox_queries.h"

enum { NUMBER_SIZE = 24 };

struct pair {
	struct buf private_pem, public_pem;
};

static void done_pair(struct pair *pair)
{
	buf_wipe(&pair->private_pem);
	buf_done(&pair->public_pem);
}
#define auto_pair __attribute__((cleanup(done_pair))) struct pair
#define PAIR_INIT                                                                                  \
	{                                                                                              \
		BUF_INIT(JWT_PEM_MAX), BUF_INIT(JWT_PEM_MAX)                                               \
	}

static enum status make_pair(const struct request *request, struct pair *pair)
{
	if (jwt_make_pair(&pair->private_pem, &pair->public_pem))
		return OK;
	log_event(LOG_ERROR, "signing_key", LOG_TEXT("request_id", request->id),
		LOG_TEXT("error", "no RSA pair could be made"));
	return ERR_LOCAL;
}

static enum status add_first(struct sandbox *sandbox, const struct request *request)
{
	auto_pair pair = PAIR_INIT;
	enum status rc = make_pair(request, &pair);
	const char *const values[] = { buf_text(&pair.private_pem), buf_text(&pair.public_pem) };

	return rc ? rc : sandbox_query(sandbox, request, SANDBOX_ADD_FIRST_KEY, values, 2, NULL);
}

static enum status find(struct sandbox *sandbox, const struct request *request, long version,
	struct db_result *ret_public_pem)
{
	char number[NUMBER_SIZE];

	snprintf(number, sizeof number, "%ld", version);
	return sandbox_query(
		sandbox, request, SANDBOX_FIND_KEY, (const char *const[]){ number }, 1, ret_public_pem);
}

enum status signing_key_find(struct sandbox *sandbox, const struct request *request, long version,
	struct db_result *ret_public_pem)
{
	enum status rc = find(sandbox, request, version, ret_public_pem);

	if (rc || version != SIGNING_KEY_FIRST || db_result_rows(ret_public_pem))
		return rc;
	db_result_done(ret_public_pem);
	rc = add_first(sandbox, request);
	return rc ? rc : find(sandbox, request, version, ret_public_pem);
}

enum status signing_key_rotate(struct sandbox *sandbox, const struct request *request,
	const char *expires, struct db_result *ret_version)
{
	auto_result first = { 0 };
	auto_pair pair = PAIR_INIT;
	enum status rc = signing_key_find(sandbox, request, SIGNING_KEY_FIRST, &first);

	if (!rc)
		rc = make_pair(request, &pair);
	if (rc)
		return rc;
	return sandbox_query(sandbox, request, SANDBOX_ROTATE_KEY,
		(const char *const[]){
			request->id, buf_text(&pair.private_pem), buf_text(&pair.public_pem), expires },
		4, ret_version);
}
