/* POST /control/tokens: a buyer, their subscription, and a token for it. */
#include <string.h>

#include "sandbox/control.h"
#include "sandbox/token.h"

static const struct control_member members[] = {
	{ "ProductCode", CONTROL_TEXT, true },
	{ "OfferType", CONTROL_TEXT, false },
	{ "Kind", CONTROL_TEXT, false },
	{ "SubscribedAt", CONTROL_NUMBER, false },
	{ "CustomerAWSAccountId", CONTROL_TEXT, false },
	{ "LicenseArn", CONTROL_TEXT, false },
	{ "ResolveShape", CONTROL_OBJECT, false },
	{ "Length", CONTROL_NUMBER, false },
	{ 0 },
};

static const struct control_member shape_members[] = {
	{ "CustomerIdentifier", CONTROL_TEXT, false },
	{ "ProductCode", CONTROL_TEXT, false },
	{ "CustomerAWSAccountId", CONTROL_TEXT, false },
	{ "LicenseArn", CONTROL_TEXT, false },
	{ 0 },
};

static const char *read_numbers(
	const cJSON *input, struct token_order *order, char epoch[CONTROL_EPOCH_SIZE])
{
	const cJSON *subscribed = json_member(input, "SubscribedAt");
	const cJSON *length = json_member(input, "Length");

	if (subscribed) {
		if (!control_epoch(subscribed, epoch))
			return "SubscribedAt must be epoch seconds between 2000 and 2100";
		order->subscribed_at = epoch;
	}
	if (length) {
		if (!json_whole(length, TOKEN_LENGTH_MIN, TOKEN_LENGTH_MAX))
			return "Length must be a whole number from 64 to 65536";
		order->length = (size_t)length->valuedouble;
	}
	return NULL;
}

static void put_text(cJSON *object, const char *name, const char *text)
{
	json_put(object, name, cJSON_CreateString(text));
}

static void issue(struct sandbox *sandbox, const struct request *request, struct reply *reply,
	const struct token_order *order)
{
	auto_buf token = BUF_INIT(TOKEN_LENGTH_MAX);
	auto_result row = { 0 };
	auto_json *output = cJSON_CreateObject();
	enum status rc = token_issue(sandbox, request, order, &token, &row);

	if (rc == ERR_INPUT) {
		control_refuse(reply, 400, "%s", db_result_text(&row, 0, TOKEN_ROW_PROBLEM));
		return;
	}
	if (rc) {
		control_unavailable(reply);
		return;
	}
	put_text(output, "RegistrationToken", buf_text(&token));
	if (*db_result_text(&row, 0, TOKEN_ROW_SHOWS_IDENTIFIER) == 't')
		put_text(
			output, "CustomerIdentifier", db_result_text(&row, 0, TOKEN_ROW_CUSTOMER_IDENTIFIER));
	put_text(
		output, "CustomerAWSAccountId", db_result_text(&row, 0, TOKEN_ROW_CUSTOMER_AWS_ACCOUNT_ID));
	put_text(output, "LicenseArn", db_result_text(&row, 0, TOKEN_ROW_LICENSE_ARN));
	put_text(output, "ProductCode", db_result_text(&row, 0, TOKEN_ROW_PRODUCT_CODE));
	control_answer(reply, output);
}

void control_tokens(void *app, struct request *request, struct reply *reply)
{
	auto_json *input = control_read(request, reply, members);
	const cJSON *shape = input ? json_member(input, "ResolveShape") : NULL;
	struct token_order order = { 0 };
	char epoch[CONTROL_EPOCH_SIZE];
	const char *kind, *problem;

	if (!input || (shape && !control_check(reply, "ResolveShape", shape, shape_members)))
		return;
	kind = json_text(input, "Kind");
	order.product_code = json_text(input, "ProductCode");
	order.account = json_text(input, "CustomerAWSAccountId");
	order.license_arn = json_text(input, "LicenseArn");
	order.offer_type = json_text(input, "OfferType");
	order.expired = kind && !strcmp(kind, "expired");
	for (size_t i = 0; shape && i < N_TOKEN_MEMBERS; i++)
		order.shapes[i] = json_text(shape, token_members[i]);
	problem = token_check(&order);
	if (!problem && kind && !order.expired && strcmp(kind, "valid") != 0)
		problem = "Kind must be \"valid\" or \"expired\"";
	if (!problem)
		problem = read_numbers(input, &order, epoch);
	if (problem)
		control_refuse(reply, 400, "%s.", problem);
	else
		issue(app, request, reply, &order);
}
