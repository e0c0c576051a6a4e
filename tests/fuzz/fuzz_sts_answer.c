/* What STS, or whoever stands in between, answers: credentials, a caller, or an error. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sts_answer.h"
#include "aws/xml.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

/* As it travels in a header or a log: printable ASCII that ends within its array. */
static void check_text(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	check(len < size);
	for (size_t i = 0; i < len; i++)
		check(text[i] >= ' ' && text[i] <= '~');
}

static void read_creds(const char *action, const char *body, size_t len)
{
	static struct creds creds;
	struct err err = { "" };
	enum status rc = sts_read_creds(action, body, len, &creds, &err);

	check(rc == OK || (rc == ERR_RETRY && *err.text));
	if (rc)
		return;
	check_text(creds.access_key_id, sizeof creds.access_key_id);
	check_text(creds.secret_access_key, sizeof creds.secret_access_key);
	check_text(creds.session_token, sizeof creds.session_token);
	check(*creds.access_key_id && *creds.secret_access_key && *creds.session_token);
}

static void read_caller(const char *body, size_t len)
{
	char account[AWS_ACCOUNT_MAX + 1], arn[AWS_ARN_MAX + 1];
	struct err err = { "" };
	enum status rc = sts_read_caller(body, len, account, arn, &err);

	check(rc == OK || (rc == ERR_RETRY && *err.text));
	if (rc)
		return;
	check(*account && !account[strspn(account, "0123456789")]);
	check_text(arn, sizeof arn);
}

static void read_error(const char *body, size_t len)
{
	struct sts_error error;

	sts_read_error(body, len, &error);
	check_text(error.code, sizeof error.code);
	check_text(error.message, sizeof error.message);
}

/* What is found lies in the document, and holds no element. */
static void read_text(const char *body, size_t len)
{
	struct xml_text text;
	struct err err = { "" };
	enum status rc = xml_find(body, len, "a/b", &text, &err);
	char copy[16];

	check(rc == OK || rc == ERR_MISSING || rc == ERR_RETRY);
	if (rc)
		return;
	check(text.at >= body && text.at + text.len <= body + len);
	check(!text.len || !memchr(text.at, '<', text.len));
	if (xml_copy(&text, copy, sizeof copy))
		check(strnlen(copy, sizeof copy) < sizeof copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of exactly this size, so that reading on past the end is seen. */
	char *body = malloc(size ? size : 1);

	check(body != NULL);
	if (size)
		memcpy(body, data, size);
	read_creds("AssumeRole", body, size);
	read_creds("AssumeRoleWithWebIdentity", body, size);
	read_caller(body, size);
	read_error(body, size);
	read_text(body, size);
	free(body);
	return 0;
}
