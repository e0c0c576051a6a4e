#include "meter/reader.h"

#include <inttypes.h>
#include <stdio.h>

#include "aws/limits.h"
#include "base/clock.h"
#include "base/text.h"
#include "meter/row.h"
#include "meter_queries.h"

/* A page has as many records, or fewer if together they have more allocations: it is in memory. */
enum { PAGE_RECORDS = 1000, PAGE_ALLOCATIONS = 10000, N_VALUES = 9, HOUR_S = 60 * 60 };

/* The first columns of sql/queries/meter/next_records.sql, by which a page begins. */
enum column { DEADLINE, ID };

struct reader reader_of(const struct run *run)
{
	const struct limits_action *batch = limits_find_action(run->limits, "BatchMeterUsage");
	const struct limits_member *records = limits_find_member(batch->request, "UsageRecords");

	return (struct reader){ .db = run->db,
		.product = run->options->product,
		.until_s = run->options->until_s,
		.margin_s = RUN_MARGIN_S,
		.tags = limits_find_member(records->members, "UsageAllocations") != NULL };
}

enum status reader_open(const struct run *run, struct reader *ret_reader, struct err *err)
{
	struct db *db;
	enum status rc = db_open(&meter_queries, &db, err);

	if (rc)
		return rc;
	*ret_reader = reader_of(run);
	ret_reader->db = db;
	rc = db_be_patient(db, RUN_PATIENCE_MS, err);
	return rc ? rc : reader_begin(ret_reader, err);
}

enum status reader_begin(struct reader *reader, struct err *err)
{
	return db_run(reader->db, METER_READ_IN_ORDER, NULL, 0, NULL, err);
}

void reader_done(struct reader *reader)
{
	db_free(reader->db);
	reader->db = NULL;
	queue_done(&reader->ahead.page);
	ids_done(&reader->ahead.begun);
}

static bool is_wanted(const struct reader *reader, const struct record *record)
{
	return !reader->until_s || record_hour(record) + HOUR_S <= reader->until_s;
}

static enum status add_rows(const struct reader *reader, const struct db_result *rows,
	int64_t now_ms, struct queue *queue, struct err *err)
{
	for (size_t i = 0; i < db_result_rows(rows); i++) {
		struct record *record;
		enum status rc = record_read(rows, i, now_ms, &record, err);

		if (rc)
			return rc;
		if (!is_wanted(reader, record)) {
			record_free(record);
			continue;
		}
		if (!reader->tags)
			record->sent.n_allocations = 0;
		queue_add(queue, record);
	}
	return OK;
}

/* How many seconds are left of a deadline is counted from before the question, so that none seems
 * later than it is. */
static enum status ask(struct reader *reader, struct err *err)
{
	char margin[READER_NUMBER_SIZE], records[READER_NUMBER_SIZE], allocations[READER_NUMBER_SIZE];
	const char *const values[N_VALUES] = { *reader->id ? reader->deadline : "-infinity",
		*reader->id ? reader->id : "0", records, reader->product, margin, allocations,
		*reader->last_id ? "t" : "f", text_or_null(reader->last_deadline),
		text_or_null(reader->last_id) };

	snprintf(records, sizeof records, "%d", PAGE_RECORDS);
	snprintf(margin, sizeof margin, "%d", reader->margin_s);
	snprintf(allocations, sizeof allocations, "%d", PAGE_ALLOCATIONS);
	reader->ahead.asked_ms = clock_monotonic_ms();
	reader->ahead.state = READER_ASKED;
	return db_send(reader->db, METER_NEXT_RECORDS, values, N_VALUES, err);
}

static enum status receive(struct reader *reader, struct queue *queue, struct err *err)
{
	auto_result rows = { 0 };
	enum status rc = db_receive(reader->db, METER_NEXT_RECORDS, &rows, err);
	size_t n;

	if (rc)
		return rc;
	n = db_result_rows(&rows);
	reader->done = n == 0;
	if (n) {
		const char *deadline = db_result_text(&rows, n - 1, DEADLINE);

		text_copy(reader->deadline, sizeof reader->deadline, deadline);
		text_copy(reader->id, sizeof reader->id, db_result_text(&rows, n - 1, ID));
	}
	return add_rows(reader, &rows, reader->ahead.asked_ms, queue, err);
}

enum status reader_page(struct reader *reader, struct queue *queue, struct err *err)
{
	enum status rc = ask(reader, err);

	if (!rc)
		rc = receive(reader, queue, err);
	reader->ahead.state = READER_NOTHING;
	return rc;
}

