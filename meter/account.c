#include "meter/account.h"

#include <stdlib.h>

#include "base/log.h"

static struct lane *find_lane(struct account **list, const struct aws *aws)
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

enum status account_open(struct account **list, struct aws_accounts *clients,
	const struct aws_role *role, struct product *product, struct err *err)
{
	struct err why;

	if (product->aws || product->stopped)
		return OK;
	if (aws_accounts_get(clients, role, &product->aws, &why)) {
		product_stop(product, why.text);
		return OK;
	}
	product->lane = find_lane(list, product->aws);
	return product->lane ? OK : err_set(err, ERR_LOCAL, "no memory for an account");
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
