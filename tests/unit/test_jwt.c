/* A JWT of PS256: one that holds, and every way of not holding. */
#include "aws/jwt.h"
#include "tests/unit/jwt_fixture.h"

static const struct jwt_claims about = { "prod", 1, "nonce-1" };
static struct err err;

static void assert_says(const char *part)
{
	if (!strstr(err.text, part))
		fail_msg("the text does not say %s: %s", part, err.text);
}

static enum status verify_with(const char *pem, const char *token,
	const struct jwt_claims *expected)
{
	auto_jwt_key key = { NULL };

	err.text[0] = '\0';
	assert_int_equal(jwt_key_load(pem, &key, &err), OK);
	return jwt_verify(&key, token, expected, &err);
}

static enum status verify(const char *token)
{
	return verify_with(jwt_pem, token, &about);
}

static void assert_holds(const char *payload, const struct jwt_claims *expected)
{
	auto_buf token;

	jwt_sign(&token, JWT_HEADER, payload, jwt_ps256());
	if (verify_with(jwt_pem, buf_text(&token), expected) != OK)
		fail_msg("%s: %s", payload, err.text);
}

static void assert_claims_refused(const char *payload, const struct jwt_claims *expected,
	const char *text)
{
	auto_buf token;

	jwt_sign(&token, JWT_HEADER, payload, jwt_ps256());
	if (verify_with(jwt_pem, buf_text(&token), expected) != ERR_REMOTE)
		fail_msg("holds: %s", payload);
	assert_says(text);
}

static void assert_token_refused(const char *token, const char *text)
{
	if (verify(token) != ERR_REMOTE)
		fail_msg("holds: %s", token);
	assert_says(text);
}

static void assert_header_refused(const char *header, const char *text)
{
	auto_buf token;

	jwt_sign(&token, header, JWT_PAYLOAD, jwt_ps256());
	assert_token_refused(buf_text(&token), text);
}

/* ---- what holds ---- */

static void token_of_the_reference_holds(void **state)
{
	(void)state;
	assert_holds(JWT_PAYLOAD, &about);
}

static void salt_of_any_length_holds(void **state)
{
	static const int lengths[] = { 32, 0, 20, RSA_PSS_SALTLEN_MAX };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct jwt_way way = jwt_ps256();
		auto_buf token;

		way.salt_len = lengths[i];
		jwt_sign(&token, JWT_HEADER, JWT_PAYLOAD, way);
		assert_int_equal(verify(buf_text(&token)), OK);
	}
}

static void key_of_1024_bits_holds(void **state)
{
	struct jwt_way way = jwt_ps256();
	char pem[2000];
	auto_buf token;

	(void)state;
	way.pkey = EVP_RSA_gen(1024);
	jwt_write_pem(way.pkey, pem, sizeof pem);
	jwt_sign(&token, JWT_HEADER, JWT_PAYLOAD, way);
	assert_int_equal(verify_with(pem, buf_text(&token), &about), OK);
	EVP_PKEY_free(way.pkey);
}

static void header_may_have_more(void **state)
{
	auto_buf token;

	(void)state;
	jwt_sign(&token, "{\"kid\":\"1\",\"alg\":\"PS256\",\"x\":null}", JWT_PAYLOAD, jwt_ps256());
	assert_int_equal(verify(buf_text(&token)), OK);
}

static void claims_may_be_spelled_as_the_sample_does(void **state)
{
	(void)state;
	assert_holds("{\"productCode\":\"prod\",\"publicKeyVersion\":1,\"nonce\":\"nonce-1\"}", &about);
	assert_holds("{\"ProductCode\":\"prod\",\"publicKeyVersion\":1.0,\"Nonce\":\"nonce-1\"}",
		&about);
}

static void both_spellings_hold_where_they_agree(void **state)
{
	(void)state;
	assert_holds("{\"productCode\":\"prod\",\"ProductCode\":\"prod\",\"publicKeyVersion\":1,"
		"\"PublicKeyVersion\":1,\"nonce\":\"nonce-1\",\"Nonce\":\"nonce-1\"}", &about);
}

static void unknown_claims_are_ignored(void **state)
{
	(void)state;
	assert_holds("{\"iat\":1,\"exp\":2,\"PRODUCTCODE\":\"x\",\"ProductCode\":\"prod\","
		"\"PublicKeyVersion\":1,\"Nonce\":\"nonce-1\",\"New\":{\"Nonce\":\"x\"}}", &about);
}

