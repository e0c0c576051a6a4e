/* The seller accounts and regions that a run calls, each with its lane. */
#ifndef METER_ACCOUNT_H
#define METER_ACCOUNT_H

#include "aws/client.h"
#include "meter/lane.h"

struct account {
	const struct aws *aws;
	struct lane lane;
	struct account *next;
};

/* The lane of an account, which is added if need be. NULL: no memory. */
struct lane *account_find_lane(struct account **list, const struct aws *aws);

/* Names in the log those that were given up. */
void account_log_away(const struct account *list);

void account_free_list(struct account *list);

#endif
