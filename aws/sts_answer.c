#include "aws/sts_answer.h"

#include <stdio.h>
#include <string.h>

#include "aws/error.h"
#include "aws/xml.h"

enum { PATH_MAX_CHARS = 160, TIME_MAX = 64, MESSAGE_MAX = 2048 };

/* Reads an element below the action's result. */
static enum status read_text(const char *action, const char *name, const char *body, size_t len,
	struct buf *ret_text, struct err *err)
{
	char path[PATH_MAX_CHARS];
	struct xml_text text;
	enum status rc;

	snprintf(path, sizeof path, "%sResponse/%sResult/%s", action, action, name);
	rc = xml_find(body, len, path, &text, err);
	if (rc)
		return err_wrap(err, ERR_RETRY, "%s", action);
	buf_reset(ret_text);
	if (!buf_reserve(ret_text, ret_text->max) ||
		!xml_copy(&text, ret_text->data, ret_text->max + 1))
		return err_set(err, ERR_RETRY, "%s: %s is too long, or has an entity that is not known",
			action, name);
	ret_text->len = strlen(ret_text->data);
	return OK;
}

#define SECRET(name, max_bytes) \
	__attribute__((cleanup(buf_wipe))) struct buf name = BUF_INIT(max_bytes)

enum status sts_read_creds(const char *action, const char *body, size_t len,
	struct creds *ret_creds, struct err *err)
{
	SECRET(id, CREDS_KEY_MAX);
	SECRET(secret, CREDS_KEY_MAX);
	SECRET(token, CREDS_TOKEN_MAX);
	SECRET(expiration, TIME_MAX);
	int64_t expires_s;
	enum status rc = read_text(action, "Credentials/AccessKeyId", body, len, &id, err);

	if (!rc)
		rc = read_text(action, "Credentials/SecretAccessKey", body, len, &secret, err);
	if (!rc)
		rc = read_text(action, "Credentials/SessionToken", body, len, &token, err);
	if (!rc)
		rc = read_text(action, "Credentials/Expiration", body, len, &expiration, err);
	if (rc)
		return rc;
	if (!token.len || !creds_parse_time(buf_text(&expiration), &expires_s))
		return err_set(err, ERR_RETRY, "%s: the credentials have no %s", action,
			token.len ? "time at which they expire" : "session token");
	rc = creds_set(ret_creds, buf_text(&id), buf_text(&secret), buf_text(&token), err);
	if (rc)
		return err_wrap(err, ERR_RETRY, "%s", action);
	ret_creds->expires_s = expires_s;
	ret_creds->reread_s = 0;
	ret_creds->background = true;
	return OK;
}

enum status sts_read_caller(const char *body, size_t len, char ret_account[AWS_ACCOUNT_MAX + 1],
	char ret_arn[AWS_ARN_MAX + 1], struct err *err)
{
	static const char action[] = "GetCallerIdentity";
	auto_buf account = BUF_INIT(AWS_ACCOUNT_MAX);
	auto_buf arn = BUF_INIT(AWS_ARN_MAX);
	enum status rc = read_text(action, "Account", body, len, &account, err);

	if (!rc)
		rc = read_text(action, "Arn", body, len, &arn, err);
	if (rc)
		return rc;
	if (!account.len || strspn(buf_text(&account), "0123456789") != account.len)
		return err_set(err, ERR_RETRY, "%s: the account is not made of digits", action);
	for (const char *p = buf_text(&arn); *p; p++)
		if (*p <= ' ' || *p > '~')
			return err_set(err, ERR_RETRY, "%s: the ARN has a character that none has", action);
	memcpy(ret_account, buf_text(&account), account.len + 1);
	memcpy(ret_arn, buf_text(&arn), arn.len + 1);
	return OK;
}

static bool read_part(const char *path, const char *body, size_t len, char *to, size_t size)
{
	struct xml_text text;
	struct err ignored; /* a body that is not STS's is a proxy's: the status has to do */

	to[0] = '\0';
	return !xml_find(body, len, path, &text, &ignored) && xml_copy(&text, to, size);
}

void sts_read_error(const char *body, size_t len, struct sts_error *ret_error)
{
	char code[sizeof ret_error->code], message[MESSAGE_MAX];

	ret_error->code[0] = ret_error->message[0] = '\0';
	if (read_part("ErrorResponse/Error/Code", body, len, code, sizeof code))
		error_normalise(code, ret_error->code, sizeof ret_error->code);
	if (read_part("ErrorResponse/Error/Message", body, len, message, sizeof message))
		error_copy_message(message, ret_error->message, sizeof ret_error->message);
}
