/* The seller accounts that one installation calls AWS for: a client for each role and region, made
 * at its first use and kept. Thread-safe. */
#ifndef AWS_ACCOUNTS_H
#define AWS_ACCOUNTS_H

#include "aws/client.h"

struct aws_accounts;

/* base: the client with the credentials of the settings; it outlives them. */
MUST_CHECK enum status aws_accounts_new(
	struct aws *base, struct aws_accounts **ret_accounts, struct err *err);
void aws_accounts_free(struct aws_accounts *accounts);

/* The client for that role, the base itself where the role says nothing else. Good for as long as
 * the accounts.
 * ERR_INPUT: no role or region that could be; the text says why.  ERR_LOCAL: no memory, or more
 * than 1000 of them. */
MUST_CHECK enum status aws_accounts_get(struct aws_accounts *accounts, const struct aws_role *role,
	struct aws **ret_aws, struct err *err);

/* aws_withdraw() all that there are, the base too. */
void aws_accounts_withdraw(struct aws_accounts *accounts);

#endif
