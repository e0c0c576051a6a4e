/* sandbox/signature: what a signed request must be, and every way in which it is refused. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "aws/sigv4.h"
#include "sandbox/keypair.h"
#include "sandbox/signature.h"

enum { NOW_S = 1767225600, SKEW_S = 900, PARAMS_MAX = 12 }; /* 2026-01-01T00:00:00Z */

/* A request as it is signed, and as it is then sent. */
struct sent {
	const char *secret, *key, *region, *service, *terminator, *date, *time, *signed_headers;
	const char *body, *sent_body, *authorization;
	const char *extra[4]; /* more CGI variables */
};

static const struct sent good = { .secret = SANDBOX_SECRET_ACCESS_KEY,
	.key = SANDBOX_ACCESS_KEY_ID,
	.region = "us-east-1",
	.service = "aws-marketplace",
	.terminator = "aws4_request",
	.date = "20260101",
	.time = "20260101T000000Z",
	.signed_headers = "content-type;host;x-amz-date;x-amz-target",
	.body = "{}" };

/* The values of the headers that `good` signs, in their order. */
static void sign(const struct sent *sent, char ret_hex[65])
{
	const struct sigv4_header headers[] = { { "content-type", "application/x-amz-json-1.1" },
		{ "host", "127.0.0.1:8081" }, { "x-amz-date", sent->time },
		{ "x-amz-target", "AWSMPMeteringService.ResolveCustomer" } };
	const struct sigv4_request request = { "POST", "/", "", headers, 4, sent->body,
		strlen(sent->body) };
	const struct sigv4_scope scope = { strlen(sent->time) == 16 ? sent->time : good.time,
		sent->region, sent->service };
	auto_buf canonical = BUF_INIT(10000), text = BUF_INIT(10000);
	struct sigv4_key key;

	sigv4_canonical_request(&canonical, &request);
	sigv4_string_to_sign(&text, &scope, buf_text(&canonical), canonical.len);
	sigv4_signing_key(sent->secret, &scope, &key);
	sigv4_signature(&key, buf_text(&text), text.len, ret_hex);
}

static char *variable(const char *name, const char *value)
{
	char *text = NULL;

	assert_true(asprintf(&text, "%s=%s", name, value) > 0);
	return text;
}

/* What the sandbox says at NOW_S. */
static enum refusal check(const struct sent *sent, struct buf *why)
{
	struct request request = { .method = "POST", .path = "/", .query = "" };
	char *params[PARAMS_MAX] = { 0 }, *authorization, hex[65];
	const char *body = sent->sent_body ? sent->sent_body : sent->body;
	size_t n = 0;
	enum refusal refusal;

	sign(sent, hex);
	assert_true(asprintf(&authorization,
					"AWS4-HMAC-SHA256 Credential=%s/%s/%s/%s/%s, SignedHeaders=%s, Signature=%s",
					sent->key, sent->date, sent->region, sent->service, sent->terminator,
					sent->signed_headers, hex) > 0);
	params[n++] = variable("CONTENT_TYPE", "application/x-amz-json-1.1");
	params[n++] = variable("HTTP_HOST", "127.0.0.1:8081");
	params[n++] = variable("HTTP_X_AMZ_TARGET", "AWSMPMeteringService.ResolveCustomer");
	params[n++] = variable("HTTP_USER_AGENT", "not signed");
	if (*sent->time)
		params[n++] = variable("HTTP_X_AMZ_DATE", sent->time);
	if (!sent->authorization || *sent->authorization)
		params[n++] = variable(
			"HTTP_AUTHORIZATION", sent->authorization ? sent->authorization : authorization);
	for (size_t i = 0; i < 4 && sent->extra[i]; i++)
		params[n++] = strdup(sent->extra[i]);
	request.params = params;
	request.body = BUF_INIT(10000);
	buf_puts(&request.body, body);
	refusal = signature_check(&request, NOW_S, SKEW_S, why);
	for (size_t i = 0; i < n; i++)
		free(params[i]);
	free(authorization);
	buf_done(&request.body);
	return refusal;
}

/* Refused for that reason, in words that have `says` in them. */
static void refused(const struct sent *sent, enum refusal wanted, const char *says)
{
	auto_buf why = BUF_INIT(2000);

	assert_int_equal(check(sent, &why), wanted);
	assert_non_null(strstr(buf_text(&why), says));
}

static void a_right_signature_holds(void **state)
{
	auto_buf why = BUF_INIT(2000);

	(void)state;
	assert_int_equal(check(&good, &why), REFUSAL_NONE);
	assert_string_equal(buf_text(&why), "");
}

static void another_secret_is_refused(void **state)
{
	struct sent sent = good;

	(void)state;
	sent.secret = "sandbox/secret/that+could/never+be/real1";
	refused(&sent, REFUSAL_BAD_SIGNATURE, "does not match");
}

static void a_changed_body_is_refused(void **state)
{
	struct sent sent = good;

	(void)state;
	sent.sent_body = "{ }";
	refused(&sent, REFUSAL_BAD_SIGNATURE, "does not match");
}

