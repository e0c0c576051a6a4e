/* nginx and the handler behind it, as a buyer's browser would reach them. */
#include <stdlib.h>
#include <string.h>

#include "aws/http_curl.h"
#include "aws/url.h"
#include "cli/doctor.h"

enum { CALL_MS = 5 * 1000, BODY_BYTES_MAX = 64 * 1024, URL_BYTES_MAX = 1000 };

static void judge(const char *url, const struct http_answer *answer, struct report *report)
{
	bool is_ours = strstr(buf_text(&answer->body), "ready") != NULL;

	if (answer->status == 200 && is_ours)
		report_found(report, FOUND_GOOD, "nginx and tollgate-fcgi answer at %s", url);
	else if (answer->status == 503 && is_ours)
		report_found(report, FOUND_AWAY, "tollgate-fcgi answers at %s, but its database does "
			"not; registrations go to the journal", url);
	else if (answer->status == 502 || answer->status == 503 || answer->status == 504)
		report_found(report, FOUND_AWAY, "nginx answers at %s, but tollgate-fcgi behind it does "
			"not (HTTP %d)", url, answer->status);
	else
		report_found(report, FOUND_WRONG, "%s is answered by something else (HTTP %d); check "
			"TOLLGATE_PUBLIC_URL, and the site that nginx has for it", url, answer->status);
}

static enum status get(struct http_curl *pool, const char *url, struct http_answer *answer,
	struct err *err)
{
	struct http http = http_curl_http(pool);
	struct sigv4_header host = { "host", "" };
	struct http_request request = { .url = url, .headers = &host, .n_headers = 1,
		.timeout_ms = CALL_MS };
	const char *rest;
	struct url parts;
	enum status rc = url_split(url, &parts, &rest, err);

	if (rc)
		return rc;
	host.value = parts.authority;
	return http.call(http.self, &request, answer, err);
}

void check_web(struct doctor *doctor, struct report *report)
{
	struct http_answer answer = { .body = BUF_INIT(BODY_BYTES_MAX) };
	auto_buf url = BUF_INIT(URL_BYTES_MAX);
	struct http_curl *pool = NULL;
	struct err err;
	enum status rc;

	if (!doctor->conf.public_url) {
		report_found(report, FOUND_NOTHING, "not asked: TOLLGATE_PUBLIC_URL is not set");
		return;
	}
	buf_printf(&url, "%s/readyz", doctor->conf.public_url);
	rc = http_curl_new(1, NULL, &pool, &err);
	if (!rc)
		rc = get(pool, buf_text(&url), &answer, &err);
	if (rc)
		report_error(report, rc, &err);
	else
		judge(buf_text(&url), &answer, report);
	buf_done(&answer.body);
	http_curl_free(pool);
}
