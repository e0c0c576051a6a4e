#include "db/batch.h"

#include "base/buf.h"
#include "db/array.h"

enum { ARRAY_BYTES_MAX = 1024 * 1024 };

enum status batch_begin_with(struct db *db, struct err *err)
{
	return PQenterPipelineMode(db->pg) ? OK : link_lose(db, err);
}

static const struct db_query *query_of(const struct db *db, const struct batch_row *row)
{
	return &db->queries->list[row->query];
}

/* ---- rows that are one execution ---- */

struct group {
	const struct db_query *query;
	struct batch_row *rows[BATCH_ROWS_MAX];
	size_t n;
};

/* The row `at` and those after it that are one execution with it; false if it is one with an
 * earlier row. */
static bool find_group(const struct db *db, struct batch_row *const *rows, size_t n, size_t at,
	struct group *ret_group)
{
	const struct db_query *query = query_of(db, rows[at]);

	*ret_group = (struct group){ .query = query };
	for (size_t i = 0; query->grouped && i < at; i++)
		if (query_of(db, rows[i]) == query)
			return false;
	for (size_t i = at; i < n; i++)
		if (i == at || (query->grouped && query_of(db, rows[i]) == query))
			ret_group->rows[ret_group->n++] = rows[i];
	return true;
}

/* Each value as the array of what the rows have there. */
static bool send_grouped(struct db *db, const struct group *group)
{
	size_t n_values = group->rows[0]->n_values;
	struct buf arrays[BATCH_VALUES_MAX];
	const char *values[BATCH_VALUES_MAX], *column[BATCH_ROWS_MAX];
	bool sent = n_values <= BATCH_VALUES_MAX;

	for (size_t i = 0; i < n_values && i < BATCH_VALUES_MAX; i++) {
		arrays[i] = BUF_INIT(ARRAY_BYTES_MAX);
		for (size_t j = 0; j < group->n; j++)
			column[j] = group->rows[j]->values[i];
		db_array(&arrays[i], column, group->n);
		sent = sent && !arrays[i].failed;
		values[i] = buf_text(&arrays[i]);
	}
	sent = sent && PQsendQueryPrepared(
		db->pg, group->query->name, (int)n_values, values, NULL, NULL, 0);
	for (size_t i = 0; i < n_values && i < BATCH_VALUES_MAX; i++)
		buf_wipe(&arrays[i]);
	return sent;
}

static bool send_group(struct db *db, const struct group *group)
{
	const struct batch_row *row = group->rows[0];

	if (group->query->grouped)
		return send_grouped(db, group);
	return PQsendQueryPrepared(
		db->pg, group->query->name, (int)row->n_values, row->values, NULL, NULL, 0);
}

/* One row of an answer as an answer of its own; NULL: no memory. */
static PGresult *copy_row(const PGresult *rows, int row)
{
	PGresult *copy = PQcopyResult(rows, PG_COPYRES_ATTRS);

	for (int i = 0; copy && i < PQnfields(rows); i++) {
		bool is_null = PQgetisnull(rows, row, i);

		if (!PQsetvalue(copy, 0, i, is_null ? NULL : PQgetvalue(rows, row, i),
				is_null ? -1 : PQgetlength(rows, row, i))) {
			PQclear(copy);
			return NULL;
		}
	}
	return copy;
}

static enum status share_out(const struct db_result *answer, struct group *group, struct err *err)
{
	if (db_result_rows(answer) != group->n)
		return err_set(err, ERR_LOCAL, "statement %s: %zu rows came back for %zu",
			group->query->name, db_result_rows(answer), group->n);
	for (size_t i = 0; i < group->n; i++) {
		db_result_done(&group->rows[i]->result);
		group->rows[i]->result.rows = copy_row(answer->rows, (int)i);
		if (!group->rows[i]->result.rows)
			return err_set(err, ERR_LOCAL, "no memory for an answer of PostgreSQL");
	}
	return OK;
}

static enum status read_group(
	struct db *db, struct group *group, int64_t deadline_ms, struct err *err)
{
	auto_result answer = { 0 };
	enum status rc;

	if (!group->query->grouped)
		return link_answer(
			db, group->query->name, deadline_ms, &group->rows[0]->result, err);
	rc = link_answer(db, group->query->name, deadline_ms, &answer, err);
	return rc ? rc : share_out(&answer, group, err);
}

/* ---- a transaction ---- */

enum status batch_send(struct db *db, struct batch_row *const *rows, size_t n, struct err *err)
{
	bool sent = true;
	struct group group;

	for (size_t i = 0; i < n && sent; i++)
		if (find_group(db, rows, n, i, &group))
			sent = send_group(db, &group);
	sent = sent && PQpipelineSync(db->pg);
	return sent && PQflush(db->pg) >= 0 ? OK : link_lose(db, err);
}

/* All answers are read, whatever they say; the first error is kept. After it, the server has
 * skipped the rest, up to the synchronisation. That is the commit: what it answers counts too. */
enum status batch_receive(
	struct db *db, struct batch_row *const *rows, size_t n, int64_t deadline_ms, struct err *err)
{
	struct group group;
	struct err other;
	enum status rc = OK, answer;

	for (size_t i = 0; i < n && !db->is_lost; i++)
		if (find_group(db, rows, n, i, &group)) {
			answer = read_group(db, &group, deadline_ms, rc ? &other : err);
			rc = rc ? rc : answer;
		}
	if (!db->is_lost) {
		answer = link_sync(db, deadline_ms, rc ? &other : err);
		rc = rc ? rc : answer;
	}
	for (size_t i = 0; i < n && rc; i++)
		db_result_done(&rows[i]->result);
	return rc;
}
