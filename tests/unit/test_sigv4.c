/* Each stage of signing on its own, against the vectors that AWS published (tests/unit/data/sigv4),
 * and our own request against signatures of botocore's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/sigv4.h"

static const char folder[] = "tests/unit/data/sigv4";
static const char key_id[] = "AKIDEXAMPLE";
static const char secret[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
static const struct sigv4_scope scope = { "20150830T123600Z", "us-east-1", "service" };

enum { FILE_MAX = 4096, HEADERS_MAX = 8 };

/* A case of the suite, its request taken apart. */
struct vector {
	char text[FILE_MAX], creq[FILE_MAX], sts[FILE_MAX], authz[FILE_MAX];
	struct sigv4_header headers[HEADERS_MAX];
	struct sigv4_request request;
};

static void read_file(const char *name, const char *part, char ret_text[FILE_MAX])
{
	char path[256];
	size_t len;
	FILE *file;

	snprintf(path, sizeof path, "%s/%s.%s", folder, name, part);
	file = fopen(path, "r");
	if (!file)
		fail_msg("cannot open %s; the tests run in the repository's root", path);
	len = fread(ret_text, 1, FILE_MAX - 1, file);
	ret_text[len] = '\0';
	fclose(file);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct sigv4_header *)a)->name, ((const struct sigv4_header *)b)->name);
}

static void read_header(struct vector *v, char *line)
{
	char *value = strchr(line, ':');

	assert_non_null(value);
	*value++ = '\0';
	for (char *c = line; *c; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 'a' - 'A' : *c);
	assert_true(v->request.n_headers < HEADERS_MAX);
	v->headers[v->request.n_headers++] = (struct sigv4_header){ line, value };
}

static struct vector *read_vector(const char *name)
{
	struct vector *v = calloc(1, sizeof *v);
	char *line, *body, *rest, *path, *query;

	assert_non_null(v);
	read_file(name, "req", v->text);
	read_file(name, "creq", v->creq);
	read_file(name, "sts", v->sts);
	read_file(name, "authz", v->authz);
	body = strstr(v->text, "\n\n");
	v->request.body = body ? body + 2 : "";
	v->request.body_len = strlen(v->request.body);
	if (body)
		*body = '\0';
	v->request.method = strtok_r(v->text, " ", &rest);
	path = strtok_r(NULL, " ", &rest);
	query = strchr(path, '?');
	v->request.query = query ? query + 1 : "";
	if (query)
		*query = '\0';
	v->request.path = path;
	strtok_r(NULL, "\n", &rest); /* the protocol */
	while ((line = strtok_r(NULL, "\n", &rest)))
		read_header(v, line);
	qsort(v->headers, v->request.n_headers, sizeof v->headers[0], by_name);
	v->request.headers = v->headers;
	return v;
}

static void test_canonical_request(void **state)
{
	struct vector *v = read_vector(*state);
	auto_buf out = BUF_INIT(FILE_MAX);

	sigv4_canonical_request(&out, &v->request);
	assert_string_equal(buf_text(&out), v->creq);
	free(v);
}

static void test_string_to_sign(void **state)
{
	struct vector *v = read_vector(*state);
	auto_buf out = BUF_INIT(FILE_MAX);

	sigv4_string_to_sign(&out, &scope, v->creq, strlen(v->creq));
	assert_string_equal(buf_text(&out), v->sts);
	free(v);
}

static void test_signature(void **state)
{
	struct vector *v = read_vector(*state);
	struct sigv4_key key;
	char hex[65];

	sigv4_signing_key(secret, &scope, &key);
	sigv4_signature(&key, v->sts, strlen(v->sts), hex);
	assert_string_equal(hex, strstr(v->authz, "Signature=") + strlen("Signature="));
	free(v);
}

static void test_authorization(void **state)
{
	struct vector *v = read_vector(*state);
	auto_buf out = BUF_INIT(FILE_MAX);
	struct sigv4_key key;

	sigv4_signing_key(secret, &scope, &key);
	sigv4_authorization(&out, &v->request, &scope, key_id, &key);
	assert_string_equal(buf_text(&out), v->authz);
	free(v);
}

/* From AWS's page "Examples of how to derive a signing key". */
static void test_signing_key_is_the_documented_one(void **state)
{
	static const unsigned char documented[] = {
		0xc4, 0xaf, 0xb1, 0xcc, 0x57, 0x71, 0xd8, 0x71, 0x76, 0x3a, 0x39,
		0x3e, 0x44, 0xb7, 0x03, 0x57, 0x1b, 0x55, 0xcc, 0x28, 0x42, 0x4d,
		0x1a, 0x5e, 0x86, 0xda, 0x6e, 0xd3, 0xc1, 0x54, 0xa4, 0xb9,
	};
	static const struct sigv4_scope iam = { "20150830T000000Z", "us-east-1", "iam" };
	struct sigv4_key key;

	(void)state;
	sigv4_signing_key(secret, &iam, &key);
	assert_memory_equal(key.bytes, documented, sizeof documented);
}