/* Takes the records over: those that the run does not have go on to the queue.
 * ERR_LOCAL: no memory; none does. */
static enum status take_new(struct reader *reader, struct queue *read, struct queue *queue,
	struct reader_known known, struct err *err)
{
	struct ids waiting = { 0 };
	struct queue fresh = { 0 };

	if (!queue_add_ids(known.urgent, &waiting) || !queue_add_ids(known.queue, &waiting)) {
		ids_done(&waiting);
		queue_done(read);
		return err_set(err, ERR_LOCAL, "no memory for the ids of the records that wait");
	}
	while (read->page) {
		struct record *record = read->page;

		read->page = record->next;
		if (ids_has(&waiting, record->id) || ids_has(known.held, record->id) ||
			ids_has(&reader->ahead.begun, record->id))
			record_free(record);
		else
			queue_add(&fresh, record);
	}
	while (fresh.page) {
		struct record *record = fresh.page;

		fresh.page = record->next;
		queue_add(queue, record);
	}
	ids_done(&waiting);
	return OK;
}

static void take_page(struct reader *reader)
{
	reader->ahead.rc = receive(reader, &reader->ahead.page, &reader->ahead.err);
	reader->ahead.state = READER_READ;
}

void reader_look(struct reader *reader)
{
	if (reader->ahead.state == READER_ASKED && db_has_answer(reader->db))
		take_page(reader);
}

/* Has the page that was asked for, or another one, in `ahead`. */
static enum status wait_for_page(struct reader *reader, struct err *err)
{
	enum status rc = reader->ahead.state == READER_NOTHING ? ask(reader, err) : OK;

	if (rc)
		return rc;
	if (reader->ahead.state == READER_ASKED)
		take_page(reader);
	if (reader->ahead.rc)
		*err = reader->ahead.err;
	return reader->ahead.rc;
}

enum status reader_read(struct reader *reader, struct queue *queue, struct reader_known known,
	struct err *err)
{
	enum status rc = wait_for_page(reader, err);

	if (rc)
		return rc;
	rc = take_new(reader, &reader->ahead.page, queue, known, err);
	ids_done(&reader->ahead.begun);
	reader->ahead.state = READER_NOTHING;
	return rc || reader->done ? rc : ask(reader, err);
}

enum status reader_note_calls(struct reader *reader, const struct call *calls, struct err *err)
{
	if (reader->ahead.state == READER_NOTHING)
		return OK;
	for (; calls; calls = calls->next)
		for (size_t i = 0; i < calls->n; i++)
			if (!ids_add(&reader->ahead.begun, calls->records[i]->id))
				return err_set(err, ERR_LOCAL, "no memory for the records of a call");
	return OK;
}

static struct reader reader_of_ending(const struct reader *other)
{
	struct reader reader = *other;

	text_copy(reader.last_deadline, sizeof reader.last_deadline, other->deadline);
	text_copy(reader.last_id, sizeof reader.last_id, other->id);
	*reader.deadline = *reader.id = '\0';
	reader.done = !*other->id; /* it has read nothing yet, and will read all */
	return reader;
}

enum status reader_read_ending(struct reader *reader, struct queue *urgent,
	struct reader_known known, struct err *err)
{
	struct queue read = { 0 };
	struct reader ending;
	enum status rc = OK;

	/* The connection does one thing at a time, and how far the reader has come is what it says. */
	if (reader->ahead.state == READER_ASKED)
		rc = wait_for_page(reader, err);
	ending = reader_of_ending(reader);
	while (!rc && !ending.done)
		rc = reader_page(&ending, &read, err);
	if (rc)
		queue_done(&read);
	else
		rc = take_new(reader, &read, urgent, known, err);
	reader->done = false; /* what was frozen may be ahead of it, too */
	return rc;
}

enum status reader_count(const struct reader *reader, int64_t *ret_records, struct err *err)
{
	char until[READER_NUMBER_SIZE], margin[READER_NUMBER_SIZE];
	const char *const values[] = { reader->product, reader->until_s ? until : NULL, margin };
	auto_result rows = { 0 };
	enum status rc;

	snprintf(until, sizeof until, "%" PRId64, reader->until_s);
	snprintf(margin, sizeof margin, "%d", reader->margin_s);
	rc = db_run(reader->db, METER_COUNT_RECORDS, values, 3, &rows, err);
	if (!rc)
		*ret_records = row_number(&rows, 0, 0);
	return rc;
}
