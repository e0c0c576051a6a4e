#include "aws/creds.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "aws/creds_ways.h"
#include "aws/env.h"
#include "aws/json.h"
#include "aws/url.h"
#include "base/clock.h"

enum {
	URL_MAX = 2048,
	TOKEN_MAX = 16 * 1024,
	TRIES = 3,
	TRY_MS = 2000,
	PAUSE_MS = 50,
	HTTP_OK = 200,
};

static const char relative[] = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
static const char full[] = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

/* Those that the SDKs call without encryption, beside this machine: ECS, EKS, EKS by IPv6. */
static bool is_known_host(const struct url *url)
{
	struct in6_addr eks, v6;

	if (url_is_loopback(url) || !strcmp(url->host, "169.254.170.2") ||
		!strcmp(url->host, "169.254.170.23"))
		return true;
	return inet_pton(AF_INET6, "fd00:ec2::23", &eks) == 1 &&
		inet_pton(AF_INET6, url->host, &v6) == 1 && !memcmp(&eks, &v6, sizeof eks);
}

static enum status find_url(char ret_url[URL_MAX], struct err *err)
{
	const char *value = env_get(relative), *name = relative, *rest;
	bool below = value != NULL;
	struct url url;
	enum status rc;

	if (!below) {
		value = env_get(full);
		name = full;
	}
	if (!value)
		return err_set(err, ERR_MISSING, "AWS_CONTAINER_CREDENTIALS_… is not set");
	if (below && *value != '/')
		return err_set(err, ERR_INPUT, "%s does not begin with a slash", name);
	if (snprintf(ret_url, URL_MAX, "%s%s", below ? "http://169.254.170.2" : "", value) >= URL_MAX)
		return err_set(err, ERR_INPUT, "%s is over %d characters long", name, URL_MAX);
	for (const char *p = ret_url; *p; p++)
		if (*p <= ' ' || *p > '~')
			return err_set(err, ERR_INPUT, "%s holds a space or another character that no address "
				"has", name);
	rc = url_split(ret_url, &url, &rest, err);
	if (rc)
		return err_wrap(err, rc, "%s is not an address", name);
	if (!url.tls && !is_known_host(&url))
		return err_set(err, ERR_INPUT, "%s is http://%s; plain http is allowed to this machine and "
			"to the addresses of ECS and EKS only (169.254.170.2, 169.254.170.23, [fd00:ec2::23]); "
			"use https", name, url.authority);
	return OK;
}

/* The Authorization header. The file may change, and counts before the variable. */
static enum status find_token(struct buf *token, struct err *err)
{
	static const char file[] = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
	static const char variable[] = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
	const char *path = env_get(file), *value = env_get(variable);
	enum status rc = OK;

	if (path)
		rc = creds_read_file(path, TOKEN_MAX, token, err);
	else if (value) {
		*token = BUF_INIT(TOKEN_MAX);
		buf_puts(token, value);
	}
	if (rc)
		return err_wrap(err, rc, "%s", file);
	if (token->failed)
		return err_set(err, ERR_INPUT, "%s is over %d bytes long", variable, TOKEN_MAX);
	for (const char *p = buf_text(token); *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return err_set(err, ERR_INPUT, "%s holds a line's end or another control character, "
				"which a header cannot have", path ? file : variable);
	return OK;
}

static enum status read_answer(const struct http_answer *answer, struct creds *ret_creds,
	struct err *err)
{
	struct cJSON *json = NULL;
	enum status rc = json_parse(buf_text(&answer->body), answer->body.len, &json, err);

	if (!rc)
		rc = creds_read_json(json, "Token", ret_creds, err);
	json_wipe(json);
	return rc;
}

/* Not one that says that it is too slow, or we too fast. */
static bool is_refusal(int status)
{
	return status >= 400 && status < 500 && status != 408 && status != 429;
}

static enum status ask_once(const struct http *http, const struct creds_question *question,
	struct creds *ret_creds, struct err *err)
{
	struct http_answer answer;
	enum status rc = creds_ask(http, question, &answer, err);

	if (!rc && answer.status == HTTP_OK)
		rc = read_answer(&answer, ret_creds, err);
	else if (!rc) /* what it says may repeat the token */
		rc = err_set(err, is_refusal(answer.status) ? ERR_REMOTE : ERR_RETRY,
			"it answers with HTTP %d", answer.status);
	buf_wipe(&answer.body);
	return rc;
}

static enum status ask(const struct creds_wait *wait, const char *url, const char *token,
	struct creds *ret_creds, struct err *err)
{
	struct creds_question question = { .url = url };
	enum status rc = ERR_RETRY;

	if (*token) {
		question.name = "authorization";
		question.value = token;
	}
	for (int i = 0; i < TRIES && rc == ERR_RETRY; i++) {
		int64_t left_ms;

		if (i)
			clock_sleep_ms((int64_t)PAUSE_MS * i);
		left_ms = wait->deadline_ms - clock_monotonic_ms();
		if (left_ms <= 0)
			break;
		question.timeout_ms = left_ms < TRY_MS ? left_ms : TRY_MS;
		rc = ask_once(wait->http, &question, ret_creds, err);
	}
	return rc;
}

static enum status get(const struct creds_source *self, struct http *http,
	struct creds *ret_creds, struct err *err)
{
	__attribute__((cleanup(buf_wipe))) struct buf token = { 0 };
	struct creds_wait wait = creds_wait_for(http);
	char url[URL_MAX];
	enum status rc = find_url(url, err);

	(void)self;
	if (rc)
		return rc;
	if (!http)
		return creds_wait_refuse("the container's endpoint", err);
	rc = find_token(&token, err);
	if (!rc)
		rc = ask(&wait, url, buf_text(&token), ret_creds, err);
	/* Not all of the address: a seller may have put something secret behind the host. */
	snprintf(ret_creds->origin, sizeof ret_creds->origin, "%s",
		env_get(relative) ? relative : full);
	return rc ? err_wrap(err, rc, "%s", ret_creds->origin) : OK;
}

const struct creds_source creds_container = { "container", get };