static void check_our_request(const char *session_token, const char *signature)
{
	struct sigv4_header headers[5] = {
		{ "content-type", "application/x-amz-json-1.1" },
		{ "host", "metering.marketplace.eu-west-1.amazonaws.com" },
		{ "x-amz-date", "20260131T120000Z" },
	};
	static const char body[] = "{\"RegistrationToken\":\"abc+/=%\"}";
	struct sigv4_request request = { "POST", "/", "", headers, 3, body, sizeof body - 1 };
	struct sigv4_scope ours = { "20260131T120000Z", "eu-west-1", "aws-marketplace" };
	auto_buf out = BUF_INIT(FILE_MAX);
	struct sigv4_key key;

	if (session_token)
		headers[request.n_headers++] =
			(struct sigv4_header){ "x-amz-security-token", session_token };
	headers[request.n_headers++] =
		(struct sigv4_header){ "x-amz-target", "AWSMPMeteringService.ResolveCustomer" };
	sigv4_signing_key(secret, &ours, &key);
	sigv4_authorization(&out, &request, &ours, key_id, &key);
	assert_string_equal(strstr(buf_text(&out), "Signature=") + strlen("Signature="), signature);
}

static void test_resolve_customer_is_signed_as_botocore_signs_it(void **state)
{
	(void)state;
	check_our_request(NULL, "37165240598eeedebca35514ca7c2b956729baa13c452a2c14e2144c81fcb8b5");
}

static void test_session_token_is_signed_as_botocore_signs_it(void **state)
{
	(void)state;
	check_our_request("IQoJb3JpZ2luX2VjE+/token==",
		"b5b82652d5b1d2bc77d5b0e4f1e48115f9fad1843fac4eb0bce82cef71007d90");
}

static void test_another_body_has_another_signature(void **state)
{
	static const struct sigv4_header headers[] = { { "host", "h" } };
	struct sigv4_request request = { "POST", "/", "", headers, 1, "a", 1 };
	auto_buf one = BUF_INIT(FILE_MAX);
	auto_buf two = BUF_INIT(FILE_MAX);
	struct sigv4_key key;

	(void)state;
	sigv4_signing_key(secret, &scope, &key);
	sigv4_authorization(&one, &request, &scope, key_id, &key);
	request.body = "b";
	sigv4_authorization(&two, &request, &scope, key_id, &key);
	assert_string_not_equal(buf_text(&one), buf_text(&two));
}

static void test_too_small_a_buffer_fails(void **state)
{
	static const struct sigv4_header headers[] = { { "host", "h" } };
	struct sigv4_request request = { "POST", "/", "", headers, 1, "", 0 };
	auto_buf out = BUF_INIT(100);
	struct sigv4_key key;

	(void)state;
	sigv4_signing_key(secret, &scope, &key);
	sigv4_authorization(&out, &request, &scope, key_id, &key);
	assert_true(out.failed);
}

#define STAGE(name, stage, test) { name ": " stage, test, NULL, NULL, (void *)(uintptr_t)name }
#define STAGES(name) \
	STAGE(name, "canonical request", test_canonical_request), \
	STAGE(name, "string to sign", test_string_to_sign), \
	STAGE(name, "signature", test_signature), \
	STAGE(name, "authorization header", test_authorization)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		STAGES("get-vanilla"),
		STAGES("get-header-value-trim"),
		STAGES("get-unreserved"),
		STAGES("get-vanilla-empty-query-key"),
		STAGES("get-vanilla-query-unreserved"),
		STAGES("post-vanilla"),
		STAGES("post-vanilla-query"),
		STAGES("post-header-key-case"),
		STAGES("post-header-key-sort"),
		STAGES("post-header-value-case"),
		STAGES("post-sts-header-before"),
		STAGES("post-x-www-form-urlencoded"),
		STAGES("post-x-www-form-urlencoded-parameters"),
		cmocka_unit_test(test_signing_key_is_the_documented_one),
		cmocka_unit_test(test_resolve_customer_is_signed_as_botocore_signs_it),
		cmocka_unit_test(test_session_token_is_signed_as_botocore_signs_it),
		cmocka_unit_test(test_another_body_has_another_signature),
		cmocka_unit_test(test_too_small_a_buffer_fails),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sigv4", tests, NULL, NULL);
}
