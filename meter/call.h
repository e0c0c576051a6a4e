/* A call of BatchMeterUsage, from the records that go into it to what came back. */
#ifndef METER_CALL_H
#define METER_CALL_H

#include "meter/record.h"

enum { CALL_BYTES_MAX = 900 * 1000 }; /* AWS takes fewer than 1 MB; record_bytes is an estimate */

struct call {
	struct record *records[METERING_RECORDS_MAX];
	size_t n;
	size_t bytes;
	bool is_part; /* of one that AWS refused whole */
	int64_t id;   /* in the ledger */
	struct aws *aws;
	/* What came back. */
	enum status rc;
	struct err err;
	struct aws_answer answer;
	struct metering_result results[METERING_RECORDS_MAX];
	struct call *next;
};

/* NULL: no memory. */
struct call *call_new(void);
void call_free(struct call *call); /* and its records */

/* Whether it has room for the record, and the record goes with what is in it. */
bool call_takes(const struct call *call, const struct record *record);
void call_add(struct call *call, struct record *record);

/* Makes the call: blocks until it is answered or given up. */
void call_make(struct call *call, int64_t deadline_ms);

#endif
