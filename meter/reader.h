/* Reads what is open in the ledger, page by page, by deadline: each record once. A page is asked
 * for before it is wanted, by a connection of its own: who changes the ledger holds a lock, so this
 * is what else PostgreSQL can do meanwhile. */
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
	struct {
		enum { READER_NOTHING, READER_ASKED, READER_READ } state;
		int64_t asked_ms; /* monotonic */
		struct queue page; /* once it is read, or why it was not */
		enum status rc;
		struct err err;
		struct ids begun; /* since it was asked for: of these it does not know */
	} ahead;
};

/* A reader of what the run is to send, by the run's connection; before its first page that is told
 * how to read. Errors are those of db_run. */
struct reader reader_of(const struct run *run);
MUST_CHECK enum status reader_begin(struct reader *reader, struct err *err);

/* The same with its own connection, until reader_done. Errors are those of db_open. */
MUST_CHECK enum status reader_open(
	const struct run *run, struct reader *ret_reader, struct err *err);
void reader_done(struct reader *reader);

/* Adds the next page to the queue; where there is none, reader->done. Errors are those of db_run,
 * and ERR_LOCAL: no memory. */
MUST_CHECK enum status reader_page(struct reader *reader, struct queue *queue, struct err *err);

/* What the run has of records already: in calls, which the ledger knows, in these, or done with. */
struct reader_known {
	const struct queue *urgent, *queue;
	struct ids *held;
};

/* The next page of what the run does not have yet: a deadline that moves later brings one back. And
 * asks for the one after it. Errors are those of reader_page. */
MUST_CHECK enum status reader_read(struct reader *reader, struct queue *queue,
	struct reader_known known, struct err *err);

/* Takes in what has come of the page that was asked for; does not wait. What failed, reader_read
 * tells. */
void reader_look(struct reader *reader);

/* Before calls are noted in the ledger: a page that was asked for may still have their records.
 * ERR_LOCAL: no memory. */
MUST_CHECK enum status reader_note_calls(
	struct reader *reader, const struct call *calls, struct err *err);

/* What customers who are ending have, as far as the reader has come, and the run has not: it was
 * frozen or became urgent after the reader was there. Into `urgent`; then the reader goes on.
 * Errors are those of reader_page. */
MUST_CHECK enum status reader_read_ending(struct reader *reader, struct queue *urgent,
	struct reader_known known, struct err *err);

/* How many records it will give, as of now. Errors are those of db_run. */
MUST_CHECK enum status reader_count(
	const struct reader *reader, int64_t *ret_records, struct err *err);

#endif
