/* sandbox/signature_stage: each mistake that it knows is made here by hand, and has to be found. */
#include "tests/unit/unit.h"

#include <ctype.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "base/text.h"
#include "sandbox/signature_stage.h"

#define KEY_ID "AKIASANDBOXTOLLGATE0"
#define SECRET "sandbox/secret/that+could/never+be/real0"
#define TIME "20260101T000001Z"
#define BODY "{\"a\": \"B\"}\n"
#define SCOPE "20260101/us-east-1/aws-marketplace/aws4_request"

/* The canonical request in pieces; a right one is all of them, with the body's hash behind. */
#define FIRST "POST\n/\na=%2F&b=2\n"
#define TYPE "content-type:application/x-amz-json-1.1\n"
#define HOST "host:127.0.0.1:8081\n"
#define DATE "x-amz-date:" TIME "\n"
#define NOTE "x-amz-note:One Two\n"
#define SESSION "x-amz-security-token:never-log-this\n"
#define TARGET "x-amz-target:AWSMPMeteringService.ResolveCustomer\n"
#define LINES TYPE HOST DATE NOTE SESSION TARGET
#define LIST "content-type;host;x-amz-date;x-amz-note;x-amz-security-token;x-amz-target\n"
#define RIGHT FIRST LINES "\n" LIST

#define CAPITALS                                                                                   \
	"Content-Type:application/x-amz-json-1.1\nHost:127.0.0.1:8081\nX-Amz-Date:" TIME               \
	"\nX-Amz-Note:One Two\nX-Amz-Security-Token:never-log-this\n"                                  \
	"X-Amz-Target:AWSMPMeteringService.ResolveCustomer\n"
#define LIST_IN_CAPITALS                                                                           \
	"Content-Type;Host;X-Amz-Date;X-Amz-Note;X-Amz-Security-Token;X-Amz-Target\n"
#define LINES_AS_SENT HOST TARGET TYPE SESSION NOTE DATE
#define LIST_AS_SENT "host;x-amz-target;content-type;x-amz-security-token;x-amz-note;x-amz-date\n"

/* What the request's Host says; RIGHT has the first one. */
static const char *host_sent = "127.0.0.1:8081";

static const struct sigv4_scope scope = { TIME, "us-east-1", "aws-marketplace" };

static void sha256_hex(const void *data, size_t len, char ret_hex[65])
{
	unsigned char hash[32];

	SHA256(data, len, hash);
	text_hex(hash, sizeof hash, ret_hex);
}

static void hmac(const void *key, size_t len, const char *text, unsigned char ret_mac[32])
{
	HMAC(EVP_sha256(), key, (int)len, (const unsigned char *)text, strlen(text), ret_mac, NULL);
}

static void make_key(const char *secret, const char *date, const char *region, const char *service,
	unsigned char ret_key[32])
{
	hmac(secret, strlen(secret), date, ret_key);
	hmac(ret_key, 32, region, ret_key);
	hmac(ret_key, 32, service, ret_key);
	hmac(ret_key, 32, "aws4_request", ret_key);
}

static void sign(const void *key, size_t key_len, const char *to_sign, char ret_hex[65])
{
	unsigned char mac[32];

	hmac(key, key_len, to_sign, mac);
	text_hex(mac, sizeof mac, ret_hex);
}

static void add_to_sign(struct buf *out, const char *time, const char *in_scope,
	const char *canonical)
{
	char hash[65];

	sha256_hex(canonical, strlen(canonical), hash);
	buf_printf(out, "AWS4-HMAC-SHA256\n%s\n%s\n%s", time, in_scope, hash);
}

/* The canonical request as it should be. */
static const char *right_canonical(void)
{
	static char text[2000];
	char hash[65];

	sha256_hex(BODY, strlen(BODY), hash);
	snprintf(text, sizeof text, "%s%s", RIGHT, hash);
	return text;
}

