/* What makes AWS refuse records, as a text that names it: a customer, a dimension, a set of tags.
 * And a set of such causes. */
#ifndef METER_CAUSE_H
#define METER_CAUSE_H

#include "base/buf.h"
#include "meter/record.h"

/* The text for what of the record an error was about; "" if only the record itself is.
 * out->failed: no memory. */
void cause_name(const struct record *record, enum error_about about, struct buf *out);

/* Zeroed: empty. */
struct causes {
	void *tree;
	size_t n;
};
void causes_done(struct causes *causes);

/* Adds it; *ret_new tells whether it was not there. ERR_LOCAL: no memory. */
MUST_CHECK enum status causes_add(
	struct causes *causes, const char *name, bool *ret_new, struct err *err);

/* Whether anything of the record is a known cause. Where there is no memory to tell: no, and AWS
 * says so again. */
bool causes_hold(const struct causes *causes, const struct record *record);

#endif
