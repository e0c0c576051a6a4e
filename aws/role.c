#include "aws/role.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/call.h"
#include "aws/creds_ways.h"
#include "aws/sts.h"
#include "base/text.h"

enum { FIRST_READ_MS = 2000, REREAD_S = 1 };

/* Its texts are copies. */
struct role {
	struct creds_source source; /* the first member: what get() is called with */
	const struct creds_source *sources[2];
	struct aws *base;
	char *role_arn, *external_id; /* NULL: none */
};

/* *ret_other: the base's credentials were refused, and it has others by now. */
static enum status assume_once(const struct role *role, struct sts *sts, struct creds *ret_creds,
	bool *ret_other, struct err *err)
{
	struct signer *base = &role->base->signer;
	struct sts_role wanted = { .role_arn = role->role_arn, .external_id = role->external_id };
	enum signer_renewal renewal = SIGNER_SAME;
	unsigned generation = 0;
	struct err trouble;
	enum status rc = signer_copy_creds(base, aws_now(role->base), ret_creds, &generation, err);

	*ret_other = false;
	if (rc)
		return err_wrap(err, rc == ERR_MISSING ? ERR_INPUT : rc, "nothing to ask for it with");
	rc = sts_assume_role(sts, &wanted, ret_creds, err);
	if (rc && sts->class == ERROR_AUTH)
		renewal = signer_renew(base, aws_now(role->base), generation, &trouble);
	*ret_other = renewal == SIGNER_OTHER;
	return renewal == SIGNER_SAME ? rc : ERR_RETRY;
}

static enum status assume(const struct role *role, struct http *http, struct creds *ret_creds,
	struct err *err)
{
	struct sts sts = { http, &role->base->parts.sts, creds_wait_for(http).deadline_ms, ERROR_NONE };
	bool other;
	enum status rc = assume_once(role, &sts, ret_creds, &other, err);

	if (other)
		rc = assume_once(role, &sts, ret_creds, &other, err);
	if (rc)
		return err_wrap(err, rc, "%s", role->role_arn);
	snprintf(ret_creds->origin, sizeof ret_creds->origin, "%s", role->role_arn);
	return OK;
}

static enum status get(const struct creds_source *self, struct http *http,
	struct creds *ret_creds, struct err *err)
{
	const struct role *role = (const struct role *)self;
	unsigned generation;
	enum status rc;

	if (role->role_arn)
		return http ? assume(role, http, ret_creds, err)
					: creds_wait_refuse("a role of another account", err);
	rc = signer_copy_creds(&role->base->signer, aws_now(role->base), ret_creds, &generation, err);
	if (rc)
		return rc == ERR_MISSING ? ERR_INPUT : rc;
	ret_creds->reread_s = REREAD_S; /* the base renews them */
	ret_creds->background = false;
	return OK;
}

void role_free(struct role *role)
{
	if (!role)
		return;
	free(role->role_arn);
	free(role->external_id);
	free(role);
}

static struct role *make(struct aws *base, const struct aws_role *wanted)
{
	struct role *role = calloc(1, sizeof *role);

	if (!role)
		return NULL;
	*role = (struct role){ .source = { "role", get }, .base = base };
	role->sources[0] = &role->source;
	if (wanted->role_arn && *wanted->role_arn)
		role->role_arn = strdup(wanted->role_arn);
	if (wanted->external_id && *wanted->external_id)
		role->external_id = strdup(wanted->external_id);
	if ((role->role_arn || !text_or_null(wanted->role_arn)) &&
		(role->external_id || !text_or_null(wanted->external_id)))
		return role;
	role_free(role);
	return NULL;
}

/* What does not need AWS to be found wrong. */
static enum status check(const struct aws_role *wanted, struct endpoint *endpoint,
	struct err *err)
{
	struct sts_role role = { .role_arn = text_or_null(wanted->role_arn),
		.external_id = text_or_null(wanted->external_id) };

	if (!role.role_arn && role.external_id)
		return err_set(err, ERR_INPUT, "there is an external id, but no role's ARN that it is for");
	if (role.role_arn && sts_check_role(&role, err))
		return ERR_INPUT;
	if (text_or_null(wanted->region))
		return endpoint_set_region(endpoint, wanted->region, err);
	return OK;
}

enum status aws_new_role(struct aws *base, const struct aws_role *role, struct aws **ret_aws,
	struct err *err)
{
	struct aws_parts parts = base->parts;
	struct aws *aws = NULL;
	struct role *mine;
	enum status rc = check(role, &parts.endpoint, err);

	if (rc)
		return rc;
	mine = make(base, role);
	if (mine) {
		parts.sources = mine->sources;
		aws = aws_make(&parts);
	}
	if (!aws) {
		role_free(mine);
		return err_set(err, ERR_LOCAL, "no memory for a client of AWS");
	}
	aws->role = mine;
	aws->limits = base->limits;
	pthread_mutex_lock(&base->lock);
	aws->rate.every_us = base->rate.every_us;
	pthread_mutex_unlock(&base->lock);
	rc = signer_init_later(&aws->signer, aws_now(aws), err);
	if (rc) {
		aws_free(aws);
		return rc;
	}
	signer_wait(&aws->signer, FIRST_READ_MS);
	*ret_aws = aws;
	return OK;
}
