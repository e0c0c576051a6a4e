/* How a signer keeps its credentials fresh: who reads, and when. What its thread does is done by
 * hand here. */
#include "tests/unit/signer_fixture.h"

static struct creds copied;

/* What the thread would do by now. */
static void step(void)
{
	pthread_mutex_lock(&signer.lock);
	if (signer.by_thread && signer_creds_are_due(&signer, now()))
		signer_creds_renew(&signer, now());
	pthread_mutex_unlock(&signer.lock);
}

static void test_first_read_is_waited_for(void **state)
{
	(void)state;
	init();
	assert_int_equal(source.n_asked, 1);
	check_signed_with("AKIDONE");
}

static void test_callers_never_ask(void **state)
{
	(void)state;
	init();
	for (int i = 0; i < 70; i++) {
		pass(60);
		(void)!sign();
	}
	assert_int_equal(source.n_asked, 1);
}

static void test_renewal_is_early_and_changes_the_signature(void **state)
{
	(void)state;
	init();
	pass(45 * 60 - 1);
	step();
	assert_int_equal(source.n_asked, 1);
	pass(1);
	set_creds("AKIDTWO", HOUR_S);
	check_signed_with("AKIDONE");
	step();
	check_signed_with("AKIDTWO");
	assert_int_equal(signature.generation, 2);
	pass(45 * 60 - 1);
	step();
	assert_int_equal(source.n_asked, 2);
}

static void test_old_ones_are_used_until_they_end(void **state)
{
	(void)state;
	init();
	source.status = ERR_RETRY;
	for (int i = 0; i < HOUR_S - 1; i++) {
		pass(1);
		step();
		check_signed_with("AKIDONE");
	}
	/* About twice a minute and a half at most: fewer than 40 in the last 15 minutes. */
	assert_in_range(source.n_asked, 10, 40);
	pass(1);
	assert_int_equal(sign(), ERR_RETRY);
	check_text("the credentials of the test are out of date: credentials from the test: it is broken");
	source.status = OK;
	set_creds("AKIDTWO", HOUR_S);
	pass(60);
	step();
	check_signed_with("AKIDTWO");
}

/* As after a night's sleep of the machine. */
static void test_callers_fail_at_once_while_new_ones_are_asked_for(void **state)
{
	(void)state;
	init();
	pass(8 * HOUR_S);
	assert_int_equal(sign(), ERR_RETRY);
	check_text("the credentials of the test are out of date; new ones are being asked for");
	assert_int_equal(source.n_asked, 1);
	set_creds("AKIDTWO", HOUR_S);
	step();
	check_signed_with("AKIDTWO");
}

static void test_source_that_is_away_does_not_stop_the_start(void **state)
{
	(void)state;
	source.status = ERR_RETRY;
	init();
	assert_int_equal(sign(), ERR_RETRY);
	check_text("credentials from the test: it is broken");
	step(); /* too early */
	assert_int_equal(source.n_asked, 1);
	source.status = OK;
	pass(1);
	step();
	check_signed_with("AKIDONE");
}

static void test_source_that_is_set_up_wrongly_does(void **state)
{
	static const enum status wrong[] = { ERR_INPUT, ERR_MISSING, ERR_REMOTE, ERR_LOCAL };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		set_up(NULL);
		source.status = wrong[i];
		assert_int_equal(signer_init(&signer, now(), &err), wrong[i]);
		signer_done(&signer);
	}
	set_up(NULL);
	init();
}

static void test_source_that_becomes_wrong_is_told_with_its_status_once_it_matters(void **state)
{
	(void)state;
	init();
	source.status = ERR_REMOTE;
	pass(HOUR_S - 1);
	step();
	check_signed_with("AKIDONE");
	pass(1);
	assert_int_equal(sign(), ERR_REMOTE);
	check_text("it is broken");
}

static void test_trouble_that_is_over_is_not_told(void **state)
{
	(void)state;
	init();
	source.status = ERR_REMOTE;
	pass(45 * 60);
	step();
	source.status = OK;
	set_creds("AKIDTWO", HOUR_S);
	pass(60);
	step();
	check_signed_with("AKIDTWO");
	pass(HOUR_S);
	assert_int_equal(sign(), ERR_RETRY);
	check_text("the credentials of the test are out of date; new ones are being asked for");
}

