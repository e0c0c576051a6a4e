#include "db/sqlstate.h"
#include "tests/unit/unit.h"

static void check_all(const char *const *states, enum status wanted)
{
	for (; *states; states++)
		if (sqlstate_status(*states) != wanted)
			fail_msg("%s is %d", *states, (int)sqlstate_status(*states));
}

static void our_own_codes_say_what_they_say(void **state)
{
	(void)state;
	assert_int_equal(sqlstate_status("TG400"), ERR_INPUT);
	assert_int_equal(sqlstate_status("TG404"), ERR_MISSING);
	assert_int_equal(sqlstate_status("TG409"), ERR_CONFLICT);
	assert_int_equal(sqlstate_status("TG500"), ERR_LOCAL);
}

static void broken_rules_of_the_data_are_input(void **state)
{
	static const char *const states[] = { "22001", "22021", "22P02", "23502", "23514", NULL };

	(void)state;
	check_all(states, ERR_INPUT);
}

static void taken_keys_are_conflicts_and_absent_ones_missing(void **state)
{
	(void)state;
	assert_int_equal(sqlstate_status("23505"), ERR_CONFLICT);
	assert_int_equal(sqlstate_status("23P01"), ERR_CONFLICT);
	assert_int_equal(sqlstate_status("23503"), ERR_MISSING);
}

static void what_passes_by_itself_is_to_be_repeated(void **state)
{
	static const char *const states[] = { "40001", "40P01", "55P03", "57014", "53100", "53300",
		"57P01", "57P02", "57P03", "08006", "25006", "26000", "58030", NULL };

	(void)state;
	check_all(states, ERR_RETRY);
}

static void what_a_person_must_mend_is_local(void **state)
{
	static const char *const states[] = { "28000", "28P01", "3D000", "3F000", "42501", "42P01",
		"42883", "42601", "57P04", "XX000", "P0001", "nonsense", "", NULL };

	(void)state;
	check_all(states, ERR_LOCAL);
	assert_int_equal(sqlstate_status(NULL), ERR_LOCAL);
}

static void a_server_that_stops_ends_the_connection_and_a_deadlock_does_not(void **state)
{
	(void)state;
	assert_true(sqlstate_ends_connection("57P01"));
	assert_true(sqlstate_ends_connection("25006"));
	assert_true(sqlstate_ends_connection("26000"));
	assert_false(sqlstate_ends_connection("57014"));
	assert_false(sqlstate_ends_connection("40P01"));
	assert_false(sqlstate_ends_connection("23514"));
	assert_false(sqlstate_ends_connection(NULL));
}

static void check_connection(const char *message, const char *wanted)
{
	char found[6];

	sqlstate_of_connection(message, found);
	assert_string_equal(found, wanted);
}

static void a_refusal_is_read_in_any_language(void **state)
{
	(void)state;
	check_connection(
		"connection to server on socket \"/x/.s.PGSQL.5432\" failed: FATAL:  28000: role "
		"\"x\" does not exist\nLOCATION:  a, b.c:1\n",
		"28000");
	check_connection(
		"verbindung fehlgeschlagen: FATAL:  57P03: das Datenbanksystem startet\n", "57P03");
}

static void a_server_that_is_not_there_says_none(void **state)
{
	(void)state;
	check_connection("connection to server on socket \"/x\" failed: No such file or directory\n"
					 "\tIs the server running locally and accepting connections on that socket?\n",
		"");
	check_connection("a:  1234: b:  12345 c:  abcde: ", "");
	check_connection("", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_own_codes_say_what_they_say),
		cmocka_unit_test(broken_rules_of_the_data_are_input),
		cmocka_unit_test(taken_keys_are_conflicts_and_absent_ones_missing),
		cmocka_unit_test(what_passes_by_itself_is_to_be_repeated),
		cmocka_unit_test(what_a_person_must_mend_is_local),
		cmocka_unit_test(a_server_that_stops_ends_the_connection_and_a_deadlock_does_not),
		cmocka_unit_test(a_refusal_is_read_in_any_language),
		cmocka_unit_test(a_server_that_is_not_there_says_none),
	};

	return UNIT_RUN(tests);
}
