#include "aws/creds_ways.h"

#include <stdio.h>
#include <string.h>

#include "aws/sts.h"
#include "base/text.h"

enum { PROFILES_MAX = 8 }; /* of a chain; each one is a call of STS */

/* The profiles whose roles are wanted so far, the last one first. */
struct link {
	const struct profile *profile;
	const struct link *before;
	int n;
};

static enum status assume(const struct link *link, const struct creds_wait *wait,
	struct creds *ret_creds, struct err *err);

bool creds_role_is_named(const struct profile *profile)
{
	return profile_get(profile, "role_arn") && !profile_get(profile, "web_identity_token_file");
}

enum status creds_role_read(const struct profile *profile, struct sts_role *ret_role,
	struct err *err)
{
	const char *duration = profile_get(profile, "duration_seconds");
	enum status rc;

	ret_role->role_arn = text_or_null(profile_get(profile, "role_arn"));
	ret_role->external_id = text_or_null(profile_get(profile, "external_id"));
	ret_role->session_name = text_or_null(profile_get(profile, "role_session_name"));
	if (duration && !text_number(duration, STS_DURATION_MIN_S, STS_DURATION_MAX_S,
		&ret_role->duration_s))
		return err_set(err, ERR_INPUT, "duration_seconds of profile \"%s\" is \"%s\"; allowed is "
			"%d to %d", profile->name, duration, STS_DURATION_MIN_S, STS_DURATION_MAX_S);
	if (!ret_role->role_arn)
		return OK;
	rc = sts_check_role(ret_role, err);
	return rc ? err_wrap(err, rc, "profile \"%s\"", profile->name) : OK;
}

/* Not what the profile says of itself, but keys for who asks for its role. */
static bool has_key(const struct profile *profile)
{
	return profile_get(profile, "aws_access_key_id") ||
		profile_get(profile, "aws_secret_access_key");
}

static enum status from_profile(const struct link *link, const char *name,
	const struct creds_wait *wait, struct creds *ret_creds, struct err *err)
{
	struct profile source;
	struct link next = { &source, link, link->n + 1 };
	enum status rc = profile_load_named(name, "source_profile", &source, err);

	if (rc)
		return err_wrap(err, rc, "profile \"%s\"", link->profile->name);
	if (has_key(&source) || !creds_role_is_named(&source)) {
		rc = creds_profile_own(&source, false, wait, ret_creds, err);
		if (rc == ERR_MISSING)
			rc = err_set(err, ERR_INPUT, "profile \"%s\" is the source_profile of \"%s\", but "
				"names no way to credentials", name, link->profile->name);
	} else {
		rc = assume(&next, wait, ret_creds, err);
	}
	profile_done(&source);
	return rc;
}

static enum status from_source(const struct link *link, const char *name,
	const struct creds_wait *wait, struct creds *ret_creds, struct err *err)
{
	static const struct {
		const char *name;
		const struct creds_source *source;
	} named[] = {
		{ "Environment", &creds_env },
		{ "Ec2InstanceMetadata", &creds_imds },
		{ "EcsContainer", &creds_container },
	};

	for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
		enum status rc;

		if (strcmp(named[i].name, name) != 0)
			continue;
		rc = named[i].source->get(named[i].source, wait->http, ret_creds, err);
		/* The profile says that it is there: EC2's may be silent, the others are not set up. */
		if (rc == ERR_MISSING)
			rc = named[i].source == &creds_imds ? ERR_RETRY : ERR_INPUT;
		return rc ? err_wrap(err, rc, "credential_source %s of profile \"%s\"", name,
			link->profile->name) : OK;
	}
	return err_set(err, ERR_INPUT, "credential_source of profile \"%s\" is \"%s\"; allowed is "
		"Environment, Ec2InstanceMetadata or EcsContainer", link->profile->name, name);
}

static enum status check_chain(const struct link *link, const char *source, struct err *err)
{
	const char *name = link->profile->name;

	if (link->n > PROFILES_MAX)
		return err_set(err, ERR_INPUT, "profile \"%s\": over %d roles ask for each other", name,
			PROFILES_MAX);
	for (const struct link *at = link->before; source && at; at = at->before)
		if (!strcmp(at->profile->name, source))
			return err_set(err, ERR_INPUT, "source_profile goes round in a circle: \"%s\" names "
				"\"%s\", which asks for its role", name, source);
	/* One that names itself signs with its own key. */
	if (source && !strcmp(source, name) && !has_key(link->profile))
		return err_set(err, ERR_INPUT, "profile \"%s\" is its own source_profile, but has no "
			"aws_access_key_id", name);
	return OK;
}

/* What signs: exactly one of the two settings says so. */
static enum status get_signing(const struct link *link, const struct creds_wait *wait,
	struct creds *ret_creds, struct err *err)
{
	const struct profile *profile = link->profile;
	const char *source = profile_get(profile, "source_profile");
	const char *named = profile_get(profile, "credential_source");
	enum status rc;

	if (!source == !named)
		return err_set(err, ERR_INPUT, "profile \"%s\" has role_arn, and %s source_profile %s "
			"credential_source; it takes one of them, which says who asks for the role",
			profile->name, source ? "both" : "neither", source ? "and" : "nor");
	if (profile_get(profile, "mfa_serial"))
		return err_set(err, ERR_INPUT, "profile \"%s\" asks for mfa_serial, a code that somebody "
			"types; nobody can here. Use a role whose trust policy asks for none", profile->name);
	rc = check_chain(link, source, err);
	if (rc)
		return rc;
	return source ? from_profile(link, source, wait, ret_creds, err)
				  : from_source(link, named, wait, ret_creds, err);
}

static enum status assume(const struct link *link, const struct creds_wait *wait,
	struct creds *ret_creds, struct err *err)
{
	const struct profile *profile = link->profile;
	struct endpoint endpoint;
	struct sts sts = { wait->http, &endpoint, wait->deadline_ms, ERROR_NONE };
	struct sts_role role = { 0 };
	struct profile chosen;
	enum status rc = creds_role_read(profile, &role, err);

	if (!rc)
		rc = get_signing(link, wait, ret_creds, err);
	/* The region is that of the chosen profile, whatever the others say. */
	if (!rc)
		rc = profile_load(&chosen, err);
	if (rc)
		return rc;
	rc = endpoint_load_sts(&chosen, &endpoint, err);
	profile_done(&chosen);
	if (!rc)
		rc = sts_assume_role(&sts, &role, ret_creds, err);
	if (rc)
		return err_wrap(err, rc, "role_arn of profile \"%s\"", profile->name);
	snprintf(ret_creds->origin, sizeof ret_creds->origin, "%s, of profile \"%s\"", role.role_arn,
		profile->name);
	return OK;
}

enum status creds_role_get(const struct profile *profile, const struct creds_wait *wait,
	struct creds *ret_creds, struct err *err)
{
	const struct link first = { profile, NULL, 1 };

	if (!wait->http)
		return creds_wait_refuse("the role of a profile", err);
	return assume(&first, wait, ret_creds, err);
}
