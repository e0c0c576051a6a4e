/* fcgi/request, route and reply: one request in, one answer out, over a wire made of memory. */
#include "tests/unit/unit.h"

#include "base/buf.h"
#include "fcgi/route.h"

struct memory {
	const char *body;
	size_t body_len;
	struct buf out;
};

static size_t memory_read(void *self, char *to, size_t len)
{
	struct memory *memory = self;
	size_t n = len < memory->body_len ? len : memory->body_len;

	memcpy(to, memory->body, n);
	memory->body += n;
	memory->body_len -= n;
	return n;
}

static bool memory_write(void *self, const char *data, size_t len)
{
	struct memory *memory = self;

	buf_add(&memory->out, data, len);
	return !memory->out.failed;
}

static void serve_ok(void *app, struct request *request, struct reply *reply)
{
	(void)app;
	buf_add(&reply->body, buf_text(&request->body), request->body.len);
	buf_puts(&reply->body, "served");
}

static void serve_bad_header(void *app, struct request *request, struct reply *reply)
{
	(void)app;
	(void)request;
	reply_header(reply, "X", "a\r\nSet-Cookie: evil=1");
	buf_puts(&reply->body, "secret");
}

static void serve_status(void *app, struct request *request, struct reply *reply)
{
	(void)request;
	reply_text(reply, *(int *)app, "status");
}

static void not_found(void *app, struct request *request, struct reply *reply)
{
	(void)app, (void)request;
	reply_text(reply, 404, "no");
}
static void wrong_method(void *app, struct request *request, struct reply *reply)
{
	(void)app, (void)request;
	reply_text(reply, 405, "no");
}
static void too_large(void *app, struct request *request, struct reply *reply)
{
	(void)app, (void)request;
	reply_text(reply, 413, "no");
}
static void bad_request(void *app, struct request *request, struct reply *reply)
{
	(void)app, (void)request;
	reply_text(reply, 400, "no");
}

static const struct route list[] = { { "GET", "/a", serve_ok }, { "POST", "/a", serve_ok },
	{ "POST", "/b", serve_status }, { "POST", "/c", serve_ok }, { "GET", "/c/*", serve_ok },
	{ "GET", "/evil", serve_bad_header }, { 0 } };
static const struct routes routes = { list, not_found, wrong_method, too_large, bad_request };

/* Answers with what the wire got. Owned by the caller. */
static struct buf ask(
	const char *method, const char *path, const char *length, const char *body, size_t body_len)
{
	static int status = 204;
	char m[40], p[80], l[60];
	char *params[] = { m, p, l, NULL };
	struct memory memory = { body, body_len, BUF_INIT(100000) };
	struct wire wire = { params, memory_read, memory_write, &memory };
	struct request request = { 0 };
	struct reply reply = { 0 };

	snprintf(m, sizeof m, "REQUEST_METHOD=%s", method);
	snprintf(p, sizeof p, "SCRIPT_NAME=%s", path);
	snprintf(l, sizeof l, "CONTENT_LENGTH=%s", length);
	request_read(&request, &wire, 10);
	reply_reset(&reply);
	routes_dispatch(&routes, &status, &request, &reply);
	assert_true(reply_send(&reply, &wire, !strcmp(method, "HEAD")));
	buf_done(&request.body);
	reply_done(&reply);
	return memory.out;
}

static void assert_answer(const char *method, const char *path, const char *has)
{
	auto_buf out = ask(method, path, "", "", 0);

	assert_non_null(strstr(buf_text(&out), has));
}

static void route_is_found_by_method_and_whole_path(void **state)
{
	(void)state;
	assert_answer("GET", "/a", "Status: 200\r\n");
	assert_answer("GET", "/a/", "Status: 404\r\n");
	assert_answer("GET", "/", "Status: 404\r\n");
	assert_answer("GET", "", "Status: 404\r\n");
	assert_answer("POST", "/b", "Status: 204\r\n");
}

static void a_star_stands_for_one_segment(void **state)
{
	(void)state;
	assert_answer("GET", "/c/1", "Status: 200\r\n");
	assert_answer("HEAD", "/c/x*y", "Status: 200\r\n");
	assert_answer("GET", "/c/", "Status: 404\r\n");
	assert_answer("GET", "/c/1/2", "Status: 404\r\n");
	assert_answer("GET", "/cc/1", "Status: 404\r\n");
	assert_answer("POST", "/c/1", "Status: 405\r\n");
	assert_answer("POST", "/c/1", "\r\nAllow: GET, HEAD\r\n");
	assert_answer("GET", "/c", "\r\nAllow: POST\r\n");
}

