#include "aws/sts.h"

#include <stdio.h>
#include <string.h>

#include "aws/error.h"
#include "aws/signature.h"
#include "aws/sts_answer.h"
#include "aws/url.h"
#include "base/clock.h"
#include "base/text.h"

enum {
	TRIES_MAX = 3,
	PAUSE_MS = 50, /* before the second try, and twice that before the third */
	/* Each byte may become three; a role's texts are short beside a token. */
	FORM_BYTES_MAX = 3 * (STS_TOKEN_MAX + STS_ROLE_ARN_MAX) + 8 * 1024,
	ANSWER_BYTES_MAX = 64 * 1024,
	ANSWER_BYTES = 16 * 1024, /* what a session token and all around it take */
	SESSION_NAME_MAX = 64,
	EXTERNAL_ID_MAX = 1224,
	CLOCKS_AGREE_S = 4 * 60, /* as the signer has it */
	HTTP_OK = 200,
};

static const char content_type[] = "application/x-www-form-urlencoded; charset=utf-8";

static const char advice_auth[] = ". Check these credentials, and this machine's clock";

/* One action, over all its tries. */
struct exchange {
	struct sts *sts;
	const char *action;
	const struct creds *creds; /* NULL: unsigned */
	const char *secret;        /* what no error text may repeat */
	const char *advice;        /* where STS refuses */
	struct buf form;
	int64_t clock_off_s;
	bool set_clock;
	struct signature signature;
	struct http_answer answer;
};

