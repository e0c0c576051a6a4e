#include "aws/client.h"

#include <stdlib.h>

#include "aws/call.h"
#include "aws/env.h"
#include "aws/http_curl.h"
#include "aws/profile.h"
#include "aws/role.h"
#include "aws/sts.h"
#include "base/clock.h"
#include "base/text.h"

enum { ATTEMPTS_LIMIT = 100 };

static int64_t epoch_ms(void *self)
{
	(void)self;
	return clock_epoch_ms();
}

static int64_t monotonic_ms(void *self)
{
	(void)self;
	return clock_monotonic_ms();
}

static void sleep_ms(void *self, int64_t ms)
{
	(void)self;
	clock_sleep_ms(ms);
}

static double random_fraction(void *self)
{
	(void)self;
	return text_random_fraction();
}

static struct signer_now now(void *aws)
{
	return aws_now(aws);
}

struct aws *aws_make(const struct aws_parts *parts)
{
	struct aws *aws = calloc(1, sizeof *aws);

	if (!aws)
		return NULL;
	aws->parts = *parts;
	aws->limits = limits_find("today");
	aws->bucket.tokens = RETRY_BUCKET;
	pthread_mutex_init(&aws->lock, NULL);
	aws->signer.sources = parts->sources;
	aws->signer.http = &aws->parts.machine.http;
	aws->signer.region = aws->parts.endpoint.region;
	aws->signer.host = aws->parts.endpoint.host;
	aws->signer.now = now;
	aws->signer.self = aws;
	return aws;
}

enum status aws_new_of(const struct aws_parts *parts, struct aws **ret_aws, struct err *err)
{
	struct aws *aws = aws_make(parts);
	enum status rc;

	if (!aws)
		return err_set(err, ERR_LOCAL, "no memory for a client of AWS");
	rc = signer_init(&aws->signer, aws_now(aws), err);
	if (rc)
		aws_free(aws);
	else
		*ret_aws = aws;
	/* Whatever it is, a setting is to be made or mended. */
	return rc == ERR_MISSING ? ERR_INPUT : rc;
}

static enum status find_attempts(const struct profile *profile, int *ret_attempts,
	struct err *err)
{
	const char *where = "AWS_MAX_ATTEMPTS", *value = env_get(where);
	long attempts = RETRY_ATTEMPTS;

	if (!value) {
		where = "max_attempts";
		value = profile_get(profile, where);
	}
	if (value && !text_number(value, 1, ATTEMPTS_LIMIT, &attempts))
		return err_set(err, ERR_INPUT, "%s is \"%s\"; allowed is a whole number from 1 to %d",
			where, value, ATTEMPTS_LIMIT);
	*ret_attempts = (int)attempts;
	return OK;
}

static enum status open_pool(const struct profile *profile, long connections,
	struct http_curl **ret_pool, struct err *err)
{
	const char *bundle = env_get("AWS_CA_BUNDLE");

	if (!bundle)
		bundle = profile_get(profile, "ca_bundle");
	return http_curl_new(connections, bundle, ret_pool, err);
}

enum status aws_new(long connections, struct aws **ret_aws, struct err *err)
{
	struct aws_parts parts = {
		.machine = { .epoch_ms = epoch_ms, .monotonic_ms = monotonic_ms, .sleep_ms = sleep_ms,
			.random = random_fraction },
		.sources = creds_sources,
		.connections = connections,
	};
	struct http_curl *pool = NULL;
	struct profile profile = { 0 };
	enum status rc;

	if (connections < 1)
		return err_set(err, ERR_INPUT, "%ld connections to AWS are not enough", connections);
	rc = profile_load(&profile, err);
	if (!rc)
		rc = endpoint_load(&profile, &parts.endpoint, err);
	if (!rc)
		rc = endpoint_load_sts(&profile, &parts.sts, err);
	if (!rc)
		rc = find_attempts(&profile, &parts.attempts_max, err);
	if (!rc)
		rc = open_pool(&profile, connections, &pool, err);
	profile_done(&profile);
	if (!rc) {
		parts.machine.http = http_curl_http(pool);
		rc = aws_new_of(&parts, ret_aws, err);
	}
	if (rc)
		http_curl_free(pool);
	else
		(*ret_aws)->pool = pool;
	return rc;
}

void aws_free(struct aws *aws)
{
	if (!aws)
		return;
	signer_done(&aws->signer);
	role_free(aws->role);
	http_curl_free(aws->pool);
	pthread_mutex_destroy(&aws->lock);
	free(aws);
}

void aws_set_limits(struct aws *aws, const struct limits *limits)
{
	aws->limits = limits;
}

void aws_set_rate(struct aws *aws, long calls_per_second)
{
	pthread_mutex_lock(&aws->lock);
	rate_set(&aws->rate, calls_per_second);
	pthread_mutex_unlock(&aws->lock);
}

void aws_withdraw(struct aws *aws)
{
	pthread_mutex_lock(&aws->lock);
	aws->withdrawn = true;
	pthread_mutex_unlock(&aws->lock);
}

const char *aws_endpoint(const struct aws *aws)
{
	return aws->parts.endpoint.url;
}

const char *aws_region(const struct aws *aws)
{
	return aws->parts.endpoint.region;
}

enum status aws_origin(struct aws *aws, char ret_origin[AWS_ORIGIN_MAX + 1], struct err *err)
{
	_Static_assert((int)AWS_ORIGIN_MAX == (int)CREDS_ORIGIN_MAX, "one is copied to the other");
	return signer_origin(&aws->signer, aws_now(aws), ret_origin, err);
}

enum status aws_caller_account(struct aws *aws, int64_t deadline_ms,
	char ret_account[AWS_ACCOUNT_MAX + 1], char ret_arn[AWS_ARN_MAX + 1], struct err *err)
{
	struct sts sts = { &aws->parts.machine.http, &aws->parts.sts, deadline_ms, ERROR_NONE };
	struct creds *creds = malloc(sizeof *creds); /* a request's thread may ask */
	unsigned generation;
	enum status rc;

	if (!creds)
		return err_set(err, ERR_LOCAL, "no memory for a question to STS");
	rc = signer_copy_creds(&aws->signer, aws_now(aws), creds, &generation, err);
	if (!rc)
		rc = sts_get_caller_identity(&sts, creds, ret_account, ret_arn, err);
	creds_wipe(creds);
	free(creds);
	return rc;
}
