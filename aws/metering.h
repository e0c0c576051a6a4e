/* AWS Marketplace Metering Service: the actions, typed. All of its JSON is in metering.c. */
#ifndef AWS_METERING_H
#define AWS_METERING_H

#include <stdint.h>

#include "aws/client.h"

/* Who the buyer is. "" where AWS sent nothing, null or "" (facts: products of 2026 have no
 * CustomerIdentifier, those of 2019 no LicenseArn). */
struct metering_customer {
	char product_code[256];
	char customer_identifier[256];
	char customer_aws_account_id[256];
	char license_arn[1344];
};

/* Trades the token from the buyer's browser for who they are (API reference: ResolveCustomer).
 * deadline_ms: of clock_monotonic_ms(), for all tries together.  ret_answer: AWS's request id, code
 * and status of the last try, for the log; filled on failure too. ERR_INPUT: AWS calls the token
 * bad or expired (ret_answer->code says which), or it breaks the reference's limits. ERR_RETRY: AWS
 * is busy, away, or answers nonsense or no identity at all.  ERR_REMOTE: AWS refuses us
 * (credentials, permission, region): the operator must act. */
MUST_CHECK enum status metering_resolve(struct aws *aws, const char *token, int64_t deadline_ms,
	struct metering_customer *ret_who, struct aws_answer *ret_answer, struct err *err);

#endif
