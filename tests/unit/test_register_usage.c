/* RegisterUsage: what is sent and refused, and a signature that is verified. */
#include "tests/unit/metering_fixture.h"

#include "aws/metering_answer.h"
#include "tests/unit/jwt_fixture.h"

static struct metering_registration good = { .product_code = "prod", .public_key_version = 1,
	.nonce = "nonce-1" };
static struct buf signature;
static int64_t rotation_s;

static int set_up(void **state)
{
	good.public_key = jwt_pem;
	signature = BUF_INIT(10000);
	return fake_set_up(state);
}

static int tear_down(void **state)
{
	buf_done(&signature);
	return fake_tear_down(state);
}

static enum status answer_with(const struct metering_registration *registration,
	struct fake_step step)
{
	buf_reset(&signature);
	buf_puts(&signature, "untouched");
	rotation_s = -1;
	memset(&answer, 0x55, sizeof answer);
	fake.n_steps = fake.n_sent = 0;
	fake_add(step);
	return metering_register(aws, registration, fake.monotonic_ms + 8000, &signature, &rotation_s,
		&answer, &err);
}

static enum status answer_ok(const struct metering_registration *registration, const char *body)
{
	return answer_with(registration, (struct fake_step){ .body = body, .request_id = "req-1" });
}

/* An answer with a signature over the payload, and more members. */
static enum status answer_signed(const struct metering_registration *registration,
	const char *payload, const char *more)
{
	auto_buf token, body = BUF_INIT(10000);

	jwt_sign(&token, JWT_HEADER, payload, jwt_ps256());
	buf_printf(&body, "{\"Signature\":\"%s\"%s}", buf_text(&token), more);
	return answer_ok(registration, buf_text(&body));
}

static void assert_untouched(void)
{
	assert_string_equal(buf_text(&signature), "untouched");
	assert_int_equal(rotation_s, -1);
}

static void assert_registration_refused(struct metering_registration registration,
	const char *text)
{
	assert_refused(answer_ok(&registration, "{}"), text);
	assert_untouched();
}

static void test_registration_is_sent(void **state)
{
	struct metering_registration registration = good;

	(void)state;
	assert_int_equal(answer_signed(&good, JWT_PAYLOAD, ""), OK);
	assert_string_equal(buf_text(&fake.sent[0].body),
		"{\"ProductCode\":\"prod\",\"PublicKeyVersion\":1,\"Nonce\":\"nonce-1\"}");
	assert_string_equal(fake_sent_header(0, "x-amz-target"), "AWSMPMeteringService.RegisterUsage");
	registration.nonce = "";
	assert_int_equal(answer_signed(&registration, "{\"ProductCode\":\"prod\","
		"\"PublicKeyVersion\":1}", ""), OK);
	assert_string_equal(buf_text(&fake.sent[0].body),
		"{\"ProductCode\":\"prod\",\"PublicKeyVersion\":1}");
}

static void test_signature_that_holds_is_handed_over(void **state)
{
	(void)state;
	assert_int_equal(answer_signed(&good, JWT_PAYLOAD, ",\"New\":1"), OK);
	assert_int_equal(strncmp(buf_text(&signature), "eyJhbGciOiJQUzI1NiIsInR5cCI6IkpXVCJ9.", 37), 0);
	assert_int_equal(rotation_s, 0);
	assert_int_equal(answer.class, ERROR_NONE);
	assert_false(answer.uncertain);
	assert_string_equal(answer.request_id, "req-1");
}

static void test_rotation_is_told(void **state)
{
	(void)state;
	assert_int_equal(answer_signed(&good, JWT_PAYLOAD,
		",\"PublicKeyRotationTimestamp\":1769857200"), OK);
	assert_int_equal(rotation_s, 1769857200);
	assert_int_equal(answer_signed(&good, JWT_PAYLOAD,
		",\"PublicKeyRotationTimestamp\":1.769857200499E9"), OK);
	assert_int_equal(rotation_s, 1769857200);
	assert_int_equal(answer_signed(&good, JWT_PAYLOAD, ",\"PublicKeyRotationTimestamp\":null"), OK);
	assert_int_equal(rotation_s, 0);
}

