#include "aws/metering.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "aws/json.h"
#include "aws/metering_answer.h"
#include "aws/metering_read.h"
#include "aws/metering_write.h"

enum {
	ESCAPED_MAX = 6,              /* a character may become \u001f */
	ANSWER_BYTES_MAX = 64 * 1024, /* four texts of at most 4 KiB, and members that we do not know */
};

static const char action[] = "ResolveCustomer";

/* Where the members of an answer go. */
static const struct slot {
	const char *name;
	size_t offset, size;
} slots[] = {
#define SLOT(name, member) \
	{ name, offsetof(struct metering_customer, member), \
		sizeof(((struct metering_customer *)0)->member) }
	SLOT("ProductCode", product_code),
	SLOT("CustomerIdentifier", customer_identifier),
	SLOT("CustomerAWSAccountId", customer_aws_account_id),
	SLOT("LicenseArn", license_arn),
};

enum { N_SLOTS = sizeof slots / sizeof slots[0] };

static enum status check_customer(const struct metering_customer *who, struct err *err)
{
	const char *account = who->customer_aws_account_id;

	/* Of the patterns only this one matters: pages show the account's last digits. An ARN is taken
	 * in any spelling, as AWS itself writes it in more than one. */
	if (account[strspn(account, "0123456789")])
		return err_set(err, ERR_RETRY, "CustomerAWSAccountId in AWS's answer is not made of "
			"digits");
	if (!*who->product_code)
		return err_set(err, ERR_RETRY, "AWS's answer has no ProductCode");
	if (!*who->customer_identifier && !*account && !*who->license_arn)
		return err_set(err, ERR_RETRY, "AWS's answer names no customer: it has no "
			"CustomerIdentifier, no CustomerAWSAccountId and no LicenseArn");
	return OK;
}

static enum status read_customer(const struct cJSON *json, struct metering_customer *ret_who,
	struct err *err)
{
	struct metering_customer who = { 0 };
	enum status rc = OK;

	for (size_t i = 0; i < N_SLOTS && !rc; i++)
		rc = metering_read_text_to(json, slots[i].name, (char *)&who + slots[i].offset,
			slots[i].size, err);
	if (!rc)
		rc = check_customer(&who, err);
	if (!rc)
		*ret_who = who;
	return rc;
}

enum status metering_parse_customer(const char *body, size_t len,
	struct metering_customer *ret_who, struct err *err)
{
	struct cJSON *json = NULL;
	enum status rc = json_parse(body, len, &json, err);

	if (!rc)
		rc = read_customer(json, ret_who, err);
	cJSON_Delete(json);
	return rc;
}

enum status metering_resolve(struct aws *aws, const char *token, int64_t deadline_ms,
	struct metering_customer *ret_who, struct aws_answer *ret_answer, struct err *err)
{
	auto_metering_writer request;
	const struct aws_call call = { .secret = token, .answer_bytes_max = ANSWER_BYTES_MAX,
		.deadline_ms = deadline_ms };
	struct cJSON *json = NULL;
	enum status rc;

	metering_write_begin(&request, aws->limits, action, strlen(token) * ESCAPED_MAX + 64, err);
	metering_write_text(&request, "RegistrationToken", token);
	rc = metering_send(&request, aws, call, &json, ret_answer);
	if (rc)
		return rc;
	rc = read_customer(json, ret_who, err);
	cJSON_Delete(json);
	return rc ? metering_nonsense(action, ret_answer, err) : OK;
}
