/* What the last line of a run's log tells to do. */
#include "meter/advice.h"

#include <sysexits.h>

#include "meter/exit.h"
#include "tests/unit/unit.h"

static void test_nothing_is_to_be_done_after_a_run_that_settled_all(void **state)
{
	(void)state;
	assert_null(advice_find(exit_status((struct exit_facts){ 0 })));
}

static void test_each_failure_says_what_to_do(void **state)
{
	static const struct {
		int exit_status;
		const char *names;
	} cases[] = {
		{ EX_USAGE, "--help" },
		{ EX_DATAERR, ":refused" },
		{ EX_CANTCREAT, ":runs" },
		{ EX_TEMPFAIL, ":atrisk" },
		{ EX_CONFIG, "tollgate doctor" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *text = advice_find(cases[i].exit_status);

		assert_non_null(text);
		assert_non_null(strstr(text, cases[i].names));
	}
}

static void test_without_a_database_nobody_is_sent_to_psql(void **state)
{
	(void)state;
	assert_non_null(strstr(advice_unconnected(), "PGPORT"));
	assert_null(strstr(advice_unconnected(), "psql"));
}

static void test_so_does_each_way_in_which_a_run_ends(void **state)
{
	(void)state;
	for (unsigned bits = 1; bits < 8; bits++) {
		struct exit_facts facts = { .misconfigured = bits & 1, .refused = bits & 2,
			.unsettled = bits & 4 };

		assert_non_null(advice_find(exit_status(facts)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_to_be_done_after_a_run_that_settled_all),
		cmocka_unit_test(test_each_failure_says_what_to_do),
		cmocka_unit_test(test_without_a_database_nobody_is_sent_to_psql),
		cmocka_unit_test(test_so_does_each_way_in_which_a_run_ends),
	};

	return UNIT_RUN(tests);
}