static void test_both_editions_register(void **state)
{
	(void)state;
	use_edition("2019");
	assert_int_equal(answer_signed(&good, JWT_PAYLOAD, ""), OK);
}

static void test_without_a_key_nothing_is_verified(void **state)
{
	struct metering_registration registration = good;

	(void)state;
	registration.public_key = NULL;
	assert_int_equal(answer_ok(&registration, "{\"Signature\":\"not.a.jwt\"}"), OK);
	assert_string_equal(buf_text(&signature), "not.a.jwt");
}

static void assert_does_not_hold(enum status rc, const char *text)
{
	assert_int_equal(rc, ERR_REMOTE);
	fake_check_text("RegisterUsage: AWS's answer: ");
	fake_check_text(text);
	assert_int_equal(answer.class, ERROR_SETTING);
	assert_int_equal(answer.tries, 1);
	assert_int_equal(answer.http_status, 200);
	assert_untouched();
}

static void test_signature_that_does_not_hold_is_refused(void **state)
{
	struct metering_registration registration = good;

	(void)state;
	assert_does_not_hold(answer_ok(&good, "{\"Signature\":\"not.a.jwt\"}"), "the signature's");
	assert_does_not_hold(answer_ok(&good, "{\"Signature\":\"not a jwt\"}"), "three parts");
	assert_does_not_hold(answer_signed(&good, "{\"ProductCode\":\"other\",\"PublicKeyVersion\":1,"
		"\"Nonce\":\"nonce-1\"}", ""), "another product code");
	assert_does_not_hold(answer_signed(&good, "{\"ProductCode\":\"prod\",\"PublicKeyVersion\":2,"
		"\"Nonce\":\"nonce-1\"}", ""), "another public key version");
	registration.nonce = "nonce-2";
	assert_does_not_hold(answer_signed(&registration, JWT_PAYLOAD, ""), "another nonce");
	registration.nonce = NULL;
	assert_does_not_hold(answer_signed(&registration, JWT_PAYLOAD, ""), "another nonce");
}

