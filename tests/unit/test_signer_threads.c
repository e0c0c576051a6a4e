/* Many threads sign while the signer's own renews the credentials: nobody waits, and it does so once. */
#include "tests/unit/signer_fixture.h"

enum { THREADS = 100 };

static void await(const atomic_bool *flag, bool value)
{
	for (int i = 0; *flag != value; i++) {
		assert_true(i < 5000);
		clock_sleep_ms(1);
	}
}

static void await_asked(int n)
{
	for (int i = 0; source.n_asked < n; i++) {
		assert_true(i < 5000);
		clock_sleep_ms(1);
	}
}

/* Signs until the credentials are those of AKIDTWO; how often others failed. */
static void *sign_on(void *ret_failed)
{
	atomic_int *failed = ret_failed;
	struct signature mine = { .session_token = "" };
	struct buf body = { 0 };
	struct err trouble;
	bool done = false;

	while (!done) {
		if (signer_sign(&signer, now(), "Service.Action", &body, &mine, &trouble)) {
			(*failed)++;
			return NULL;
		}
		done = mine.generation > 1;
		signature_done(&mine);
		clock_sleep_ms(1);
	}
	return NULL;
}

static void test_a_hundred_threads_across_a_renewal_cause_one(void **state)
{
	pthread_t threads[THREADS];
	atomic_int failed = 0;

	(void)state;
	signer.now = read_clock;
	init();
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_on, &failed), 0);
	source.closed = true;
	set_creds("AKIDTWO", 2 * HOUR_S);
	pass(46 * 60);
	await(&source.busy, true); /* they go on while the source thinks */
	clock_sleep_ms(20);
	source.closed = false;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(failed, 0);
	assert_int_equal(source.n_asked, 2);
}

static void *fail_once(void *ret_failed)
{
	atomic_int *failed = ret_failed;
	struct signature mine = { .session_token = "" };
	struct buf body = { 0 };
	struct err trouble;

	*failed += signer_sign(&signer, now(), "Service.Action", &body, &mine, &trouble) == ERR_RETRY;
	signature_done(&mine);
	return NULL;
}

static void test_a_hundred_threads_after_the_end_fail_at_once_and_cause_one(void **state)
{
	pthread_t threads[THREADS];
	atomic_int failed = 0;

	(void)state;
	signer.now = read_clock;
	init();
	source.closed = true;
	pass(HOUR_S);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, fail_once, &failed), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	await(&source.busy, true);
	set_creds("AKIDTWO", HOUR_S);
	source.closed = false;
	for (int i = 0; sign() != OK && i < 5000; i++)
		clock_sleep_ms(1);
	assert_int_equal(failed, THREADS);
	assert_int_equal(source.n_asked, 2);
	check_signed_with("AKIDTWO");
}

static void test_thread_is_there_only_where_something_is_to_be_waited_for(void **state)
{
	(void)state;
	signer.now = read_clock;
	source.fast = true;
	set_creds("AKIDFILE", 0);
	init();
	assert_false(signer.started);
	source.fast = false;
	set_creds("AKIDROLE", HOUR_S);
	pass(1);
	check_signed_with("AKIDFILE");
	assert_true(signer.started);
}

static void test_signals_are_the_program_s(void **state)
{
	sigset_t set;

	(void)state;
	signer.now = read_clock;
	assert_int_equal(signer_init_later(&signer, now(), &err), OK);
	pthread_sigmask(SIG_SETMASK, NULL, &set);
	assert_false(sigismember(&set, SIGTERM));
	signer_wait(&signer, 5000);
	assert_true(source.n_asked == 1 && source.blocked);
}

static void test_thread_is_not_there_for_files_that_are_wrong(void **state)
{
	(void)state;
	signer.now = read_clock;
	source.fast = true;
	source.status = ERR_INPUT;
	assert_int_equal(signer_init_later(&signer, now(), &err), OK);
	assert_false(signer.started);
	assert_int_equal(sign(), ERR_INPUT);
}

