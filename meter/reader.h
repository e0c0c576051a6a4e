/* Reads what is open in the ledger, page by page, by deadline: each record once. */
#ifndef METER_READER_H
#define METER_READER_H

#include "meter/ids.h"
#include "meter/queue.h"
#include "meter/run.h"

enum { READER_TIME_SIZE = 40, READER_NUMBER_SIZE = 24 };

struct reader {
	struct db *db;
	const char *product; /* only of this one; NULL: all */
	int64_t until_s;     /* only of hours that end by then; 0: all */
	int margin_s;        /* records whose deadline is closer are left out */
	bool tags;           /* whether AWS takes them; else records are read without */
	bool done;           /* all were read */
	/* Where the next page begins; "": at the first. */
	char deadline[READER_TIME_SIZE], id[READER_NUMBER_SIZE];
	/* Only of customers who are ending, up to there and in no call; "": of all. */
	char last_deadline[READER_TIME_SIZE], last_id[READER_NUMBER_SIZE];
};

/* A reader of what the run is to send. */
struct reader reader_of(const struct run *run);

/* Adds the next page to the queue; where there is none, reader->done. Errors are those of db_run,
 * and ERR_LOCAL: no memory. */
MUST_CHECK enum status reader_page(struct reader *reader, struct queue *queue, struct err *err);

/* What the run has of records already: in calls, which the ledger knows, in these, or done with. */
struct reader_known {
	const struct queue *urgent, *queue;
	struct ids *held;
};

/* The next page of what the run does not have yet: a deadline that moves later brings one back.
 * Errors are those of reader_page. */
MUST_CHECK enum status reader_read(struct reader *reader, struct queue *queue,
	struct reader_known known, struct err *err);

/* What customers who are ending have, as far as the reader has come, and the run has not: it was
 * frozen or became urgent after the reader was there. Into `urgent`; then the reader goes on.
 * Errors are those of reader_page. */
MUST_CHECK enum status reader_read_ending(struct reader *reader, struct queue *urgent,
	struct reader_known known, struct err *err);

/* How many records it will give, as of now. Errors are those of db_run. */
MUST_CHECK enum status reader_count(
	const struct reader *reader, int64_t *ret_records, struct err *err);

#endif
