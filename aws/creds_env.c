#include "aws/creds.h"

#include <stddef.h>
#include <stdio.h>

#include "aws/env.h"

static enum status get_expiry(int64_t *ret_expires_s, struct err *err)
{
	const char *text = env_get("AWS_CREDENTIAL_EXPIRATION");

	*ret_expires_s = 0;
	if (text && !creds_parse_time(text, ret_expires_s))
		return err_set(err, ERR_INPUT, "AWS_CREDENTIAL_EXPIRATION is \"%s\"; allowed is a time "
			"such as 2026-01-31T12:00:00Z", text);
	return OK;
}

static enum status get(const struct creds_source *self, struct http *http,
	struct creds *ret_creds, struct err *err)
{
	const char *id = env_get("AWS_ACCESS_KEY_ID");
	const char *secret = env_get("AWS_SECRET_ACCESS_KEY");
	const char *token = env_get("AWS_SESSION_TOKEN");
	enum status rc;

	(void)self;
	(void)http;
	if (!id && !secret)
		return err_set(err, ERR_MISSING, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set");
	if (!id || !secret)
		return err_set(err, ERR_INPUT, "%s is set, but %s is not",
			id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
			id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
	if (!token)
		token = env_get("AWS_SECURITY_TOKEN"); /* its old name */
	rc = creds_set(ret_creds, id, secret, token, err);
	if (!rc)
		rc = get_expiry(&ret_creds->expires_s, err);
	ret_creds->reread_s = 0;
	ret_creds->background = false;
	snprintf(ret_creds->origin, sizeof ret_creds->origin, "AWS_ACCESS_KEY_ID");
	return rc;
}

const struct creds_source creds_env = { "environment", get };