static void no_nonce_holds_where_none_was_sent(void **state)
{
	static const struct jwt_claims none = { "prod", 1, "" };

	(void)state;
	assert_holds("{\"ProductCode\":\"prod\",\"PublicKeyVersion\":1}", &none);
	assert_holds("{\"ProductCode\":\"prod\",\"PublicKeyVersion\":1,\"Nonce\":null}", &none);
	assert_holds("{\"ProductCode\":\"prod\",\"PublicKeyVersion\":1,\"Nonce\":\"\"}", &none);
	assert_claims_refused(JWT_PAYLOAD, &none, "the signature is about another nonce");
}

/* ---- claims ---- */

static void another_product_is_refused(void **state)
{
	(void)state;
	assert_claims_refused("{\"ProductCode\":\"prod2\",\"PublicKeyVersion\":1,"
		"\"Nonce\":\"nonce-1\"}", &about, "the signature is about another product code");
	assert_claims_refused("{\"ProductCode\":7,\"PublicKeyVersion\":1,\"Nonce\":\"nonce-1\"}",
		&about, "the signature is about another product code");
	assert_claims_refused("{\"PublicKeyVersion\":1,\"Nonce\":\"nonce-1\"}", &about,
		"the signature does not say about which product code it is");
}

static void another_version_is_refused(void **state)
{
	static const char *const versions[] = { "2", "0", "1.5", "\"1\"", "null", "true", "4294967297" };
	char payload[200];

	(void)state;
	for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
		snprintf(payload, sizeof payload, "{\"ProductCode\":\"prod\",\"PublicKeyVersion\":%s,"
			"\"Nonce\":\"nonce-1\"}", versions[i]);
		assert_claims_refused(payload, &about, "the signature is about another public key version");
	}
	assert_claims_refused("{\"ProductCode\":\"prod\",\"Nonce\":\"nonce-1\"}", &about,
		"the signature does not say about which public key version it is");
}

static void another_nonce_is_refused(void **state)
{
	(void)state;
	assert_claims_refused("{\"ProductCode\":\"prod\",\"PublicKeyVersion\":1,\"Nonce\":\"old\"}",
		&about, "the signature is about another nonce");
	assert_claims_refused("{\"ProductCode\":\"prod\",\"PublicKeyVersion\":1,\"Nonce\":null}",
		&about, "the signature is about another nonce");
	assert_claims_refused("{\"ProductCode\":\"prod\",\"PublicKeyVersion\":1}", &about,
		"the signature does not say about which nonce it is");
}

static void spellings_that_contradict_are_refused(void **state)
{
	(void)state;
	assert_claims_refused("{\"ProductCode\":\"prod\",\"productCode\":\"x\",\"PublicKeyVersion\":1,"
		"\"Nonce\":\"nonce-1\"}", &about, "another product code");
	assert_claims_refused("{\"ProductCode\":\"prod\",\"publicKeyVersion\":2,\"PublicKeyVersion\":1,"
		"\"Nonce\":\"nonce-1\"}", &about, "another public key version");
	assert_claims_refused("{\"ProductCode\":\"prod\",\"PublicKeyVersion\":1,\"nonce\":\"x\","
		"\"Nonce\":\"nonce-1\"}", &about, "another nonce");
}

static void claim_given_twice_is_refused(void **state)
{
	(void)state;
	assert_claims_refused("{\"ProductCode\":\"x\",\"ProductCode\":\"prod\",\"PublicKeyVersion\":1,"
		"\"Nonce\":\"nonce-1\"}", &about, "the signature names the product code twice");
}

static void payload_that_is_not_json_is_refused(void **state)
{
	(void)state;
	assert_claims_refused("prod", &about, "the signature's payload: the body is not a JSON object");
	assert_claims_refused("[]", &about, "the signature's payload: the body is not a JSON object");
	assert_claims_refused("{\"ProductCode\":\"prod\\u0000\"}", &about, "has a NUL in a string");
}

/* ---- header ---- */

static void another_algorithm_is_refused(void **state)
{
	static const char *const headers[] = { "{\"alg\":\"RS256\"}", "{\"alg\":\"HS256\"}",
		"{\"alg\":\"none\"}", "{\"alg\":\"ps256\"}", "{\"alg\":\"PS384\"}", "{\"alg\":\"PS256 \"}",
		"{\"alg\":null}", "{\"alg\":256}", "{\"alg\":[\"PS256\"]}", "{}", "{\"Alg\":\"PS256\"}",
		"{\"alg\":\"PS256\",\"alg\":\"PS256\"}", "{\"alg\":\"\"}" };

	(void)state;
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
		assert_header_refused(headers[i], "the signature's algorithm is not PS256");
}

static void header_that_asks_for_more_is_refused(void **state)
{
	(void)state;
	assert_header_refused("{\"alg\":\"PS256\",\"crit\":[\"b64\"],\"b64\":false}",
		"asks for what nobody here knows");
}