static void wrong_method_names_all_that_are_allowed(void **state)
{
	(void)state;
	assert_answer("PUT", "/a", "Status: 405\r\n");
	assert_answer("PUT", "/a", "\r\nAllow: GET, HEAD, POST\r\n");
	assert_answer("GET", "/b", "\r\nAllow: POST\r\n");
	assert_answer("get", "/a", "Status: 405\r\n");
}

static void head_has_the_length_and_no_body(void **state)
{
	auto_buf out = ask("HEAD", "/a", "", "", 0);

	(void)state;
	assert_non_null(strstr(buf_text(&out), "Content-Length: 6\r\n"));
	assert_null(strstr(buf_text(&out), "served"));
}

static void body_up_to_the_maximum_is_read(void **state)
{
	auto_buf out = ask("POST", "/a", "10", "0123456789", 10);

	(void)state;
	assert_non_null(strstr(buf_text(&out), "\r\n\r\n0123456789served"));
}

static void body_over_the_maximum_is_413(void **state)
{
	static const char *const lengths[] = { "11", "1000000000000" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		auto_buf out = ask("POST", "/a", lengths[i], "01234567890", 11);

		assert_non_null(strstr(buf_text(&out), "Status: 413\r\n"));
	}
}

static void body_cut_short_is_400(void **state)
{
	auto_buf out = ask("POST", "/a", "10", "0123", 4);

	(void)state;
	assert_non_null(strstr(buf_text(&out), "Status: 400\r\n"));
}

static void length_that_is_no_number_is_400(void **state)
{
	static const char *const lengths[] = { "-1", "1x", "99999999999999999999", "0x10" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		auto_buf out = ask("POST", "/a", lengths[i], "0123456789", 10);

		assert_non_null(strstr(buf_text(&out), "Status: 400\r\n"));
	}
}

static void every_page_has_the_browser_headers(void **state)
{
	(void)state;
	assert_answer("GET", "/a", "Cache-Control: no-store\r\n");
	assert_answer("GET", "/a", "X-Content-Type-Options: nosniff\r\n");
	assert_answer("GET", "/a", "Referrer-Policy: same-origin\r\n");
	assert_answer("GET", "/a",
		"Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; "
		"form-action 'self'; "
		"base-uri 'none'; frame-ancestors 'none'\r\n");
	assert_answer("GET", "/nowhere", "Cache-Control: no-store\r\n");
}

static void header_that_would_end_itself_becomes_500(void **state)
{
	auto_buf out = ask("GET", "/evil", "", "", 0);

	(void)state;
	assert_non_null(strstr(buf_text(&out), "Status: 500\r\n"));
	assert_null(strstr(buf_text(&out), "evil"));
	assert_null(strstr(buf_text(&out), "secret"));
}

static struct request with_params(char **params)
{
	struct wire wire = { params, memory_read, memory_write, NULL };
	struct request request = { 0 };

	request_read(&request, &wire, 10);
	return request;
}

/* A thread's next request has nothing of the one before. */
static void body_is_this_request_s_alone(void **state)
{
	char four[] = "CONTENT_LENGTH=4", three[] = "CONTENT_LENGTH=3", none[] = "CONTENT_LENGTH=0";
	char *first[] = { four, NULL }, *second[] = { three, NULL }, *third[] = { none, NULL };
	struct memory memory = { .body = "long", .body_len = 4 };
	struct wire wire = { first, memory_read, memory_write, &memory };
	struct request request = { 0 };

	(void)state;
	request_read(&request, &wire, 10);
	assert_string_equal(buf_text(&request.body), "long");
	wire.params = second;
	memory = (struct memory){ .body = "abc", .body_len = 3 };
	request_read(&request, &wire, 10);
	assert_int_equal(request.body.len, 3);
	assert_string_equal(buf_text(&request.body), "abc");
	wire.params = first; /* cut short */
	request_read(&request, &wire, 10);
	assert_int_equal(request.body_state, BODY_CUT_SHORT);
	wire.params = third;
	request_read(&request, &wire, 10);
	assert_int_equal(request.body_state, BODY_WHOLE);
	assert_int_equal(request.body.len, 0);
	buf_done(&request.body);
}

