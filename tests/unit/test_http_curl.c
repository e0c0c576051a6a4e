/* HTTP over libcurl against a real socket: warm connections, deadlines, faults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/unit/http_client.h"

static void test_request_arrives_as_it_was_made(void **state)
{
	(void)state;
	server_reply(server, HTTP_OK_TEXT, SERVER_KEEP);
	assert_int_equal(http_post(), OK);
	assert_ptr_equal(strstr(server->requests[0], "POST / HTTP/1.1\r\n"), server->requests[0]);
	/* libcurl spells this one its own way; names know no case. */
	assert_non_null(strstr(server->requests[0], "\r\nHost: aws.example\r\n"));
	assert_non_null(strstr(server->requests[0], "\r\ncontent-type: application/x-amz-json-1.1\r"));
	assert_non_null(strstr(server->requests[0], "\r\nx-amz-target: T.Action\r\n"));
	assert_non_null(strstr(server->requests[0], "\r\nUser-Agent: tollgate/"));
	assert_non_null(strstr(server->requests[0], "\r\n\r\n{\"a\":1}"));
	assert_null(strstr(server->requests[0], "Expect"));
	assert_null(strstr(server->requests[0], "127.0.0.1"));
}

static void test_request_has_one_header_at_least_and_eight_at_most(void **state)
{
	(void)state;
	server_reply(server, HTTP_OK_TEXT, SERVER_KEEP);
	http_n_headers = 8;
	assert_int_equal(http_post(), OK);
	assert_non_null(strstr(server->requests[0], "\r\ne: 8\r\n"));
	http_n_headers = 9;
	assert_int_equal(http_post(), ERR_LOCAL);
	http_n_headers = 0;
	assert_int_equal(http_post(), ERR_LOCAL);
	assert_int_equal(server->n_requests, 1);
}

static void test_answer_comes_with_status_body_and_headers(void **state)
{
	(void)state;
	server_reply(server, "HTTP/1.1 503 Busy\r\nDate: Sat, 31 Jan 2026 12:00:00 GMT\r\n"
		"X-AMZN-RequestId:  id-1 \r\nx-amzn-ErrorType: a#B:c\r\nRetry-After: 7\r\n"
		"Content-Length: 5\r\n\r\nsorry", SERVER_KEEP);
	assert_int_equal(http_post(), OK);
	assert_int_equal(answer.status, 503);
	assert_string_equal(buf_text(&answer.body), "sorry");
	assert_true(answer.sent);
	assert_int_equal(answer.date_s, 1769860800);
	assert_string_equal(answer.request_id, "id-1");
	assert_string_equal(answer.error_type, "a#B:c");
	assert_int_equal(answer.retry_after_ms, 7000);
}

