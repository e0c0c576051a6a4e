/* The statements of tollgate-fcgi on the real schema, with its real rights; many at once. */
#include "db/pool.h"
#include "db/writer.h"
#include "fcgi_queries.h"
#include "tests/unit/cluster.h"

enum { CALLERS = 50, HASH_DIGITS = 64 };

#define ARN "arn:aws:license-manager::294406891311:license:l-"

/* Two writers are two processes to the database. */
static struct db_writer *writers[2];

static int schema_setup(void **state)
{
	struct err err = { "" };

	if (cluster_setup(state) || system("sql/migrate > /dev/null"))
		return -1;
	cluster_ask("INSERT INTO tollgate.product (product_code, name) VALUES ('prod', 'Product')");
	/* What a database is set to does not change what our values mean. */
	cluster_ask("ALTER DATABASE tollgate SET array_nulls = off");
	setenv("PGUSER", "tollgate_web", 1);
	for (int i = 0; i < 2; i++)
		if (db_writer_new(&fcgi_queries, &writers[i], &err))
			return -1;
	return 0;
}

static int schema_teardown(void **state)
{
	for (int i = 0; i < 2; i++)
		db_writer_free(writers[i]);
	return cluster_teardown(state);
}

/* Who a visit's token belongs to. */
struct who {
	const char *identifier, *account, *license;
};

struct visit {
	pthread_t thread;
	size_t number;
	struct who who;
	char customer_id[32];
	bool is_new;
};

static void *register_visit(void *arg)
{
	struct visit *visit = arg;
	auto_result result = { 0 };
	struct err err = { "" };
	char request[80], token[HASH_DIGITS + 1];
	const char *values[] = { request, NULL, "prod", visit->who.identifier, visit->who.account,
		visit->who.license, token, NULL, "aws-request" };
	enum status rc;

	snprintf(request, sizeof request, "%s-%s-%zu",
		visit->who.identifier ? visit->who.identifier : "", visit->who.account, visit->number);
	snprintf(token, sizeof token, "%064zx", visit->number);
	rc = db_writer_run(writers[visit->number % 2], FCGI_REGISTER_VISITS, values, 9, &result, &err);
	if (rc) {
		snprintf(visit->customer_id, sizeof visit->customer_id, "%.30s", err.text);
		return NULL;
	}
	snprintf(visit->customer_id, sizeof visit->customer_id, "%s", db_result_text(&result, 0, 0));
	visit->is_new = *db_result_text(&result, 0, 1) == 't';
	return NULL;
}

/* All at once, `n` of them; the kinds of visit take turns. */
static void visit_at_once(struct visit *visits, size_t n, const struct who *who, size_t n_who)
{
	for (size_t i = 0; i < n; i++) {
		visits[i] = (struct visit){ .number = i, .who = who[i % n_who] };
		assert_int_equal(pthread_create(&visits[i].thread, NULL, register_visit, &visits[i]), 0);
	}
	for (size_t i = 0; i < n; i++)
		pthread_join(visits[i].thread, NULL);
}

static void check_one_customer(size_t n, const struct who *who, size_t n_who)
{
	struct visit visits[CALLERS];
	size_t n_new = 0;

	visit_at_once(visits, n, who, n_who);
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(visits[i].customer_id, visits[0].customer_id);
		n_new += visits[i].is_new;
	}
	assert_int_equal(n_new, 1);
}

static void fifty_visits_of_a_license_are_one_customer(void **state)
{
	const struct who who[] = { { NULL, "111111111111", ARN "one" } };

	(void)state;
	check_one_customer(CALLERS, who, 1);
	assert_string_equal(cluster_ask("SELECT count(*) FROM tollgate.registration r JOIN "
									"tollgate.customer c ON c.id = r.customer_id "
									"WHERE c.license_id = 'l-one'"),
		"50");
}

static void fifty_visits_of_an_identifier_are_one_customer(void **state)
{
	const struct who who[] = { { "identifier-fifty", "222222222222", NULL } };

	(void)state;
	check_one_customer(CALLERS, who, 1);
}

static void fifty_visits_of_an_account_alone_are_one_customer(void **state)
{
	const struct who who[] = { { NULL, "333333333333", NULL } };

	(void)state;
	check_one_customer(CALLERS, who, 1);
}

/* Whichever comes first, the other must find it: also the one without the license. A pair is two
 * processes at the same moment; many pairs, since a race is not lost each time. */
