/* For tests of HTTP over libcurl: a pool, a server to call, and what came back. Include it after
 * cmocka.h. */
#ifndef TESTS_UNIT_HTTP_CLIENT_H
#define TESTS_UNIT_HTTP_CLIENT_H

#include "aws/http_curl.h"
#include "tests/unit/aws_env.h"
#include "tests/unit/http_server.h"

#define HTTP_OK_TEXT "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

static struct http_curl *pool;
static struct server *server;
static struct http_answer answer;
static struct err err;

static const struct sigv4_header headers[] = {
	{ "host", "aws.example" },
	{ "content-type", "application/x-amz-json-1.1" },
	{ "x-amz-target", "T.Action" },
	{ "a", "4" }, { "b", "5" }, { "c", "6" }, { "d", "7" }, { "e", "8" }, { "f", "one too many" },
};

static bool http_once, http_link_local; /* of the next requests */
static size_t http_n_headers = 3;
static size_t http_answer_max = 4096; /* of the next answers */

static inline enum status http_send_to(const char *url, int64_t timeout_ms)
{
	const struct http_request request = { .url = url, .headers = headers, .n_headers = http_n_headers,
		.body = "{\"a\":1}", .body_len = 7, .timeout_ms = timeout_ms, .once = http_once,
		.link_local = http_link_local };
	struct http http = http_curl_http(pool);

	buf_done(&answer.body);
	answer = (struct http_answer){ .body = BUF_INIT(http_answer_max) };
	err.text[0] = '\0';
	return http.call(http.self, &request, &answer, &err);
}

static inline enum status http_post(void)
{
	char url[64];

	snprintf(url, sizeof url, "%s://127.0.0.1:%d/", server->tls ? "https" : "http", server->port);
	return http_send_to(url, 5000);
}

static inline int http_set_up(void **state)
{
	static const char *const others[] = { "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY" };

	http_once = http_link_local = false;
	http_n_headers = 3;
	http_answer_max = 4096;
	if (env_reset(state))
		return -1;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		unsetenv(others[i]);
	server = server_start(NULL);
	return http_curl_new(4, NULL, &pool, &err) ? -1 : 0;
}

static inline int http_tear_down(void **state)
{
	(void)state;
	http_curl_free(pool);
	if (server)
		server_stop(server);
	pool = NULL;
	server = NULL;
	buf_done(&answer.body);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	return 0;
}

static inline void http_check_text(const char *part)
{
	if (!strstr(err.text, part))
		fail_msg("the text does not say %s: %s", part, err.text);
}

#endif
