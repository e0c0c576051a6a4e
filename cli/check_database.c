/* What is in the database. Each check connects by itself, so that what is wrong with one statement
 * does not hide the answers to the others. */
#include <string.h>

#include "base/ledger_state.h"
#include "base/text.h"
#include "cli/doctor.h"
#include "cli_queries.h"
#include "db/ledger_check.h"

enum { PATH_BYTES_MAX = 4096 };

enum status doctor_query(size_t query, struct db_result *ret_result, struct err *err)
{
	const struct db_queries alone = { &cli_queries.list[query], 1, NULL, 0 };
	struct db *db = NULL;
	enum status rc = db_open(&alone, &db, err);

	if (!rc)
		rc = db_run(db, 0, NULL, 0, ret_result, err);
	db_free(db);
	return rc;
}

static bool is_true(const struct db_result *result, size_t row, size_t column)
{
	const char *text = db_result_text(result, row, column);

	return text && *text == 't';
}

static const char *text_of(const struct db_result *result, size_t row, size_t column)
{
	const char *text = db_result_text(result, row, column);

	return text ? text : "";
}

/* The columns of sql/queries/cli/server.sql. */
enum { VERSION, IS_NEW_ENOUGH, DATABASE, ROLE, TLS, IS_SOCKET, IS_HERE, HAS_SCHEMA,
	SEES_PRODUCTS, SEES_DIMENSIONS, SEES_LEDGER };

static void report_server(const struct db_result *server, struct report *report)
{
	const char *tls = text_of(server, 0, TLS), *version = text_of(server, 0, VERSION);

	report_found(report, FOUND_GOOD, "PostgreSQL %.*s, %s as %s, ",
		(int)strcspn(version, " "), version, text_of(server, 0, DATABASE),
		text_of(server, 0, ROLE));
	if (is_true(server, 0, IS_SOCKET))
		report_found(report, FOUND_GOOD, "by a local socket");
	else if (*tls)
		report_found(report, FOUND_GOOD, "by %s", tls);
	else
		report_found(report, is_true(server, 0, IS_HERE) ? FOUND_GOOD : FOUND_WRONG,
			"not encrypted%s", is_true(server, 0, IS_HERE) ? ", on this machine"
														   : ": set PGSSLMODE=verify-full");
	if (!is_true(server, 0, IS_NEW_ENOUGH))
		report_found(report, FOUND_WRONG, "; PostgreSQL 15 or newer is needed");
}

void check_database(struct doctor *doctor, struct report *report)
{
	auto_result server = { 0 };
	struct err err;
	enum status rc = doctor_query(CLI_SERVER, &server, &err);

	doctor->database_answers = !rc;
	if (rc) {
		report_error(report, rc, &err);
		report_advise(report, rc == ERR_RETRY
			? "PGHOST, PGPORT, PGDATABASE, PGUSER say where; is it running?"
			: "PGHOST, PGPORT, PGDATABASE, PGUSER say where and as whom, PGSSLMODE and "
			  "PGSSLROOTCERT how, in tollgate.env");
		return;
	}
	doctor->schema_there = is_true(&server, 0, HAS_SCHEMA);
	doctor->sees_products = is_true(&server, 0, SEES_PRODUCTS);
	doctor->sees_dimensions = is_true(&server, 0, SEES_DIMENSIONS);
	doctor->sees_ledger = is_true(&server, 0, SEES_LEDGER);
	report_server(&server, report);
}

static bool can_ask(const struct doctor *doctor, struct report *report)
{
	if (!doctor->database_answers)
		report_found(report, FOUND_NOTHING, "not looked at without the database");
	return doctor->database_answers;
}

static bool can_ask_schema(const struct doctor *doctor, struct report *report)
{
	if (!can_ask(doctor, report))
		return false;
	if (!doctor->schema_there)
		report_found(report, FOUND_NOTHING, "not looked at without the schema");
	return doctor->schema_there;
}

void check_schema(struct doctor *doctor, struct report *report)
{
	auto_result result = { 0 };
	struct db *db = NULL;
	struct err err;
	enum status rc;
	long number;

	if (!can_ask(doctor, report))
		return;
	/* Here the schema's version is checked as every program checks it. */
	rc = db_open(&cli_queries, &db, &err);
	if (!rc)
		rc = db_run(db, CLI_MIGRATION, NULL, 0, &result, &err);
	db_free(db);
	if (rc)
		report_error(report, rc, &err);
	else if (text_number(text_of(&result, 0, 0), cli_queries.migration + 1, 9999, &number))
		report_found(report, FOUND_NOTHING, "migration %04ld is newer than these programs, which "
			"know %04d; they can use it", number, cli_queries.migration);
	else
		report_found(report, FOUND_GOOD, "migration %04d, the newest", cli_queries.migration);
}

