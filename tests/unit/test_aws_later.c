/* A call whose credentials are to be had later only: the buyer is asked to try again. */
#include "tests/unit/unit.h"

#include "aws/signer_creds.h"
#include "tests/unit/aws_fake.h"

static void change_key(void)
{
	fake_set_creds("AKIDNEW", "another-secret", "");
}

static const char session_over[] = "{\"__type\":\"ExpiredTokenException\"}";

/* Its credentials have to be waited for, and there is no thread that does, so that nothing comes by
 * itself. */
static void make_background(void)
{
	aws_free(aws);
	fake.creds.background = true;
	assert_int_equal(fake_new(3, &aws, &err), OK);
	signer_thread_stop(&aws->signer);
	aws->signer.now = NULL;
}

static void test_refused_session_whose_successor_has_to_be_waited_for_is_for_later(void **state)
{
	(void)state;
	make_background();
	fake_add((struct fake_step){ 0, 403, session_over, .meanwhile = change_key });
	fake_add_good();
	assert_int_equal(fake_resolve(), ERR_RETRY);
	assert_int_equal(answer.tries, 1);
	assert_int_equal(answer.class, ERROR_AUTH);
	fake_check_text("ExpiredTokenException (HTTP 403)");
	assert_int_equal(fake.n_asked, 2); /* by fake_set_up and make_background */
	pthread_mutex_lock(&aws->signer.lock);
	signer_creds_renew(&aws->signer, aws_now(aws));
	pthread_mutex_unlock(&aws->signer.lock);
	assert_int_equal(fake_resolve(), OK);
	assert_non_null(strstr(fake_sent_header(1, "authorization"), "Credential=AKIDNEW/"));
}

static void test_refused_session_that_the_thread_found_the_same_is_refused(void **state)
{
	(void)state;
	make_background();
	fake_add_error(403, session_over);
	assert_int_equal(fake_resolve(), ERR_RETRY);
	pthread_mutex_lock(&aws->signer.lock);
	signer_creds_renew(&aws->signer, aws_now(aws));
	pthread_mutex_unlock(&aws->signer.lock);
	assert_int_equal(fake_resolve(), ERR_REMOTE);
}

static void test_call_without_credentials_is_for_later_where_their_source_is_away(void **state)
{
	(void)state;
	aws_free(aws);
	fake.creds_status = ERR_RETRY;
	assert_int_equal(fake_new(3, &aws, &err), OK);
	assert_int_equal(fake_resolve(), ERR_RETRY);
	fake_check_text("ResolveCustomer: nothing to sign it with: credentials from the fake: ");
	assert_int_equal(fake.n_sent, 0);
	assert_int_equal(answer.tries, 0);
	assert_int_equal(answer.class, ERROR_TRANSIENT);
	assert_int_equal(fake.n_sleeps, 0);
}

/* No memory for them, for one. */
static void test_call_whose_credentials_this_machine_cannot_read_is_its_own_fault(void **state)
{
	(void)state;
	aws_free(aws);
	fake.creds.reread_s = 1;
	fake.creds.expires_s = FAKE_EPOCH_S + 1;
	assert_int_equal(fake_new(3, &aws, &err), OK);
	fake.creds_status = ERR_LOCAL;
	fake.epoch_ms += 1000;
	assert_int_equal(fake_resolve(), ERR_LOCAL);
	fake_check_text("ResolveCustomer: nothing to sign it with: the credentials of the fake are out");
	assert_int_equal(fake.n_sent, 0);
}

#define CALL_TEST(test) cmocka_unit_test_setup_teardown(test, fake_set_up, fake_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CALL_TEST(test_refused_session_whose_successor_has_to_be_waited_for_is_for_later),
		CALL_TEST(test_refused_session_that_the_thread_found_the_same_is_refused),
		CALL_TEST(test_call_without_credentials_is_for_later_where_their_source_is_away),
		CALL_TEST(test_call_whose_credentials_this_machine_cannot_read_is_its_own_fault),
	};

	return UNIT_RUN(tests);
}
