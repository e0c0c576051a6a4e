#include "sandbox/token.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/sha.h>

#include "base/text.h"
#include "sandbox_queries.h"

enum {
	ACCOUNT_SIZE = 13,
	IDENTIFIER_RANDOM = 10, /* bytes */
	LICENSE_RANDOM = 16,
	PRODUCT_CODE_MAX = 255,
	LICENSE_ARN_MAX = 1344,
};

const char *const token_members[N_TOKEN_MEMBERS] = {
	[TOKEN_CUSTOMER_IDENTIFIER] = "CustomerIdentifier",
	[TOKEN_PRODUCT_CODE] = "ProductCode",
	[TOKEN_CUSTOMER_AWS_ACCOUNT_ID] = "CustomerAWSAccountId",
	[TOKEN_LICENSE_ARN] = "LicenseArn",
};

const char *const token_shapes[] = { "set", "absent", "null", "empty", NULL };

void token_hash(const char *token, char ret_hex[TOKEN_HASH_SIZE])
{
	unsigned char hash[SHA256_DIGEST_LENGTH];

	SHA256((const unsigned char *)token, strlen(token), hash);
	text_hex(hash, sizeof hash, ret_hex);
}

void token_make(struct buf *out, size_t length)
{
	static const char *const marks[] = { "+", "/", "%2B", "==" };
	enum { N_MARKS = 4, MARK_CHARS = 7 };
	auto_buf random = BUF_INIT(length), text = BUF_INIT(2 * length);
	size_t piece = (length - MARK_CHARS) / N_MARKS, at = 0;
	char *bytes = buf_reserve(&random, length);

	if (!bytes) {
		out->failed = true;
		return;
	}
	text_random(bytes, length);
	text_base64url(&text, bytes, length);
	for (size_t i = 0; i < N_MARKS; i++) {
		size_t len = i < N_MARKS - 1 ? piece : length - MARK_CHARS - at;

		buf_add(out, buf_text(&text) + at, len);
		buf_puts(out, marks[i]);
		at += len;
	}
	out->failed |= text.failed;
}

static bool is_product_code(const char *code)
{
	size_t len = strlen(code);

	return len >= 1 && len <= PRODUCT_CODE_MAX &&
		strspn(code, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-/=:_.@") ==
		len;
}

static bool is_account(const char *account)
{
	return strlen(account) == 12 && strspn(account, "0123456789") == 12;
}

/* Any spelling: AWS has several itself. */
static bool is_license(const char *arn)
{
	size_t len = strlen(arn);

	for (const char *at = arn; *at; at++)
		if (!isgraph((unsigned char)*at))
			return false;
	return len >= 1 && len <= LICENSE_ARN_MAX;
}

static const char *check_texts(const struct token_order *order)
{
	if (!is_product_code(order->product_code))
		return "ProductCode must have 1 to 255 of a-z A-Z 0-9 - / = : _ . @";
	if (order->offer_type && strcmp(order->offer_type, "free-trial") != 0)
		return "OfferType must be \"free-trial\", or left out";
	if (order->account && !is_account(order->account))
		return "CustomerAWSAccountId must have 12 digits";
	if (order->license_arn && !is_license(order->license_arn))
		return "LicenseArn must have 1 to 1344 printable ASCII characters without blanks";
	return NULL;
}

static const char *check_shapes(const struct token_order *order)
{
	for (size_t i = 0; i < N_TOKEN_MEMBERS; i++) {
		const char *const *shape = token_shapes;

		while (order->shapes[i] && *shape && strcmp(*shape, order->shapes[i]) != 0)
			shape++;
		if (!*shape)
			return "A member of ResolveShape must be \"set\", \"absent\", \"null\" or \"empty\"";
	}
	return NULL;
}

const char *token_check(const struct token_order *order)
{
	const char *problem = check_texts(order);

	return problem ? problem : check_shapes(order);
}

static void make_account(char ret_account[ACCOUNT_SIZE])
{
	uint64_t random;

	text_random(&random, sizeof random);
	snprintf(ret_account, ACCOUNT_SIZE, "%012" PRIu64, random % 1000000000000);
}

static void make_hex(char *ret_hex, size_t bytes)
{
	unsigned char random[LICENSE_RANDOM];

	text_random(random, bytes);
	text_hex(random, bytes, ret_hex);
}

enum status token_issue(struct sandbox *sandbox, const struct request *request,
	const struct token_order *order, struct buf *ret_token, struct db_result *ret_row)
{
	char hash[TOKEN_HASH_SIZE], account[ACCOUNT_SIZE], hex[2 * LICENSE_RANDOM + 1];
	char identifier[100], license[100];
	enum status rc;

	token_make(ret_token, order->length ? order->length : TOKEN_LENGTH);
	token_hash(buf_text(ret_token), hash);
	make_account(account);
	make_hex(hex, IDENTIFIER_RANDOM);
	snprintf(identifier, sizeof identifier, "cust-%s", hex);
	make_hex(hex, LICENSE_RANDOM);
	snprintf(license, sizeof license, "arn:aws:license-manager::%s:license:l-%s",
		order->account ? order->account : account, hex);
	/* What is new is chosen here and not in SQL, so that the statement is safe to repeat. */
	rc = sandbox_query(sandbox, request, SANDBOX_ISSUE_TOKEN,
		(const char *const[]){ hash, order->product_code, order->account, order->license_arn,
			account, identifier, license, order->offer_type, order->expired ? "true" : "false",
			order->subscribed_at, order->shapes[TOKEN_CUSTOMER_IDENTIFIER],
			order->shapes[TOKEN_PRODUCT_CODE], order->shapes[TOKEN_CUSTOMER_AWS_ACCOUNT_ID],
			order->shapes[TOKEN_LICENSE_ARN] },
		14, ret_row);
	if (rc == ERR_INPUT || ret_token->failed)
		return ERR_LOCAL; /* the texts were checked, so this is no fault of the caller's */
	return !rc && db_result_text(ret_row, 0, TOKEN_ROW_PROBLEM) ? ERR_INPUT : rc;
}
