/* For tests of sources that ask a server: a stand-in on a loopback port, real libcurl, and what came
 * of it. Include it after cmocka.h. */
#ifndef TESTS_UNIT_CREDS_SERVER_H
#define TESTS_UNIT_CREDS_SERVER_H

#include "aws/creds.h"
#include "aws/http_curl.h"
#include "tests/unit/aws_env.h"
#include "tests/unit/http_server.h"

static struct server *server;
static struct http_curl *pool;
static struct http http;
static struct creds creds;
static struct err err;
/* The replies', in turn: the last ones may be on their way yet. */
static char server_texts[4 * SERVER_REPLIES][32 * 1024];
static int n_server_texts;

static inline int creds_set_up(void **state)
{
	if (env_reset(state) || http_curl_new(2, NULL, &pool, &err))
		return -1;
	http = http_curl_http(pool);
	server = server_start(NULL);
	creds_wipe(&creds);
	err.text[0] = '\0';
	return 0;
}

static inline int creds_tear_down(void **state)
{
	(void)state;
	http_curl_free(pool);
	server_stop(server);
	return 0;
}

/* The server's address with a path behind it, good until the next call. */
static inline const char *server_url(const char *path)
{
	static char url[256];

	snprintf(url, sizeof url, "http://127.0.0.1:%d%s", server->port, path);
	return url;
}

static inline void reply_with(int status, const char *headers, const char *body)
{
	char *text = server_texts[n_server_texts++ % (4 * SERVER_REPLIES)];

	snprintf(text, sizeof server_texts[0], "HTTP/1.1 %d X\r\n%sContent-Length: %zu\r\n\r\n%s", status,
		headers, strlen(body), body);
	server_reply(server, text, SERVER_KEEP);
}

static inline void reply(int status, const char *body)
{
	reply_with(status, "", body);
}

/* Forgets what came and what was to be answered. No request may be under way. */
static inline void server_forget(void)
{
	pthread_mutex_lock(&server->lock);
	server->n_requests = server->n_replies = 0;
	pthread_mutex_unlock(&server->lock);
}

static inline void check_text(const char *part)
{
	if (!strstr(err.text, part))
		fail_msg("the text does not say %s: %s", part, err.text);
}

static inline void check_request(int i, const char *part)
{
	if (i >= server->n_requests || !strstr(server->requests[i], part))
		fail_msg("request %d of %d does not have %s: %s", i, server->n_requests, part,
			server->requests[i]);
}

static inline void check_no_request(int i, const char *part)
{
	if (strstr(server->requests[i], part))
		fail_msg("request %d has %s: %s", i, part, server->requests[i]);
}

/* Asks a source, as the thread of a signer does. */
static inline enum status get(const struct creds_source *source)
{
	err.text[0] = '\0';
	return source->get(source, &http, &creds, &err);
}

static inline void must_get(const struct creds_source *source)
{
	if (get(source))
		fail_msg("%s", err.text);
}

#define CREDS_TEST(test) cmocka_unit_test_setup_teardown(test, creds_set_up, creds_tear_down)
#define CREDS_RUN(name, tests) \
	(cmocka_set_message_output(CM_OUTPUT_TAP), \
		cmocka_run_group_tests_name(name, tests, env_make_home, env_remove_home))

#endif