/* What the sandbox says about a signature of that request, as nginx hands it over. */
static struct stage_finding find(const char *signature, const char *content_sha256)
{
	static const char *const names[] = { "HTTP_X_AMZ_TARGET=AWSMPMeteringService.ResolveCustomer",
		"HTTP_CONTENT_TYPE=application/x-amz-json-1.1", "HTTP_X_AMZ_SECURITY_TOKEN=never-log-this",
		"HTTP_X_AMZ_NOTE=One  Two", "HTTP_X_AMZ_DATE=" TIME, "SERVER_PORT=8081",
		"CONTENT_TYPE=application/x-amz-json-1.1" };
	const struct sigv4_header headers[] = { { "content-type", "application/x-amz-json-1.1" },
		{ "host", host_sent }, { "x-amz-date", TIME }, { "x-amz-note", "One  Two" },
		{ "x-amz-security-token", "never-log-this" },
		{ "x-amz-target", "AWSMPMeteringService.ResolveCustomer" } };
	const struct sigv4_request right = { "POST", "/", "a=%2F&b=2", headers, 6, BODY, strlen(BODY) };
	char texts[10][200], *params[11] = { 0 };
	struct request request = { .method = "POST", .path = "/", .query = "b=2&a=/" };
	const struct stage_input in = { &request, &right, &scope, KEY_ID, SECRET, signature };
	struct stage_finding finding;
	char hash[65];
	size_t n;

	snprintf(texts[0], sizeof texts[0], "HTTP_HOST=%s", host_sent);
	params[0] = texts[0];
	for (n = 1; n <= sizeof names / sizeof names[0]; n++)
		params[n] = strcpy(texts[n], names[n - 1]);
	if (content_sha256) {
		snprintf(texts[n], sizeof texts[n], "HTTP_X_AMZ_CONTENT_SHA256=%s", content_sha256);
		params[n] = texts[n];
	}
	request.params = params;
	signature_stage_find(&in, &finding);
	sha256_hex(right_canonical(), strlen(right_canonical()), hash);
	assert_int_equal(!strcmp(finding.canonical_sha256, hash), !strcmp(host_sent, "127.0.0.1:8081"));
	return finding;
}

static void is_found(const char *signature, const char *stage, const char *detail)
{
	struct stage_finding finding = find(signature, NULL);

	assert_string_equal(finding.stage, stage);
	assert_string_equal(finding.detail, detail);
}

/* Signs that canonical request, all else right. */
static void sign_canonical(const char *canonical, char ret_hex[65])
{
	auto_buf to_sign = BUF_INIT(10000);
	unsigned char key[32];

	add_to_sign(&to_sign, TIME, SCOPE, canonical);
	make_key("AWS4" SECRET, "20260101", "us-east-1", "aws-marketplace", key);
	sign(key, sizeof key, buf_text(&to_sign), ret_hex);
}

struct mistake {
	const char *canonical; /* without the payload's hash */
	const char *body;      /* whose hash it is */
	const char *detail;
};

static void are_found(const struct mistake *mistakes)
{
	for (; mistakes->canonical; mistakes++) {
		char text[2000], hash[65], signature[65];

		sha256_hex(mistakes->body, strlen(mistakes->body), hash);
		snprintf(text, sizeof text, "%s%s", mistakes->canonical, hash);
		sign_canonical(text, signature);
		is_found(signature, "canonical_request", mistakes->detail);
	}
}