static void no_authorization_is_unsigned(void **state)
{
	struct sent sent = good;

	(void)state;
	sent.authorization = "";
	refused(&sent, REFUSAL_UNSIGNED, "Missing Authentication Token");
}

#define CREDENTIAL                                                                                 \
	"Credential=" SANDBOX_ACCESS_KEY_ID "/20260101/us-east-1/aws-marketplace/aws4_request"
#define SIGNATURE "Signature=0123456789012345678901234567890123456789012345678901234567890123"

static void a_malformed_header_is_incomplete(void **state)
{
	static const char *const headers[] = { "Bearer abc", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 ",
		"AWS4-HMAC-SHA256 " CREDENTIAL, "AWS4-HMAC-SHA256 " CREDENTIAL ", SignedHeaders=host",
		"AWS4-HMAC-SHA256 " CREDENTIAL ", SignedHeaders=host, Signature=abc",
		"AWS4-HMAC-SHA256 SignedHeaders=host, " SIGNATURE,
		"AWS4-HMAC-SHA256 " CREDENTIAL ", " CREDENTIAL ", SignedHeaders=host, " SIGNATURE,
		"AWS4-HMAC-SHA256 " CREDENTIAL ", SignedHeaders=host, " SIGNATURE ", Other=1",
		"AWS4-HMAC-SHA256 Credential=" SANDBOX_ACCESS_KEY_ID ", SignedHeaders=host, " SIGNATURE,
		"AWS4-HMAC-SHA256 " CREDENTIAL "/more, SignedHeaders=host, " SIGNATURE,
		"AWS4-HMAC-SHA1 " CREDENTIAL ", SignedHeaders=host, " SIGNATURE };

	(void)state;
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
		struct sent sent = good;

		sent.authorization = headers[i];
		refused(&sent, REFUSAL_INCOMPLETE_SIGNATURE, "Authorization must be");
	}
}

static void no_date_is_incomplete(void **state)
{
	struct sent sent = good;

	(void)state;
	sent.time = "";
	refused(&sent, REFUSAL_INCOMPLETE_SIGNATURE, "X-Amz-Date");
	sent.time = "Thu, 01 Jan 2026";
	refused(&sent, REFUSAL_INCOMPLETE_SIGNATURE, "X-Amz-Date");
}

static void another_access_key_is_unknown(void **state)
{
	struct sent sent = good;

	(void)state;
	sent.key = "AKIAIOSFODNN7EXAMPLE";
	refused(&sent, REFUSAL_UNKNOWN_KEY, SANDBOX_ACCESS_KEY_ID);
}

static void a_wrong_scope_is_refused(void **state)
{
	struct sent sent = good;

	(void)state;
	sent.region = "moon-east-1";
	refused(&sent, REFUSAL_BAD_SIGNATURE, "valid region");
	sent = good;
	sent.service = "metering.marketplace";
	refused(&sent, REFUSAL_BAD_SIGNATURE, "correct service: 'aws-marketplace'");
	sent = good;
	sent.terminator = "aws4";
	refused(&sent, REFUSAL_BAD_SIGNATURE, "valid terminator");
	sent = good;
	sent.date = "20251231";
	refused(&sent, REFUSAL_BAD_SIGNATURE, "Date in Credential scope");
	sent.date = "2026010";
	refused(&sent, REFUSAL_BAD_SIGNATURE, "Date in Credential scope");
}

static void every_region_of_the_service_is_right(void **state)
{
	static const char *const regions[] = { "us-west-2", "eu-central-1", "cn-northwest-1" };

	(void)state;
	for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++) {
		struct sent sent = good;
		auto_buf why = BUF_INIT(2000);

		sent.region = regions[i];
		assert_int_equal(check(&sent, &why), REFUSAL_NONE);
	}
}

static void a_region_without_the_api_is_one_too(void **state)
{
	struct sent sent = good;
	auto_buf why = BUF_INIT(2000);

	(void)state;
	sent.region = "mx-central-1";
	assert_int_equal(check(&sent, &why), REFUSAL_NONE);
	assert_int_equal(region_find("mx-central-1"), REGION_WITHOUT_API);
	assert_int_equal(region_find("eusc-de-east-1"), REGION_WITHOUT_API);
	assert_int_equal(region_find("us-east-1"), REGION_SERVED);
	assert_int_equal(region_find("moon-east-1"), REGION_UNKNOWN);
	assert_int_equal(region_find(""), REGION_UNKNOWN);
}

static void the_region_can_be_asked_for(void **state)
{
	char header[] = "HTTP_AUTHORIZATION=AWS4-HMAC-SHA256 Credential=K/20260101/eu-west-3/"
					"aws-marketplace/aws4_request, SignedHeaders=host, Signature="
					"0123456789012345678901234567890123456789012345678901234567890123";
	struct request request = { .params = (char *[]){ header, NULL } };
	char region[REGION_SIZE];

	(void)state;
	assert_true(signature_region(&request, region));
	assert_string_equal(region, "eu-west-3");
	request.params = (char *[]){ NULL };
	assert_false(signature_region(&request, region));
}