static void body_that_is_longer_than_one_read_is_whole(void **state)
{
	enum { LENGTH = 40000 };
	static char body[LENGTH];
	char length[] = "CONTENT_LENGTH=40000";
	char *params[] = { length, NULL };
	struct memory memory = { .body = body, .body_len = LENGTH };
	struct wire wire = { params, memory_read, memory_write, &memory };
	struct request request = { 0 };

	(void)state;
	for (size_t i = 0; i < LENGTH; i++)
		body[i] = (char)('a' + i % 23);
	request_read(&request, &wire, LENGTH);
	assert_int_equal(request.body_state, BODY_WHOLE);
	assert_int_equal(request.body.len, LENGTH);
	assert_memory_equal(request.body.data, body, LENGTH);
	buf_done(&request.body);
}

static void path_is_in_either_of_its_variables(void **state)
{
	char empty[] = "SCRIPT_NAME=", info[] = "PATH_INFO=/a", query[] = "QUERY_STRING=b=1";
	char *params[] = { empty, info, query, NULL };
	struct request request = with_params(params);

	(void)state;
	assert_string_equal(request.path, "/a");
	assert_string_equal(request.query, "b=1");
}

static void request_id_is_nginx_s_or_a_new_one(void **state)
{
	char given[] = "REQUEST_ID=0123456789abcdef0123456789abcdef";
	char bad[][60] = { "REQUEST_ID=0123\n", "REQUEST_ID=0123456789abcdef0123456789abcde\n",
		"REQUEST_ID=0123456789abcdef0123456789abcdef0", "REQUEST_ID=0123456789abcdef0123456789abcdef\n" };
	char *params[] = { given, NULL };

	(void)state;
	assert_string_equal(with_params(params).id, "0123456789abcdef0123456789abcdef");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char *bad_params[] = { bad[i], NULL };
		struct request one = with_params(bad_params), two = with_params(bad_params);

		assert_int_equal(strlen(one.id), 32);
		assert_int_equal(strspn(one.id, "0123456789abcdef"), 32);
		assert_string_not_equal(one.id, two.id);
		assert_string_not_equal(one.id, given + sizeof "REQUEST_ID");
	}
}

static void too_many_parameters_are_400(void **state)
{
	static char huge[64 * 1024 - sizeof "SCRIPT_NAME=/a" + 1];
	char path[] = "SCRIPT_NAME=/a";
	char *params[] = { huge, path, NULL };

	(void)state;
	memset(huge, 'a', sizeof huge - 1);
	assert_true(with_params(params).params_too_large);
	huge[sizeof huge - 2] = '\0';
	assert_false(with_params(params).params_too_large); /* 64 KiB, with a byte's end each */
}

static void cookie_is_found_among_others(void **state)
{
	char cookies[] = "HTTP_COOKIE=a=1; tollgate2=no;tollgate=yes=; tollgate=second";
	char *params[] = { cookies, NULL };
	struct request request = with_params(params);
	size_t len = 0;
	const char *value = request_cookie(&request, "tollgate", &len);

	(void)state;
	assert_non_null(value);
	assert_int_equal(len, 4);
	assert_memory_equal(value, "yes=", 4);
	assert_null(request_cookie(&request, "toll", &len));
	assert_null(request_cookie(&request, "b", &len));
}

static void content_type_is_compared_without_parameters(void **state)
{
	char type[] = "CONTENT_TYPE=Application/X-WWW-form-urlencoded; charset=UTF-8",
		 other[] = "CONTENT_TYPE=text/plainly";
	char *params[] = { type, NULL }, *others[] = { other, NULL };
	struct request request = with_params(params);

	(void)state;
	assert_true(request_is_type(&request, "application/x-www-form-urlencoded"));
	request = with_params(others);
	assert_false(request_is_type(&request, "text/plain"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(route_is_found_by_method_and_whole_path),
		cmocka_unit_test(a_star_stands_for_one_segment),
		cmocka_unit_test(wrong_method_names_all_that_are_allowed),
		cmocka_unit_test(head_has_the_length_and_no_body),
		cmocka_unit_test(body_up_to_the_maximum_is_read),
		cmocka_unit_test(body_over_the_maximum_is_413),
		cmocka_unit_test(body_cut_short_is_400),
		cmocka_unit_test(length_that_is_no_number_is_400),
		cmocka_unit_test(every_page_has_the_browser_headers),
		cmocka_unit_test(header_that_would_end_itself_becomes_500),
		cmocka_unit_test(body_is_this_request_s_alone),
		cmocka_unit_test(body_that_is_longer_than_one_read_is_whole),
		cmocka_unit_test(path_is_in_either_of_its_variables),
		cmocka_unit_test(request_id_is_nginx_s_or_a_new_one),
		cmocka_unit_test(too_many_parameters_are_400),
		cmocka_unit_test(cookie_is_found_among_others),
		cmocka_unit_test(content_type_is_compared_without_parameters),
	};

	return UNIT_RUN(tests);
}
