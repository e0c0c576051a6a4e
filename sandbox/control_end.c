/* POST /control/subscriptions/end: a license's subscription, or all that an account has of a
 * product, end now by the sandbox's clock. */
#include <stdlib.h>

#include "sandbox/control.h"
#include "sandbox/sandbox.h"
#include "sandbox_queries.h"

static const struct control_member members[] = {
	{ "LicenseArn", CONTROL_TEXT, false },
	{ "CustomerAWSAccountId", CONTROL_TEXT, false },
	{ "ProductCode", CONTROL_TEXT, false },
	{ 0 },
};

/* The columns of sql/queries/sandbox/end_subscription.sql. */
enum column { LICENSE_ARN, ENDED_AT };

static void answer(struct reply *reply, const struct db_result *rows)
{
	auto_json *output = cJSON_CreateObject();
	cJSON *ended = cJSON_CreateArray();

	for (size_t i = 0; i < db_result_rows(rows); i++) {
		cJSON *one = cJSON_CreateObject();

		json_put(one, "LicenseArn", cJSON_CreateString(db_result_text(rows, i, LICENSE_ARN)));
		json_put(
			one, "EndedAt", cJSON_CreateNumber(strtod(db_result_text(rows, i, ENDED_AT), NULL)));
		json_add(ended, one);
	}
	json_put(output, "Subscriptions", ended);
	control_answer(reply, output);
}

void control_end(void *app, struct request *request, struct reply *reply)
{
	auto_json *input = control_read(request, reply, members);
	const char *license = json_text(input, "LicenseArn");
	const char *account = json_text(input, "CustomerAWSAccountId");
	const char *product = json_text(input, "ProductCode");
	auto_result rows = { 0 };

	if (!input)
		return;
	if (license ? account || product : !account || !product) {
		control_refuse(reply, 400,
			"Either LicenseArn, or CustomerAWSAccountId and ProductCode, must say what ends.");
		return;
	}
	if (sandbox_query(app, request, SANDBOX_END_SUBSCRIPTION,
			(const char *const[]){ license, account, product }, 3, &rows))
		control_unavailable(reply);
	else if (!db_result_rows(&rows))
		control_refuse(reply, 400, "There is no such subscription.");
	else
		answer(reply, &rows);
}