static void header_that_is_not_json_is_refused(void **state)
{
	(void)state;
	assert_header_refused("PS256", "the signature's header: the body is not a JSON object");
	assert_header_refused("\"PS256\"", "the signature's header: the body is not a JSON object");
}

/* ---- signature ---- */

static void assert_way_refused(struct jwt_way way)
{
	auto_buf token;

	jwt_sign(&token, JWT_HEADER, JWT_PAYLOAD, way);
	assert_token_refused(buf_text(&token), "was not made with the private key");
}

static void signature_of_another_key_is_refused(void **state)
{
	struct jwt_way way = jwt_ps256();

	(void)state;
	way.pkey = EVP_RSA_gen(2048);
	assert_way_refused(way);
	EVP_PKEY_free(way.pkey);
}

static void signature_made_otherwise_is_refused(void **state)
{
	struct jwt_way way = jwt_ps256();

	(void)state;
	way.padding = RSA_PKCS1_PADDING; /* RS256 */
	assert_way_refused(way);
	way = jwt_ps256();
	way.digest = EVP_sha384();
	assert_way_refused(way);
	way = jwt_ps256();
	way.mgf1 = EVP_sha1();
	assert_way_refused(way);
}

/* The public key as the secret of an HMAC: what an algorithm that is believed lets through. */
static void hmac_with_the_public_key_is_refused(void **state)
{
	static const char *const headers[] = { "{\"alg\":\"HS256\"}", JWT_HEADER };
	static const char *const texts[] = { "algorithm is not PS256", "was not made with" };
	unsigned char mac[32];
	unsigned len = sizeof mac;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		auto_buf token;

		jwt_begin(&token, headers[i], JWT_PAYLOAD);
		HMAC(EVP_sha256(), jwt_pem, (int)strlen(jwt_pem), (const unsigned char *)token.data,
			token.len, mac, &len);
		jwt_end(&token, mac, len);
		assert_token_refused(buf_text(&token), texts[i]);
	}
}

static void changed_payload_is_refused(void **state)
{
	auto_buf good, changed;
	const char *signature;

	(void)state;
	jwt_sign(&good, JWT_HEADER, "{\"ProductCode\":\"other\",\"PublicKeyVersion\":1,"
		"\"Nonce\":\"nonce-1\"}", jwt_ps256());
	signature = strrchr(buf_text(&good), '.');
	jwt_begin(&changed, JWT_HEADER, JWT_PAYLOAD);
	buf_puts(&changed, signature);
	assert_token_refused(buf_text(&changed), "or was changed on its way");
}

static void signature_of_another_length_is_refused(void **state)
{
	static const char zeros[512];
	static const size_t lengths[] = { 1, 255, 257, 512 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		auto_buf token;

		jwt_begin(&token, JWT_HEADER, JWT_PAYLOAD);
		jwt_end(&token, zeros, lengths[i]);
		assert_token_refused(buf_text(&token), "was not made with the private key");
	}
}

/* ---- form ---- */

static void three_parts_are_needed(void **state)
{
	static const char *const tokens[] = { "", "x", "a.b", "a.b.c.d", "a.b.c." };

	(void)state;
	for (size_t i = 0; i < 5; i++)
		assert_token_refused(tokens[i], "is not a JWT: it does not have three parts");
}

static void empty_parts_are_refused(void **state)
{
	auto_buf token;

	(void)state;
	assert_token_refused("..", "the signature's header is empty");
	assert_token_refused("e30..e30", "the signature's payload is empty");
	jwt_begin(&token, JWT_HEADER, JWT_PAYLOAD);
	buf_putc(&token, '.');
	assert_token_refused(buf_text(&token), "the signature's last part is empty");
}

static void parts_are_canonical_base64url(void **state)
{
	(void)state;
	assert_token_refused("e30=.e30.e30", "the signature's header is not base64url");
	assert_token_refused("e3+.e30.e30", "the signature's header is not base64url");
	assert_token_refused("e31.e30.e30", "the signature's header is not base64url");
	assert_token_refused("e30.e3 0.e30", "the signature's payload is not base64url");
	assert_token_refused("e30.e30.e30\n", "the signature's last part is not base64url");
	assert_token_refused("e30.e30.e", "the signature's last part is not base64url");
	assert_token_refused("e30.e30.\xc3\xa4", "the signature's last part is not base64url");
}

/* Another spelling of the same bytes: the last character's spare bits. */
static void second_spelling_of_a_signature_is_refused(void **state)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	auto_buf token;
	const char *at;

	(void)state;
	jwt_sign(&token, JWT_HEADER, JWT_PAYLOAD, jwt_ps256());
	at = strchr(alphabet, token.data[token.len - 1]);
	assert_non_null(at);
	token.data[token.len - 1] = at[1]; /* 256 bytes leave four spare bits: an even place */
	assert_token_refused(buf_text(&token), "the signature's last part is not base64url");
}