static void fifteen_minutes_off_is_the_most(void **state)
{
	struct sent sent = good;
	auto_buf why = BUF_INIT(2000);

	(void)state;
	sent.time = "20260101T001500Z";
	assert_int_equal(check(&sent, &why), REFUSAL_NONE);
	sent.time = "20260101T001501Z";
	refused(&sent, REFUSAL_STALE_SIGNATURE, "not yet current");
	sent.date = "20251231";
	sent.time = "20251231T234500Z";
	assert_int_equal(check(&sent, &why), REFUSAL_NONE);
	sent.time = "20251231T234459Z";
	refused(&sent, REFUSAL_STALE_SIGNATURE, "expired");
}

static void what_must_be_signed_is_named(void **state)
{
	struct sent sent = good;

	(void)state;
	sent.signed_headers = "content-type;x-amz-date;x-amz-target";
	refused(&sent, REFUSAL_BAD_SIGNATURE, "'host' must be");
	sent.signed_headers = "content-type;host;x-amz-target";
	refused(&sent, REFUSAL_BAD_SIGNATURE, "'x-amz-date' must be");
	sent.signed_headers = "content-type;host;x-amz-date";
	refused(&sent, REFUSAL_BAD_SIGNATURE, "'x-amz-target' must be");
	sent.signed_headers = "host;x-amz-date;x-amz-target";
	refused(&sent, REFUSAL_BAD_SIGNATURE, "'content-type' must be");
	sent = good;
	sent.extra[0] = "HTTP_X_AMZ_SECURITY_TOKEN=session";
	refused(&sent, REFUSAL_BAD_SIGNATURE, "'x-amz-security-token' must be");
}

static void the_list_of_headers_is_strict(void **state)
{
	struct sent sent = good;

	(void)state;
	sent.signed_headers = "host;content-type;x-amz-date;x-amz-target";
	refused(&sent, REFUSAL_BAD_SIGNATURE, "alphabetical");
	sent.signed_headers = "content-type;host;host;x-amz-date;x-amz-target";
	refused(&sent, REFUSAL_BAD_SIGNATURE, "each once");
	sent.signed_headers = "Content-Type;Host;X-Amz-Date;X-Amz-Target";
	refused(&sent, REFUSAL_BAD_SIGNATURE, "lower-case");
	sent.signed_headers = "content-type;host;x-amz-date;x-amz-target;";
	refused(&sent, REFUSAL_BAD_SIGNATURE, "lower-case");
	sent.signed_headers = "accept;content-type;host;x-amz-date;x-amz-target";
	refused(&sent, REFUSAL_BAD_SIGNATURE, "was not sent");
}

static void a_header_more_than_was_signed_changes_the_signature(void **state)
{
	struct sent sent = good;

	(void)state;
	sent.signed_headers = "content-type;host;user-agent;x-amz-date;x-amz-target";
	refused(&sent, REFUSAL_BAD_SIGNATURE, "does not match");
}

static void times_are_read_strictly(void **state)
{
	static const char *const bad[] = { "", "20260101T000000", "20260101T0000000Z",
		"20260230T000000Z", "20260101T240000Z", "2026 101T000000Z", "20260101 000000Z" };
	int64_t at = 0;

	(void)state;
	assert_true(signature_parse_time("20260101T000000Z", &at));
	assert_int_equal(at, NOW_S);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(signature_parse_time(bad[i], &at));
}

static void the_secret_has_the_length_of_a_real_one(void **state)
{
	(void)state;
	assert_int_equal(strlen(SANDBOX_SECRET_ACCESS_KEY), 40);
	assert_int_equal(strlen(SANDBOX_ACCESS_KEY_ID), 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_right_signature_holds),
		cmocka_unit_test(another_secret_is_refused),
		cmocka_unit_test(a_changed_body_is_refused),
		cmocka_unit_test(no_authorization_is_unsigned),
		cmocka_unit_test(a_malformed_header_is_incomplete),
		cmocka_unit_test(no_date_is_incomplete),
		cmocka_unit_test(another_access_key_is_unknown),
		cmocka_unit_test(a_wrong_scope_is_refused),
		cmocka_unit_test(every_region_of_the_service_is_right),
		cmocka_unit_test(a_region_without_the_api_is_one_too),
		cmocka_unit_test(the_region_can_be_asked_for),
		cmocka_unit_test(fifteen_minutes_off_is_the_most),
		cmocka_unit_test(what_must_be_signed_is_named),
		cmocka_unit_test(the_list_of_headers_is_strict),
		cmocka_unit_test(a_header_more_than_was_signed_changes_the_signature),
		cmocka_unit_test(times_are_read_strictly),
		cmocka_unit_test(the_secret_has_the_length_of_a_real_one),
	};

	return UNIT_RUN(tests);
}