static void mistakes_in_the_headers(void **state)
{
	static const struct mistake mistakes[] = {
		{ FIRST LINES LIST, BODY, "headers: the empty line after them is missing" },
		{ FIRST TYPE HOST DATE "x-amz-note:One  Two\n" SESSION TARGET "\n" LIST, BODY,
			"headers: blanks inside a value were not folded to one" },
		{ FIRST TYPE HOST "x-amz-date:20260101t000001z\nx-amz-note:one  two\n" SESSION
			"x-amz-target:awsmpmeteringservice.resolvecustomer\n\n" LIST, BODY,
			"headers: values were made lower-case" },
		{ FIRST "content-type: application/x-amz-json-1.1\nhost: 127.0.0.1:8081\nx-amz-date: " TIME
			"\nx-amz-note: One Two\nx-amz-security-token: never-log-this\n"
			"x-amz-target: AWSMPMeteringService.ResolveCustomer\n\n" LIST, BODY,
			"headers: a blank stands between colon and value" },
		{ FIRST CAPITALS "\n" LIST, BODY, "headers: names were not made lower-case" },
		{ FIRST CAPITALS "\n" LIST_IN_CAPITALS, BODY,
			"headers: names were not made lower-case, nor those of the list after them" },
		{ FIRST LINES "\n" LIST_IN_CAPITALS, BODY,
			"headers: the names in the list after them are not lower-case" },
		{ FIRST LINES_AS_SENT "\n" LIST, BODY, "headers: not sorted" },
		{ FIRST LINES_AS_SENT "\n" LIST_AS_SENT, BODY,
			"headers: not sorted, nor is the list of their names" },
		{ 0 },
	};

	(void)state;
	are_found(mistakes);
}

static void mistakes_in_the_host(void **state)
{
#define WITH_HOST(host) FIRST TYPE "host:" host "\n" DATE NOTE SESSION TARGET "\n" LIST
	static const struct mistake mistakes[] = {
		{ WITH_HOST("127.0.0.1"), BODY, "host: its port was left out" },
		{ WITH_HOST("localhost:8081"), BODY, "host: localhost was signed, and another name sent" },
		{ WITH_HOST("metering.marketplace.us-east-1.amazonaws.com"), BODY,
			"host: AWS's own was signed, and another name sent" },
		{ 0 },
	};

	static const struct mistake of_localhost[] = {
		{ WITH_HOST("localhost:8081"), BODY, "host: a port was signed that was not sent" },
		{ WITH_HOST("127.0.0.1"), BODY, "host: 127.0.0.1 was signed, and another name sent" },
		{ 0 },
	};

	(void)state;
	are_found(mistakes);
	host_sent = "localhost";
	are_found(of_localhost);
	host_sent = "127.0.0.1:8081";
}

static void mistakes_in_the_first_lines(void **state)
{
	static const struct mistake mistakes[] = {
		{ "post\n/\na=%2F&b=2\n" LINES "\n" LIST, BODY, "method: not in upper case" },
		{ "GET\n/\na=%2F&b=2\n" LINES "\n" LIST, BODY, "method: GET was signed" },
		{ "POST\n\na=%2F&b=2\n" LINES "\n" LIST, BODY,
			"path: an empty one was signed in place of /" },
		{ "POST\n/\n\n" LINES "\n" LIST, BODY, "query: it was left out" },
		{ "POST\n/\nb=2&a=/\n" LINES "\n" LIST, BODY,
			"query: not sorted, or not encoded as it has to be" },
		{ "POST\n/\na=%252F&b=2\n" LINES "\n" LIST, BODY, "query: encoded twice" },
		{ 0 },
	};

	(void)state;
	are_found(mistakes);
}

static void mistakes_in_the_body(void **state)
{
	static const struct mistake mistakes[] = {
		{ RIGHT, "", "payload: the hash of an empty body was signed" },
		{ RIGHT, "{\"a\": \"B\"}", "payload: the body was signed without its last line's end" },
		{ RIGHT, BODY "\n", "payload: a line's end was signed after the body, and not sent" },
		{ 0 },
	};

	(void)state;
	are_found(mistakes);
}

