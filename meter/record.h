/* A frozen record on its way to AWS. */
#ifndef METER_RECORD_H
#define METER_RECORD_H

#include "aws/accounts.h"
#include "aws/metering.h"
#include "db/db.h"

/* What became of it in the ledger (sql: tollgate.record_outcome). */
enum record_outcome {
	RECORD_OPEN,
	RECORD_BILLED,
	RECORD_REFUSED,
	RECORD_UNCONFIRMED,
	RECORD_UNKNOWN,
};

struct record {
	int64_t id, customer_id;
	struct metering_record sent; /* points into what the record owns */
	const char *product_code;
	struct aws_role role;
	bool by_license;
	size_t bytes; /* that it takes in a request, at most: record_bytes() */
	int64_t deadline_ms; /* monotonic; from then on AWS does not take it */
	int64_t deadline_s;  /* the same, since 1970 */
	bool sent_before;    /* in this run */
	enum record_outcome outcome;
	struct record *next; /* in whatever list it is */
	/* Owned: the arrays of its allocations, and all texts of the row. */
	struct metering_allocation *allocations;
	struct metering_tag *tags;
	char text[];
};

/* Reads a row of sql/queries/meter/next_records.sql, which is of now_ms (monotonic).
 * ERR_LOCAL: no memory, or a row that cannot be, which is a bug. */
MUST_CHECK enum status record_read(const struct db_result *rows, size_t row, int64_t now_ms,
	struct record **ret_record, struct err *err);
void record_free(struct record *record);

/* The second, since 1970, at which its hour begins. */
int64_t record_hour(const struct record *record);

/* Whether both may be in one call: the same product, shape, region and account. */
bool record_goes_with(const struct record *a, const struct record *b);

/* At most so many bytes it takes in a request. It goes over all texts, so each record keeps it. */
size_t record_bytes(const struct record *record);

#endif
