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

enum status reader_page(struct reader *reader, struct queue *queue, struct err *err)
{
	char margin[READER_NUMBER_SIZE], records[READER_NUMBER_SIZE], allocations[READER_NUMBER_SIZE];
	const char *const values[N_VALUES] = { *reader->id ? reader->deadline : "-infinity",
		*reader->id ? reader->id : "0", records, reader->product, margin, allocations,
		*reader->last_id ? "t" : "f", text_or_null(reader->last_deadline),
		text_or_null(reader->last_id) };
	/* Before the question, so that no deadline seems later than it is. */
	int64_t now_ms = clock_monotonic_ms();
	auto_result rows = { 0 };
	enum status rc;
	size_t n;

	snprintf(records, sizeof records, "%d", PAGE_RECORDS);
	snprintf(margin, sizeof margin, "%d", reader->margin_s);
	snprintf(allocations, sizeof allocations, "%d", PAGE_ALLOCATIONS);
	rc = db_run(reader->db, METER_NEXT_RECORDS, values, N_VALUES, &rows, err);
	if (rc)
		return rc;
	n = db_result_rows(&rows);
	reader->done = n == 0;
	if (n) {
		const char *deadline = db_result_text(&rows, n - 1, DEADLINE);

		text_copy(reader->deadline, sizeof reader->deadline, deadline);
		text_copy(reader->id, sizeof reader->id, db_result_text(&rows, n - 1, ID));
	}
	return add_rows(reader, &rows, now_ms, queue, err);
}

/* Takes the records over: those that the run does not have go on to the queue.
 * ERR_LOCAL: no memory; none does. */
static enum status take_new(struct queue *read, struct queue *queue, struct reader_known known,
	struct err *err)
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
		if (ids_has(&waiting, record->id) || ids_has(known.held, record->id))
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

enum status reader_read(struct reader *reader, struct queue *queue, struct reader_known known,
	struct err *err)
{
	struct queue read = { 0 };
	enum status rc = reader_page(reader, &read, err);

	if (rc)
		queue_done(&read);
	return rc ? rc : take_new(&read, queue, known, err);
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
	struct reader ending = reader_of_ending(reader);
	struct queue read = { 0 };
	enum status rc = OK;

	while (!rc && !ending.done)
		rc = reader_page(&ending, &read, err);
	if (rc)
		queue_done(&read);
	else
		rc = take_new(&read, urgent, known, err);
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
