/* Inside of the actions' files: what is read from the body of an answer with status 200. For
 * fuzzing and for tests.
 *
 * A member that is absent, null or "" is the same, and others are ignored.
 * ERR_RETRY: not JSON, or a member of another type, beyond its room or given twice. */
#ifndef AWS_METERING_ANSWER_H
#define AWS_METERING_ANSWER_H

#include "aws/metering.h"

/* ResolveCustomer's. ERR_RETRY: also no product code, or nothing that names a customer. */
MUST_CHECK enum status metering_parse_customer(const char *body, size_t len,
	struct metering_customer *ret_who, struct err *err);

/* What was sent, at most METERING_RECORDS_MAX. */
struct metering_batch_sent {
	const struct metering_record *records;
	size_t n_records;
};

/* BatchMeterUsage's; ret_results is parallel to the records. What the answer says goes to the first
 * record that nothing went to yet and that is the same in all that the answer repeats of it. A
 * Quantity that is absent is 0.
 * ERR_RETRY: also a record that was not sent, or one more often than it was sent. */
MUST_CHECK enum status metering_parse_results(struct metering_batch_sent sent, const char *body,
	size_t len, struct metering_result *ret_results, struct err *err);

/* MeterUsage's. ERR_RETRY: also no MeteringRecordId. */
MUST_CHECK enum status metering_parse_record_id(const char *body, size_t len,
	char ret_metering_record_id[METERING_ID_SIZE], struct err *err);

/* RegisterUsage's; ret_signature is replaced. ERR_RETRY: also no Signature.  ERR_LOCAL: no room for
 * it. */
MUST_CHECK enum status metering_parse_registration(const char *body, size_t len,
	struct buf *ret_signature, int64_t *ret_rotation_s, struct err *err);

#endif
