/* ResolveCustomer: trades a registration token for who the buyer is (API reference:
 * ResolveCustomer). The same token gives the same answer until it expires. */
#include <string.h>

#include "sandbox/actions.h"
#include "sandbox/token.h"
#include "sandbox_queries.h"

/* The columns of sql/queries/sandbox/find_token.sql. Each member of the answer has two: its value,
 * and how it is shown. */
enum column {
	EXPIRED,
	CUSTOMER_IDENTIFIER,
	CUSTOMER_IDENTIFIER_SHAPE,
	PRODUCT_CODE,
	PRODUCT_CODE_SHAPE,
	CUSTOMER_AWS_ACCOUNT_ID,
	CUSTOMER_AWS_ACCOUNT_ID_SHAPE,
	LICENSE_ARN,
	LICENSE_ARN_SHAPE,
};

static const struct {
	const char *name;
	enum column value, shape;
} members[] = {
	{ "CustomerIdentifier", CUSTOMER_IDENTIFIER, CUSTOMER_IDENTIFIER_SHAPE },
	{ "ProductCode", PRODUCT_CODE, PRODUCT_CODE_SHAPE },
	{ "CustomerAWSAccountId", CUSTOMER_AWS_ACCOUNT_ID, CUSTOMER_AWS_ACCOUNT_ID_SHAPE },
	{ "LicenseArn", LICENSE_ARN, LICENSE_ARN_SHAPE },
};

static bool find_token(struct call *call, const char *token, struct db_result *ret_result)
{
	char hash[TOKEN_HASH_SIZE];
	const char *const values[] = { hash };

	token_hash(token, hash);
	if (!sandbox_query(call->sandbox, call->request, SANDBOX_FIND_TOKEN, values, 1, ret_result))
		return true;
	call_refuse(call, REFUSAL_OUR_DATABASE, "The sandbox cannot reach its database.");
	return false;
}

static void answer(struct call *call, const struct db_result *row)
{
	auto_json *output = cJSON_CreateObject();

	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		const char *shape = db_result_text(row, 0, members[i].shape);
		const char *value = db_result_text(row, 0, members[i].value);

		if (!strcmp(shape, "set"))
			json_put(output, members[i].name, cJSON_CreateString(value));
		else if (!strcmp(shape, "empty"))
			json_put(output, members[i].name, cJSON_CreateString(""));
		else if (!strcmp(shape, "null"))
			json_put(output, members[i].name, cJSON_CreateNull());
	}
	call_answer(call, output);
}

static void handle(struct call *call)
{
	const char *token = json_text(call->input, "RegistrationToken");
	auto_result row = { 0 };
	struct call_match match = { 0 };

	if (!find_token(call, token, &row))
		return;
	if (db_result_rows(&row)) {
		match.customer_identifier = db_result_text(&row, 0, CUSTOMER_IDENTIFIER);
		match.license_arn = db_result_text(&row, 0, LICENSE_ARN);
	}
	if (!call_begin(call, &match))
		return;
	if (!db_result_rows(&row))
		call_refuse(call, REFUSAL_BAD_TOKEN, "Registration token is invalid.");
	else if (*db_result_text(&row, 0, EXPIRED) == 't')
		call_refuse(call, REFUSAL_EXPIRED_TOKEN, "The submitted registration token has expired.");
	else
		answer(call, &row);
}

const struct action action_resolve_customer = { "ResolveCustomer", handle };
