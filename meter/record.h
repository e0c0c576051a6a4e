/* A frozen record on its way to AWS. */
#ifndef METER_RECORD_H
#define METER_RECORD_H

#include "aws/accounts.h"
#include "aws/metering.h"
#include "db/db.h"

struct record {
	int64_t id;
	struct metering_record sent; /* points into what the record owns */
	const char *product_code;
	struct aws_role role;
	bool by_license;
	int tries;            /* in this run */
	struct record *next;  /* in whatever list it is */
	void *text, *shares;  /* owned */
};

/* Reads a row of sql/queries/meter/next_records.sql.
 * ERR_LOCAL: no memory, or a row that cannot be, which is a bug. */
MUST_CHECK enum status record_read(
	const struct db_result *rows, size_t row, struct record **ret_record, struct err *err);
void record_free(struct record *record);

/* Whether both may be in one call: the same product, shape, region and account. */
bool record_goes_with(const struct record *a, const struct record *b);

/* About how many bytes it takes in a request. */
size_t record_bytes(const struct record *record);

#endif
