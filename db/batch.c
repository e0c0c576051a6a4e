#include "db/batch.h"

#include <string.h>

enum status batch_begin_with(struct db *db, struct err *err)
{
	return PQenterPipelineMode(db->pg) ? OK : link_lose(db, err);
}

static bool send_plain(struct db *db, const char *sql)
{
	return PQsendQueryParams(db->pg, sql, 0, NULL, NULL, NULL, NULL, 0);
}

static const char *name_of(const struct db *db, const struct batch_row *row)
{
	return db->queries->list[row->query].name;
}

enum status batch_send(struct db *db, struct batch_row *const *rows, size_t n, struct err *err)
{
	bool sent = send_plain(db, "BEGIN");

	for (size_t i = 0; i < n && sent; i++)
		sent = PQsendQueryPrepared(
			db->pg, name_of(db, rows[i]), (int)rows[i]->n_values, rows[i]->values, NULL, NULL, 0);
	sent = sent && send_plain(db, "COMMIT") && PQpipelineSync(db->pg);
	return sent && PQflush(db->pg) >= 0 ? OK : link_lose(db, err);
}

/* After an error the server skips all up to the synchronisation, COMMIT included. */
static enum status roll_back(struct db *db, int64_t deadline_ms, struct err *err)
{
	enum status rc;

	if (!send_plain(db, "ROLLBACK") || !PQpipelineSync(db->pg))
		return link_lose(db, err);
	rc = link_answer(db, "ROLLBACK", deadline_ms, NULL, err);
	return rc ? rc : link_sync(db, deadline_ms, err);
}

/* All answers up to the synchronisation are read, whatever they say; the first error is kept. After
 * it, the server has skipped the rest. */
static enum status read_answers(
	struct db *db, struct batch_row *const *rows, size_t n, int64_t deadline_ms, struct err *err)
{
	auto_result commit = { 0 };
	struct err other;
	enum status rc = link_answer(db, "BEGIN", deadline_ms, NULL, err);

	for (size_t i = 0; i < n && !db->is_lost; i++) {
		enum status answer =
			link_answer(db, name_of(db, rows[i]), deadline_ms, &rows[i]->result, rc ? &other : err);

		rc = rc ? rc : answer;
	}
	if (!db->is_lost) {
		enum status answer = link_answer(db, "COMMIT", deadline_ms, &commit, rc ? &other : err);

		rc = rc ? rc : answer;
	}
	/* A transaction that failed unnoticed answers COMMIT with "ROLLBACK". */
	if (!rc && strcmp(PQcmdStatus(commit.rows), "COMMIT") != 0)
		rc = err_set(err, ERR_RETRY, "COMMIT was answered with %s", PQcmdStatus(commit.rows));
	return rc;
}

enum status batch_receive(
	struct db *db, struct batch_row *const *rows, size_t n, int64_t deadline_ms, struct err *err)
{
	enum status rc = read_answers(db, rows, n, deadline_ms, err);
	struct err other;

	if (!db->is_lost && link_sync(db, deadline_ms, rc ? &other : err) && !rc)
		rc = ERR_RETRY;
	if (!db->is_lost && PQtransactionStatus(db->pg) != PQTRANS_IDLE &&
		roll_back(db, deadline_ms, rc ? &other : err) && !rc)
		rc = ERR_RETRY;
	for (size_t i = 0; i < n && rc; i++)
		db_result_done(&rows[i]->result);
	return rc;
}
