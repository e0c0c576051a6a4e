/* For tests of aws/endpoint.h: the endpoint out of the environment and the profiles. */
#ifndef TESTS_UNIT_ENDPOINT_ENV_H
#define TESTS_UNIT_ENDPOINT_ENV_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/endpoint.h"
#include "tests/unit/aws_env.h"

static struct endpoint endpoint;
static struct err err;

static enum status load(void)
{
	struct profile profile = { 0 };
	enum status rc = profile_load(&profile, &err);

	if (!rc)
		rc = endpoint_load(&profile, &endpoint, &err);
	profile_done(&profile);
	return rc;
}

static void check_url(const char *url)
{
	err.text[0] = '\0';
	if (load())
		fail_msg("%s", err.text);
	assert_string_equal(endpoint.url, url);
}

#endif
