/* The headers of an answer, one line at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "aws/http.h"

static struct http_answer answer;

static void read_header(const char *line)
{
	http_read_header(&answer, line, strlen(line));
}

static void test_headers_that_make_no_sense_are_none(void **state)
{
	(void)state;
	answer = (struct http_answer){ 0 };
	read_header("Date: yesterday\r\n");
	read_header("Retry-After: Sat, 31 Jan 2026 12:00:00 GMT\r\n");
	read_header("X-Amz-Retry-After: -5\r\n");
	read_header("X-Amzn-RequestId: a b\r\n");
	read_header("X-Amzn-RequestId\r\n");
	read_header("\r\n");
	read_header("");
	http_read_header(&answer, "x-amzn-errortype: a\0b\r\n", 23);
	assert_int_equal(answer.date_s, 0);
	assert_int_equal(answer.retry_after_ms, 0);
	assert_string_equal(answer.request_id, "");
	assert_string_equal(answer.error_type, "");
}

static void test_each_date_is_read_though_it_came_before(void **state)
{
	static const char other[] = "Date: Sat, 31 Jan 2026 12:00:01 GMT\r\n";

	(void)state;
	for (int i = 0; i < 2; i++) {
		answer = (struct http_answer){ 0 };
		read_header("Date: Sat, 31 Jan 2026 12:00:00 GMT\r\n");
		assert_int_equal(answer.date_s, 1769860800);
		answer = (struct http_answer){ 0 };
		read_header(other);
		assert_int_equal(answer.date_s, 1769860801);
		read_header(other);
		assert_int_equal(answer.date_s, 1769860801);
		/* What is too long to be remembered is read, and nothing stays of it. */
		read_header("Date:     Saturday, 31 January 2026 12:00:02 GMT                    (AWS)\r\n");
		read_header("Date:\r\n");
		assert_int_equal(answer.date_s, 0);
		read_header("Date: yesterday\r\n");
		assert_int_equal(answer.date_s, 0);
	}
}

static void test_aws_s_hint_counts_before_the_general_one(void **state)
{
	(void)state;
	answer = (struct http_answer){ 0 };
	read_header("x-amz-retry-after: 250\r\n");
	read_header("Retry-After: 7\r\n");
	assert_int_equal(answer.retry_after_ms, 250);
	answer = (struct http_answer){ 0 };
	read_header("Retry-After: 7\r\n");
	read_header("x-amz-retry-after: 250\r\n");
	assert_int_equal(answer.retry_after_ms, 250);
}

static void test_headers_before_the_last_status_line_do_not_count(void **state)
{
	(void)state;
	answer = (struct http_answer){ 0 };
	read_header("X-Amzn-RequestId: one\r\n");
	read_header("HTTP/1.1 200 OK\r\n");
	assert_string_equal(answer.request_id, "");
}

static void test_header_longer_than_its_room_is_none(void **state)
{
	char line[700];

	(void)state;
	answer = (struct http_answer){ 0 };
	snprintf(line, sizeof line, "x-amzn-requestid: %0200d\r\n", 1);
	read_header(line);
	assert_string_equal(answer.request_id, "");
	snprintf(line, sizeof line, "x-amzn-errortype: %0600d\r\n", 1);
	read_header(line);
	assert_string_equal(answer.error_type, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers_that_make_no_sense_are_none),
		cmocka_unit_test(test_each_date_is_read_though_it_came_before),
		cmocka_unit_test(test_aws_s_hint_counts_before_the_general_one),
		cmocka_unit_test(test_headers_before_the_last_status_line_do_not_count),
		cmocka_unit_test(test_header_longer_than_its_room_is_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
