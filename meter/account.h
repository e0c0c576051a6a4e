/* The seller accounts and regions that a run calls, each with its lane. */
#ifndef METER_ACCOUNT_H
#define METER_ACCOUNT_H

#include "aws/accounts.h"
#include "meter/lane.h"
#include "meter/product.h"

struct account {
	const struct aws *aws;
	struct lane lane;
	struct account *next;
};

/* Gives a product the client of its role and the lane of that account, which is added if need be;
 * once, and not to one that was stopped. A role that cannot be is its product's fault alone, which
 * is stopped. ERR_LOCAL: no memory. */
MUST_CHECK enum status account_open(struct account **list, struct aws_accounts *clients,
	const struct aws_role *role, struct product *product, struct err *err);

/* Names in the log those that were given up. */
void account_log_away(const struct account *list);

void account_free_list(struct account *list);

#endif
