/* Reads what is open in the ledger, page by page, by deadline: each record once. */
#ifndef METER_READER_H
#define METER_READER_H

#include "meter/queue.h"

enum { READER_TIME_SIZE = 40, READER_NUMBER_SIZE = 24 };

struct reader {
	struct db *db;
	const char *product; /* only of this one; NULL: all */
	int margin_s;        /* records whose deadline is closer are left out */
	bool tags;           /* whether AWS takes them; else records are read without */
	bool done;           /* all were read */
	/* Where the next page begins; "": at the first. */
	char deadline[READER_TIME_SIZE], id[READER_NUMBER_SIZE];
};

/* Adds the next page to the queue; where there is none, reader->done. Errors are those of db_run,
 * and ERR_LOCAL: no memory. */
MUST_CHECK enum status reader_page(struct reader *reader, struct queue *queue, struct err *err);

#endif