static bool is_text_of(const char *text, size_t min, size_t max, const char *others)
{
	static const char word[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-";
	size_t len = strlen(text);

	if (len < min || len > max)
		return false;
	for (; *text; text++)
		if (!strchr(word, *text) && !strchr(others, *text))
			return false;
	return true;
}

enum status sts_check_role(const struct sts_role *role, struct err *err)
{
	if (!is_text_of(role->role_arn, STS_ROLE_ARN_MIN, STS_ROLE_ARN_MAX, ":/") ||
		strncmp(role->role_arn, "arn:", 4) != 0)
		return err_set(err, ERR_INPUT, "\"%.100s\" is not a role's ARN, such as "
			"arn:aws:iam::123456789012:role/name", role->role_arn);
	if (role->session_name && !is_text_of(role->session_name, 2, SESSION_NAME_MAX, ""))
		return err_set(err, ERR_INPUT, "the role's session name is \"%.100s\"; allowed are 2 to %d "
			"letters, digits and _+=,.@-", role->session_name, SESSION_NAME_MAX);
	/* It is meant to be no secret, but sellers may take it for one. */
	if (role->external_id && !is_text_of(role->external_id, 2, EXTERNAL_ID_MAX, ":/"))
		return err_set(err, ERR_INPUT, "the role's external id is wrong; allowed are 2 to %d "
			"letters, digits and _+=,.@:/-", EXTERNAL_ID_MAX);
	if (role->duration_s &&
		(role->duration_s < STS_DURATION_MIN_S || role->duration_s > STS_DURATION_MAX_S))
		return err_set(err, ERR_INPUT, "the role's duration is %ld s; allowed is %d to %d",
			role->duration_s, STS_DURATION_MIN_S, STS_DURATION_MAX_S);
	return OK;
}

static void add_field(struct buf *form, const char *name, const char *value)
{
	buf_printf(form, "&%s=", name);
	url_encode(form, value);
}

static void begin(struct exchange *x)
{
	x->form.max = FORM_BYTES_MAX;
	x->answer.body.max = ANSWER_BYTES_MAX;
	/* At once: memory that a buffer outgrows is not wiped. */
	buf_reserve(&x->form, x->secret ? FORM_BYTES_MAX : 0);
	buf_reserve(&x->answer.body, ANSWER_BYTES);
	buf_printf(&x->form, "Action=%s&Version=2011-06-15", x->action);
}

static void end(struct exchange *x)
{
	signature_done(&x->signature);
	buf_wipe(&x->form);
	buf_wipe(&x->answer.body);
}

static void add_role(struct exchange *x, const struct sts_role *role)
{
	char seconds[16];

	add_field(&x->form, "RoleArn", role->role_arn);
	add_field(&x->form, "RoleSessionName", role->session_name ? role->session_name : "tollgate");
	if (role->external_id)
		add_field(&x->form, "ExternalId", role->external_id);
	if (role->duration_s) {
		snprintf(seconds, sizeof seconds, "%ld", role->duration_s);
		add_field(&x->form, "DurationSeconds", seconds);
	}
}

static enum status sign(struct exchange *x, struct err *err)
{
	const struct endpoint *endpoint = x->sts->endpoint;
	struct signature_request request = { endpoint->host, content_type, NULL, endpoint->region,
		"sts", &x->form, clock_epoch_ms() / 1000 + x->clock_off_s };
	struct signature_key key = { .date = "" };
	enum status rc;

	signature_done(&x->signature);
	if (x->creds) {
		rc = signature_make(&request, x->creds, &key, &x->signature, err);
		signature_key_done(&key);
		return rc;
	}
	x->signature.headers[0] = (struct sigv4_header){ "content-type", content_type };
	x->signature.headers[1] = (struct sigv4_header){ "host", endpoint->host };
	x->signature.n_headers = 2;
	return OK;
}

static enum status explain(struct exchange *x, struct err *err)
{
	struct sts_error error;
	bool tell, away;

	sts_read_error(buf_text(&x->answer.body), x->answer.body.len, &error);
	x->sts->class = error_classify(x->action, error.code, x->answer.status, NULL);
	tell = *error.message && x->sts->class != ERROR_AUTH &&
		!error_repeats(error.message, x->secret ? x->secret : "") &&
		!error_repeats(error.message, x->signature.session_token);
	away = x->sts->class == ERROR_THROTTLED || x->sts->class == ERROR_TRANSIENT;
	return err_set(err, away ? ERR_RETRY : ERR_REMOTE, "%s at %s: %s (HTTP %d)%s%s%s", x->action,
		x->sts->endpoint->host, *error.code ? error.code : "an error without AWS's name",
		x->answer.status, tell ? ": " : "", tell ? error.message : "",
		away ? "" : x->sts->class == ERROR_AUTH ? advice_auth : x->advice);
}

static enum status try_once(struct exchange *x, int64_t left_ms, struct err *err)
{
	struct http *http = x->sts->http;
	struct http_request request = { .url = x->sts->endpoint->url, .body = x->form.data,
		.body_len = x->form.len, .timeout_ms = left_ms };
	enum status rc = sign(x, err);

	x->sts->class = ERROR_NONE;
	if (rc)
		return rc;
	request.headers = x->signature.headers;
	request.n_headers = x->signature.n_headers;
	buf_reset(&x->answer.body);
	x->answer = (struct http_answer){ .body = x->answer.body };
	rc = http->call(http->self, &request, &x->answer, err);
	if (rc) {
		x->sts->class = rc == ERR_RETRY ? ERROR_TRANSIENT : ERROR_SETTING;
		return err_wrap(err, rc, "%s", x->action);
	}
	return x->answer.status == HTTP_OK ? OK : explain(x, err);
}

/* After a refused signature: whether the clocks are so far apart that this is why. */
static bool mend_clock(struct exchange *x)
{
	int64_t apart_s = x->answer.date_s - x->signature.signed_s;

	if (x->sts->class != ERROR_AUTH || x->set_clock || !x->creds || !x->answer.date_s ||
		(apart_s <= CLOCKS_AGREE_S && apart_s >= -CLOCKS_AGREE_S))
		return false;
	x->set_clock = true;
	x->clock_off_s = x->answer.date_s - clock_epoch_ms() / 1000;
	return true;
}

static enum status call(struct exchange *x, struct err *err)
{
	enum status rc = ERR_RETRY;

	if (x->form.failed || x->answer.body.failed)
		return err_set(err, ERR_LOCAL, "%s: no memory for the request", x->action);
	err_set(err, rc, "%s: the time for it was over before it began", x->action);
	for (int n = 1;; n++) {
		int64_t left_ms = x->sts->deadline_ms - clock_monotonic_ms();

		if (left_ms <= 0)
			return rc;
		rc = try_once(x, left_ms, err);
		if (rc && mend_clock(x))
			continue;
		if (rc != ERR_RETRY || n >= TRIES_MAX)
			return rc;
		clock_sleep_ms((int64_t)PAUSE_MS * n);
	}
}

static enum status call_for_creds(struct exchange *x, struct creds *ret_creds, struct err *err)
{
	enum status rc = call(x, err);

	if (rc)
		return rc;
	rc = sts_read_creds(x->action, buf_text(&x->answer.body), x->answer.body.len, ret_creds, err);
	return rc ? err_wrap(err, rc, "%s", x->sts->endpoint->host) : OK;
}

enum status sts_assume_role(struct sts *sts, const struct sts_role *role, struct creds *creds,
	struct err *err)
{
	struct exchange x = { .sts = sts, .action = "AssumeRole", .creds = creds,
		.signature.session_token = "", .advice = ". Allow sts:AssumeRole to the identity that "
			"asks, and name that in the trust policy of the role" };
	enum status rc = sts_check_role(role, err);

	if (rc)
		return rc;
	begin(&x);
	add_role(&x, role);
	rc = call_for_creds(&x, creds, err);
	end(&x);
	return rc;
}

enum status sts_assume_role_with_token(struct sts *sts, const struct sts_role *role,
	const char *token, struct creds *ret_creds, struct err *err)
{
	struct exchange x = { .sts = sts, .action = "AssumeRoleWithWebIdentity", .secret = token,
		.signature.session_token = "", .advice = ". Check the trust policy of the role, and that "
			"the token is of the identity provider in it" };
	enum status rc = sts_check_role(role, err);
	size_t len = strlen(token);

	if (rc)
		return rc;
	if (len < STS_TOKEN_MIN || len > STS_TOKEN_MAX)
		return err_set(err, ERR_INPUT, "a web identity token is %d to %d characters long; this one "
			"has %zu", STS_TOKEN_MIN, STS_TOKEN_MAX, len);
	begin(&x);
	add_role(&x, role);
	add_field(&x.form, "WebIdentityToken", token);
	rc = call_for_creds(&x, ret_creds, err);
	end(&x);
	return rc;
}

enum status sts_get_caller_identity(struct sts *sts, const struct creds *creds,
	char ret_account[AWS_ACCOUNT_MAX + 1], char ret_arn[AWS_ARN_MAX + 1], struct err *err)
{
	struct exchange x = { .sts = sts, .action = "GetCallerIdentity", .creds = creds,
		.signature.session_token = "", .advice = "" };
	enum status rc;

	begin(&x);
	rc = call(&x, err);
	if (!rc)
		rc = sts_read_caller(buf_text(&x.answer.body), x.answer.body.len, ret_account, ret_arn,
			err);
	end(&x);
	return rc;
}
