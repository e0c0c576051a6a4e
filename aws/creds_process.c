#include "aws/creds_ways.h"

#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "aws/json.h"

enum { WORDS_MAX = 64, OUTPUT_MAX = 64 * 1024 };

static bool is_blank(char c)
{
	return c && strchr(" \t\r\n", c);
}

/* Copies one word and its end; *at is behind it then. False: a quotation mark has no partner. */
static bool copy_word(const char **at, struct buf *to)
{
	const char *p = *at;
	char quote = '\0';

	for (; *p && (quote || !is_blank(*p)); p++) {
		if (quote ? *p == quote : (*p == '\'' || *p == '"')) {
			quote = quote ? '\0' : *p;
		} else if (*p == '\\' && quote != '\'') {
			/* Between double quotes it stands for itself before other characters. */
			if (!p[1])
				return false;
			if (quote && !strchr("\"\\", p[1]))
				buf_putc(to, *p);
			buf_putc(to, *++p);
		} else {
			buf_putc(to, *p);
		}
	}
	buf_putc(to, '\0');
	*at = p;
	return !quote;
}

enum status creds_process_split(const char *command, struct buf *text, char **words, size_t max,
	struct err *err)
{
	size_t n = 0;

	*text = BUF_INIT(strlen(command) + max);
	if (!buf_reserve(text, text->max)) /* words do not move from here on */
		return err_set(err, ERR_LOCAL, "no memory for a command");
	for (;;) {
		command += strspn(command, " \t\r\n");
		if (!*command)
			break;
		if (n + 1 == max)
			return err_set(err, ERR_INPUT, "it has over %zu words", max - 1);
		words[n++] = text->data + text->len;
		if (!copy_word(&command, text))
			return err_set(err, ERR_INPUT, "a quotation mark or backslash in it has nothing to "
				"quote up to");
	}
	words[n] = NULL;
	return n && *words[0] ? OK : err_set(err, ERR_INPUT, "it is empty");
}

static enum status read_output(const struct buf *out, struct creds *ret_creds, struct err *err)
{
	struct cJSON *json = NULL;
	const struct cJSON *version;
	enum status rc = json_parse(buf_text(out), out->len, &json, err);

	if (rc)
		return rc;
	version = cJSON_GetObjectItemCaseSensitive(json, "Version");
	if (!cJSON_IsNumber(version) || version->valuedouble != 1)
		rc = err_set(err, ERR_RETRY, "its answer is not of Version 1, the only one that there is");
	else
		rc = creds_read_json(json, "SessionToken", ret_creds, err);
	json_wipe(json);
	return rc;
}

static enum status run(const char *command, const struct creds_wait *wait,
	struct creds *ret_creds, struct err *err)
{
	__attribute__((cleanup(buf_wipe))) struct buf text = { 0 };
	__attribute__((cleanup(buf_wipe))) struct buf out = BUF_INIT(OUTPUT_MAX);
	char *words[WORDS_MAX];
	enum status rc = creds_process_split(command, &text, words, WORDS_MAX, err);

	if (!rc)
		rc = creds_process_run(words, wait->deadline_ms, &out, err);
	if (rc)
		return rc;
	rc = read_output(&out, ret_creds, err);
	/* It ran to its end and said something else: that stays so until somebody mends it. */
	return rc == ERR_RETRY ? ERR_REMOTE : rc;
}

enum status creds_process_get(const struct profile *profile, const struct creds_wait *wait,
	struct creds *ret_creds, struct err *err)
{
	const char *command = profile_get(profile, "credential_process");
	enum status rc;

	if (!command)
		return err_set(err, ERR_MISSING, "no credential_process");
	if (!wait->http)
		return creds_wait_refuse("a credential_process", err);
	rc = run(command, wait, ret_creds, err);
	if (rc)
		return err_wrap(err, rc, "credential_process of profile \"%s\"", profile->name);
	snprintf(ret_creds->origin, sizeof ret_creds->origin, "credential_process of profile \"%s\"",
		profile->name);
	return OK;
}
