/* `tollgate ledger`: whether the database is the ledger that this machine bills from, and what
 * makes a copy of it the ledger. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/conf.h"
#include "base/state_dir.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/wrap.h"
#include "cli_queries.h"
#include "db/ledger_check.h"

enum {
	PATH_BYTES_MAX = 4096,
	TEXT_BYTES_MAX = 2000,
	JSON_BYTES_MAX = 4096,
	PATIENCE_MS = 60 * 60 * 1000, /* it may have to roll up many millions */
	NAME_WIDTH = 19,
	VALUE_WIDTH = 38,
};

const struct option_word ledger_adopt_words[] = {
	{ "reason", "TEXT", "why, for the audit; required", offsetof(struct options, reason) },
	{ "nothing-lost", NULL, "you know that no run of tollgate-meter is missing in this database",
		offsetof(struct options, nothing_lost) },
	{ 0 },
};

struct desk {
	struct buf dir;
	struct db *db;
	enum status found; /* of the state file: OK, ERR_MISSING or ERR_INPUT */
	struct err found_err;
	struct ledger_state file;
	struct ledger_check check;
};

static const struct ledger_state *file_of(const struct desk *desk)
{
	return desk->found ? NULL : &desk->file;
}

/* Whether the role may do this at all, before anything is made. On a connection of its own: a role
 * that may not use the schema could not even prepare the other statements. */
static enum status check_role(bool adopts, struct err *err)
{
	const struct db_queries alone = { &cli_queries.list[CLI_LEDGER_RIGHTS], 1, NULL, 0 };
	const char *values[] = { adopts ? "adopt_ledger" : "compare_state" }, *allowed;
	auto_result rights = { 0 };
	struct db *db = NULL;
	enum status rc = db_open(&alone, &db, err);

	if (!rc)
		rc = db_run(db, 0, values, 1, &rights, err);
	db_free(db);
	if (rc)
		return rc;
	/* NULL: there is no such function, which is for the check of the schema to say. */
	allowed = db_result_text(&rights, 0, 1);
	if (allowed && *allowed != 't')
		return err_set(err, ERR_LOCAL, "the role %s may not %s the ledger: set PGUSER to %s",
			db_result_text(&rights, 0, 0), adopts ? "adopt" : "look at",
			adopts ? "tollgate_admin" : "tollgate_admin or tollgate_meter");
	return OK;
}

/* Looks at both sides. adopts: the folder may be made. Ends with close_desk, if it failed too. */
static enum status open_desk(struct desk *desk, bool adopts, struct err *err)
{
	struct conf conf;
	enum status rc = conf_load(&conf, err);

	desk->dir = BUF_INIT(PATH_BYTES_MAX);
	if (rc)
		return ERR_LOCAL;
	rc = check_role(adopts, err);
	if (rc)
		return rc;
	if (adopts && state_dir_open(&conf, &desk->dir, err))
		return ERR_LOCAL;
	if (!adopts)
		conf_state_dir(&conf, &desk->dir);
	desk->found = ledger_state_read(buf_text(&desk->dir), &desk->file, &desk->found_err);
	if (desk->found == ERR_LOCAL) {
		*err = desk->found_err;
		return ERR_LOCAL;
	}
	rc = db_open(&cli_queries, &desk->db, err);
	return rc ? rc : db_be_patient(desk->db, PATIENCE_MS, err);
}

static void close_desk(struct desk *desk)
{
	db_free(desk->db);
	buf_done(&desk->dir);
}

static enum status compare(struct desk *desk, struct err *err)
{
	return ledger_check(desk->db, CLI_COMPARE_STATE, file_of(desk), &desk->check, err);
}

/* ---- what is found ---- */

static void print_row(const char *name, const char *file, const char *database)
{
	printf("%-*s%-*s%s\n", NAME_WIDTH, name, VALUE_WIDTH, *file ? file : "-",
		*database ? database : "-");
}

static void print_both(const struct desk *desk)
{
	static const struct ledger_state none;
	const struct ledger_state *a = desk->found ? &none : &desk->file, *b = &desk->check.now;

	print_row("", "state file", "database");
	print_row("ledger", a->ledger, b->ledger);
	print_row("system identifier", a->system_identifier, b->system_identifier);
	print_row("timeline", a->timeline, b->timeline);
	print_row("database", a->database_name, b->database_name);
	print_row("its oid", a->database, b->database);
	print_row("generation", a->generation, b->generation);
	print_row("last call", a->last_call, b->last_call);
	print_row("made at", a->called_at, b->called_at);
	putchar('\n');
}

static enum status explain_problem(struct desk *desk, struct buf *text, struct err *err)
{
	const char *gap = desk->check.gap;
	auto_result open = { 0 };
	enum status rc = db_run(desk->db, CLI_LEDGER_OPEN, NULL, 0, &open, err);

