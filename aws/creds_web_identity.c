#include "aws/creds_ways.h"

#include <stdio.h>
#include <string.h>

#include "aws/env.h"
#include "aws/sts.h"

/* The variable's value first, as all SDKs have it. */
static const char *find(const struct profile *profile, bool use_env, const char *variable,
	const char *key)
{
	const char *value = use_env ? env_get(variable) : NULL;

	return value ? value : profile_get(profile, key);
}

/* Tokens are rotated: the file is read each time. */
static enum status read_token(const char *path, struct buf *ret_token, struct err *err)
{
	enum status rc = creds_read_file(path, STS_TOKEN_MAX + 2, ret_token, err);

	if (rc)
		return rc;
	while (ret_token->len && strchr("\r\n", ret_token->data[ret_token->len - 1]))
		ret_token->data[--ret_token->len] = '\0';
	return OK;
}

static enum status assume(const struct sts_role *role, const char *path,
	const struct creds_wait *wait, struct creds *ret_creds, struct err *err)
{
	__attribute__((cleanup(buf_wipe))) struct buf token = { 0 };
	struct profile chosen;
	struct endpoint endpoint;
	struct sts sts = { wait->http, &endpoint, wait->deadline_ms, ERROR_NONE };
	enum status rc = profile_load(&chosen, err); /* its region holds */

	if (rc)
		return rc;
	rc = endpoint_load_sts(&chosen, &endpoint, err);
	profile_done(&chosen);
	if (!rc)
		rc = read_token(path, &token, err);
	if (!rc)
		rc = sts_assume_role_with_token(&sts, role, buf_text(&token), ret_creds, err);
	return rc;
}

enum status creds_web_identity_get(const struct profile *profile, bool use_env,
	const struct creds_wait *wait, struct creds *ret_creds, struct err *err)
{
	const char *path = find(profile, use_env, "AWS_WEB_IDENTITY_TOKEN_FILE",
		"web_identity_token_file");
	struct sts_role role = { 0 };
	enum status rc;

	if (!path)
		return err_set(err, ERR_MISSING, "no web identity token file");
	if (!wait->http)
		return creds_wait_refuse("the role of a web identity", err);
	rc = creds_role_read(profile, &role, err);
	if (rc)
		return rc;
	role.role_arn = find(profile, use_env, "AWS_ROLE_ARN", "role_arn");
	role.session_name = find(profile, use_env, "AWS_ROLE_SESSION_NAME", "role_session_name");
	role.external_id = NULL; /* this action takes none */
	if (!role.role_arn)
		return err_set(err, ERR_INPUT, "there is a web identity token file, but no role: set "
			"AWS_ROLE_ARN, or role_arn in the profile \"%s\"", profile->name);
	rc = assume(&role, path, wait, ret_creds, err);
	if (rc)
		return err_wrap(err, rc, "web identity of %s", path);
	snprintf(ret_creds->origin, sizeof ret_creds->origin, "%s, by the token in %s", role.role_arn,
		path);
	return OK;
}
