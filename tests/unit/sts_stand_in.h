/* What STS answers, for tests; AWS_ENDPOINT_URL_STS is their server. */
#ifndef TESTS_UNIT_STS_STAND_IN_H
#define TESTS_UNIT_STS_STAND_IN_H

#include "tests/unit/creds_server.h"

#define STS_EXPIRES_S 4102444800 /* 2100-01-01 */

static inline int sts_set_up(void **state)
{
	if (creds_set_up(state))
		return -1;
	setenv("AWS_ENDPOINT_URL_STS", server_url(""), 1);
	setenv("AWS_REGION", "eu-west-1", 1);
	return 0;
}

static inline void sts_reply_until(const char *action, const char *key, const char *expiration)
{
	char body[2000];

	snprintf(body, sizeof body,
		"<?xml version=\"1.0\"?>\n<%sResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n"
		"<%sResult><AssumedRoleUser><Arn>arn:x</Arn></AssumedRoleUser><Credentials>"
		"<SessionToken>token-of-%s/+==</SessionToken>"
		"<SecretAccessKey>secret-of-%s</SecretAccessKey><Expiration>%s</Expiration>"
		"<AccessKeyId>%s</AccessKeyId></Credentials></%sResult>"
		"<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></%sResponse>\n",
		action, action, key, key, expiration, key, action, action);
	reply(200, body);
}

static inline void sts_reply(const char *action, const char *key)
{
	sts_reply_until(action, key, "2100-01-01T00:00:00Z");
}

static inline void sts_reply_error(int status, const char *code, const char *message)
{
	char body[1000];

	snprintf(body, sizeof body, "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
		"<Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error>"
		"<RequestId>r</RequestId></ErrorResponse>", code, message);
	reply(status, body);
}

#define STS_TEST(test) cmocka_unit_test_setup_teardown(test, sts_set_up, creds_tear_down)

#endif
