#include "meter/queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "meter_queries.h"

enum { PAGE_ROWS = 1000, NUMBER_SIZE = 24, TIME_SIZE = 40 };

struct queue {
	struct db *db;
	const char *product;
	int margin_s;
	/* Where the next page begins. */
	char deadline[TIME_SIZE], id[NUMBER_SIZE];
	bool read_all;
	struct record *page, **page_end; /* in the order of their deadlines */
	struct call *forming;            /* calls with room, one for each product, shape and account */
	struct call *parts;              /* halves */
	struct record *again;
};

/* The columns of sql/queries/meter/next_records.sql that the cursor is made of. */
enum column { DEADLINE, ID };

enum status queue_new(struct db *db, const char *product, int margin_s,
	struct queue **ret_queue, struct err *err)
{
	struct queue *queue = calloc(1, sizeof *queue);

	if (!queue)
		return err_set(err, ERR_LOCAL, "no memory for the queue");
	*queue = (struct queue){ .db = db, .product = product, .margin_s = margin_s };
	queue->page_end = &queue->page;
	text_copy(queue->deadline, sizeof queue->deadline, "-infinity");
	text_copy(queue->id, sizeof queue->id, "0");
	*ret_queue = queue;
	return OK;
}

static void free_records(struct record *list)
{
	while (list) {
		struct record *first = list;

		list = first->next;
		record_free(first);
	}
}

static void free_calls(struct call *list)
{
	while (list) {
		struct call *first = list;

		list = first->next;
		call_free(first);
	}
}

void queue_free(struct queue *queue)
{
	if (!queue)
		return;
	free_records(queue->page);
	free_records(queue->again);
	free_calls(queue->forming);
	free_calls(queue->parts);
	free(queue);
}

static enum status read_rows(struct queue *queue, const struct db_result *rows, struct err *err)
{
	size_t n = db_result_rows(rows);
	enum status rc = OK;

	for (size_t i = 0; i < n && !rc; i++) {
		struct record *record;

		rc = record_read(rows, i, &record, err);
		if (!rc) {
			*queue->page_end = record;
			queue->page_end = &record->next;
		}
	}
	if (n) {
		text_copy(queue->deadline, sizeof queue->deadline, db_result_text(rows, n - 1, DEADLINE));
		text_copy(queue->id, sizeof queue->id, db_result_text(rows, n - 1, ID));
	}
	queue->read_all = n < PAGE_ROWS;
	return rc;
}

static enum status read_page(struct queue *queue, struct err *err)
{
	char rows_max[NUMBER_SIZE], margin[NUMBER_SIZE];
	const char *const values[] = { queue->deadline, queue->id, rows_max, queue->product, margin };
	auto_result rows = { 0 };
	enum status rc;

	snprintf(rows_max, sizeof rows_max, "%d", PAGE_ROWS);
	snprintf(margin, sizeof margin, "%d", queue->margin_s);
	rc = db_run(queue->db, METER_NEXT_RECORDS, values, sizeof values / sizeof values[0], &rows, err);
	return rc ? rc : read_rows(queue, &rows, err);
}

static struct call *take_call(struct call **list)
{
	struct call *first = *list;

	if (first) {
		*list = first->next;
		first->next = NULL;
	}
	return first;
}

/* Puts a record where it fits; *ret_full is a call that had no room left for it.
 * ERR_LOCAL: no memory; the record is the caller's. */
static enum status place(
	struct queue *queue, struct record *record, struct call **ret_full, struct err *err)
{
	struct call **at = &queue->forming;

	*ret_full = NULL;
	while (*at && !record_goes_with((*at)->records[0], record))
		at = &(*at)->next;
	if (*at && !call_takes(*at, record))
		*ret_full = take_call(at);
	if (!*at || *ret_full) {
		struct call *call = call_new();

		if (!call)
			return err_set(err, ERR_LOCAL, "no memory for a call");
		call->next = queue->forming;
		queue->forming = call;
		at = &queue->forming;
	}
	record->next = NULL;
	call_add(*at, record);
	return OK;
}

static struct record *take_record(struct queue *queue)
{
	struct record *first = queue->page;

	if (first) {
		queue->page = first->next;
		if (!queue->page)
			queue->page_end = &queue->page;
	}
	return first;
}

enum status queue_next(struct queue *queue, struct call **ret_call, struct err *err)
{
	*ret_call = take_call(&queue->parts);
	while (!*ret_call) {
		struct record *record = take_record(queue);
		enum status rc = OK;

		if (!record && !queue->read_all) {
			rc = read_page(queue, err);
		} else if (record) {
			rc = place(queue, record, ret_call, err);
			if (rc)
				record_free(record);
		} else {
			*ret_call = take_call(&queue->forming);
			return OK;
		}
		if (rc)
			return rc;
	}
	return OK;
}

enum status queue_halve(struct queue *queue, struct call *call, struct err *err)
{
	struct call *other = call_new();
	size_t half = call->n / 2;

	if (!other)
		return err_set(err, ERR_LOCAL, "no memory for a call");
	for (size_t i = half; i < call->n; i++)
		call_add(other, call->records[i]);
	call->n = half;
	call->bytes = 0;
	for (size_t i = 0; i < half; i++)
		call->bytes += record_bytes(call->records[i]);
	call->is_part = other->is_part = true;
	other->next = queue->parts;
	call->next = other;
	queue->parts = call;
	return OK;
}

void queue_again(struct queue *queue, struct record *record)
{
	record->next = queue->again;
	queue->again = record;
}

bool queue_turn(struct queue *queue)
{
	if (!queue->again)
		return false;
	*queue->page_end = queue->again;
	while (*queue->page_end)
		queue->page_end = &(*queue->page_end)->next;
	queue->again = NULL;
	return true;
}
