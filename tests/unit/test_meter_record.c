/* A row of the ledger becomes the record that AWS is sent. */
#include <stdlib.h>

#include <libpq-fe.h>

#include "meter/record.h"
#include "tests/unit/unit.h"

enum { NOW_MS = 1000, N_COLUMNS = 17 };

static struct err err;

/* A row as sql/queries/meter/next_records.sql gives it; NULL: SQL's. */
static const char *const usual[N_COLUMNS] = { "2026-11-25 06:00:00.25+00", "7", "3600", "p",
	"customer_identifier", NULL, NULL, "us-east-1", "8", "users", "1700000000", "2147483647", "cust-1",
	NULL, NULL, NULL, "1700082800" };

enum column {
	ID = 1,
	LEFT_S = 2,
	METERED_BY = 4,
	ROLE_ARN = 5,
	USED_AT = 10,
	QUANTITY = 11,
	IDENTIFIER = 12,
	ACCOUNT = 13,
	LICENSE = 14,
	ALLOCATIONS = 15,
	DEADLINE_S = 16,
};

static PGresult *make_row(const char *const values[N_COLUMNS])
{
	PGresult *rows = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	char name[] = "c";
	PGresAttDesc columns[N_COLUMNS] = { 0 };

	for (int i = 0; i < N_COLUMNS; i++)
		columns[i].name = name;
	assert_true(PQsetResultAttrs(rows, N_COLUMNS, columns));
	for (int i = 0; i < N_COLUMNS; i++) {
		char *value = values[i] ? strdup(values[i]) : NULL;

		assert_true(PQsetvalue(rows, 0, i, value, value ? (int)strlen(value) : -1));
		free(value);
	}
	return rows;
}

/* The usual row with another value. */
static enum status read_with(enum column column, const char *value, struct record **ret_record)
{
	const char *values[N_COLUMNS];
	struct db_result rows;
	enum status rc;

	memcpy(values, usual, sizeof values);
	values[column] = value;
	rows.rows = make_row(values);
	rc = record_read(&rows, 0, NOW_MS, ret_record, &err);
	PQclear(rows.rows); /* the record has copies */
	return rc;
}

static struct record *read_ok(enum column column, const char *value)
{
	struct record *record = NULL;

	assert_int_equal(read_with(column, value, &record), OK);
	return record;
}

static void test_what_is_in_the_row_is_in_the_record(void **state)
{
	struct record *record = read_ok(ID, "9223372036854775807");

	(void)state;
	assert_true(record->id == INT64_MAX);
	assert_int_equal(record->customer_id, 8);
	assert_int_equal(record->deadline_ms, NOW_MS + 3600 * 1000);
	assert_int_equal(record->deadline_s, 1700082800);
	assert_int_equal(record_hour(record), 1699999200);
	assert_string_equal(record->product_code, "p");
	assert_false(record->by_license);
	assert_null(record->role.role_arn);
	assert_string_equal(record->role.region, "us-east-1");
	assert_string_equal(record->sent.dimension, "users");
	assert_int_equal(record->sent.timestamp_s, 1700000000);
	assert_int_equal(record->sent.quantity, 2147483647);
	assert_string_equal(record->sent.customer_identifier, "cust-1");
	assert_null(record->sent.customer_aws_account_id);
	assert_null(record->sent.license_arn);
	assert_int_equal(record->sent.n_allocations, 0);
	assert_int_equal(record->outcome, RECORD_OPEN);
	record_free(record);
}

static void test_shapes(void **state)
{
	struct record *by_license = read_ok(METERED_BY, "license"),
				  *by_account = read_ok(METERED_BY, "account"),
				  *of_role = read_ok(ROLE_ARN, "arn:aws:iam::1:role/r"),
				  *of_license = read_ok(LICENSE, "arn"), *of_account = read_ok(ACCOUNT, "1");

	(void)state;
	assert_true(by_license->by_license);
	assert_false(by_account->by_license);
	assert_string_equal(of_role->role.role_arn, "arn:aws:iam::1:role/r");
	assert_false(record_goes_with(by_account, of_role));
	assert_string_equal(of_license->sent.license_arn, "arn");
	assert_string_equal(of_account->sent.customer_aws_account_id, "1");
	record_free(by_license);
	record_free(by_account);
	record_free(of_role);
	record_free(of_license);
	record_free(of_account);
}