	if (rc)
		return rc;
	buf_printf(text, "%s. ", desk->check.problem);
	if (!strcmp(gap, "none")) {
		buf_puts(text, "No call is missing: once adopted, the ledger goes on as it is.");
		return OK;
	}
	buf_printf(text, "Calls %s that this ledger does not know. What they may have billed becomes "
		"unknown when it is adopted, for a person to settle: %s open records of %s units, and what "
		"was used by then of the %s units that wait and of usage that is not rolled up yet",
		!strcmp(gap, "certain") ? "were made" : "may have been made", db_result_text(&open, 0, 0),
		db_result_text(&open, 0, 1), db_result_text(&open, 0, 2));
	if (strcmp(gap, "certain") != 0)
		buf_puts(text, "; unless you know that none is missing, and say so with --nothing-lost");
	buf_putc(text, '.');
	return OK;
}

/* Says what was found; whether it fits is in desk->check.problem. */
static enum status show(struct desk *desk, struct err *err)
{
	auto_buf text = BUF_INIT(TEXT_BYTES_MAX);
	enum status rc = compare(desk, err);

	if (rc)
		return rc;
	print_both(desk);
	if (desk->found == ERR_INPUT)
		buf_printf(&text, "%s. ", desk->found_err.text);
	if (*desk->check.problem)
		rc = explain_problem(desk, &text, err);
	else if (desk->found == ERR_MISSING)
		buf_printf(&text, "The ledger is new: tollgate-meter makes %s/" LEDGER_STATE_NAME " when "
			"it first runs.", buf_text(&desk->dir));
	else if (!desk->found)
		buf_printf(&text, "%s/" LEDGER_STATE_NAME " is this ledger's.", buf_text(&desk->dir));
	wrap_print(stdout, 0, buf_text(&text));
	return rc;
}

static int fail(enum status rc, const struct err *err)
{
	exit_say("%s", err->text);
	return exit_of_status(rc);
}

int ledger_status_run(const struct options *options)
{
	struct desk desk = { 0 };
	struct err err;
	enum status rc = open_desk(&desk, false, &err);
	int status;

	(void)options;
	if (!rc)
		rc = show(&desk, &err);
	if (rc)
		status = fail(rc, &err);
	else
		status = *desk.check.problem || desk.found == ERR_INPUT ? EX_CONFIG : EX_OK;
	close_desk(&desk);
	return status;
}

/* ---- adopt ---- */

static enum status lock_meter(struct desk *desk, struct err *err)
{
	auto_result lock = { 0 };
	enum status rc = db_run(desk->db, CLI_TRY_LOCK, NULL, 0, &lock, err);

	if (!rc && *db_result_text(&lock, 0, 0) != 't')
		rc = err_set(err, ERR_CONFLICT, "a run of tollgate-meter is under way: try again later");
	return rc;
}

static enum status adopt(struct desk *desk, const struct options *options, struct err *err)
{
	auto_buf json = BUF_INIT(JSON_BYTES_MAX);
	const char *values[] = { NULL, options->nothing_lost ? "true" : "false", options->reason };
	auto_result rows = { 0 };
	enum status rc;

	if (!desk->found) {
		ledger_state_json(&desk->file, &json);
		values[0] = buf_text(&json);
	}
	if (json.failed)
		return err_set(err, ERR_LOCAL, "no memory for the state file's text");
	rc = db_run(desk->db, CLI_ADOPT_LEDGER, values, 3, &rows, err);
	if (rc)
		return rc;
	printf("\nAdopted, generation %s: %s events rolled up; %s records of %s units are unknown.\n",
		db_result_text(&rows, 0, 0), db_result_text(&rows, 0, 1), db_result_text(&rows, 0, 2),
		db_result_text(&rows, 0, 3));
	return ledger_check(desk->db, CLI_COMPARE_STATE, NULL, &desk->check, err);
}

/* From the lock to the file, which is written last: killed before it, all can be done again. */
static enum status adopt_locked(struct desk *desk, const struct options *options, struct err *err)
{
	enum status rc = show(desk, err);

	if (rc)
		return rc;
	if (*desk->check.problem) {
		rc = adopt(desk, options, err);
	} else if (desk->found != ERR_INPUT) {
		puts("There is nothing to adopt.");
		return OK;
	}
	return rc ? rc : ledger_state_write(buf_text(&desk->dir), &desk->check.now, err);
}

int ledger_adopt_run(const struct options *options)
{
	struct desk desk = { 0 };
	struct err err;
	bool locked = false;
	enum status rc;
	int status = EX_OK;

	if (!options->reason) {
		exit_say("ledger adopt: --reason is needed: why, for those who settle what is unknown");
		return EX_USAGE;
	}
	rc = open_desk(&desk, true, &err);
	if (!rc) {
		rc = lock_meter(&desk, &err);
		locked = !rc;
	}
	if (!rc)
		rc = adopt_locked(&desk, options, &err);
	if (rc)
		status = fail(rc, &err);
	if (rc == ERR_CONFLICT && !locked)
		status = EX_CANTCREAT;
	close_desk(&desk);
	return status;
}