static void visits_with_and_without_the_license_are_one_customer(void **state)
{
	char identifier[32], license[80];
	const struct who who[] = { { identifier, "444444444444", NULL },
		{ identifier, "444444444444", license } };

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(identifier, sizeof identifier, "mixed-%d", i);
		snprintf(license, sizeof license, ARN "mixed-%d", i);
		check_one_customer(2, who, 2);
	}
	assert_string_equal(
		cluster_ask("SELECT count(*) FROM tollgate.customer WHERE "
					"customer_identifier LIKE 'mixed-%' AND license_id IS NOT NULL"),
		"100");
}

static void two_licenses_at_once_are_two_customers(void **state)
{
	const struct who who[] = { { "identifier-two", "555555555555", ARN "two-a" },
		{ "identifier-two", "555555555555", ARN "two-b" } };
	struct visit visits[CALLERS];

	(void)state;
	visit_at_once(visits, CALLERS, who, 2);
	for (size_t i = 0; i < CALLERS; i++)
		assert_string_equal(visits[i].customer_id, visits[i % 2].customer_id);
	assert_string_not_equal(visits[0].customer_id, visits[1].customer_id);
}

static void an_unknown_product_is_missing_and_no_identity_is_input(void **state)
{
	const char *const unknown[] = { "u1", NULL, "other", "i", NULL, NULL, NULL, NULL, NULL };
	const char *const nobody[] = { "u2", NULL, "prod", NULL, NULL, "", NULL, NULL, NULL };
	struct err err = { "" };

	(void)state;
	assert_int_equal(
		db_writer_run(writers[0], FCGI_REGISTER_VISITS, unknown, 9, NULL, &err), ERR_MISSING);
	assert_int_equal(
		db_writer_run(writers[0], FCGI_REGISTER_VISITS, nobody, 9, NULL, &err), ERR_INPUT);
}

static void a_bad_email_is_input_and_nowhere_in_the_error(void **state)
{
	char session[HASH_DIGITS + 1];
	const char *const values[] = { session, "prod", "identifier-mail", NULL, NULL, "not an address",
		"{}", "{}", "m1" };
	struct err err = { "" };

	(void)state;
	snprintf(session, sizeof session, "%064d", 1);
	assert_int_equal(db_writer_run(writers[0], FCGI_ADD_CONTACT, values, 9, NULL, &err), ERR_INPUT);
	assert_null(strstr(err.text, "not an address"));
}

static void a_form_sent_twice_is_one_contact_and_reads_back(void **state)
{
	char session[HASH_DIGITS + 1];
	const char *const values[] = { session, "prod", "identifier-form", NULL, NULL, "a@example.com",
		"{\"company\"}", "{\"A \\\"B\\\"\"}", "f1" };
	auto_result result = { 0 };
	struct db_pool *pool = NULL;
	struct err err = { "" };

	(void)state;
	snprintf(session, sizeof session, "%064d", 2);
	for (int i = 0; i < 2; i++)
		assert_ok(db_writer_run(writers[i], FCGI_ADD_CONTACT, values, 9, NULL, &err));
	assert_ok(db_pool_new(&fcgi_queries, 1, &pool, &err));
	assert_ok(db_pool_run(pool, FCGI_CONTACT_OF_SESSION, values, 1, &result, &err));
	assert_int_equal(db_result_rows(&result), 2);
	assert_string_equal(db_result_text(&result, 0, 0), "email");
	assert_string_equal(db_result_text(&result, 0, 1), "a@example.com");
	assert_string_equal(db_result_text(&result, 1, 0), "company");
	assert_string_equal(db_result_text(&result, 1, 1), "A \"B\"");
	db_pool_free(pool);
}

static void every_statement_fits_the_schema(void **state)
{
	struct db *db = NULL;
	struct err err = { "" };

	(void)state;
	assert_ok(db_open(&fcgi_queries, &db, &err));
	assert_true(fcgi_queries.migration >= 1);
	assert_string_equal(fcgi_queries.schema, "tollgate");
	db_free(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_statement_fits_the_schema),
		cmocka_unit_test(fifty_visits_of_a_license_are_one_customer),
		cmocka_unit_test(fifty_visits_of_an_identifier_are_one_customer),
		cmocka_unit_test(fifty_visits_of_an_account_alone_are_one_customer),
		cmocka_unit_test(visits_with_and_without_the_license_are_one_customer),
		cmocka_unit_test(two_licenses_at_once_are_two_customers),
		cmocka_unit_test(an_unknown_product_is_missing_and_no_identity_is_input),
		cmocka_unit_test(a_bad_email_is_input_and_nowhere_in_the_error),
		cmocka_unit_test(a_form_sent_twice_is_one_contact_and_reads_back),
	};

	return CLUSTER_RUN(tests, schema_setup, schema_teardown);
}
