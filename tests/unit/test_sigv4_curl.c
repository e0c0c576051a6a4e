/* libcurl's own signer (CURLOPT_AWS_SIGV4) makes the same Authorization header as ours, for each
 * kind of request that the client sends. */
#include "tests/unit/unit.h"

#include <cjson/cJSON.h>
#include <curl/curl.h>

#include "aws/sts.h"
#include "base/clock.h"
#include "tests/unit/aws_fake.h"
#include "tests/unit/http_server.h"

static struct server *server;

static int set_up(void **state)
{
	server = server_start(NULL);
	server_reply(server, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", SERVER_CLOSE);
	return fake_set_up(state);
}

static int set_up_with_session(void **state)
{
	int rc = set_up(state);

	aws_free(aws);
	fake_set_creds("ASIAEXAMPLE", "secret/with+all/of=it", "IQoJb3JpZ2luX2VjE+/token/+==");
	return rc || fake_new(3, &aws, &err) ? -1 : 0;
}

static int tear_down(void **state)
{
	server_stop(server);
	return fake_tear_down(state);
}

/* What our client sends, signed by us; it stays in `fake`. */
static void send_ours(const char *action, const char *body)
{
	auto_buf text = BUF_INIT(SERVER_TEXT);
	const struct aws_call call = { .action = action,
		.body = &text,
		.secret = "",
		.answer_bytes_max = 100,
		.deadline_ms = fake.monotonic_ms + 1000 };
	cJSON *json = NULL;

	buf_puts(&text, body);
	fake_add((struct fake_step){ .body = "{}" });
	assert_int_equal(aws_call(aws, &call, &json, &answer, &err), OK);
	cJSON_Delete(json);
}

/* The headers of that request but for Authorization, which libcurl makes. */
static struct curl_slist *headers_of_ours(void)
{
	struct curl_slist *list = NULL;
	char *lines = strdup(buf_text(&fake.sent[0].headers));

	assert_non_null(lines);
	for (char *rest = lines, *line; (line = strsep(&rest, "\n")) != NULL;)
		if (*line && strncmp(line, "authorization:", 14) != 0)
			list = curl_slist_append(list, line);
	free(lines);
	assert_non_null(list);
	return list;
}

static void send_by_curl(const char *scope)
{
	struct curl_slist *headers = headers_of_ours();
	CURL *curl = curl_easy_init();
	char url[64], user[400];

	snprintf(url, sizeof url, "http://127.0.0.1:%d/", server->port);
	snprintf(user, sizeof user, "%s:%s", fake.creds.access_key_id, fake.creds.secret_access_key);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)fake.sent[0].body.len);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, buf_text(&fake.sent[0].body));
	curl_easy_setopt(curl, CURLOPT_USERPWD, user);
	curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, scope);
	assert_int_equal(curl_easy_perform(curl), CURLE_OK);
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
}

/* The Authorization header that libcurl sent. */
static void read_authorization(char ret_value[SERVER_TEXT])
{
	static const char name[] = "\r\nAuthorization: ";
	const char *at;

	assert_int_equal(server->n_requests, 1);
	at = strstr(server->requests[0], name);
	assert_non_null(at);
	at += sizeof name - 1;
	snprintf(ret_value, SERVER_TEXT, "%.*s", (int)strcspn(at, "\r"), at);
}

static void check(const char *action, const char *body)
{
	char theirs[SERVER_TEXT];

	send_ours(action, body);
	send_by_curl("aws:amz:eu-west-1:aws-marketplace");
	read_authorization(theirs);
	assert_string_equal(fake_sent_header(0, "authorization"), theirs);
}

static void resolve_customer(void **state)
{
	(void)state;
	check("ResolveCustomer", "{\"RegistrationToken\":\"a+b/c==%2B\"}");
}

static void batch_meter_usage(void **state)
{
	(void)state;
	check("BatchMeterUsage",
		"{\"UsageRecords\":[{\"Timestamp\":1769860800,\"CustomerIdentifier\":\"c\",\"Dimension\":"
		"\"users\",\"Quantity\":3}],\"ProductCode\":\"prod-legacy\"}");
}

static void meter_usage(void **state)
{
	(void)state;
	check("MeterUsage", "{\"ProductCode\":\"p\",\"Timestamp\":1769860800,\"UsageDimension\":\"u\","
						"\"UsageQuantity\":0,\"DryRun\":false}");
}

static void register_usage(void **state)
{
	(void)state;
	check("RegisterUsage", "{\"ProductCode\":\"p\",\"PublicKeyVersion\":1,\"Nonce\":\"\"}");
}

static void an_empty_body(void **state)
{
	(void)state;
	check("BatchMeterUsage", "");
}

static void a_body_beyond_ascii(void **state)
{
	(void)state;
	check("ResolveCustomer", "{\"RegistrationToken\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8d\x8f\"}\n ");
}

static void with_a_session_token(void **state)
{
	(void)state;
	check("MeterUsage", "{\"ProductCode\":\"p\"}");
	assert_non_null(strstr(server->requests[0], "\r\nx-amz-security-token: IQoJ"));
}

/* Signs as another service, in another region, with a form and without X-Amz-Target. */
static void role_of_sts(const char *session_token)
{
	static const struct endpoint endpoint = { .region = "us-west-2",
		.host = "sts.us-west-2.amazonaws.com",
		.url = "https://sts.us-west-2.amazonaws.com/" };
	const struct sts_role role = { .role_arn = "arn:aws:iam::123456789012:role/a+b",
		.external_id = "x:y/z" };
	struct http http = { fake_call, NULL };
	struct sts sts = { .http = &http,
		.endpoint = &endpoint,
		.deadline_ms = clock_monotonic_ms() + 60000 };
	struct creds creds;
	char theirs[SERVER_TEXT];

	fake_set_creds("AKIDEXAMPLE", "secret/with+all/of=it", session_token);
	creds = fake.creds;
	fake_add_error(400, "<ErrorResponse><Error><Code>Refused</Code></Error></ErrorResponse>");
	assert_int_equal(sts_assume_role(&sts, &role, &creds, &err), ERR_REMOTE);
	send_by_curl("aws:amz:us-west-2:sts");
	read_authorization(theirs);
	assert_string_equal(fake_sent_header(0, "authorization"), theirs);
}

static void assume_role(void **state)
{
	(void)state;
	role_of_sts("");
}

static void assume_role_with_a_session_token(void **state)
{
	(void)state;
	role_of_sts("IQoJb3JpZ2luX2VjE+/token/+==");
}

/* That the comparison can fail at all. */
static void another_service_is_signed_otherwise(void **state)
{
	char theirs[SERVER_TEXT];

	(void)state;
	send_ours("ResolveCustomer", "{}");
	send_by_curl("aws:amz:eu-west-1:aws-marketplac");
	read_authorization(theirs);
	assert_string_not_equal(fake_sent_header(0, "authorization"), theirs);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(resolve_customer),
		TEST(batch_meter_usage),
		TEST(meter_usage),
		TEST(register_usage),
		TEST(an_empty_body),
		TEST(a_body_beyond_ascii),
		cmocka_unit_test_setup_teardown(with_a_session_token, set_up_with_session, tear_down),
		TEST(assume_role),
		TEST(assume_role_with_a_session_token),
		TEST(another_service_is_signed_otherwise),
	};

	return UNIT_RUN(tests);
}
