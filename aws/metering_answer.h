/* Inside of metering.c: what is read from an answer. For fuzzing and for tests. */
#ifndef AWS_METERING_ANSWER_H
#define AWS_METERING_ANSWER_H

#include "aws/limits.h"
#include "aws/metering.h"

/* Reads the body of a successful ResolveCustomer. A member that is absent, null or "" is "", others
 * are ignored.
 * ERR_RETRY: not JSON, a member of another type, beyond its limits or given twice, no product code,
 * or nothing that names a customer. */
MUST_CHECK enum status metering_parse_customer(const struct limits *limits, const char *body,
	size_t len, struct metering_customer *ret_who, struct err *err);

#endif
