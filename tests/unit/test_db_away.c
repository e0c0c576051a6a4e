#include "db/away.h"
#include "tests/unit/unit.h"

static const struct err reason = { "no such socket" };

static void at_first_everybody_may_go_on(void **state)
{
	struct away away = { 0 };
	struct err err = { "" };
	bool is_probe = true;

	(void)state;
	assert_int_equal(away_check(&away, 0, &is_probe, &err), OK);
	assert_false(is_probe);
}

static void for_a_second_all_are_refused_with_the_reason(void **state)
{
	struct away away = { 0 };
	struct err err = { "" };
	bool is_probe = false;

	(void)state;
	away_begin(&away, 5000, ERR_LOCAL, &reason);
	assert_int_equal(away_check(&away, 5999, &is_probe, &err), ERR_LOCAL);
	assert_string_equal(err.text, "no such socket");
}

static void after_that_one_tries_and_the_others_are_refused(void **state)
{
	struct away away = { 0 };
	struct err err = { "" };
	bool first = false, second = false;

	(void)state;
	away_begin(&away, 5000, ERR_RETRY, &reason);
	assert_int_equal(away_check(&away, 6000, &first, &err), OK);
	assert_true(first);
	assert_int_equal(away_check(&away, 9000, &second, &err), ERR_RETRY);
	assert_false(second);
}

static void who_fails_begins_another_second(void **state)
{
	struct away away = { 0 };
	struct err err = { "" };
	bool is_probe;

	(void)state;
	away_begin(&away, 5000, ERR_RETRY, &reason);
	assert_int_equal(away_check(&away, 6000, &is_probe, &err), OK);
	away_begin(&away, 9000, ERR_RETRY, &reason);
	assert_int_equal(away_check(&away, 9999, &is_probe, &err), ERR_RETRY);
	assert_int_equal(away_check(&away, 10000, &is_probe, &err), OK);
}

static void who_succeeds_opens_the_way_for_all(void **state)
{
	struct away away = { 0 };
	struct err err = { "" };
	bool is_probe;

	(void)state;
	away_begin(&away, 5000, ERR_RETRY, &reason);
	assert_int_equal(away_check(&away, 6000, &is_probe, &err), OK);
	away_end(&away);
	assert_int_equal(away_check(&away, 6000, &is_probe, &err), OK);
	assert_false(is_probe);
}

static void who_did_not_come_to_it_leaves_it_to_the_next(void **state)
{
	struct away away = { 0 };
	struct err err = { "" };
	bool is_probe;

	(void)state;
	away_begin(&away, 5000, ERR_RETRY, &reason);
	assert_int_equal(away_check(&away, 6000, &is_probe, &err), OK);
	away_drop(&away);
	assert_int_equal(away_check(&away, 6000, &is_probe, &err), OK);
	assert_true(is_probe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_first_everybody_may_go_on),
		cmocka_unit_test(for_a_second_all_are_refused_with_the_reason),
		cmocka_unit_test(after_that_one_tries_and_the_others_are_refused),
		cmocka_unit_test(who_fails_begins_another_second),
		cmocka_unit_test(who_succeeds_opens_the_way_for_all),
		cmocka_unit_test(who_did_not_come_to_it_leaves_it_to_the_next),
	};

	return UNIT_RUN(tests);
}
