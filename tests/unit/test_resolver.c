/* fcgi/resolver: single flight, bad tokens remembered, a bound on who waits. AWS is a function of this file. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "fcgi/resolver.h"

static atomic_int calls, waiting, slow_calls, quick_calls;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;      /* held: AWS is slow */
static pthread_mutex_t slow_gate = PTHREAD_MUTEX_INITIALIZER; /* for the token "slow" */
static enum status answer;
static int64_t now_ms = 1000;

/* In the place of base/clock.c: time stands still. */
int64_t clock_monotonic_ms(void)
{
	return now_ms;
}

void clock_sleep_ms(int64_t ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = (long)ms * 1000000 }, NULL);
}

/* In the place of aws/metering.c. */
enum status metering_resolve(struct aws *aws, const char *token, int64_t deadline_ms,
	struct metering_customer *ret_who, struct aws_answer *ret_answer, struct err *err)
{
	bool slow = !strcmp(token, "slow");

	(void)aws;
	calls++;
	slow_calls += slow;
	quick_calls += !strcmp(token, "quick");
	assert_int_equal(deadline_ms, now_ms + 8000);
	waiting++;
	if (strcmp(token, "probe") != 0) {
		pthread_mutex_lock(slow ? &slow_gate : &gate);
		pthread_mutex_unlock(slow ? &slow_gate : &gate);
	}
	waiting--;
	*ret_answer = (struct aws_answer){ .tries = 1, .http_status = answer ? 400 : 200 };
	if (answer) {
		strcpy(ret_answer->code, "InvalidTokenException");
		return err_set(err, answer, "as told");
	}
	*ret_who = (struct metering_customer){ 0 };
	snprintf(ret_who->customer_identifier, sizeof ret_who->customer_identifier, "of %s", token);
	return OK;
}

struct buyer {
	pthread_t thread;
	struct resolver *resolver;
	const char *token;
	enum status rc;
	struct metering_customer who;
	struct aws_answer answer;
	struct err err;
};

static void *ask(void *arg)
{
	struct buyer *buyer = arg;
	struct resolver_question question = { .token = buyer->token };

	hash_sha256(buyer->token, strlen(buyer->token), question.hash);
	buyer->rc =
		resolver_resolve(buyer->resolver, &question, &buyer->who, &buyer->answer, &buyer->err);
	return NULL;
}

static struct resolver *resolver;

static int setup(void **state)
{
	struct err err;

	(void)state;
	calls = slow_calls = quick_calls = 0;
	answer = OK;
	return (int)resolver_new(3, &resolver, &err);
}

static int teardown(void **state)
{
	(void)state;
	resolver_free(resolver);
	return 0;
}

static void start(struct buyer *buyer, const char *token)
{
	*buyer = (struct buyer){ .resolver = resolver, .token = token };
	assert_int_equal(pthread_create(&buyer->thread, NULL, ask, buyer), 0);
}

static enum status ask_now(const char *token)
{
	struct buyer buyer = { .resolver = resolver, .token = token };

	ask(&buyer);
	return buyer.rc;
}

static void wait_for_calls(int n)
{
	for (int i = 0; i < 5000 && waiting < n; i++)
		clock_sleep_ms(1);
	assert_int_equal(waiting, n);
}

/* Until as many wait as may, so that no other is let in. */
static void wait_until_full(void)
{
	for (int i = 0; i < 5000 && ask_now("probe") == OK; i++)
		clock_sleep_ms(1);
	assert_int_equal(ask_now("probe"), ERR_RETRY);
}

static void equal_tokens_in_flight_share_one_call(void **state)
{
	struct buyer buyers[3];

	(void)state;
	pthread_mutex_lock(&slow_gate);
	for (int i = 0; i < 3; i++)
		start(&buyers[i], "slow");
	wait_until_full();
	pthread_mutex_unlock(&slow_gate);
	for (int i = 0; i < 3; i++) {
		pthread_join(buyers[i].thread, NULL);
		assert_int_equal(buyers[i].rc, OK);
		assert_string_equal(buyers[i].who.customer_identifier, "of slow");
	}
	assert_int_equal(slow_calls, 1);
}

