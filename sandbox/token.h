/* Registration tokens: what AWS Marketplace gives a buyer's browser for the seller. */
#ifndef SANDBOX_TOKEN_H
#define SANDBOX_TOKEN_H

#include <stdbool.h>

#include "sandbox/sandbox.h"

enum {
	TOKEN_HASH_SIZE = 65,
	TOKEN_LENGTH = 200,
	TOKEN_LENGTH_MIN = 64,
	TOKEN_LENGTH_MAX =
		64 * 1024, /* as much as a landing page's whole form may have, and so too much */
};

/* What ResolveCustomer answers with. Each member can be shown as set, absent, null or empty. */
enum token_member {
	TOKEN_CUSTOMER_IDENTIFIER,
	TOKEN_PRODUCT_CODE,
	TOKEN_CUSTOMER_AWS_ACCOUNT_ID,
	TOKEN_LICENSE_ARN,
	N_TOKEN_MEMBERS
};
extern const char *const token_members[N_TOKEN_MEMBERS];
extern const char *const token_shapes[]; /* ends with NULL */

/* Whose token, and what it is like. NULL texts and zeros leave the choice to the sandbox. */
struct token_order {
	const char *product_code; /* needed; one that the catalogue lacks makes a token too */
	const char *account;      /* a buyer met before, or a new one with this number */
	const char *license_arn;  /* a license met before in any spelling, or a new one */
	const char *offer_type;
	const char *subscribed_at; /* epoch seconds */
	const char *shapes[N_TOKEN_MEMBERS];
	bool expired;
	size_t length;
};

/* The columns of sql/queries/sandbox/issue_token.sql. */
enum token_column {
	TOKEN_ROW_PROBLEM,
	TOKEN_ROW_TITLE, /* NULL: not in the catalogue */
	TOKEN_ROW_PRODUCT_CODE,
	TOKEN_ROW_CUSTOMER_IDENTIFIER,
	TOKEN_ROW_CUSTOMER_AWS_ACCOUNT_ID,
	TOKEN_ROW_LICENSE_ARN,
	TOKEN_ROW_SHOWS_IDENTIFIER, /* the buyer has a CustomerIdentifier that a seller gets to see */
};

/* NULL, or what is wrong with the texts of an order as a stranger sent them. */
const char *token_check(const struct token_order *order);

/* Makes a token and what it stands for. ret_token: empty, with room for it; only its hash is kept.
 * ERR_INPUT: the order contradicts what was met before; TOKEN_ROW_PROBLEM of the row says how.
 * Others as sandbox_query. */
MUST_CHECK enum status token_issue(struct sandbox *sandbox, const struct request *request,
	const struct token_order *order, struct buf *ret_token, struct db_result *ret_row);

/* What tables know a token by: its SHA-256 in hex. */
void token_hash(const char *token, char ret_hex[TOKEN_HASH_SIZE]);

/* Random text that shows whether a form was decoded just once: it has each of + / = and %2B. */
void token_make(struct buf *out, size_t length);

#endif