static void test_chunks_are_put_together(void **state)
{
	(void)state;
	server_reply(server, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n", SERVER_KEEP);
	assert_int_equal(http_post(), OK);
	assert_string_equal(buf_text(&answer.body), "{\"a\":1}");
}

static void test_connection_is_used_again(void **state)
{
	(void)state;
	server_reply(server, HTTP_OK_TEXT, SERVER_KEEP);
	for (int i = 0; i < 5; i++)
		assert_int_equal(http_post(), OK);
	assert_int_equal(server->n_requests, 5);
	assert_int_equal(server->n_connections, 1);
}

static void *post_in_thread(void *self)
{
	const struct http_request request = { .url = self, .headers = headers, .n_headers = 3,
		.body = "{}", .body_len = 2, .timeout_ms = 5000 };
	struct http http = http_curl_http(pool);
	struct http_answer other = { .body = BUF_INIT(100) };
	struct err other_err;
	enum status rc = http.call(http.self, &request, &other, &other_err);

	buf_done(&other.body);
	return rc ? self : NULL;
}

static void run_at_once(int n)
{
	pthread_t threads[SERVER_REQUESTS];
	char url[64];
	void *failed;

	snprintf(url, sizeof url, "http://127.0.0.1:%d/", server->port);
	for (int i = 0; i < n; i++)
		pthread_create(&threads[i], NULL, post_in_thread, url);
	for (int i = 0; i < n; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
}

static void test_last_used_connection_is_used_first(void **state)
{
	(void)state;
	server_reply(server, HTTP_OK_TEXT, SERVER_KEEP);
	server->together = 3;
	run_at_once(3);
	assert_int_equal(server->n_connections, 3);
	for (int i = 0; i < 4; i++)
		assert_int_equal(http_post(), OK);
	assert_int_equal(server->n_connections, 3);
	for (int i = 4; i < 7; i++)
		assert_int_equal(server->from[i], server->from[3]);
}

static void test_more_calls_than_kept_connections_work_too(void **state)
{
	(void)state;
	server_reply(server, HTTP_OK_TEXT, SERVER_KEEP);
	server->together = 8; /* the pool keeps 4 */
	run_at_once(8);
	run_at_once(4);
	assert_int_equal(server->n_requests, 12);
	assert_int_equal(server->n_connections, 8);
}

static void test_connection_that_the_server_closed_is_replaced(void **state)
{
	(void)state;
	server_reply(server, HTTP_OK_TEXT, SERVER_CLOSE);
	assert_int_equal(http_post(), OK);
	assert_int_equal(http_post(), OK);
	assert_int_equal(server->n_connections, 2);
}

/* A server that reads the second request of a connection, and ends it without a byte. */
static void end_after_the_second_request(void)
{
	server_reply(server, HTTP_OK_TEXT, SERVER_KEEP);
	server_reply(server, NULL, SERVER_CLOSE);
	server_reply(server, HTTP_OK_TEXT, SERVER_KEEP);
	assert_int_equal(http_post(), OK);
}

static void test_libcurl_sends_again_by_itself(void **state)
{
	(void)state;
	end_after_the_second_request();
	assert_int_equal(http_post(), OK);
	assert_int_equal(server->n_requests, 3);
	assert_int_equal(server->n_connections, 2);
	assert_int_equal(server->from[1], server->from[0]);
	assert_string_equal(server->requests[1], server->requests[2]);
}

static void test_once_is_once(void **state)
{
	int n_requests;
	bool same;

	(void)state;
	http_once = true;
	end_after_the_second_request();
	assert_int_equal(http_post(), ERR_RETRY);
	assert_int_equal(answer.status, 0);
	assert_true(answer.sent);
	/* No answer says that the server's thread is done with them. */
	pthread_mutex_lock(&server->lock);
	same = server->from[1] == server->from[0];
	n_requests = server->n_requests;
	pthread_mutex_unlock(&server->lock);
	assert_true(same);
	assert_int_equal(n_requests, 2);
	/* libcurl does connect again, before it finds that it cannot begin anew: not a byte goes there. */
	http_curl_free(pool);
	pool = NULL;
	assert_int_equal(server_stop(server), 0);
	server = NULL;
}

static void test_once_is_the_same_request(void **state)
{
	(void)state;
	server_reply(server, HTTP_OK_TEXT, SERVER_KEEP);
	assert_int_equal(http_post(), OK);
	http_once = true;
	assert_int_equal(http_post(), OK);
	assert_string_equal(server->requests[0], server->requests[1]);
	assert_non_null(strstr(server->requests[1], "\r\n\r\n{\"a\":1}"));
	assert_int_equal(server->n_connections, 1);
}

static void test_handle_works_on_after_once(void **state)
{
	(void)state;
	http_once = true;
	end_after_the_second_request();
	assert_int_equal(http_post(), ERR_RETRY);
	assert_int_equal(http_post(), OK);
	http_once = false;
	assert_int_equal(http_post(), OK);
	assert_string_equal(server->requests[3], server->requests[0]);
}

static void test_body_cut_short_is_no_answer(void **state)
{
	(void)state;
	server_reply(server, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":1}", SERVER_CLOSE);
	assert_int_equal(http_post(), ERR_RETRY);
	assert_int_equal(answer.status, 0);
	assert_false(answer.timed_out);
	http_check_text("no whole answer from 127.0.0.1:");
}

static void test_chunks_cut_short_are_no_answer(void **state)
{
	(void)state;
	server_reply(server, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n",
		SERVER_CLOSE);
	assert_int_equal(http_post(), ERR_RETRY);
	assert_int_equal(answer.status, 0);
}

static void test_connection_closed_without_a_byte_is_no_answer(void **state)
{
	(void)state;
	server_reply(server, NULL, SERVER_CLOSE);
	assert_int_equal(http_post(), ERR_RETRY);
	assert_int_equal(answer.status, 0);
	assert_true(answer.sent);
}

static void test_what_is_not_http_is_no_answer(void **state)
{
	(void)state;
	server_reply(server, "SSH-2.0-OpenSSH\r\n", SERVER_CLOSE);
	assert_int_equal(http_post(), ERR_RETRY);
	assert_int_equal(answer.status, 0);
}

static void test_nobody_listening_is_no_answer(void **state)
{
	int port = server->port;
	char url[64];

	(void)state;
	server_stop(server);
	server = NULL;
	snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
	assert_int_equal(http_send_to(url, 5000), ERR_RETRY);
	assert_false(answer.timed_out);
	assert_false(answer.sent);
	http_check_text("Failed to connect to 127.0.0.1 port");
}

static void test_silence_ends_at_the_deadline(void **state)
{
	int64_t start_ms = clock_monotonic_ms(), took_ms;
	char url[64];

	(void)state;
	server_reply(server, NULL, SERVER_HANG);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/", server->port);
	assert_int_equal(http_send_to(url, 200), ERR_RETRY);
	took_ms = clock_monotonic_ms() - start_ms;
	assert_true(answer.timed_out);
	assert_true(took_ms >= 190 && took_ms < 2000);
	assert_true(answer.sent);
}

static void test_half_an_answer_ends_at_the_deadline(void **state)
{
	char url[64];

	(void)state;
	server_reply(server, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", SERVER_HANG);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/", server->port);
	assert_int_equal(http_send_to(url, 200), ERR_RETRY);
	assert_true(answer.timed_out);
	assert_int_equal(answer.status, 0);
}

static void test_handle_works_on_after_a_fault(void **state)
{
	(void)state;
	server_reply(server, NULL, SERVER_CLOSE);
	server_reply(server, HTTP_OK_TEXT, SERVER_KEEP);
	assert_int_equal(http_post(), ERR_RETRY);
	assert_int_equal(http_post(), OK);
	assert_int_equal(answer.status, 200);
}

static void test_answer_longer_than_its_room_is_none(void **state)
{
	static char text[5000]; /* outlives the server's thread */

	(void)state;
	snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Length: 4097\r\n\r\n%04097d", 0);
	server_reply(server, text, SERVER_KEEP);
	assert_int_equal(http_post(), ERR_RETRY);
	http_check_text("is over 4096 bytes long");
	assert_int_equal(answer.status, 0);
}

static void test_longest_answer_that_we_ask_for_is_read(void **state)
{
	auto_buf text = BUF_INIT(HTTP_BODY_MAX + 1000);
	size_t start;

	(void)state;
	buf_printf(&text, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", HTTP_BODY_MAX);
	start = text.len;
	for (int i = 0; i < HTTP_BODY_MAX; i++)
		buf_putc(&text, (char)('a' + i % 26));
	server_reply(server, buf_text(&text), SERVER_KEEP);
	http_answer_max = HTTP_BODY_MAX;
	assert_int_equal(http_post(), OK);
	assert_int_equal(answer.body.len, HTTP_BODY_MAX);
	assert_string_equal(buf_text(&answer.body), buf_text(&text) + start);
	/* The server's thread reads the text. */
	server_stop(server);
	server = NULL;
}

static void test_redirect_is_an_answer_and_is_not_followed(void **state)
{
	(void)state;
	server_reply(server, "HTTP/1.1 307 Moved\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n",
		SERVER_KEEP);
	assert_int_equal(http_post(), OK);
	assert_int_equal(answer.status, 307);
	assert_int_equal(server->n_requests, 1);
}

static void test_plain_http_to_another_machine_is_refused(void **state)
{
	(void)state;
	assert_int_equal(http_send_to("http://10.255.255.1:9/", 5000), ERR_INPUT);
	assert_false(answer.sent);
	http_check_text("10.255.255.1:9 is not called by plain http");
	assert_int_equal(http_send_to("http://localhost.example/", 5000), ERR_INPUT);
	assert_int_equal(http_send_to("http://169.254.0.1:9/", 200), ERR_INPUT);
	assert_int_equal(http_send_to("ftp://127.0.0.1/", 5000), ERR_INPUT);
}

static void test_no_proxy_stands_before_this_machine(void **state)
{
	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	server_reply(server, HTTP_OK_TEXT, SERVER_KEEP);
	assert_int_equal(http_post(), OK);
}

/* Where those are who hand out a machine's credentials; whoever answers here, it is not the proxy. */
static void test_no_proxy_stands_before_the_machine_s_own_link(void **state)
{
	char proxy[64];

	(void)state;
	snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", server->port);
	setenv("http_proxy", proxy, 1);
	server_reply(server, HTTP_OK_TEXT, SERVER_KEEP);
	http_link_local = true;
	(void)!http_send_to("http://169.254.0.1:9/", 200);
	assert_int_equal(server->n_requests, 0);
}

static void test_proxy_of_the_environment_is_used_elsewhere(void **state)
{
	char proxy[64];

	(void)state;
	snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", server->port);
	setenv("ALL_PROXY", proxy, 1);
	server_reply(server, "HTTP/1.1 502 No\r\nX-Amzn-RequestId: proxy\r\nContent-Length: 0\r\n\r\n",
		SERVER_CLOSE);
	assert_int_equal(http_send_to("https://aws.example/", 5000), ERR_RETRY);
	assert_ptr_equal(strstr(server->requests[0], "CONNECT aws.example:443 HTTP/1.1\r\n"),
		server->requests[0]);
	assert_null(strstr(server->requests[0], "x-amz-target"));
	assert_string_equal(answer.request_id, "");
}

/* libcurl counts what it sends to a proxy: that is not the request. */
static void test_once_is_not_sent_where_a_proxy_says_no(void **state)
{
	char proxy[64];

	(void)state;
	snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", server->port);
	setenv("ALL_PROXY", proxy, 1);
	server_reply(server, "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", SERVER_CLOSE);
	http_once = true;
	assert_int_equal(http_send_to("https://aws.example/", 5000), ERR_RETRY);
	assert_false(answer.sent);
}

#define HTTP_TEST(test) cmocka_unit_test_setup_teardown(test, http_set_up, http_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HTTP_TEST(test_request_arrives_as_it_was_made),
		HTTP_TEST(test_request_has_one_header_at_least_and_eight_at_most),
		HTTP_TEST(test_answer_comes_with_status_body_and_headers),
		HTTP_TEST(test_chunks_are_put_together),
		HTTP_TEST(test_connection_is_used_again),
		HTTP_TEST(test_last_used_connection_is_used_first),
		HTTP_TEST(test_more_calls_than_kept_connections_work_too),
		HTTP_TEST(test_connection_that_the_server_closed_is_replaced),
		HTTP_TEST(test_libcurl_sends_again_by_itself),
		HTTP_TEST(test_once_is_once),
		HTTP_TEST(test_once_is_the_same_request),
		HTTP_TEST(test_handle_works_on_after_once),
		HTTP_TEST(test_body_cut_short_is_no_answer),
		HTTP_TEST(test_chunks_cut_short_are_no_answer),
		HTTP_TEST(test_connection_closed_without_a_byte_is_no_answer),
		HTTP_TEST(test_what_is_not_http_is_no_answer),
		HTTP_TEST(test_nobody_listening_is_no_answer),
		HTTP_TEST(test_silence_ends_at_the_deadline),
		HTTP_TEST(test_half_an_answer_ends_at_the_deadline),
		HTTP_TEST(test_handle_works_on_after_a_fault),
		HTTP_TEST(test_answer_longer_than_its_room_is_none),
		HTTP_TEST(test_longest_answer_that_we_ask_for_is_read),
		HTTP_TEST(test_redirect_is_an_answer_and_is_not_followed),
		HTTP_TEST(test_plain_http_to_another_machine_is_refused),
		HTTP_TEST(test_no_proxy_stands_before_this_machine),
		HTTP_TEST(test_no_proxy_stands_before_the_machine_s_own_link),
		HTTP_TEST(test_proxy_of_the_environment_is_used_elsewhere),
		HTTP_TEST(test_once_is_not_sent_where_a_proxy_says_no),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("http_curl", tests, env_make_home, env_remove_home);
}