static void test_source_that_was_there_is_merely_away(void **state)
{
	(void)state;
	init();
	source.status = ERR_MISSING;
	pass(HOUR_S);
	step();
	assert_int_equal(sign(), ERR_RETRY);
}

static void test_credentials_that_come_out_of_date_are_none(void **state)
{
	(void)state;
	set_creds("AKIDONE", -5);
	init();
	assert_int_equal(sign(), ERR_RETRY);
	check_text("what came from the test is out of date already");
	source.creds.expires_s = NOW_S + 60;
	pass(60);
	step();
	assert_int_equal(source.n_asked, 2);
	assert_int_equal(sign(), ERR_RETRY);
	check_text("what came from the test is out of date already");
}

static void test_credentials_that_last_are_not_asked_for_again(void **state)
{
	(void)state;
	set_creds("AKIDONE", 0);
	init();
	pass(1000L * HOUR_S);
	step();
	check_signed_with("AKIDONE");
	assert_int_equal(source.n_asked, 1);
}

static void test_refused_ones_are_renewed_by_the_thread(void **state)
{
	(void)state;
	init();
	check_signed_with("AKIDONE");
	set_creds("AKIDTWO", HOUR_S);
	assert_int_equal(signer_renew(&signer, now(), signature.generation, &err), SIGNER_UNDER_WAY);
	assert_int_equal(source.n_asked, 1);
	step();
	assert_int_equal(signer_renew(&signer, now(), signature.generation, &err), SIGNER_OTHER);
	check_signed_with("AKIDTWO");
}

static void test_refused_ones_are_renewed_at_most_once_a_minute(void **state)
{
	(void)state;
	init();
	check_signed_with("AKIDONE");
	assert_int_equal(signer_renew(&signer, now(), 1, &err), SIGNER_UNDER_WAY);
	step();
	assert_int_equal(source.n_asked, 2);
	assert_int_equal(signer_renew(&signer, now(), 1, &err), SIGNER_SAME);
	pass(59);
	assert_int_equal(signer_renew(&signer, now(), 1, &err), SIGNER_SAME);
	step();
	assert_int_equal(source.n_asked, 2);
	pass(1);
	assert_int_equal(signer_renew(&signer, now(), 1, &err), SIGNER_UNDER_WAY);
}

/* Files gave keys, and name a server by now, which has others. */
static void files_then_server(const char *key)
{
	source.fast = true;
	set_creds("AKIDFILE", 0);
	init();
	source.fast = false;
	set_creds(key, HOUR_S);
}

/* A file that is empty for a moment must not make us somebody else. */
static void test_files_are_given_time_before_the_thread_looks_elsewhere(void **state)
{
	(void)state;
	files_then_server("AKIDEC2");
	pass(2);
	check_signed_with("AKIDFILE");
	step();
	check_signed_with("AKIDFILE");
	source.fast = true;
	set_creds("AKIDNEW", 0);
	pass(2);
	check_signed_with("AKIDNEW");
	pass(10);
	step();
	assert_int_equal(source.n_asked, 1);
}

static void test_files_that_name_a_server_by_now_hand_over_to_the_thread(void **state)
{
	(void)state;
	files_then_server("AKIDROLE");
	pass(1);
	check_signed_with("AKIDFILE");
	now_ms += 4999;
	check_signed_with("AKIDFILE");
	step();
	check_signed_with("AKIDFILE");
	now_ms += 1;
	step();
	check_signed_with("AKIDROLE");
}

static void test_refused_keys_whose_file_names_a_server_by_now_are_the_thread_s_to_renew(
	void **state)
{
	(void)state;
	files_then_server("AKIDROLE");
	assert_int_equal(signer_renew(&signer, now(), 1, &err), SIGNER_SAME);
	assert_int_equal(source.n_asked, 1);
	pass(5);
	step();
	check_signed_with("AKIDROLE");
}

static void test_files_that_name_a_server_which_is_away_are_used_for_a_minute(void **state)
{
	(void)state;
	source.fast = true;
	set_creds("AKIDFILE", 0);
	init();
	source.fast = false;
	source.status = ERR_RETRY;
	pass(1);
	check_signed_with("AKIDFILE");
	pass(5);
	step();
	pass(59);
	step();
	check_signed_with("AKIDFILE");
	pass(1);
	assert_int_equal(sign(), ERR_RETRY);
}

