/* ResolveCustomer as the landing page needs it: equal tokens in flight share one call, a token that
 * AWS called bad is not asked again for a minute, and no more requests wait for AWS than leave
 * threads for the other pages. */
#ifndef FCGI_RESOLVER_H
#define FCGI_RESOLVER_H

#include "aws/metering.h"
#include "fcgi/hash.h"

struct resolver;

/* waiting_max: requests that may wait for AWS at a time. Keeps `aws`. */
MUST_CHECK enum status resolver_new(
	struct aws *aws, long waiting_max, struct resolver **ret_resolver, struct err *err);
void resolver_free(struct resolver *resolver);

/* As metering_resolve, within eight seconds. ERR_RETRY with ret_answer->tries 0: too many wait
 * already. `hash` is the token's SHA-256. */
MUST_CHECK enum status resolver_resolve(struct resolver *resolver, const char *token,
	const unsigned char hash[HASH_BYTES], struct metering_customer *ret_who,
	struct aws_answer *ret_answer, struct err *err);

#endif
