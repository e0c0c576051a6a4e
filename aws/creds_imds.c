#include "aws/creds.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "aws/creds_imds.h"
#include "aws/creds_ways.h"
#include "aws/env.h"
#include "aws/error.h"
#include "aws/json.h"
#include "aws/url.h"
#include "base/clock.h"
#include "base/text.h"

enum {
	STEP_MS = 1000, /* an answer takes a millisecond; elsewhere than on EC2 there is none */
	TOKEN_MAX = 1024,
	ROLE_MAX = 64,
	URL_MAX = 512,
	EXTENDED_S = 15 * 60,
	HTTP_OK = 200,
	HTTP_UNAUTHORIZED = 401,
	HTTP_FORBIDDEN = 403,
	HTTP_NOT_FOUND = 404,
	HTTP_METHOD_NOT_ALLOWED = 405,
};

/* One read of the credentials. */
struct visit {
	const struct http *http;
	char base[300];            /* scheme://host[:port] */
	bool given, answered;      /* by a setting; already: so that somebody is there */
	bool v1_allowed;
	char token[TOKEN_MAX + 1]; /* "": version 1, which has none */
	struct http_answer answer; /* of the last request */
	int64_t deadline_ms;
};

static const char roles[] = "/latest/meta-data/iam/security-credentials/";

static const char *find(const struct profile *profile, const char *variable, const char *key)
{
	const char *value = env_get(variable);

	return value ? value : text_or_null(profile_get(profile, key));
}

static enum status find_base(const struct profile *profile, struct visit *visit, struct err *err)
{
	static const char variable[] = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
	const char *value = find(profile, variable, "ec2_metadata_service_endpoint");
	const char *mode = find(profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
		"ec2_metadata_service_endpoint_mode");
	struct url url;
	enum status rc;

	if (mode && strcasecmp(mode, "IPv4") != 0 && strcasecmp(mode, "IPv6") != 0)
		return err_set(err, ERR_INPUT, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is \"%s\"; allowed "
			"is IPv4 or IPv6", mode);
	visit->given = value || mode;
	if (!value)
		value = mode && !strcasecmp(mode, "IPv6") ? "http://[fd00:ec2::254]" :
													"http://169.254.169.254";
	rc = url_parse(value, &url, err);
	if (rc)
		return err_wrap(err, rc, "%s is not an address of a server", variable);
	if (!url.tls && !url_is_loopback(&url) && !url_is_link_local(&url))
		return err_set(err, ERR_INPUT, "%s is http://%s; plain http is allowed to this machine and "
			"to link-local addresses only", variable, url.authority);
	snprintf(visit->base, sizeof visit->base, "%s://%s", url.tls ? "https" : "http",
		url.authority);
	return OK;
}

static enum status find_v1(const struct profile *profile, struct visit *visit, struct err *err)
{
	const char *value = find(profile, "AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled");

	visit->v1_allowed = !value || !strcasecmp(value, "false");
	if (visit->v1_allowed || !strcasecmp(value, "true"))
		return OK;
	return err_set(err, ERR_INPUT, "AWS_EC2_METADATA_V1_DISABLED is \"%s\"; allowed is true or "
		"false", value);
}

static enum status set_up(struct visit *visit, struct err *err)
{
	struct profile profile;
	enum status rc = profile_load(&profile, err);

	if (rc)
		return rc;
	rc = find_base(&profile, visit, err);
	if (!rc)
		rc = find_v1(&profile, visit, err);
	profile_done(&profile);
	return rc;
}

