/* One client for each seller account: who shares one, and who has the base's. */
#include "tests/unit/unit.h"

#include "aws/accounts.h"
#include "tests/unit/aws_fake.h"

#define ARN "arn:aws:iam::111111111111:role/shop"

static struct aws_accounts *accounts;

/* For the threads of several clients at once. */
static enum status refuse(void *self, const struct http_request *request,
	struct http_answer *ret_answer, struct err *e)
{
	(void)self, (void)request, (void)ret_answer;
	return err_set(e, ERR_REMOTE, "nobody is called here");
}

static int set_up(void **state)
{
	if (fake_set_up(state))
		return -1;
	aws->parts.machine.http.call = refuse;
	return (int)aws_accounts_new(aws, &accounts, &err);
}

static int tear_down(void **state)
{
	aws_accounts_free(accounts);
	return fake_tear_down(state);
}

static struct aws *get(const char *role_arn, const char *external_id, const char *region)
{
	const struct aws_role role = { role_arn, external_id, region };
	struct aws *found = NULL;

	if (aws_accounts_get(accounts, &role, &found, &err))
		fail_msg("%s", err.text);
	return found;
}

static void test_what_names_nothing_or_the_base_s_region_is_the_base(void **state)
{
	(void)state;
	assert_ptr_equal(get(NULL, NULL, NULL), aws);
	assert_ptr_equal(get("", "", ""), aws);
	assert_ptr_equal(get("", NULL, "eu-west-1"), aws);
}

static void test_each_role_and_region_has_a_client_of_its_own(void **state)
{
	struct aws *found[] = { aws, get(NULL, NULL, "us-west-2"), get(NULL, NULL, "us-west-1"),
		get(ARN, NULL, NULL), get(ARN, "ext-1", NULL), get(ARN, "ext-2", ""),
		get(ARN, "ext-1", "us-west-2"), get(ARN "s", NULL, NULL) };
	enum { N = sizeof found / sizeof found[0] };

	(void)state;
	for (size_t i = 0; i < N; i++)
		for (size_t j = i + 1; j < N; j++)
			assert_ptr_not_equal(found[i], found[j]);
	assert_string_equal(aws_region(found[6]), "us-west-2");
	assert_string_equal(aws_region(found[5]), "eu-west-1");
	/* And keeps it. */
	assert_ptr_equal(get("", "", "us-west-2"), found[1]);
	assert_ptr_equal(get(ARN, "", NULL), found[3]);
	assert_ptr_equal(get(ARN, "ext-2", NULL), found[5]);
	assert_ptr_equal(get(ARN, "ext-1", "us-west-2"), found[6]);
	assert_ptr_equal(get(ARN "s", NULL, ""), found[7]);
}

static void test_role_in_the_base_s_region_written_out_has_the_client_of_one_without_a_region(
	void **state)
{
	struct aws *found = get(ARN, "ext-1", "eu-west-1");

	(void)state;
	assert_ptr_not_equal(found, aws);
	assert_string_equal(aws_region(found), "eu-west-1");
	assert_ptr_equal(get(ARN, "ext-1", NULL), found);
	assert_ptr_equal(get(ARN, "ext-1", ""), found);
	assert_ptr_equal(get(ARN, "ext-1", "eu-west-1"), found);
}

static void test_role_that_cannot_be_is_refused_and_not_kept(void **state)
{
	const struct aws_role role = { NULL, "ext-1", "us-west-2" };
	struct aws *found = NULL;

	(void)state;
	assert_int_equal(aws_accounts_get(accounts, &role, &found, &err), ERR_INPUT);
	assert_null(found);
	assert_int_equal(aws_accounts_get(accounts, &role, &found, &err), ERR_INPUT);
	assert_non_null(get(ARN, "ext-1", "us-west-2"));
}

static void test_there_are_a_thousand_at_most(void **state)
{
	const struct aws_role one_more = { NULL, NULL, "xx-east-1000" };
	struct aws *found = NULL;
	char region[20];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(region, sizeof region, "xx-east-%d", i);
		(void)get(NULL, NULL, region);
	}
	assert_int_equal(aws_accounts_get(accounts, &one_more, &found, &err), ERR_LOCAL);
	fake_check_text("over 1000 roles and regions are in use; restart");
	assert_non_null(get(NULL, NULL, "xx-east-0")); /* those that are there go on */
}

#define ACCOUNTS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ACCOUNTS_TEST(test_what_names_nothing_or_the_base_s_region_is_the_base),
		ACCOUNTS_TEST(test_each_role_and_region_has_a_client_of_its_own),
		ACCOUNTS_TEST(
			test_role_in_the_base_s_region_written_out_has_the_client_of_one_without_a_region),
		ACCOUNTS_TEST(test_role_that_cannot_be_is_refused_and_not_kept),
		ACCOUNTS_TEST(test_there_are_a_thousand_at_most),
	};

	return UNIT_RUN(tests);
}
