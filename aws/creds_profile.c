#include "aws/creds.h"

#include <stdio.h>
#include <stddef.h>

#include "aws/profile.h"

/* The files may change at any time, and reading them takes well under a millisecond. */
enum { REREAD_S = 1 };

/* Ways to get credentials that the files can name and this client does not take. Where a profile
 * has no key of its own, using another identity instead would be a guess. */
static const char *const other_ways[] = {
	"sso_session",
	"sso_start_url",
	"credential_process",
	"web_identity_token_file",
	"login_session",
};

static enum status get_from_file(const struct profile *profile, const struct profile_file *file,
	struct creds *ret_creds, struct err *err)
{
	const char *id = profile_file_get(file, "aws_access_key_id");
	const char *secret = profile_file_get(file, "aws_secret_access_key");
	const char *token = profile_file_get(file, "aws_session_token");
	enum status rc;

	if (!token)
		token = profile_file_get(file, "aws_security_token"); /* its old name */
	if (!id && !secret && !token)
		return ERR_MISSING;
	snprintf(ret_creds->origin, sizeof ret_creds->origin, "profile \"%s\" of %s", profile->name,
		file->path);
	if (!id || !secret)
		return err_set(err, ERR_INPUT, "%s has %s, but no %s", ret_creds->origin,
			id ? "aws_access_key_id" : secret ? "aws_secret_access_key" : "aws_session_token",
			id ? "aws_secret_access_key" : "aws_access_key_id");
	rc = creds_set(ret_creds, id, secret, token, err);
	return rc ? err_wrap(err, rc, "%s", ret_creds->origin) : OK;
}

static enum status refuse_way(const struct profile *profile, const char *way, struct err *err)
{
	return err_set(err, ERR_INPUT, "profile \"%s\" asks for %s, which this program does not take; "
		"give the profile aws_access_key_id and aws_secret_access_key, or choose another one with "
		"AWS_PROFILE", profile->name, way);
}

static enum status refuse_other_ways(const struct profile *profile, struct err *err)
{
	for (size_t i = 0; i < sizeof other_ways / sizeof other_ways[0]; i++)
		if (profile_get(profile, other_ways[i]))
			return refuse_way(profile, other_ways[i], err);
	return err_set(err, ERR_MISSING, "profile \"%s\" has no aws_access_key_id in %s or %s",
		profile->name, profile->credentials.path ? profile->credentials.path : "~/.aws/credentials",
		profile->config.path ? profile->config.path : "~/.aws/config");
}

static enum status get_from_profile(const struct profile *profile, struct creds *ret_creds,
	struct err *err)
{
	enum status rc;

	/* The SDKs assume the role even where the profile has a key as well. */
	if (profile_get(profile, "role_arn"))
		return refuse_way(profile, "role_arn", err);
	rc = get_from_file(profile, &profile->credentials, ret_creds, err);
	if (rc == ERR_MISSING)
		rc = get_from_file(profile, &profile->config, ret_creds, err);
	return rc == ERR_MISSING ? refuse_other_ways(profile, err) : rc;
}

static enum status get(const struct creds_source *self, struct http *http,
	struct creds *ret_creds, struct err *err)
{
	struct profile profile = { 0 };
	enum status rc = profile_load(&profile, err);

	(void)self;
	(void)http;
	if (rc)
		return rc;
	ret_creds->expires_s = 0;
	ret_creds->reread_s = REREAD_S;
	rc = get_from_profile(&profile, ret_creds, err);
	profile_done(&profile);
	return rc;
}

const struct creds_source creds_profile = { "shared profile files", get };