static bool file_begins(const char *path, const char *text)
{
	char begin[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return false;
	got = read(fd, begin, sizeof begin - 1);
	close(fd);
	return got > 0 && !strncasecmp(begin, text, strlen(text));
}

bool creds_imds_is_ec2(const char *vendor_file, const char *hypervisor_file)
{
	return file_begins(vendor_file, "Amazon EC2") || file_begins(hypervisor_file, "ec2");
}

/* Silence is the rule elsewhere than on EC2. */
static enum status silence(const struct visit *visit, struct err *err)
{
	if (visit->given || visit->answered ||
		creds_imds_is_ec2("/sys/class/dmi/id/sys_vendor", "/sys/hypervisor/uuid"))
		return err_wrap(err, ERR_RETRY, "the metadata service of EC2");
	return err_set(err, ERR_MISSING, "no EC2 metadata service answers");
}

/* Asks for one thing. OK whatever the status of the answer. */
static enum status ask(struct visit *visit, const char *method, const char *path, struct err *err)
{
	char url[URL_MAX];
	int64_t left_ms = visit->deadline_ms - clock_monotonic_ms();
	struct creds_question question = { method, url, "x-aws-ec2-metadata-token", visit->token,
		left_ms < STEP_MS ? left_ms : STEP_MS };

	if (method) {
		question.name = "x-aws-ec2-metadata-token-ttl-seconds";
		question.value = "21600";
	} else if (!*visit->token) {
		question.name = NULL;
	}
	if (snprintf(url, sizeof url, "%s%s", visit->base, path) >= (int)sizeof url)
		return err_set(err, ERR_RETRY, "the name of the instance's role is too long");
	if (left_ms <= 0)
		return err_set(err, ERR_RETRY, "it took too long");
	buf_wipe(&visit->answer.body);
	return creds_ask(visit->http, &question, &visit->answer, err);
}

/* The body as a text of printable characters, a line at most. */
static bool read_line(const struct visit *visit, char *to, size_t size)
{
	const char *body = buf_text(&visit->answer.body);
	size_t len = strcspn(body, "\r\n");

	if (!len || len >= size)
		return false;
	for (size_t i = 0; i < len; i++)
		if (body[i] <= ' ' || body[i] > '~')
			return false;
	memcpy(to, body, len);
	to[len] = '\0';
	return true;
}

static enum status refuse(const struct visit *visit, const char *what, struct err *err)
{
	int status = visit->answer.status;

	return err_set(err, status < 500 && status != 429 ? ERR_REMOTE : ERR_RETRY,
		"the metadata service of EC2 answers to the request for %s with HTTP %d", what, status);
}

/* Version 2's token, or none where version 1 has to do. */
static enum status get_token(struct visit *visit, struct err *err)
{
	enum status rc = ask(visit, "PUT", "/latest/api/token", err);
	int status = visit->answer.status;
	/* A container too many hops away gets no answer to this, and does to the rest. */
	bool lost = rc == ERR_RETRY && visit->answer.timed_out && visit->answer.sent;

	visit->token[0] = '\0';
	visit->answered |= !rc;
	if (rc && !lost)
		return rc == ERR_RETRY ? silence(visit, err) : rc;
	if (!rc && status == HTTP_OK)
		return read_line(visit, visit->token, sizeof visit->token) ? OK :
			err_set(err, ERR_RETRY, "the token of EC2's metadata service is none");
	if (!lost && status != HTTP_FORBIDDEN && status != HTTP_NOT_FOUND &&
		status != HTTP_METHOD_NOT_ALLOWED)
		return refuse(visit, "a token", err);
	if (visit->v1_allowed)
		return OK;
	if (lost)
		return err_wrap(err, ERR_RETRY, "the metadata service of EC2 gives no token, and "
			"AWS_EC2_METADATA_V1_DISABLED is true; in a container, raise the instance's hop limit");
	return err_set(err, ERR_REMOTE, "the metadata service of EC2 gives no token (HTTP %d), and "
		"AWS_EC2_METADATA_V1_DISABLED is true", status);
}

/* GET; a token that is over, 401, is replaced once. */
static enum status get_path(struct visit *visit, const char *path, struct err *err)
{
	enum status rc = ask(visit, NULL, path, err);

	if (!rc && visit->answer.status == HTTP_UNAUTHORIZED) {
		rc = get_token(visit, err);
		return rc ? rc : ask(visit, NULL, path, err);
	}
	return rc == ERR_RETRY ? silence(visit, err) : rc;
}

static enum status get_role(struct visit *visit, char ret_role[ROLE_MAX + 1], struct err *err)
{
	enum status rc = get_path(visit, roles, err);

	if (rc)
		return rc;
	if (visit->answer.status == HTTP_NOT_FOUND)
		return err_set(err, ERR_MISSING, "this EC2 instance has no IAM role");
	if (visit->answer.status != HTTP_OK)
		return refuse(visit, "the name of the role", err);
	if (!read_line(visit, ret_role, ROLE_MAX + 1))
		return err_set(err, ERR_RETRY, "the name of the instance's role is none");
	return OK;
}

/* While the service can't renew them it gives credentials that are over, which AWS then takes: the
 * SDKs go on with them, and ask again after 10 to 20 minutes. */
static void extend(struct creds *creds)
{
	int64_t now_s = clock_epoch_ms() / 1000;

	if (creds->expires_s && creds->expires_s <= now_s)
		creds->expires_s = now_s + EXTENDED_S;
}

static enum status read_creds(const struct visit *visit, struct creds *ret_creds, struct err *err)
{
	const struct buf *body = &visit->answer.body;
	struct cJSON *json = NULL;
	char code[64] = "";
	enum status rc = json_parse(buf_text(body), body->len, &json, err);

	if (rc)
		return rc;
	error_normalise(json_text_of(json, "Code"), code, sizeof code);
	if (strcmp(code, "Success") != 0)
		rc = err_set(err, ERR_REMOTE, "the metadata service of EC2 has no credentials for the "
			"role: Code is %s", *code ? code : "missing");
	else
		rc = creds_read_json(json, "Token", ret_creds, err);
	json_wipe(json);
	if (!rc && (!ret_creds->expires_s || !*ret_creds->session_token))
		rc = err_set(err, ERR_RETRY, "the answer has no %s",
			ret_creds->expires_s ? "Token" : "Expiration");
	if (!rc)
		extend(ret_creds);
	return rc;
}

static enum status visit_service(struct visit *visit, struct creds *ret_creds, struct err *err)
{
	char role[ROLE_MAX + 1];
	auto_buf path = BUF_INIT(URL_MAX);
	enum status rc = get_token(visit, err);

	if (!rc)
		rc = get_role(visit, role, err);
	if (rc)
		return rc;
	buf_puts(&path, roles);
	url_encode(&path, role);
	rc = get_path(visit, buf_text(&path), err);
	if (!rc && visit->answer.status != HTTP_OK)
		rc = refuse(visit, "credentials", err);
	if (!rc)
		rc = read_creds(visit, ret_creds, err);
	if (!rc)
		snprintf(ret_creds->origin, sizeof ret_creds->origin, "role %s of this EC2 instance%s",
			role, *visit->token ? "" : ", by IMDSv1");
	return rc;
}

static enum status get(const struct creds_source *self, struct http *http,
	struct creds *ret_creds, struct err *err)
{
	struct visit visit = { .http = http, .deadline_ms = creds_wait_for(http).deadline_ms };
	const char *disabled = env_get("AWS_EC2_METADATA_DISABLED");
	enum status rc;

	(void)self;
	if (disabled && !strcasecmp(disabled, "true"))
		return err_set(err, ERR_MISSING, "AWS_EC2_METADATA_DISABLED is true");
	rc = set_up(&visit, err);
	if (rc)
		return rc;
	if (!http)
		return creds_wait_refuse("the metadata service of EC2", err);
	rc = visit_service(&visit, ret_creds, err);
	buf_wipe(&visit.answer.body);
	explicit_bzero(visit.token, sizeof visit.token);
	return rc;
}

const struct creds_source creds_imds = { "EC2 metadata service", get };
