/* Clients for roles of other accounts, and where a client's credentials come from: out of the
 * environment, with real sockets and a stand-in for STS and for AWS Marketplace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/call.h"
#include "aws/metering.h"
#include "base/clock.h"
#include "tests/unit/sts_stand_in.h"

#define ARN "arn:aws:iam::111111111111:role/shop"

static struct aws *base, *aws;
static struct metering_customer who;
static struct aws_answer answer;

static int set_up(void **state)
{
	if (sts_set_up(state))
		return -1;
	setenv("AWS_ENDPOINT_URL_MARKETPLACE_METERING", server_url(""), 1);
	env_write_profiles("[default]\naws_access_key_id = AKIDBASE\naws_secret_access_key = s\n",
		"[profile role]\nrole_arn = " ARN "\nsource_profile = default\n");
	return 0;
}

static int tear_down(void **state)
{
	aws_free(aws);
	aws_free(base);
	aws = base = NULL;
	return creds_tear_down(state);
}

static void make_base(void)
{
	if (aws_new(4, &base, &err))
		fail_msg("%s", err.text);
}

static void make_role(const struct aws_role *role)
{
	if (aws_new_role(base, role, &aws, &err))
		fail_msg("%s", err.text);
}

static enum status resolve(struct aws *by)
{
	return metering_resolve(by, "tok", clock_monotonic_ms() + 5000, &who, &answer, &err);
}

static void must_resolve(struct aws *by)
{
	if (resolve(by))
		fail_msg("%s", err.text);
}

static void reply_customer(void)
{
	reply(200, "{\"ProductCode\":\"p\",\"LicenseArn\":\"l\"}");
}

static void test_role_signs_with_its_own_credentials_in_its_own_region(void **state)
{
	const struct aws_role role = { ARN, "ext-1", "us-west-2" };
	char origin[AWS_ORIGIN_MAX + 1];

	(void)state;
	make_base();
	sts_reply("AssumeRole", "ASIASHOP");
	reply_customer();
	make_role(&role);
	assert_string_equal(aws_region(aws), "us-west-2");
	assert_string_equal(aws_endpoint(aws), server_url("/")); /* a setting's is every region's */
	must_resolve(aws);
	assert_int_equal(aws_origin(aws, origin, &err), OK);
	assert_string_equal(origin, ARN);
	check_request(0, "Credential=AKIDBASE/");
	check_request(0, "/eu-west-1/sts/aws4_request");
	check_request(0, "RoleArn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Fshop&RoleSessionName="
		"tollgate&ExternalId=ext-1");
	check_request(1, "Credential=ASIASHOP/");
	check_request(1, "/us-west-2/aws-marketplace/aws4_request");
	check_request(1, "x-amz-security-token: token-of-ASIASHOP/+==\r\n");
	must_resolve(base);
	check_request(2, "Credential=AKIDBASE/");
	check_request(2, "/eu-west-1/aws-marketplace/aws4_request");
	assert_int_equal(server->n_requests, 3);
	assert_int_equal(base->signer.forced_ms, 0);
}

static void test_role_without_a_region_is_in_the_base_s(void **state)
{
	const struct aws_role role = { ARN, "", NULL };

	(void)state;
	make_base();
	sts_reply("AssumeRole", "ASIASHOP");
	reply_customer();
	make_role(&role);
	assert_string_equal(aws_region(aws), "eu-west-1");
	must_resolve(aws);
	check_no_request(0, "ExternalId");
}

static void test_region_without_a_role_uses_the_base_s_credentials(void **state)
{
	const struct aws_role role = { "", NULL, "us-west-2" };
	char origin[AWS_ORIGIN_MAX + 1];

	(void)state;
	unsetenv("AWS_ENDPOINT_URL_MARKETPLACE_METERING");
	make_base();
	make_role(&role);
	assert_string_equal(aws_endpoint(aws), "https://metering.marketplace.us-west-2.amazonaws.com/");
	assert_int_equal(aws_origin(aws, origin, &err), OK);
	assert_non_null(strstr(origin, "profile \"default\" of /tmp/"));
	assert_int_equal(server->n_requests, 0);
	assert_false(aws->signer.started);
}

static void test_region_without_a_role_follows_the_base_s_changes(void **state)
{
	const struct aws_role role = { NULL, NULL, "us-west-2" };

	(void)state;
	make_base();
	make_role(&role);
	reply_customer();
	env_write_profiles("[default]\naws_access_key_id = AKIDNEXT\naws_secret_access_key = s\n", NULL);
	base->signer.read_ms = aws->signer.read_ms = clock_monotonic_ms() - 1000;
	must_resolve(aws);
	check_request(0, "Credential=AKIDNEXT/");
}

