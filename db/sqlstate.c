#include "db/sqlstate.h"

#include <string.h>

/* The first prefix that fits decides. PostgreSQL's manual, appendix A; TG… are our own. */
static const struct class
{
	const char *prefix;
	enum status status;
	bool ends_connection;
	bool is_quotable; /* its message names objects and settings, never a row's values */
} classes[] = {
	{ "TG400", ERR_INPUT, false, true }, { "TG404", ERR_MISSING, false, true },
	{ "TG409", ERR_CONFLICT, false, true }, { "TG500", ERR_LOCAL, false, true },
	{ "23503", ERR_MISSING, false, false },  /* foreign_key_violation */
	{ "23505", ERR_CONFLICT, false, false }, /* unique_violation */
	{ "23P01", ERR_CONFLICT, false, false }, /* exclusion_violation */
	{ "22", ERR_INPUT, false, false }, { "23", ERR_INPUT, false, false },
	{ "25006", ERR_RETRY, true, true }, /* read_only_sql_transaction: a standby now */
	{ "25P03", ERR_RETRY, true, true }, /* idle_in_transaction_session_timeout */
	{ "25P02", ERR_RETRY, true, true }, /* in_failed_sql_transaction: out of step with us */
	{ "26", ERR_RETRY, true, true },    /* prepared statement gone */
	{ "0A000", ERR_LOCAL, true, true }, /* also: a cached plan's columns changed by a migration */
	{ "08", ERR_RETRY, true, true }, { "40", ERR_RETRY, false, true }, /* deadlock, serialization */
	{ "53", ERR_RETRY, false, true },    /* disk full, out of memory, too many connections */
	{ "55", ERR_RETRY, false, true },    /* lock_not_available */
	{ "57014", ERR_RETRY, false, true }, /* statement_timeout */
	{ "57P04", ERR_LOCAL, true, true },  /* database_dropped */
	{ "57", ERR_RETRY, true, true },     /* shut down, crashed, starting up */
	{ "58", ERR_RETRY, false, true },    /* the server's disk */
	{ "28", ERR_LOCAL, false, true },    /* log-in refused */
	{ "3D", ERR_LOCAL, false, true },    /* no such database */
	{ "3F", ERR_LOCAL, false, true },    /* no such schema */
	{ "42", ERR_LOCAL, false, true },    /* rights, undefined objects, syntax */
};

static const struct class *class_of(const char *state)
{
	static const struct class other = { "", ERR_LOCAL, false, false };

	for (size_t i = 0; state && i < sizeof classes / sizeof classes[0]; i++)
		if (!strncmp(state, classes[i].prefix, strlen(classes[i].prefix)))
			return &classes[i];
	return &other;
}

enum status sqlstate_status(const char *state)
{
	return class_of(state)->status;
}

bool sqlstate_ends_connection(const char *state)
{
	return class_of(state)->ends_connection;
}

static const char *field_of(const PGresult *result, int field)
{
	const char *text = PQresultErrorField(result, field);

	return text ? text : "";
}

static const char *cure_of(const char *state)
{
	/* duplicate_prepared_statement: we prepare each once, so another client had this connection. */
	if (!strcmp(state, "42P05"))
		return "; a pooler before PostgreSQL has to pool sessions (PgBouncer: pool_mode=session)";
	/* undefined_function, undefined_column, undefined_table */
	if (!strcmp(state, "42883") || !strcmp(state, "42703") || !strcmp(state, "42P01"))
		return "; program and schema are of two releases: tollgate doctor says which is older";
	return "";
}

enum status sqlstate_explain(const PGresult *result, const char *statement, struct err *err)
{
	const char *state = field_of(result, PG_DIAG_SQLSTATE);
	const char *constraint = field_of(result, PG_DIAG_CONSTRAINT_NAME);
	const struct class *class = class_of(state);
	const char *message = class->is_quotable ? field_of(result, PG_DIAG_MESSAGE_PRIMARY) : "";
	const char *cure = cure_of(state);

	return err_set(err, class->status, "statement %s: SQLSTATE %s%s%s%s%s%s", statement,
		*state ? state : "missing", *constraint ? ", constraint " : "", constraint,
		*message ? ": " : "", message, cure);
}

static bool is_state_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

/* The server's line is "FATAL:  28000: role …", with the first word in its own language. */
void sqlstate_of_connection(const char *message, char ret_state[6])
{
	memset(ret_state, 0, 6);
	for (const char *at = strstr(message, ":  "); at; at = strstr(at, ":  ")) {
		size_t len = 0;

		at += 3;
		while (len < 5 && is_state_char(at[len]))
			len++;
		if (len == 5 && at[5] == ':') {
			memcpy(ret_state, at, 5);
			return;
		}
	}
}
