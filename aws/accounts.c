#include "aws/accounts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { ACCOUNTS_MAX = 1000 }; /* each change of a product's role makes one more, until a restart */

struct account {
	char *role_arn, *external_id, *region; /* "" where it is the base's */
	struct aws *aws;
	struct account *next;
};

struct aws_accounts {
	struct aws *base;
	pthread_mutex_t lock;
	struct account *list;
	int n;
};

static const char *text_of(const char *text)
{
	return text ? text : "";
}

static bool is_for(const struct account *account, const struct aws_role *role)
{
	return !strcmp(account->role_arn, text_of(role->role_arn)) &&
		!strcmp(account->external_id, text_of(role->external_id)) &&
		!strcmp(account->region, text_of(role->region));
}

/* The base's region written out is as if it were not: AWS's quota is of an account and a region, so
 * two clients for them would call twice as often as it allows. */
static struct aws_role role_beside(const struct aws *base, const struct aws_role *role)
{
	struct aws_role beside = *role;

	if (!strcmp(text_of(role->region), aws_region(base)))
		beside.region = "";
	return beside;
}

static bool is_base(const struct aws_role *beside)
{
	return !*text_of(beside->role_arn) && !*text_of(beside->region);
}

static void account_free(struct account *account)
{
	aws_free(account->aws);
	free(account->role_arn);
	free(account->external_id);
	free(account->region);
	free(account);
}

static enum status account_new(
	struct aws *base, const struct aws_role *role, struct account **ret_account, struct err *err)
{
	struct account *account = calloc(1, sizeof *account);
	enum status rc = ERR_LOCAL;

	if (account) {
		account->role_arn = strdup(text_of(role->role_arn));
		account->external_id = strdup(text_of(role->external_id));
		account->region = strdup(text_of(role->region));
	}
	if (!account || !account->role_arn || !account->external_id || !account->region)
		err_set(err, rc, "no memory for a client of AWS");
	else
		rc = aws_new_role(base, role, &account->aws, err);
	if (!rc)
		*ret_account = account;
	else if (account)
		account_free(account);
	return rc;
}

enum status aws_accounts_new(struct aws *base, struct aws_accounts **ret_accounts, struct err *err)
{
	struct aws_accounts *accounts = calloc(1, sizeof *accounts);

	if (!accounts)
		return err_set(err, ERR_LOCAL, "no memory for the seller accounts");
	accounts->base = base;
	pthread_mutex_init(&accounts->lock, NULL);
	*ret_accounts = accounts;
	return OK;
}

void aws_accounts_free(struct aws_accounts *accounts)
{
	if (!accounts)
		return;
	while (accounts->list) {
		struct account *first = accounts->list;

		accounts->list = first->next;
		account_free(first);
	}
	pthread_mutex_destroy(&accounts->lock);
	free(accounts);
}

/* With the lock held. */
static enum status find_or_add(struct aws_accounts *accounts, const struct aws_role *role,
	struct aws **ret_aws, struct err *err)
{
	struct account *account = accounts->list;
	enum status rc;

	while (account && !is_for(account, role))
		account = account->next;
	if (!account) {
		if (accounts->n == ACCOUNTS_MAX)
			return err_set(err, ERR_LOCAL, "over %d roles and regions are in use; restart",
				ACCOUNTS_MAX);
		rc = account_new(accounts->base, role, &account, err);
		if (rc)
			return rc;
		account->next = accounts->list;
		accounts->list = account;
		accounts->n++;
	}
	*ret_aws = account->aws;
	return OK;
}

enum status aws_accounts_get(struct aws_accounts *accounts, const struct aws_role *role,
	struct aws **ret_aws, struct err *err)
{
	const struct aws_role beside = role_beside(accounts->base, role);
	enum status rc;

	if (is_base(&beside)) {
		*ret_aws = accounts->base;
		return OK;
	}
	pthread_mutex_lock(&accounts->lock);
	rc = find_or_add(accounts, &beside, ret_aws, err);
	pthread_mutex_unlock(&accounts->lock);
	return rc;
}

void aws_accounts_withdraw(struct aws_accounts *accounts)
{
	aws_withdraw(accounts->base);
	pthread_mutex_lock(&accounts->lock);
	for (struct account *at = accounts->list; at; at = at->next)
		aws_withdraw(at->aws);
	pthread_mutex_unlock(&accounts->lock);
}
