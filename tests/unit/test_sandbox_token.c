/* sandbox/token: what a token is made of, and which orders are refused. */
#include "tests/unit/unit.h"

#include "sandbox/token.h"

static void a_token_shows_every_fault_of_decoding(void **state)
{
	(void)state;
	for (int i = 0; i < 50; i++) {
		auto_buf token = BUF_INIT(TOKEN_LENGTH);

		token_make(&token, TOKEN_LENGTH);
		assert_int_equal(token.len, TOKEN_LENGTH);
		assert_non_null(strchr(buf_text(&token), '+'));
		assert_non_null(strchr(buf_text(&token), '/'));
		assert_non_null(strchr(buf_text(&token), '='));
		assert_non_null(strstr(buf_text(&token), "%2B"));
		assert_int_equal(strcspn(buf_text(&token), " \t\r\n\"'<>&"), TOKEN_LENGTH);
	}
}

static void every_length_is_met_exactly(void **state)
{
	static const size_t lengths[] = { TOKEN_LENGTH_MIN, 65, 66, 67, 8192, TOKEN_LENGTH_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		auto_buf token = BUF_INIT(TOKEN_LENGTH_MAX);

		token_make(&token, lengths[i]);
		assert_int_equal(strlen(buf_text(&token)), lengths[i]);
		assert_false(token.failed);
	}
}

static void no_two_tokens_are_alike(void **state)
{
	auto_buf a = BUF_INIT(TOKEN_LENGTH), b = BUF_INIT(TOKEN_LENGTH);

	(void)state;
	token_make(&a, TOKEN_LENGTH);
	token_make(&b, TOKEN_LENGTH);
	assert_string_not_equal(buf_text(&a), buf_text(&b));
}

static void the_hash_is_sha256(void **state)
{
	char hex[TOKEN_HASH_SIZE];

	(void)state;
	token_hash("abc", hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void a_sound_order_passes(void **state)
{
	const struct token_order order = { .product_code = "prod-of_anybody@x.y:z=/1",
		.account = "000123456789",
		.license_arn = "aws:license-manager:us-east-1:000123456789:l-0a",
		.offer_type = "free-trial",
		.shapes = { "set", "absent", "null", "empty" } };

	(void)state;
	assert_null(token_check(&order));
}

static void a_wrong_text_is_named(void **state)
{
	static const struct {
		struct token_order order;
		const char *says;
	} wrong[] = {
		{ { .product_code = "" }, "ProductCode" },
		{ { .product_code = "a b" }, "ProductCode" },
		{ { .product_code = "prod<" }, "ProductCode" },
		{ { .product_code = "p", .account = "12345678901" }, "CustomerAWSAccountId" },
		{ { .product_code = "p", .account = "12345678901x" }, "CustomerAWSAccountId" },
		{ { .product_code = "p", .account = "1234567890123" }, "CustomerAWSAccountId" },
		{ { .product_code = "p", .license_arn = "" }, "LicenseArn" },
		{ { .product_code = "p", .license_arn = "arn: l-0" }, "LicenseArn" },
		{ { .product_code = "p", .license_arn = "arn:l-\xc3\xa4" }, "LicenseArn" },
		{ { .product_code = "p", .offer_type = "trial" }, "OfferType" },
		{ { .product_code = "p", .shapes = { "SET" } }, "ResolveShape" },
		{ { .product_code = "p", .shapes = { NULL, NULL, NULL, "gone" } }, "ResolveShape" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		const char *problem = token_check(&wrong[i].order);

		assert_non_null(problem);
		assert_non_null(strstr(problem, wrong[i].says));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_shows_every_fault_of_decoding),
		cmocka_unit_test(every_length_is_met_exactly),
		cmocka_unit_test(no_two_tokens_are_alike),
		cmocka_unit_test(the_hash_is_sha256),
		cmocka_unit_test(a_sound_order_passes),
		cmocka_unit_test(a_wrong_text_is_named),
	};

	return UNIT_RUN(tests);
}
