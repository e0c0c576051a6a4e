/* ResolveCustomer as the landing page needs it: equal tokens in flight share one call, a token that
 * AWS called bad is not asked again for a minute, and no more requests wait for AWS than leave
 * threads for the other pages. */
#ifndef FCGI_RESOLVER_H
#define FCGI_RESOLVER_H

#include "aws/metering.h"
#include "aws/hash.h"

struct resolver;

/* waiting_max: requests that may wait for AWS at a time. */
MUST_CHECK enum status resolver_new(
	long waiting_max, struct resolver **ret_resolver, struct err *err);
void resolver_free(struct resolver *resolver);

struct resolver_question {
	struct aws *aws; /* whom to ask */
	const char *token;
	/* What makes two questions one: of the token and whatever else decides the answer. */
	unsigned char hash[HASH_BYTES];
};

/* As metering_resolve, within eight seconds. ERR_RETRY with ret_answer->class ERROR_NONE: AWS was
 * not asked, as too many wait already or there is no memory. */
MUST_CHECK enum status resolver_resolve(struct resolver *resolver,
	const struct resolver_question *question, struct metering_customer *ret_who,
	struct aws_answer *ret_answer, struct err *err);

#endif