/* Whose credentials a server hands out: it is the base's thread that renews them. */
static void test_region_without_a_role_follows_a_base_with_a_thread_too(void **state)
{
	const struct aws_role role = { NULL, NULL, "us-west-2" };

	(void)state;
	make_base();
	base->signer.creds.reread_s = 0;
	base->signer.creds.background = true;
	make_role(&role);
	reply_customer();
	strcpy(base->signer.creds.access_key_id, "AKIDNEXT");
	aws->signer.read_ms = clock_monotonic_ms() - 1000;
	must_resolve(aws);
	check_request(0, "Credential=AKIDNEXT/");
	assert_false(aws->signer.by_thread);
}

static void test_base_that_lost_its_credentials_is_what_is_wrong(void **state)
{
	const struct aws_role roles[] = { { ARN, NULL, NULL }, { NULL, NULL, "us-west-2" } };

	(void)state;
	make_base();
	env_write_profiles("[default]\n", NULL);
	base->signer.generation = 0;
	for (size_t i = 0; i < 2; i++) {
		aws_free(aws);
		make_role(&roles[i]);
		assert_int_equal(resolve(aws), ERR_REMOTE);
		check_text("nothing to sign it with: credentials from the role: ");
		check_text(roles[i].role_arn ? ARN ": nothing to ask for it with: no credentials for AWS"
									 : "role: no credentials for AWS");
	}
	assert_int_equal(server->n_requests, 0);
}

static void test_texts_that_cannot_be_are_refused(void **state)
{
	static const struct {
		struct aws_role role;
		const char *why;
	} bad[] = {
		{ { "shop", NULL, NULL }, "\"shop\" is not a role's ARN" },
		{ { ARN, "a b", NULL }, "external id is wrong" },
		{ { ARN, NULL, "evil.example/" }, "\"evil.example/\" is not a region's name" },
		{ { NULL, "ext", NULL }, "there is an external id, but no role's ARN" },
	};

	(void)state;
	make_base();
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(aws_new_role(base, &bad[i].role, &aws, &err), ERR_INPUT);
		assert_null(aws);
		if (!strstr(err.text, bad[i].why))
			fail_msg("%s", err.text);
	}
	assert_int_equal(server->n_requests, 0);
}

static void test_sts_that_is_away_does_not_stop_the_creation(void **state)
{
	const struct aws_role role = { ARN, NULL, NULL };

	(void)state;
	setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1", 1);
	make_base();
	make_role(&role);
	assert_int_equal(resolve(aws), ERR_RETRY);
	check_text("ResolveCustomer: nothing to sign it with: credentials from the role: " ARN
			   ": AssumeRole: no whole answer");
	assert_int_equal(server->n_requests, 0);
}

static void test_refusal_of_sts_is_told_to_the_callers(void **state)
{
	const struct aws_role role = { ARN, NULL, NULL };

	(void)state;
	make_base();
	sts_reply_error(403, "AccessDenied", "not you");
	make_role(&role);
	assert_int_equal(resolve(aws), ERR_REMOTE);
	check_text("AccessDenied (HTTP 403): not you. Allow sts:AssumeRole");
	assert_int_equal(answer.class, ERROR_AUTH);
	assert_int_equal(base->signer.forced_ms, 0); /* it was not the base's key that was refused */
}

/* The base's key was changed in the file, and STS is the first to know. */
static void test_base_s_refused_key_is_read_again(void **state)
{
	const struct aws_role role = { ARN, NULL, NULL };

	(void)state;
	make_base();
	env_write_profiles("[default]\naws_access_key_id = AKIDNEXT\naws_secret_access_key = s\n", NULL);
	base->signer.read_ms = clock_monotonic_ms() + 60000; /* not by itself */
	sts_reply_error(403, "InvalidClientTokenId", "");
	sts_reply("AssumeRole", "ASIASHOP");
	reply_customer();
	make_role(&role);
	must_resolve(aws);
	check_request(0, "Credential=AKIDBASE/");
	check_request(1, "Credential=AKIDNEXT/");
}

static void test_base_s_refused_key_whose_successor_has_to_be_waited_for_is_for_later(void **state)
{
	const struct aws_role role = { ARN, NULL, NULL };

	(void)state;
	make_base();
	base->signer.by_thread = true;
	base->signer.now = NULL; /* there is no thread, so that nothing comes by itself */
	sts_reply_error(403, "InvalidClientTokenId", "");
	make_role(&role);
	assert_int_equal(resolve(aws), ERR_RETRY);
	check_text("InvalidClientTokenId (HTTP 403)");
}