static void something_else_in_place_of_the_hash(void **state)
{
	char upper[65], text[2000], signature[65];
	struct {
		const char *payload, *detail;
	} mistakes[] = {
		{ "UNSIGNED-PAYLOAD", "payload: UNSIGNED-PAYLOAD was signed" },
		{ "", "payload: its hash is missing" },
		{ BODY, "payload: the body was signed in place of its hash" },
		{ upper, "payload: its hash is not in lower case" },
	};

	(void)state;
	sha256_hex(BODY, strlen(BODY), upper);
	for (char *c = upper; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
		snprintf(text, sizeof text, "%s%s", RIGHT, mistakes[i].payload);
		sign_canonical(text, signature);
		is_found(signature, "canonical_request", mistakes[i].detail);
	}
}

static void a_hash_that_was_sent_and_is_another_ones(void **state)
{
	char text[2000], hash[65], signature[65];
	struct stage_finding finding;

	(void)state;
	sha256_hex("x", 1, hash);
	snprintf(text, sizeof text, "%s%s", RIGHT, hash);
	sign_canonical(text, signature);
	finding = find(signature, hash);
	assert_string_equal(finding.stage, "canonical_request");
	assert_string_equal(finding.detail, "payload: X-Amz-Content-SHA256 is not the body's hash");
	is_found(signature, "signing_key",
		"none of the known mistakes in the request: most likely the secret key");
}

/* Signs that text with the right key. */
static void to_sign_is_found(const char *to_sign, const char *detail)
{
	unsigned char key[32];
	char signature[65];

	make_key("AWS4" SECRET, "20260101", "us-east-1", "aws-marketplace", key);
	sign(key, sizeof key, to_sign, signature);
	is_found(signature, "string_to_sign", detail);
}

