#include "aws/metering.h"

#include <assert.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "aws/call.h"
#include "aws/json.h"
#include "aws/metering_answer.h"
#include "base/text.h"

enum {
	TOKEN_BYTES_MAX = 64 * 1024, /* none is published; a form of that size is the most we take */
	ESCAPED_MAX = 6,             /* a character may become \u001f */
	REQUEST_BYTES_MAX = ESCAPED_MAX * TOKEN_BYTES_MAX + 64,
	ANSWER_BYTES_MAX = 64 * 1024, /* four texts of at most 4 KiB, and members that we do not know */
};

static const char resolve[] = "ResolveCustomer";

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

/* A JSON string of valid UTF-8, byte for byte but for what JSON does not allow in one. */
static void add_json_text(struct buf *out, const char *text)
{
	buf_putc(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_putc(out, '\\');
		if ((unsigned char)*text < ' ')
			buf_printf(out, "\\u%04x", (unsigned)*text);
		else
			buf_putc(out, *text);
	}
	buf_putc(out, '"');
}

static enum status check_token(const struct limits_member *limit, const char *token,
	struct err *err)
{
	size_t len = strlen(token), max = limit->max ? (size_t)limit->max : TOKEN_BYTES_MAX;

	if (len < (size_t)limit->min)
		return err_set(err, ERR_INPUT, "%s: the token is empty", resolve);
	if (len > max)
		return err_set(err, ERR_INPUT, "%s: the token is over %zu characters long", resolve, max);
	if (!text_is_utf8(token, len))
		return err_set(err, ERR_INPUT, "%s: the token is not UTF-8 text", resolve);
	if (limit->pattern == LIMITS_NO_SPACE && token[strcspn(token, " \t\n\v\f\r")])
		return err_set(err, ERR_INPUT, "%s: the token has white space in it, which the reference "
			"of 2019 rules out", resolve);
	return OK;
}

static enum status read_member(const struct limits_action *action, const struct slot *slot,
	const struct cJSON *json, struct metering_customer *who, struct err *err)
{
	const struct limits_member *limit = limits_find_member(action->answer, slot->name);
	const char *value = cJSON_GetStringValue(json);
	size_t max = limit && limit->max ? (size_t)limit->max : slot->size - 1;
	size_t len;

	if (cJSON_IsNull(json))
		return OK;
	if (!value)
		return err_set(err, ERR_RETRY, "%s in AWS's answer is not a string", slot->name);
	assert(max < slot->size);
	len = strlen(value);
	if (len > max)
		return err_set(err, ERR_RETRY, "%s in AWS's answer is %zu bytes long; the most is %zu",
			slot->name, len, max);
	/* Of the patterns only this one matters: pages show the account's last digits. An ARN is taken
	 * in any spelling, as AWS itself writes it in more than one. */
	if (limit && limit->pattern == LIMITS_DIGITS && strspn(value, "0123456789") != len)
		return err_set(err, ERR_RETRY, "%s in AWS's answer is not made of digits", slot->name);
	memcpy((char *)who + slot->offset, value, len + 1);
	return OK;
}

static enum status check_customer(const struct metering_customer *who, struct err *err)
{
	if (!*who->product_code)
		return err_set(err, ERR_RETRY, "AWS's answer has no ProductCode");
	if (!*who->customer_identifier && !*who->customer_aws_account_id && !*who->license_arn)
		return err_set(err, ERR_RETRY, "AWS's answer names no customer: it has no "
			"CustomerIdentifier, no CustomerAWSAccountId and no LicenseArn");
	return OK;
}

static enum status read_customer(const struct limits *limits, const struct cJSON *json,
	struct metering_customer *ret_who, struct err *err)
{
	const struct limits_action *action = limits_find_action(limits, resolve);
	struct metering_customer who = { 0 };
	bool seen[N_SLOTS] = { false };
	enum status rc = OK;

	for (const struct cJSON *child = json->child; child && !rc; child = child->next) {
		size_t i = 0;

		while (i < N_SLOTS && strcmp(slots[i].name, child->string) != 0)
			i++;
		if (i == N_SLOTS)
			continue;
		if (seen[i])
			return err_set(err, ERR_RETRY, "AWS's answer has %s twice", slots[i].name);
		seen[i] = true;
		rc = read_member(action, &slots[i], child, &who, err);
	}
	if (!rc)
		rc = check_customer(&who, err);
	if (!rc)
		*ret_who = who;
	return rc;
}

enum status metering_parse_customer(const struct limits *limits, const char *body, size_t len,
	struct metering_customer *ret_who, struct err *err)
{
	struct cJSON *json = NULL;
	enum status rc = json_parse(body, len, &json, err);

	if (!rc)
		rc = read_customer(limits, json, ret_who, err);
	cJSON_Delete(json);
	return rc;
}

enum status metering_resolve(struct aws *aws, const char *token, int64_t deadline_ms,
	struct metering_customer *ret_who, struct aws_answer *ret_answer, struct err *err)
{
	__attribute__((cleanup(buf_wipe))) struct buf body = BUF_INIT(REQUEST_BYTES_MAX);
	const struct limits_action *action = limits_find_action(aws->limits, resolve);
	struct aws_call call = { resolve, &body, token, ANSWER_BYTES_MAX, deadline_ms, false };
	struct cJSON *json = NULL;
	enum status rc = check_token(&action->request[0], token, err);

	*ret_answer = (struct aws_answer){ 0 };
	if (rc)
		return rc;
	/* At once: memory that the buffer outgrows is not wiped. */
	buf_reserve(&body, strlen(token) * ESCAPED_MAX + 64);
	buf_puts(&body, "{\"RegistrationToken\":");
	add_json_text(&body, token);
	buf_putc(&body, '}');
	if (body.failed)
		return err_set(err, ERR_LOCAL, "%s: no memory for the request", resolve);
	rc = aws_call(aws, &call, &json, ret_answer, err);
	if (rc)
		return rc;
	rc = read_customer(aws->limits, json, ret_who, err);
	cJSON_Delete(json);
	return rc ? err_wrap(err, rc, "%s", resolve) : OK;
}
