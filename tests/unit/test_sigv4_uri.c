/* aws/sigv4: canonical paths, query strings and repeated headers. tests/signing.t asks other
 * libraries about thousands more. */
#include "tests/unit/unit.h"

#include "aws/sigv4.h"

enum { OUT_MAX = 4096 };

struct form {
	const char *sent, *canonical;
};

static void check(void (*make)(struct buf *out, const char *sent), const struct form *forms)
{
	for (; forms->sent; forms++) {
		auto_buf out = BUF_INIT(OUT_MAX);

		make(&out, forms->sent);
		assert_string_equal(buf_text(&out), forms->canonical);
		assert_false(out.failed);
	}
}

static void a_path_has_no_empty_and_no_dot_segments(void **state)
{
	static const struct form forms[] = { { "", "/" }, { "/", "/" }, { "//", "/" }, { "/.", "/" },
		{ "/./", "/" }, { "/..", "/" }, { "/a", "/a" }, { "/a/", "/a/" }, { "/a//b", "/a/b" },
		{ "/./a", "/a" }, { "/a/..", "/" }, { "/a/../", "/" }, { "/a/b/../c", "/a/c" },
		{ "/a/b/../..", "/" }, { "/../../a", "/a" }, { "/a/b/..", "/a" }, { "/...", "/..." },
		{ "/.a/a./..b", "/.a/a./..b" }, { 0 } };

	(void)state;
	check(sigv4_canonical_path, forms);
}

static void a_path_is_encoded_once_more(void **state)
{
	static const struct form forms[] = { { "/a b", "/a%20b" }, { "/a%20b", "/a%2520b" },
		{ "/-._~0aZ", "/-._~0aZ" }, { "/a%2Fb", "/a%252Fb" }, { "/\xe1\x88\xb4", "/%E1%88%B4" },
		{ "/!*'()", "/%21%2A%27%28%29" }, { "/%2e%2e/a", "/%252e%252e/a" }, { 0 } };

	(void)state;
	check(sigv4_canonical_path, forms);
}

static void a_query_is_sorted_by_name_then_by_value(void **state)
{
	static const struct form forms[] = { { "", "" }, { "b=1&a=2", "a=2&b=1" },
		{ "a=2&a=1&a=10", "a=1&a=10&a=2" }, { "A=1&a=2&0=3", "0=3&A=1&a=2" },
		{ "a-b=1&a=2", "a=2&a-b=1" }, { "a%20=1&a=2&a~=3", "a=2&a%20=1&a~=3" },
		{ "\xc3\xa9=1&z=2", "%C3%A9=1&z=2" }, { 0 } };

	(void)state;
	check(sigv4_canonical_query, forms);
}

static void each_spelling_of_a_query_becomes_the_same(void **state)
{
	static const struct form forms[] = { { "a", "a=" }, { "a=", "a=" }, { "a&b", "a=&b=" },
		{ "&&a=1&&", "a=1" }, { "=1", "=1" }, { "a=b=c", "a=b%3Dc" }, { "%61=%7e", "a=~" },
		{ "a=%2f%2F/", "a=%2F%2F%2F" }, { "a=1+1", "a=1%2B1" }, { "a=1%2B1", "a=1%2B1" },
		{ "a=%", "a=%25" }, { "a=%4", "a=%254" }, { "a=%zz", "a=%25zz" }, { "a=%00", "a=%00" },
		{ "a=%25%34%31", "a=%2541" }, { "xabc=cafe", "xabc=cafe" }, { "a= ", "a=%20" }, { 0 } };

	(void)state;
	check(sigv4_canonical_query, forms);
}

static void what_is_too_long_fails(void **state)
{
	auto_buf path = BUF_INIT(3), query = BUF_INIT(3);

	(void)state;
	sigv4_canonical_path(&path, "/abc");
	assert_true(path.failed);
	sigv4_canonical_query(&query, "a=bc");
	assert_true(query.failed);
}

static void what_is_too_long_is_not_signed(void **state)
{
	static char value[128 * 1024];
	const struct sigv4_header header = { "a", value };
	const struct sigv4_request request = { "GET", "/", "", &header, 1, "", 0 };
	const struct sigv4_scope scope = { "20260131T120000Z", "eu-west-1", "service" };
	const struct sigv4_key key = { .ready = NULL };
	auto_buf out = BUF_INIT(OUT_MAX);

	(void)state;
	memset(value, 'x', sizeof value - 1);
	sigv4_authorization(&out, &request, &scope, "AKIDEXAMPLE", &key);
	assert_true(out.failed);
}

static void values_of_one_header_are_joined(void **state)
{
	static const struct sigv4_header headers[] = { { "a", "2 " }, { "a", "" }, { "a", " 1  1" },
		{ "b", "x" } };
	struct sigv4_request request = { "GET", "/", "", headers, 4, "", 0 };
	auto_buf out = BUF_INIT(OUT_MAX);

	(void)state;
	sigv4_canonical_request(&out, &request);
	assert_string_equal(buf_text(&out),
		"GET\n/\n\na:2,,1 1\nb:x\n\na;b\n"
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_has_no_empty_and_no_dot_segments),
		cmocka_unit_test(a_path_is_encoded_once_more),
		cmocka_unit_test(a_query_is_sorted_by_name_then_by_value),
		cmocka_unit_test(each_spelling_of_a_query_becomes_the_same),
		cmocka_unit_test(what_is_too_long_fails),
		cmocka_unit_test(what_is_too_long_is_not_signed),
		cmocka_unit_test(values_of_one_header_are_joined),
	};

	return UNIT_RUN(tests);
}
