/* Usage between JSON and aws/metering. */
#ifndef CLI_RECORDS_H
#define CLI_RECORDS_H

#include "aws/metering.h"
#include "cli/output.h"

struct cJSON;

/* Texts point into the JSON. Zeroed: none. */
struct allocations {
	struct metering_allocation *list;
	size_t n;
	struct metering_tag *tags; /* of all of them */
};

struct records {
	struct metering_record *list;
	size_t n;
	struct allocations *allocations; /* a record's at its place */
};

/* Reads a list that shape_check passed; NULL is an empty one. ERR_LOCAL: no memory. Free with the
 * functions below, after a failure too. */
MUST_CHECK enum status allocations_read(const struct cJSON *list,
	struct allocations *ret_allocations, struct err *err);
MUST_CHECK enum status records_read(const struct cJSON *list, struct records *ret_records,
	struct err *err);
void allocations_done(struct allocations *allocations);
void records_done(struct records *records);

/* Shows a record as an element of a list, or as the member of that name. */
void record_show(struct output *output, const char *name, const struct metering_record *record);

#endif