static void answer_ends_its_own_call_and_no_other(void **state)
{
	struct buyer quick[3], slow[2];

	(void)state;
	pthread_mutex_lock(&slow_gate);
	pthread_mutex_lock(&gate);
	start(&quick[0], "quick");
	wait_for_calls(1);
	start(&slow[0], "slow");
	wait_for_calls(2);
	start(&quick[1], "quick");
	wait_until_full();
	pthread_mutex_unlock(&gate);
	pthread_join(quick[0].thread, NULL);
	pthread_join(quick[1].thread, NULL);
	assert_int_equal(quick_calls, 1);
	assert_int_equal(ask_now("quick"), OK);
	assert_int_equal(quick_calls, 2);
	start(&slow[1], "slow");
	start(&quick[2], "slow");
	wait_until_full();
	pthread_mutex_unlock(&slow_gate);
	pthread_join(slow[0].thread, NULL);
	pthread_join(slow[1].thread, NULL);
	pthread_join(quick[2].thread, NULL);
	assert_int_equal(slow_calls, 1);
}

static void different_tokens_do_not(void **state)
{
	struct buyer buyers[2];

	(void)state;
	pthread_mutex_lock(&gate);
	start(&buyers[0], "one");
	start(&buyers[1], "two");
	wait_for_calls(2);
	pthread_mutex_unlock(&gate);
	pthread_join(buyers[0].thread, NULL);
	pthread_join(buyers[1].thread, NULL);
	assert_string_equal(buyers[0].who.customer_identifier, "of one");
	assert_string_equal(buyers[1].who.customer_identifier, "of two");
}

static void one_too_many_is_told_at_once(void **state)
{
	struct buyer buyers[3];

	(void)state;
	pthread_mutex_lock(&gate);
	start(&buyers[0], "one");
	start(&buyers[1], "two");
	start(&buyers[2], "three");
	wait_for_calls(3);
	assert_int_equal(ask_now("four"), ERR_RETRY);
	assert_int_equal(ask_now("one"), ERR_RETRY);
	assert_int_equal(calls, 3);
	pthread_mutex_unlock(&gate);
	for (int i = 0; i < 3; i++)
		pthread_join(buyers[i].thread, NULL);
	assert_int_equal(ask_now("four"), OK);
}

static void bad_token_is_not_asked_again(void **state)
{
	struct buyer buyer = { .resolver = resolver, .token = "bad" };

	(void)state;
	answer = ERR_INPUT;
	ask(&buyer);
	assert_int_equal(buyer.rc, ERR_INPUT);
	assert_string_equal(buyer.answer.code, "InvalidTokenException");
	assert_string_equal(buyer.err.text, "as told");
	answer = OK;
	buyer.answer = (struct aws_answer){ 0 };
	ask(&buyer);
	assert_int_equal(buyer.rc, ERR_INPUT);
	assert_string_equal(buyer.answer.code, "InvalidTokenException");
	assert_int_equal(calls, 1);
	assert_int_equal(ask_now("good"), OK);
}

static void bad_token_is_asked_again_after_a_minute(void **state)
{
	(void)state;
	answer = ERR_INPUT;
	assert_int_equal(ask_now("bad"), ERR_INPUT);
	answer = OK;
	now_ms += 59999;
	assert_int_equal(ask_now("bad"), ERR_INPUT);
	now_ms++;
	assert_int_equal(ask_now("bad"), OK);
	assert_int_equal(calls, 2);
}

static void outage_is_not_remembered(void **state)
{
	(void)state;
	answer = ERR_RETRY;
	assert_int_equal(ask_now("t"), ERR_RETRY);
	answer = OK;
	assert_int_equal(ask_now("t"), OK);
	assert_int_equal(calls, 2);
}

static void flood_of_bad_tokens_is_bounded(void **state)
{
	char token[32];

	(void)state;
	answer = ERR_INPUT;
	for (int i = 0; i < 5000; i++) {
		snprintf(token, sizeof token, "bad %d", i);
		assert_int_equal(ask_now(token), ERR_INPUT);
	}
	assert_int_equal(calls, 5000);
	assert_int_equal(ask_now("bad 4999"), ERR_INPUT);
	assert_int_equal(ask_now("bad 904"), ERR_INPUT);
	assert_int_equal(calls, 5000);
	assert_int_equal(ask_now("bad 903"), ERR_INPUT); /* the oldest were forgotten */
	assert_int_equal(calls, 5001);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FRESH(equal_tokens_in_flight_share_one_call),
		FRESH(answer_ends_its_own_call_and_no_other),
		FRESH(different_tokens_do_not),
		FRESH(one_too_many_is_told_at_once),
		FRESH(bad_token_is_not_asked_again),
		FRESH(bad_token_is_asked_again_after_a_minute),
		FRESH(outage_is_not_remembered),
		FRESH(flood_of_bad_tokens_is_bounded),
	};

	return UNIT_RUN(tests);
}