static void mistakes_in_the_string_to_sign(void **state)
{
	static const struct {
		const char *time, *scope, *end, *detail;
	} mistakes[] = {
		{ "20260101T000000Z", SCOPE, "", "time: seconds off X-Amz-Date; the clock was read twice" },
		{ "20260101T000006Z", SCOPE, "", "time: seconds off X-Amz-Date; the clock was read twice" },
		{ "20260101", SCOPE, "", "time: the date alone was signed" },
		{ TIME, KEY_ID "/" SCOPE, "", "scope: it begins with the access key, as Credential does" },
		{ TIME, "20260101/us-east-1/aws-marketplace", "", "scope: aws4_request is missing" },
		{ TIME, SCOPE, "\n", "a line's end stands after the hash" },
		{ TIME, "20260101/eu-west-3/aws-marketplace/aws4_request", "",
			"its scope is not that of Credential, but of eu-west-3" },
		{ TIME, "20260101/us-east-1/execute-api/aws4_request", "",
			"its scope is not that of Credential, but of execute-api" },
		{ TIME, "20251231/us-east-1/aws-marketplace/aws4_request", "",
			"its scope is not that of Credential, but of the day before" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
		auto_buf text = BUF_INIT(10000);

		add_to_sign(&text, mistakes[i].time, mistakes[i].scope, right_canonical());
		buf_puts(&text, mistakes[i].end);
		to_sign_is_found(buf_text(&text), mistakes[i].detail);
	}
}

static void the_canonical_request_in_place_of_its_hash(void **state)
{
	auto_buf text = BUF_INIT(10000), upper = BUF_INIT(10000);
	char hash[65];

	(void)state;
	buf_printf(&text, "AWS4-HMAC-SHA256\n" TIME "\n" SCOPE "\n%s", right_canonical());
	to_sign_is_found(
		buf_text(&text), "the canonical request stands there in place of its hash");
	sha256_hex(right_canonical(), strlen(right_canonical()), hash);
	for (char *c = hash; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	buf_printf(&upper, "AWS4-HMAC-SHA256\n" TIME "\n" SCOPE "\n%s", hash);
	to_sign_is_found(
		buf_text(&upper), "the hash of the canonical request is not in lower case");
}

static void mistakes_in_the_key(void **state)
{
	static const struct {
		const char *secret, *date, *region, *service, *detail;
	} mistakes[] = {
		{ SECRET, "20260101", "us-east-1", "aws-marketplace",
			"AWS4 is missing before the secret key" },
		{ "AWS4" SECRET "\n", "20260101", "us-east-1", "aws-marketplace",
			"a line's end belongs to the secret key" },
		{ "AWS4" SECRET, "20260102", "us-east-1", "aws-marketplace",
			"its scope is not that of Credential, but of the day after" },
		{ "AWS4" SECRET, "20260101", "us-west-2", "aws-marketplace",
			"its scope is not that of Credential, but of us-west-2" },
		{ "AWS4" SECRET, "20260101", "us-east-1", "metering.marketplace",
			"its scope is not that of Credential, but of metering.marketplace" },
		{ "AWS4another/secret", "20260101", "us-east-1", "aws-marketplace",
			"none of the known mistakes in the request: most likely the secret key" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
		auto_buf text = BUF_INIT(10000);
		unsigned char key[32];
		char signature[65];

		add_to_sign(&text, TIME, SCOPE, right_canonical());
		make_key(mistakes[i].secret, mistakes[i].date, mistakes[i].region, mistakes[i].service,
			key);
		sign(key, sizeof key, buf_text(&text), signature);
		is_found(signature, "signing_key", mistakes[i].detail);
	}
}

static void steps_of_the_key(void **state)
{
	static const char *const steps[] = { "20260101", "us-east-1", "aws-marketplace",
		"aws4_request" };
	auto_buf text = BUF_INIT(10000);
	char hex[65] = "", signature[65];
	unsigned char mac[32];

	(void)state;
	add_to_sign(&text, TIME, SCOPE, right_canonical());
	for (size_t i = 0; i < 4; i++)
		sign(i ? hex : "AWS4" SECRET, i ? 64 : strlen("AWS4" SECRET), steps[i], hex);
	sign(hex, 64, buf_text(&text), signature);
	is_found(signature, "signing_key", "each step takes the one before in hexadecimal");
	for (size_t i = 0; i < 3; i++)
		hmac(i ? (const void *)mac : "AWS4" SECRET, i ? 32 : strlen("AWS4" SECRET), steps[i], mac);
	sign(mac, sizeof mac, buf_text(&text), signature);
	is_found(signature, "signing_key", "the last step, aws4_request, is missing");
}

static void another_scope_in_both(void **state)
{
	auto_buf text = BUF_INIT(10000);
	unsigned char key[32];
	char signature[65];

	(void)state;
	add_to_sign(&text, TIME, "20260101/eu-west-1/aws-marketplace/aws4_request", right_canonical());
	make_key("AWS4" SECRET, "20260101", "eu-west-1", "aws-marketplace", key);
	sign(key, sizeof key, buf_text(&text), signature);
	is_found(signature, "string_to_sign",
		"its scope, and the key's, is not that of Credential, but of eu-west-1");
}

static void digits_in_upper_case(void **state)
{
	char signature[65];

	(void)state;
	sign_canonical(right_canonical(), signature);
	for (char *c = signature; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	is_found(signature, "signature", "its digits are not in lower case");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_in_the_headers),
		cmocka_unit_test(mistakes_in_the_host),
		cmocka_unit_test(mistakes_in_the_first_lines),
		cmocka_unit_test(mistakes_in_the_body),
		cmocka_unit_test(something_else_in_place_of_the_hash),
		cmocka_unit_test(a_hash_that_was_sent_and_is_another_ones),
		cmocka_unit_test(mistakes_in_the_string_to_sign),
		cmocka_unit_test(the_canonical_request_in_place_of_its_hash),
		cmocka_unit_test(mistakes_in_the_key),
		cmocka_unit_test(steps_of_the_key),
		cmocka_unit_test(another_scope_in_both),
		cmocka_unit_test(digits_in_upper_case),
	};

	return UNIT_RUN(tests);
}