/* What a product with a heartbeat sends; that its time is over is for others to see. */
static void test_zero_is_a_quantity_and_a_time_left(void **state)
{
	struct record *heartbeat = read_ok(QUANTITY, "0"), *late = read_ok(LEFT_S, "0");

	(void)state;
	assert_int_equal(heartbeat->sent.quantity, 0);
	assert_int_equal(late->deadline_ms, NOW_MS);
	record_free(heartbeat);
	record_free(late);
}

static void test_allocations(void **state)
{
	struct record *record =
		read_ok(ALLOCATIONS, "1\n2\tteam\tblue\tcost centre\t{\"q\": 1}\\\n2147483644\ta\t=");
	const struct metering_allocation *shares = record->sent.allocations;

	(void)state;
	assert_int_equal(record->sent.n_allocations, 3);
	assert_int_equal(shares[0].quantity, 1);
	assert_int_equal(shares[0].n_tags, 0);
	assert_int_equal(shares[1].quantity, 2);
	assert_int_equal(shares[1].n_tags, 2);
	assert_string_equal(shares[1].tags[0].key, "team");
	assert_string_equal(shares[1].tags[0].value, "blue");
	assert_string_equal(shares[1].tags[1].key, "cost centre");
	assert_string_equal(shares[1].tags[1].value, "{\"q\": 1}\\");
	assert_int_equal(shares[2].quantity, 2147483644);
	assert_string_equal(shares[2].tags[0].value, "=");
	assert_int_equal(record->bytes, record_bytes(record));
	record_free(record);
}

static void test_as_many_allocations_as_may_be(void **state)
{
	auto_buf text = BUF_INIT(1000000);
	struct record *record;

	(void)state;
	for (int i = 0; i < 2500; i++)
		buf_printf(&text, "%s%d\tk\tv%d", i ? "\n" : "", i, i);
	record = read_ok(ALLOCATIONS, buf_text(&text));
	assert_int_equal(record->sent.n_allocations, 2500);
	assert_int_equal(record->sent.allocations[2499].quantity, 2499);
	assert_string_equal(record->sent.allocations[2499].tags[0].value, "v2499");
	record_free(record);
}

/* Nothing is guessed: such a row is a bug, and no record is sent with another number. */
static void test_what_cannot_be_is_refused(void **state)
{
	static const struct {
		enum column column;
		const char *value;
	} cases[] = {
		{ ID, "0" }, { ID, "7x" }, { LEFT_S, "-1" }, { LEFT_S, "" }, { DEADLINE_S, "0" }, { USED_AT, "0" },
		{ USED_AT, "1700000000.5" }, { QUANTITY, "-1" }, { QUANTITY, "2147483648" },
		{ QUANTITY, "1.5" }, { QUANTITY, "1e3" }, { ALLOCATIONS, "" }, { ALLOCATIONS, "x\ta\tb" },
		{ ALLOCATIONS, "1\ta" }, { ALLOCATIONS, "1\n" }, { ALLOCATIONS, "1\ta\tb\tc" },
		{ ALLOCATIONS, "2147483648" }, { ALLOCATIONS, "-1\ta\tb" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct record *record = NULL;

		assert_int_equal(read_with(cases[i].column, cases[i].value, &record), ERR_LOCAL);
		assert_null(record);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_in_the_row_is_in_the_record),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_zero_is_a_quantity_and_a_time_left),
		cmocka_unit_test(test_allocations),
		cmocka_unit_test(test_as_many_allocations_as_may_be),
		cmocka_unit_test(test_what_cannot_be_is_refused),
	};

	return UNIT_RUN(tests);
}
