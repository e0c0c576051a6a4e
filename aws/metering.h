/* AWS Marketplace Metering Service: its four actions, typed.
 *
 * All calls: what breaks the reference's limits (aws/limits.h, the client's edition) is refused
 * with ERR_INPUT before anything is sent; the text names the member, ret_answer->tries is 0 and its
 * class ERROR_RECORD. A Timestamp's age is not among them: that is for the caller's clock to watch.
 * deadline_ms is of clock_monotonic_ms(), for all tries together. ret_answer has AWS's request id,
 * code, class and status of the last try; it is filled on failure too. Texts of a request may be
 * NULL or "" where they are optional, and are borrowed for the call.
 *
 * ERR_INPUT: AWS calls the request or the buyer bad; ret_answer->class says which.  ERR_RETRY: AWS
 * is busy, away, or answers nonsense.  ERR_REMOTE: AWS refuses us (credentials, permission, region,
 * product): the operator must act.  ERR_LOCAL: no memory. */
#ifndef AWS_METERING_H
#define AWS_METERING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/client.h"
#include "base/buf.h"

enum {
	METERING_RECORDS_MAX = 25, /* a call, in both editions */
	METERING_ID_SIZE = 256,    /* of a MeteringRecordId; AWS's are UUIDs */
};

/* Who the buyer is. "" where AWS sent nothing, null or "" (facts: products of 2026 have no
 * CustomerIdentifier, those of 2019 no LicenseArn). */
struct metering_customer {
	char product_code[256];
	char customer_identifier[256];
	char customer_aws_account_id[256];
	char license_arn[1344];
};

/* Trades the token from the buyer's browser for who they are (API reference: ResolveCustomer).
 * ERR_INPUT: AWS calls the token bad or expired (ret_answer->code says which).  ERR_RETRY: also an
 * answer that names no product or nobody. */
MUST_CHECK enum status metering_resolve(struct aws *aws, const char *token, int64_t deadline_ms,
	struct metering_customer *ret_who, struct aws_answer *ret_answer, struct err *err);

/* A tag of usage, and usage shared out among tags. */
struct metering_tag {
	const char *key, *value;
};
struct metering_allocation {
	int64_t quantity;
	const struct metering_tag *tags;
	size_t n_tags; /* 0: what has no tag */
};

/* A UsageRecord. Whose it is: license_arn with customer_aws_account_id, and no product code in the
 * request; or, with a product code, customer_identifier or customer_aws_account_id alone. */
struct metering_record {
	int64_t timestamp_s; /* since 1970 */
	const char *dimension;
	int64_t quantity;
	const char *customer_identifier, *customer_aws_account_id, *license_arn;
	const struct metering_allocation *allocations;
	size_t n_allocations; /* 0: none; otherwise they add up to the quantity */
};

enum metering_outcome {
	METERING_UNNAMED, /* the answer does not name the record: it may have been honoured */
	METERING_SUCCESS,
	METERING_CUSTOMER_NOT_SUBSCRIBED,
	METERING_DUPLICATE_RECORD,
	METERING_UNPROCESSED, /* send it again as it is */
	METERING_OTHER,       /* no status, or one that no reference has */
};

struct metering_result {
	enum metering_outcome outcome;
	char status[64]; /* as AWS sent it, "" if it sent none */
	char metering_record_id[METERING_ID_SIZE]; /* "" if it sent none */
};

/* Meters usage of one product's customers (API reference: BatchMeterUsage). n_records may be 0: AWS
 * then only says whether the call is allowed. ret_results is parallel to the records, matched by
 * what the answer repeats of each; it is filled on OK only. Each try goes out once at most, and
 * ret_answer->uncertain tells whether one that failed may have been honoured.
 * ERR_RETRY: also an answer that names a record that was not sent, or one twice. */
MUST_CHECK enum status metering_batch(struct aws *aws, const char *product_code,
	const struct metering_record *records, size_t n_records, int64_t deadline_ms,
	struct metering_result *ret_results, struct aws_answer *ret_answer, struct err *err);

struct metering_usage {
	const char *product_code;
	int64_t timestamp_s;
	const char *dimension;
	int64_t quantity;
	bool dry_run;
	const struct metering_allocation *allocations; /* edition today */
	size_t n_allocations;
	const char *client_token; /* edition today; makes a repeat safe beyond the hour's one record */
};

/* Meters usage of the AWS account that runs this program (API reference: MeterUsage). A dry run
 * meters nothing: OK with an empty id says that the call would be allowed, ERR_REMOTE that it would
 * not.
 * ERR_RETRY: also a dry run that AWS took for a call, or a call that it took for a dry run. */
MUST_CHECK enum status metering_meter(struct aws *aws, const struct metering_usage *usage,
	int64_t deadline_ms, char ret_metering_record_id[METERING_ID_SIZE],
	struct aws_answer *ret_answer, struct err *err);

struct metering_registration {
	const char *product_code;
	int64_t public_key_version;
	const char *nonce;      /* "" or NULL: none, so that an old answer could be played again */
	const char *public_key; /* PEM, of that version; NULL: the signature is not verified */
};

/* Registers the container that runs this program (API reference: RegisterUsage). The signature, a
 * JWT, is verified: PS256 by the public key, over this product, version and nonce. ret_signature
 * gets it in place of what it held; ret_rotation_s is when the key's version expired, 0: it has
 * not.
 * ERR_INPUT: also a key that cannot verify anything.
 * ERR_REMOTE: also a signature that does not hold; the text says which part. */
MUST_CHECK enum status metering_register(struct aws *aws,
	const struct metering_registration *registration, int64_t deadline_ms,
	struct buf *ret_signature, int64_t *ret_rotation_s, struct aws_answer *ret_answer,
	struct err *err);

#endif