static void test_answer_that_makes_no_sense_may_be_tried_again(void **state)
{
	static const struct {
		const char *body, *text;
	} rows[] = {
		{ "{}", "RegisterUsage: AWS's answer has no Signature" },
		{ "{\"Signature\":null}", "AWS's answer has no Signature" },
		{ "{\"Signature\":\"\"}", "AWS's answer has no Signature" },
		{ "{\"Signature\":{}}", "Signature in AWS's answer is not a string" },
		{ "{\"Signature\":\"a\",\"Signature\":\"a\"}", "Signature twice" },
		{ "{\"Signature\":\"a\",\"PublicKeyRotationTimestamp\":\"1\"}",
			"PublicKeyRotationTimestamp in AWS's answer is not a number" },
		{ "{\"Signature\":\"a\",\"PublicKeyRotationTimestamp\":0}", "is not a time" },
		{ "{\"Signature\":\"a\",\"PublicKeyRotationTimestamp\":-1}", "is not a time" },
		{ "{\"Signature\":\"a\",\"PublicKeyRotationTimestamp\":1e300}", "is not a time" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(answer_ok(&good, rows[i].body), ERR_RETRY);
		fake_check_text(rows[i].text);
		assert_int_equal(answer.class, ERROR_TRANSIENT);
		assert_true(answer.uncertain);
		assert_untouched();
	}
}

static void test_signature_without_room_is_no_success(void **state)
{
	struct metering_registration registration = good;

	(void)state;
	registration.public_key = NULL;
	buf_done(&signature);
	signature.max = 10;
	assert_int_equal(answer_ok(&registration, "{\"Signature\":\"12345678901\"}"), ERR_LOCAL);
	fake_check_text("no room for the signature");
}

static void test_required_members_are_there(void **state)
{
	static const char *const editions[] = { "today", "2019" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct metering_registration registration = good;

		use_edition(editions[i]);
		registration.product_code = NULL;
		assert_registration_refused(registration, "RegisterUsage: ProductCode: is required");
		registration = good;
		registration.public_key_version = 0;
		assert_registration_refused(registration, "RegisterUsage: PublicKeyVersion: is 0; allowed "
			"is 1 to 2147483647");
		registration.public_key_version = 2147483648;
		assert_registration_refused(registration, "PublicKeyVersion: is 2147483648");
		registration = good;
		registration.nonce = repeat('n', 256);
		assert_registration_refused(registration, "RegisterUsage: Nonce: has 256 characters; "
			"allowed are 0 to 255");
		registration = good;
		registration.product_code = repeat('p', 256);
		assert_registration_refused(registration, "ProductCode: has 256 characters");
	}
}

static void test_nonce_is_not_in_the_text(void **state)
{
	struct metering_registration registration = good;

	(void)state;
	registration.nonce = "secret-nonce\xff";
	assert_registration_refused(registration, "RegisterUsage: Nonce: is not UTF-8");
	assert_null(strstr(err.text, "secret"));
	registration.nonce = "secret-nonce";
	assert_int_equal(answer_with(&registration, (struct fake_step){ .http_status = 400,
		.body = "{\"__type\":\"ValidationException\",\"message\":\"secret-nonce\"}" }), ERR_INPUT);
	assert_null(strstr(err.text, "secret"));
}

static void test_key_that_is_none_is_refused_before_anything_is_sent(void **state)
{
	struct metering_registration registration = good;

	(void)state;
	registration.public_key = "no key";
	assert_registration_refused(registration, "RegisterUsage: the public key is not PEM");
}

static void test_errors_have_their_classes(void **state)
{
	static const struct {
		const char *name;
		enum status status;
		enum error_class class;
	} rows[] = {
		{ "CustomerNotEntitledException", ERR_INPUT, ERROR_BUYER },
		{ "InvalidPublicKeyVersionException", ERR_REMOTE, ERROR_SETTING },
		{ "InvalidRegionException", ERR_REMOTE, ERROR_SETTING },
		{ "PlatformNotSupportedException", ERR_REMOTE, ERROR_SETTING },
		{ "ThrottlingException", ERR_RETRY, ERROR_THROTTLED },
	};
	char body[100];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(body, sizeof body, "{\"__type\":\"%s\"}", rows[i].name);
		assert_int_equal(answer_with(&good, (struct fake_step){ .http_status = 400, .body = body }),
			rows[i].status);
		assert_string_equal(answer.code, rows[i].name);
		assert_int_equal(answer.class, rows[i].class);
		assert_untouched();
	}
}

static void test_body_is_parsed_without_a_client_too(void **state)
{
	static const char body[] = "{\"Signature\":\"a.b.c\",\"PublicKeyRotationTimestamp\":7}";

	(void)state;
	assert_int_equal(metering_parse_registration(body, strlen(body), &signature, &rotation_s, &err),
		OK);
	assert_string_equal(buf_text(&signature), "a.b.c");
	assert_int_equal(rotation_s, 7);
	assert_int_equal(
		metering_parse_registration(body, strlen(body) - 1, &signature, &rotation_s, &err),
		ERR_RETRY);
}

#define REGISTER_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REGISTER_TEST(test_registration_is_sent),
		REGISTER_TEST(test_signature_that_holds_is_handed_over),
		REGISTER_TEST(test_rotation_is_told),
		REGISTER_TEST(test_both_editions_register),
		REGISTER_TEST(test_without_a_key_nothing_is_verified),
		REGISTER_TEST(test_signature_that_does_not_hold_is_refused),
		REGISTER_TEST(test_answer_that_makes_no_sense_may_be_tried_again),
		REGISTER_TEST(test_signature_without_room_is_no_success),
		REGISTER_TEST(test_required_members_are_there),
		REGISTER_TEST(test_nonce_is_not_in_the_text),
		REGISTER_TEST(test_key_that_is_none_is_refused_before_anything_is_sent),
		REGISTER_TEST(test_errors_have_their_classes),
		REGISTER_TEST(test_body_is_parsed_without_a_client_too),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("register_usage", tests, jwt_make_key, jwt_free_key);
}
