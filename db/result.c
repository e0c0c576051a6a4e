#include "db/db.h"

#include <libpq-fe.h>

void db_result_done(struct db_result *result)
{
	if (!result)
		return;
	PQclear(result->rows);
	result->rows = NULL;
}

size_t db_result_rows(const struct db_result *result)
{
	return (size_t)PQntuples(result->rows);
}

const char *db_result_text(const struct db_result *result, size_t row, size_t column)
{
	if (row >= db_result_rows(result) || column >= (size_t)PQnfields(result->rows) ||
		PQgetisnull(result->rows, (int)row, (int)column))
		return NULL;
	return PQgetvalue(result->rows, (int)row, (int)column);
}