void check_rights(struct doctor *doctor, struct report *report)
{
	enum { NAME, IS_THERE, IS_CONNECTED, LACKS };
	auto_result roles = { 0 };
	struct err err;
	enum status rc;

	if (!can_ask_schema(doctor, report))
		return;
	rc = doctor_query(CLI_RIGHTS, &roles, &err);
	if (rc) {
		report_error(report, rc, &err);
		return;
	}
	for (size_t i = 0; i < db_result_rows(&roles); i++) {
		const char *role = text_of(&roles, i, NAME), *lacks = text_of(&roles, i, LACKS);

		if (!is_true(&roles, i, IS_THERE))
			report_found(report, FOUND_WRONG, "%sthere is no role %s", report->text.len ? "; " : "",
				role);
		else if (*lacks)
			report_found(report, FOUND_WRONG, "%s%s may not use %s", report->text.len ? "; " : "",
				role, lacks);
	}
	if (report->text.len)
		report_advise(report, "run tollgate-migrate as the owner of the schema");
	for (size_t i = 0; !report->advice.len && i < db_result_rows(&roles); i++)
		report_found(report, FOUND_GOOD, "%s%s%s", i ? ", " : "", text_of(&roles, i, NAME),
			is_true(&roles, i, IS_CONNECTED) ? " (connected)" : "");
}

void check_products(struct doctor *doctor, struct report *report)
{
	auto_result products = { 0 };
	struct err err;
	const char *count;
	enum status rc;

	if (!can_ask_schema(doctor, report))
		return;
	if (!doctor->sees_products) {
		report_found(report, FOUND_NOTHING, "not looked at: this role may not read them");
		return;
	}
	rc = doctor_query(CLI_PRODUCTS, &products, &err);
	if (rc) {
		report_error(report, rc, &err);
		return;
	}
	count = text_of(&products, 0, 0);
	if (!strcmp(count, "0")) {
		report_found(report, FOUND_WRONG, "there is none, so every buyer is turned away");
		report_advise(report, "INSERT INTO tollgate.product (product_code, name) VALUES (…);");
		return;
	}
	text_copy(doctor->product_code, sizeof doctor->product_code, text_of(&products, 0, 1));
	if (!strcmp(count, "1"))
		report_found(report, FOUND_GOOD, "one, %s", doctor->product_code);
	else
		report_found(report, FOUND_GOOD, "%s, %s among them", count, doctor->product_code);
}

/* A product that is paid by contract alone has none, rightly: so no failure. */
void check_dimensions(struct doctor *doctor, struct report *report)
{
	enum { WITHOUT, ONE_OF_THEM, DIMENSIONS };
	auto_result found = { 0 };
	struct err err;
	enum status rc;

	if (!can_ask_schema(doctor, report))
		return;
	if (!doctor->sees_dimensions) {
		report_found(report, FOUND_NOTHING, "not looked at: this role may not read them");
		report_advise(report, "run it again as root with PGUSER=tollgate_admin");
		return;
	}
	rc = doctor_query(CLI_DIMENSIONS, &found, &err);
	if (rc) {
		report_error(report, rc, &err);
	} else if (strcmp(text_of(&found, 0, WITHOUT), "0") != 0) {
		report_found(report, FOUND_NOTHING, "products that have none, so that all their usage is "
			"refused: %s, %s among them", text_of(&found, 0, WITHOUT),
			text_of(&found, 0, ONE_OF_THEM));
		report_advise(report, "with the API names that the listing has: INSERT INTO "
			"tollgate.dimension (product_code, dimension) VALUES (…);");
	} else if (!strcmp(text_of(&found, 0, DIMENSIONS), "0")) {
		report_found(report, FOUND_NOTHING, "there is no product that could have one");
	} else {
		report_found(report, FOUND_GOOD, "%s; each product has one",
			text_of(&found, 0, DIMENSIONS));
	}
}

static enum status compare(
	const struct ledger_state *file, struct ledger_check *ret_check, struct err *err)
{
	const struct db_queries alone = { &cli_queries.list[CLI_COMPARE_STATE], 1, NULL, 0 };
	struct db *db = NULL;
	enum status rc = db_open(&alone, &db, err);

	if (!rc)
		rc = ledger_check(db, 0, file, ret_check, err);
	db_free(db);
	return rc;
}

void check_ledger(struct doctor *doctor, struct report *report)
{
	auto_buf dir = BUF_INIT(PATH_BYTES_MAX);
	struct ledger_state file;
	struct ledger_check check;
	struct err err;
	enum status found, rc;

	if (!can_ask_schema(doctor, report))
		return;
	if (!doctor->sees_ledger) {
		report_found(report, FOUND_NOTHING, "not looked at: this role may not");
		report_advise(report, "run it again with PGUSER=tollgate_meter");
		return;
	}
	conf_state_dir(&doctor->conf, &dir);
	found = ledger_state_read(buf_text(&dir), &file, &err);
	rc = found && found != ERR_MISSING ? found : compare(found ? NULL : &file, &check, &err);
	if (rc) {
		report_error(report, rc, &err);
	} else if (*check.problem) {
		report_found(report, FOUND_WRONG, "it may be a copy: %s", check.problem);
		report_advise(report, "bill from the original; or see tollgate ledger status");
	} else if (found) {
		report_found(report, FOUND_NOTHING, "it is new; tollgate-meter makes its state file");
	} else {
		report_found(report, FOUND_GOOD, "it is the state file's; generation %s, last call %s",
			check.now.generation, check.now.last_call);
	}
}
