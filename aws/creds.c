#include "aws/creds.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

const struct creds_source *const creds_sources[] = {
	&creds_env, &creds_profile, &creds_container, &creds_imds, NULL,
};

/* One of the texts: its name in messages, where it goes, and what it may hold beside printable
 * characters. All of them travel in a header or a signature, so a line's end must never pass. */
static enum status put(char *to, size_t max, const char *name, const char *value, struct err *err)
{
	size_t len = strlen(value);

	if (!len)
		return err_set(err, ERR_INPUT, "the %s is empty", name);
	if (len > max)
		return err_set(err, ERR_INPUT, "the %s is over %zu characters long", name, max);
	for (size_t i = 0; i < len; i++)
		if (value[i] <= ' ' || value[i] > '~' || strchr("\"'", value[i]))
			return err_set(err, ERR_INPUT, "the %s holds a quotation mark, a space or another "
				"character that none can have", name);
	memcpy(to, value, len + 1);
	return OK;
}

enum status creds_set(struct creds *ret_creds, const char *access_key_id,
	const char *secret_access_key, const char *session_token, struct err *err)
{
	enum status rc = put(ret_creds->access_key_id, CREDS_KEY_MAX, "access key id", access_key_id,
		err);

	ret_creds->session_token[0] = '\0';
	if (!rc)
		rc = put(ret_creds->secret_access_key, CREDS_KEY_MAX, "secret access key",
			secret_access_key, err);
	if (!rc && session_token && *session_token)
		rc = put(ret_creds->session_token, CREDS_TOKEN_MAX, "session token", session_token, err);
	return rc;
}

/* "what: first; second" */
static void append(struct err *all, const char *text)
{
	struct err both;

	err_set(&both, ERR_MISSING, "%s%s%s", all->text, strchr(all->text, ':') ? "; " : ": ", text);
	*all = both;
}

enum status creds_chain_get(const struct creds_source *const *sources, struct http *http,
	struct creds *ret_creds, struct err *err)
{
	struct err all;

	err_set(&all, ERR_MISSING, "no credentials for AWS");
	for (; *sources; sources++) {
		enum status rc = (*sources)->get(*sources, http, ret_creds, err);

		if (!rc)
			return OK;
		if (rc != ERR_MISSING) {
			creds_wipe(ret_creds);
			return err_wrap(err, rc, "credentials from the %s", (*sources)->name);
		}
		append(&all, err->text);
	}
	*err = all;
	return ERR_MISSING;
}

bool creds_parse_time(const char *text, int64_t *ret_epoch_s)
{
	struct tm utc = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &utc);
	int hours = 0, minutes = 0, end = 0;
	char sign[2] = "+";

	if (!rest)
		return false;
	if (*rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	if (strcmp(rest, "Z") != 0 &&
		(sscanf(rest, "%1[+-]%2d:%2d%n", sign, &hours, &minutes, &end) != 3 || rest[end]))
		return false;
	*ret_epoch_s = (int64_t)timegm(&utc) - (*sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
	return true;
}

bool creds_equal(const struct creds *a, const struct creds *b)
{
	return !strcmp(a->access_key_id, b->access_key_id) &&
		!strcmp(a->secret_access_key, b->secret_access_key) &&
		!strcmp(a->session_token, b->session_token);
}

void creds_wipe(struct creds *creds)
{
	explicit_bzero(creds, sizeof *creds);
}
