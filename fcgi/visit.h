/* A registration that AWS resolved, as it is stored or kept for later. */
#ifndef FCGI_VISIT_H
#define FCGI_VISIT_H

#include "aws/metering.h"
#include "db/writer.h"
#include "aws/hash.h"

/* No token and no contact data: this goes to the journal as it is. */
struct visit {
	char request_id[33];
	char visited_at[32]; /* epoch seconds with milliseconds; "" while it is stored at once */
	struct metering_customer who;
	char token_sha256[HASH_HEX_SIZE];
	char offer_type[41]; /* as the buyer's browser claims; "" if it said nothing */
	char aws_request_id[128];
};

/* Stores it; safe to repeat. Errors as db_writer_run. */
MUST_CHECK enum status visit_store(
	struct db_writer *writer, const struct visit *visit, struct err *err);

/* Keeps a visit that resolved to nobody: a row for the seller, no more, so a failure is only
 * returned for the log. */
MUST_CHECK enum status visit_note(
	struct db_writer *writer, const struct visit *visit, const char *outcome, struct err *err);

#endif
