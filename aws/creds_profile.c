#include "aws/creds.h"

#include <stdio.h>
#include <stddef.h>

#include "aws/creds_ways.h"

/* The files may change at any time, and reading them takes well under a millisecond. */
enum { REREAD_S = 1 };

/* Ways to get credentials that the files can name and this client does not take. Where a profile
 * has no key of its own, using another identity instead would be a guess. */
static const char *const other_ways[] = {
	"sso_session",
	"sso_start_url",
	"sso_account_id",
	"sso_role_name",
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
	if (rc)
		return err_wrap(err, rc, "%s", ret_creds->origin);
	ret_creds->expires_s = 0;
	ret_creds->reread_s = REREAD_S;
	ret_creds->background = false;
	return OK;
}

static enum status refuse_other_ways(const struct profile *profile, struct err *err)
{
	for (size_t i = 0; i < sizeof other_ways / sizeof other_ways[0]; i++)
		if (profile_get(profile, other_ways[i]))
			return err_set(err, ERR_INPUT, "profile \"%s\" asks for %s, a person's login, which "
				"this program does not take; give the profile a key, a role_arn or a "
				"credential_process (\"aws configure export-credentials --format process\" is "
				"one), or choose another with AWS_PROFILE", profile->name, other_ways[i]);
	return err_set(err, ERR_MISSING, "profile \"%s\" has no aws_access_key_id in %s or %s",
		profile->name, profile->credentials.path ? profile->credentials.path : "~/.aws/credentials",
		profile->config.path ? profile->config.path : "~/.aws/config");
}

enum status creds_profile_own(const struct profile *profile, bool use_env,
	const struct creds_wait *wait, struct creds *ret_creds, struct err *err)
{
	enum status rc = creds_web_identity_get(profile, use_env, wait, ret_creds, err);

	if (rc == ERR_MISSING)
		rc = get_from_file(profile, &profile->credentials, ret_creds, err);
	if (rc == ERR_MISSING)
		rc = creds_process_get(profile, wait, ret_creds, err);
	if (rc == ERR_MISSING)
		rc = get_from_file(profile, &profile->config, ret_creds, err);
	return rc == ERR_MISSING ? refuse_other_ways(profile, err) : rc;
}

static enum status get(const struct creds_source *self, struct http *http,
	struct creds *ret_creds, struct err *err)
{
	struct creds_wait wait = creds_wait_for(http);
	struct profile profile = { 0 };
	enum status rc = profile_load(&profile, err);

	(void)self;
	if (rc)
		return rc;
	/* The SDKs assume the role even where the profile has a key as well. */
	if (creds_role_is_named(&profile))
		rc = creds_role_get(&profile, &wait, ret_creds, err);
	else
		rc = creds_profile_own(&profile, true, &wait, ret_creds, err);
	profile_done(&profile);
	return rc;
}

const struct creds_source creds_profile = { "profile", get };