static void test_source_that_is_away_is_asked_again_though_nobody_signs(void **state)
{
	(void)state;
	signer.now = read_clock;
	source.status = ERR_RETRY;
	assert_int_equal(signer_init_later(&signer, now(), &err), OK);
	signer_wait(&signer, 5000); /* until the thread has read, and waits for a second at most */
	pass(1);
	await_asked(2);
}

static void test_read_of_later_is_waited_for_as_long_as_the_caller_likes(void **state)
{
	int64_t begun_ms = clock_monotonic_ms();

	(void)state;
	signer.now = read_clock;
	source.closed = true;
	assert_int_equal(signer_init_later(&signer, now(), &err), OK);
	await_asked(1);
	assert_int_equal(sign(), ERR_RETRY);
	check_text("the credentials are not there yet");
	assert_int_equal(source.n_looked, 1); /* before it was asked; while it is, nobody else reads */
	assert_true(clock_monotonic_ms() - begun_ms < 1000);
	source.closed = false;
	signer_wait(&signer, 5000);
	check_signed_with("AKIDONE");
	assert_int_equal(source.n_asked, 1);
}

static void test_refused_ones_are_asked_for_though_nobody_signs(void **state)
{
	(void)state;
	signer.now = read_clock;
	assert_int_equal(signer_init_later(&signer, now(), &err), OK);
	signer_wait(&signer, 5000); /* until the thread has read, and waits for the next time */
	assert_int_equal(signer_renew(&signer, now(), 1, &err), SIGNER_UNDER_WAY);
	await_asked(2);
}

static void test_pause_begins_when_the_source_has_answered(void **state)
{
	(void)state;
	signer.now = read_clock;
	source.closed = true;
	source.status = ERR_RETRY;
	assert_int_equal(signer_init_later(&signer, now(), &err), OK);
	await_asked(1);
	pass(10);
	source.closed = false;
	signer_wait(&signer, 5000);
	pthread_mutex_lock(&signer.lock);
	assert_false(signer_creds_are_due(&signer, now()));
	pthread_mutex_unlock(&signer.lock);
}

/* A clock that goes on by a second whenever it is looked at. */
static struct signer_now let_clock_go(void *self)
{
	pass(1);
	return read_clock(self);
}

static void test_wait_ends_with_its_time(void **state)
{
	(void)state;
	signer.now = let_clock_go;
	source.closed = true;
	assert_int_equal(signer_init_later(&signer, now(), &err), OK);
	await_asked(1);
	signer_wait(&signer, 20);
	assert_int_equal(sign(), ERR_RETRY);
	check_text("the credentials are not there yet");
}

static void test_wait_ends_with_a_failure_too(void **state)
{
	(void)state;
	signer.now = read_clock;
	source.status = ERR_REMOTE;
	assert_int_equal(signer_init_later(&signer, now(), &err), OK);
	signer_wait(&signer, 5000);
	assert_int_equal(sign(), ERR_REMOTE);
	check_text("it is broken");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_hundred_threads_across_a_renewal_cause_one),
		TEST(test_a_hundred_threads_after_the_end_fail_at_once_and_cause_one),
		TEST(test_thread_is_there_only_where_something_is_to_be_waited_for),
		TEST(test_signals_are_the_program_s),
		TEST(test_thread_is_not_there_for_files_that_are_wrong),
		TEST(test_source_that_is_away_is_asked_again_though_nobody_signs),
		TEST(test_read_of_later_is_waited_for_as_long_as_the_caller_likes),
		TEST(test_refused_ones_are_asked_for_though_nobody_signs),
		TEST(test_pause_begins_when_the_source_has_answered),
		TEST(test_wait_ends_with_its_time),
		TEST(test_wait_ends_with_a_failure_too),
	};

	return UNIT_RUN(tests);
}
