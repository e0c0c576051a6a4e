/* A call of BatchMeterUsage, from the records that go into it to what came back. */
#ifndef METER_CALL_H
#define METER_CALL_H

#include "meter/record.h"

enum { CALL_BYTES_MAX = 900 * 1000 }; /* AWS takes fewer than 1 MB in all */

struct product;

/* A record that AWS refused by itself. */
struct refusal {
	int64_t record_id, call_id, quantity;
	char code[128];
	struct refusal *next;
};
void refusal_free_list(struct refusal *list);

/* A call and, once AWS refused it whole, the parts that it was split into. */
struct family {
	int parts;     /* that are not over yet */
	int causes;    /* found in it, that were not known */
	bool honoured; /* at least one of its records */
	struct refusal *refusals;
};

struct call {
	struct record *records[METERING_RECORDS_MAX];
	size_t n;
	size_t bytes;
	struct family *family;
	struct product *product; /* NULL until it is looked up */
	int tries;               /* that came to nothing and were nobody's fault */
	int64_t ready_ms;        /* not before (monotonic) */
	int64_t id;              /* in the ledger; of its last attempt */
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
/* A part of the call's family, for some of its records. NULL: no memory. */
struct call *call_new_part(const struct call *call);
void call_free(struct call *call); /* and its records */
void call_free_list(struct call *list);

/* Whether it has room for the record, if that goes with what is in it: record_goes_with(). */
bool call_has_room(const struct call *call, const struct record *record);
void call_add(struct call *call, struct record *record);

/* Frees all records but those that `keep` names. */
void call_keep(struct call *call, bool (*keep)(const struct call *call, size_t i, void *arg),
	void *arg);

/* Makes the call: blocks until it is answered or given up. */
void call_make(struct call *call, int64_t deadline_ms);

/* Whether each of them was answered, and not by an error. */
bool call_list_is_good(const struct call *calls);

#endif
