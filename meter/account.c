#include "meter/account.h"

#include <stdlib.h>

#include "base/log.h"

struct lane *account_find_lane(struct account **list, const struct aws *aws)
{
	struct account *account = *list;

	while (account && account->aws != aws)
		account = account->next;
	if (account)
		return &account->lane;
	account = calloc(1, sizeof *account);
	if (!account)
		return NULL;
	account->aws = aws;
	account->next = *list;
	*list = account;
	return &account->lane;
}

void account_log_away(const struct account *list)
{
	for (const struct account *at = list; at; at = at->next)
		if (at->lane.given_up)
			log_event(LOG_WARN, "aws_away", LOG_TEXT("endpoint", aws_endpoint(at->aws)),
				LOG_TEXT("region", aws_region(at->aws)));
}

void account_free_list(struct account *list)
{
	while (list) {
		struct account *first = list;

		list = first->next;
		free(first);
	}
}
