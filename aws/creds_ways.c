#include "aws/creds_ways.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/json.h"
#include "aws/url.h"
#include "base/clock.h"

enum { ANSWER_BYTES_MAX = 64 * 1024, ANSWER_BYTES = 16 * 1024 };

struct creds_wait creds_wait_for(struct http *http)
{
	return (struct creds_wait){ http, clock_monotonic_ms() + CREDS_SOURCE_MS };
}

enum status creds_wait_refuse(const char *whom, struct err *err)
{
	return err_set(err, ERR_RETRY, "%s has to be waited for", whom);
}

enum status creds_read_json(const struct cJSON *json, const char *token_name,
	struct creds *ret_creds, struct err *err)
{
	const char *id = json_text_of(json, "AccessKeyId");
	const char *secret = json_text_of(json, "SecretAccessKey");
	const char *expiration = json_text_of(json, "Expiration");
	int64_t expires_s = 0;
	enum status rc;

	if (!*id || !*secret)
		return err_set(err, ERR_RETRY, "its answer has no %s",
			*id ? "SecretAccessKey" : "AccessKeyId");
	if (*expiration && !creds_parse_time(expiration, &expires_s))
		return err_set(err, ERR_RETRY, "Expiration in its answer is no time");
	rc = creds_set(ret_creds, id, secret, json_text_of(json, token_name), err);
	if (rc)
		return err_wrap(err, ERR_RETRY, "its answer");
	ret_creds->expires_s = expires_s;
	ret_creds->reread_s = 0;
	ret_creds->background = true;
	return OK;
}

static enum status read_whole(int fd, const char *path, struct buf *text, struct err *err)
{
	ssize_t got = 1;

	while (got) {
		char *end = buf_reserve(text, text->max - text->len);

		if (!end)
			return err_set(err, ERR_LOCAL, "no memory to read %s", path);
		got = read(fd, end, text->max - text->len);
		if (got < 0 && errno != EINTR)
			return err_set(err, ERR_LOCAL, "cannot read %s: %s", path, strerror(errno));
		if (got > 0)
			text->len += (size_t)got;
		if (text->len == text->max)
			return err_set(err, ERR_INPUT, "%s is over %zu bytes long", path, text->max - 1);
	}
	text->data[text->len] = '\0';
	return OK;
}

enum status creds_read_file(const char *path, size_t max, struct buf *ret_text, struct err *err)
{
	/* A pipe without a writer would be waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum status rc;

	if (fd < 0)
		return err_set(err, ERR_LOCAL, "cannot open %s: %s", path, strerror(errno));
	*ret_text = BUF_INIT(max + 1);
	rc = read_whole(fd, path, ret_text, err);
	close(fd);
	if (!rc && (!ret_text->len || strlen(ret_text->data) != ret_text->len))
		rc = err_set(err, ERR_INPUT, "%s %s", path,
			ret_text->len ? "holds a NUL byte" : "is empty");
	if (rc)
		buf_wipe(ret_text);
	return rc;
}

enum status creds_ask(const struct http *http, const struct creds_question *question,
	struct http_answer *ret_answer, struct err *err)
{
	struct url url;
	const char *rest;
	struct sigv4_header headers[3] = {
		{ "host", url.authority }, { "accept", "*/*" }, { question->name, question->value },
	};
	struct http_request request = {
		.method = question->method,
		.url = question->url,
		.headers = headers,
		.n_headers = question->name ? 3 : 2,
		.timeout_ms = question->timeout_ms,
		.link_local = true,
	};
	enum status rc = url_split(question->url, &url, &rest, err);

	*ret_answer = (struct http_answer){ .body = BUF_INIT(ANSWER_BYTES_MAX) };
	if (rc)
		return rc;
	if (!buf_reserve(&ret_answer->body, ANSWER_BYTES))
		return err_set(err, ERR_LOCAL, "no memory for an answer of %s", url.authority);
	return http->call(http->self, &request, ret_answer, err);
}