static void text_of_a_fault_shows_nothing(void **state)
{
	(void)state;
	assert_claims_refused("{\"ProductCode\":\"prod\",\"PublicKeyVersion\":1,\"Nonce\":\"nonce-2\"}",
		&about, "another nonce");
	assert_null(strstr(err.text, "nonce-"));
	assert_null(strstr(err.text, "prod\""));
}

/* ---- keys ---- */

static void assert_key_refused(const char *pem, const char *text)
{
	struct jwt_key key = { NULL };

	if (jwt_key_load(pem, &key, &err) != ERR_INPUT)
		fail_msg("loaded: %s", pem);
	assert_says(text);
	assert_null(key.pkey);
}

static void short_keys_are_refused(void **state)
{
	EVP_PKEY *pkey = EVP_RSA_gen(1023);
	char pem[2000];

	(void)state;
	jwt_write_pem(pkey, pem, sizeof pem);
	assert_key_refused(pem, "the public key has 1023 bits; allowed are 1024 or more");
	EVP_PKEY_free(pkey);
}

static void keys_other_than_rsa_are_refused(void **state)
{
	EVP_PKEY *keys[] = { EVP_EC_gen("P-256"), EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") };
	char pem[2000];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		jwt_write_pem(keys[i], pem, sizeof pem);
		assert_key_refused(pem, "the public key is not an RSA key");
		EVP_PKEY_free(keys[i]);
	}
}

static void what_is_not_a_public_key_in_pem_is_refused(void **state)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char pem[4000] = "";

	(void)state;
	assert_key_refused("", "the public key is not PEM");
	assert_key_refused("ssh-rsa AAAAB3NzaC1yc2E", "the public key is not PEM");
	assert_key_refused("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
		"the public key is not PEM");
	PEM_write_bio_PrivateKey(bio, jwt_pkey, NULL, NULL, 0, NULL, NULL);
	assert_true(BIO_read(bio, pem, sizeof pem - 1) > 0);
	assert_key_refused(pem, "the public key is not PEM");
	BIO_free(bio);
}

static void nobody_is_asked_for_a_passphrase(void **state)
{
	(void)state;
	assert_key_refused("-----BEGIN PUBLIC KEY-----\nProc-Type: 4,ENCRYPTED\n"
		"DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAAAAAAAAAAAAAAAAAAAA==\n"
		"-----END PUBLIC KEY-----\n", "the public key is not PEM");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(token_of_the_reference_holds),
		cmocka_unit_test(salt_of_any_length_holds),
		cmocka_unit_test(key_of_1024_bits_holds),
		cmocka_unit_test(header_may_have_more),
		cmocka_unit_test(claims_may_be_spelled_as_the_sample_does),
		cmocka_unit_test(both_spellings_hold_where_they_agree),
		cmocka_unit_test(unknown_claims_are_ignored),
		cmocka_unit_test(no_nonce_holds_where_none_was_sent),
		cmocka_unit_test(another_product_is_refused),
		cmocka_unit_test(another_version_is_refused),
		cmocka_unit_test(another_nonce_is_refused),
		cmocka_unit_test(spellings_that_contradict_are_refused),
		cmocka_unit_test(claim_given_twice_is_refused),
		cmocka_unit_test(payload_that_is_not_json_is_refused),
		cmocka_unit_test(another_algorithm_is_refused),
		cmocka_unit_test(header_that_asks_for_more_is_refused),
		cmocka_unit_test(header_that_is_not_json_is_refused),
		cmocka_unit_test(signature_of_another_key_is_refused),
		cmocka_unit_test(signature_made_otherwise_is_refused),
		cmocka_unit_test(hmac_with_the_public_key_is_refused),
		cmocka_unit_test(changed_payload_is_refused),
		cmocka_unit_test(signature_of_another_length_is_refused),
		cmocka_unit_test(three_parts_are_needed),
		cmocka_unit_test(empty_parts_are_refused),
		cmocka_unit_test(parts_are_canonical_base64url),
		cmocka_unit_test(second_spelling_of_a_signature_is_refused),
		cmocka_unit_test(text_of_a_fault_shows_nothing),
		cmocka_unit_test(short_keys_are_refused),
		cmocka_unit_test(keys_other_than_rsa_are_refused),
		cmocka_unit_test(what_is_not_a_public_key_in_pem_is_refused),
		cmocka_unit_test(nobody_is_asked_for_a_passphrase),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("jwt", tests, jwt_make_key, jwt_free_key);
}