static void test_limits_and_rate_are_those_of_the_base(void **state)
{
	const struct aws_role role = { NULL, NULL, NULL };

	(void)state;
	make_base();
	aws_set_limits(base, limits_find("2019"));
	aws_set_rate(base, 8);
	make_role(&role);
	assert_ptr_equal(aws->limits, limits_find("2019"));
	assert_int_equal(aws->rate.every_us, 125000);
	aws_set_rate(base, 0);
	assert_int_equal(aws->rate.every_us, 125000);
}

static void test_role_of_a_profile_is_there_at_the_start(void **state)
{
	char origin[AWS_ORIGIN_MAX + 1];

	(void)state;
	setenv("AWS_PROFILE", "role", 1);
	sts_reply("AssumeRole", "ASIASHOP");
	reply_customer();
	make_base();
	assert_true(base->signer.started);
	must_resolve(base);
	check_request(1, "Credential=ASIASHOP/");
	assert_int_equal(aws_origin(base, origin, &err), OK);
	assert_string_equal(origin, ARN ", of profile \"role\"");
}

static void test_role_of_a_profile_may_come_later(void **state)
{
	char origin[AWS_ORIGIN_MAX + 1];

	(void)state;
	setenv("AWS_PROFILE", "role", 1);
	setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1", 1);
	make_base();
	assert_int_equal(aws_origin(base, origin, &err), ERR_RETRY);
	check_text("credentials from the profile: role_arn of profile \"role\": AssumeRole");
	assert_int_equal(resolve(base), ERR_RETRY);
}

static void test_role_of_a_profile_that_is_refused_stops_the_start(void **state)
{
	(void)state;
	setenv("AWS_PROFILE", "role", 1);
	sts_reply_error(403, "AccessDenied", "not you");
	assert_int_equal(aws_new(4, &base, &err), ERR_REMOTE);
	check_text("AccessDenied");
	assert_null(base);
}

static void test_sts_s_address_is_checked_at_the_start(void **state)
{
	(void)state;
	setenv("AWS_ENDPOINT_URL_STS", "http://sts.example", 1);
	assert_int_equal(aws_new(4, &base, &err), ERR_INPUT);
	check_text("AWS_ENDPOINT_URL_STS is http://sts.example");
}

static void test_account_of_the_caller(void **state)
{
	char account[AWS_ACCOUNT_MAX + 1], arn[AWS_ARN_MAX + 1];

	(void)state;
	make_base();
	reply(200, "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:"
		"user/x</Arn><UserId>U</UserId><Account>123456789012</Account></GetCallerIdentityResult>"
		"</GetCallerIdentityResponse>");
	assert_int_equal(aws_caller_account(base, clock_monotonic_ms() + 5000, account, arn, &err), OK);
	assert_string_equal(account, "123456789012");
	assert_string_equal(arn, "arn:aws:iam::123456789012:user/x");
	check_request(0, "Credential=AKIDBASE/");
	check_request(0, "Action=GetCallerIdentity");
	server_forget();
	sts_reply_error(403, "InvalidClientTokenId", "no");
	assert_int_equal(aws_caller_account(base, clock_monotonic_ms() + 5000, account, arn, &err),
		ERR_REMOTE);
	check_text("InvalidClientTokenId");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_role_signs_with_its_own_credentials_in_its_own_region),
		TEST(test_role_without_a_region_is_in_the_base_s),
		TEST(test_region_without_a_role_uses_the_base_s_credentials),
		TEST(test_region_without_a_role_follows_the_base_s_changes),
		TEST(test_region_without_a_role_follows_a_base_with_a_thread_too),
		TEST(test_base_that_lost_its_credentials_is_what_is_wrong),
		TEST(test_texts_that_cannot_be_are_refused),
		TEST(test_sts_that_is_away_does_not_stop_the_creation),
		TEST(test_refusal_of_sts_is_told_to_the_callers),
		TEST(test_base_s_refused_key_is_read_again),
		TEST(test_base_s_refused_key_whose_successor_has_to_be_waited_for_is_for_later),
		TEST(test_limits_and_rate_are_those_of_the_base),
		TEST(test_role_of_a_profile_is_there_at_the_start),
		TEST(test_role_of_a_profile_may_come_later),
		TEST(test_role_of_a_profile_that_is_refused_stops_the_start),
		TEST(test_sts_s_address_is_checked_at_the_start),
		TEST(test_account_of_the_caller),
	};

	return CREDS_RUN("aws_role", tests);
}
