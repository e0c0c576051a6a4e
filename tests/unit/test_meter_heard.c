/* Whose success the run has told of. */
#include "meter/heard.h"
#include "tests/unit/unit.h"

static struct heard heard;

static int forget(void **state)
{
	(void)state;
	heard = (struct heard){ 0 };
	return 0;
}

static void test_nobody_is_known_at_first(void **state)
{
	(void)state;
	for (int64_t id = 1; id <= 2 * HEARD_PLACES; id++)
		assert_false(heard_has(&heard, id));
}

static void test_all_of_a_usual_run_are_known_until_aws_says_otherwise(void **state)
{
	(void)state;
	for (int64_t id = 1; id <= HEARD_PLACES; id++)
		heard_success(&heard, id);
	for (int64_t id = 1; id <= HEARD_PLACES; id++)
		assert_true(heard_has(&heard, id));
	heard_otherwise(&heard, 7);
	assert_false(heard_has(&heard, 7));
	assert_true(heard_has(&heard, 8));
	heard_success(&heard, 7);
	assert_true(heard_has(&heard, 7));
}

static void test_of_more_the_latest_are_known_and_none_for_another(void **state)
{
	const int64_t late = 3 + 5 * (int64_t)HEARD_PLACES;

	(void)state;
	heard_success(&heard, 3);
	heard_success(&heard, late);
	assert_false(heard_has(&heard, 3));
	assert_true(heard_has(&heard, late));
	heard_otherwise(&heard, 3);
	assert_true(heard_has(&heard, late));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_nobody_is_known_at_first, forget),
		cmocka_unit_test_setup(test_all_of_a_usual_run_are_known_until_aws_says_otherwise, forget),
		cmocka_unit_test_setup(test_of_more_the_latest_are_known_and_none_for_another, forget),
	};

	return UNIT_RUN(tests);
}