static void test_keys_that_stand_in_a_file_by_now_are_taken_at_the_renewal(void **state)
{
	(void)state;
	init();
	source.fast = true;
	set_creds("AKIDFILE", 0);
	pass(45 * 60);
	step();
	check_signed_with("AKIDFILE");
	assert_false(signer.by_thread);
	set_creds("AKIDNEXT", 0);
	pass(1);
	check_signed_with("AKIDNEXT");
}

static void test_keys_in_a_file_help_at_once_where_there_are_none(void **state)
{
	(void)state;
	source.status = ERR_RETRY;
	init();
	source.status = OK;
	source.fast = true;
	set_creds("AKIDFILE", 0);
	check_signed_with("AKIDFILE");
	assert_int_equal(source.n_asked, 1);
}

static void test_aws_s_clock_decides_what_is_out_of_date(void **state)
{
	(void)state;
	init();
	assert_true(signer_set_clock(&signer, now(), NOW_S, NOW_S + 2 * HOUR_S));
	assert_int_equal(sign(), ERR_RETRY);
}

static void test_origin_and_copy_wait_for_nobody(void **state)
{
	char origin[CREDS_ORIGIN_MAX + 1] = "";
	unsigned generation = 0;

	(void)state;
	init();
	assert_int_equal(signer_origin(&signer, now(), origin, &err), OK);
	assert_string_equal(origin, "the test");
	assert_int_equal(signer_copy_creds(&signer, now(), &copied, &generation, &err), OK);
	assert_string_equal(copied.access_key_id, "AKIDONE");
	assert_int_equal(generation, 1);
	pass(HOUR_S);
	assert_int_equal(signer_origin(&signer, now(), origin, &err), ERR_RETRY);
	assert_int_equal(signer_copy_creds(&signer, now(), &copied, &generation, &err), ERR_RETRY);
	assert_int_equal(source.n_asked, 1);
}

static void test_nothing_secret_stays_when_it_is_over(void **state)
{
	static const struct creds none;
	static const struct signature_key no_key;

	(void)state;
	init();
	check_signed_with("AKIDONE");
	signer.fresh = signer.creds;
	signer_done(&signer);
	assert_memory_equal(&signer.creds, &none, sizeof none);
	assert_memory_equal(&signer.fresh, &none, sizeof none);
	assert_memory_equal(&signer.key, &no_key, sizeof no_key);
	init();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_first_read_is_waited_for),
		TEST(test_callers_never_ask),
		TEST(test_renewal_is_early_and_changes_the_signature),
		TEST(test_old_ones_are_used_until_they_end),
		TEST(test_callers_fail_at_once_while_new_ones_are_asked_for),
		TEST(test_source_that_is_away_does_not_stop_the_start),
		TEST(test_source_that_is_set_up_wrongly_does),
		TEST(test_source_that_becomes_wrong_is_told_with_its_status_once_it_matters),
		TEST(test_trouble_that_is_over_is_not_told),
		TEST(test_source_that_was_there_is_merely_away),
		TEST(test_credentials_that_come_out_of_date_are_none),
		TEST(test_credentials_that_last_are_not_asked_for_again),
		TEST(test_refused_ones_are_renewed_by_the_thread),
		TEST(test_refused_ones_are_renewed_at_most_once_a_minute),
		TEST(test_files_are_given_time_before_the_thread_looks_elsewhere),
		TEST(test_files_that_name_a_server_by_now_hand_over_to_the_thread),
		TEST(test_refused_keys_whose_file_names_a_server_by_now_are_the_thread_s_to_renew),
		TEST(test_files_that_name_a_server_which_is_away_are_used_for_a_minute),
		TEST(test_keys_that_stand_in_a_file_by_now_are_taken_at_the_renewal),
		TEST(test_keys_in_a_file_help_at_once_where_there_are_none),
		TEST(test_aws_s_clock_decides_what_is_out_of_date),
		TEST(test_origin_and_copy_wait_for_nobody),
		TEST(test_nothing_secret_stays_when_it_is_over),
	};

	return UNIT_RUN(tests);
}
