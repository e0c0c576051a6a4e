/* sandbox/jwt: what it signs, OpenSSL verifies as PS256 alone. */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "tests/unit/unit.h"

#include "base/text.h"
#include "sandbox/jwt.h"

static const char said[] = "{\"ProductCode\":\"prod-legacy\",\"Nonce\":\"\xc3\xbc\"}";

struct pair {
	struct buf private_pem, public_pem;
};

static struct pair make_pair(void)
{
	struct pair pair = { BUF_INIT(JWT_PEM_MAX), BUF_INIT(JWT_PEM_MAX) };

	assert_true(jwt_make_pair(&pair.private_pem, &pair.public_pem));
	return pair;
}

static void done_pair(struct pair *pair)
{
	buf_wipe(&pair->private_pem);
	buf_done(&pair->public_pem);
}
#define auto_pair __attribute__((cleanup(done_pair))) struct pair

static struct buf sign(const struct pair *pair)
{
	struct buf token = BUF_INIT(JWT_BYTES_MAX);
	auto_buf payload = BUF_INIT(1000);

	buf_puts(&payload, said);
	assert_true(jwt_sign(&token, buf_text(&pair->private_pem), &payload));
	return token;
}

static EVP_PKEY *read_public(const struct pair *pair)
{
	BIO *bio = BIO_new_mem_buf(buf_text(&pair->public_pem), -1);
	EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);

	BIO_free(bio);
	assert_non_null(key);
	return key;
}

static bool verifies(const struct pair *pair, const char *token, int padding, int salt_bytes)
{
	const char *dot = strrchr(token, '.');
	EVP_PKEY *key = read_public(pair);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *options;
	auto_buf signature = BUF_INIT(1000);
	bool holds;

	assert_non_null(dot);
	assert_true(text_unbase64url(&signature, dot + 1, strlen(dot + 1)));
	assert_int_equal(signature.len, 256);
	assert_int_equal(EVP_DigestVerifyInit(context, &options, EVP_sha256(), NULL, key), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(options, padding), 1);
	if (padding == RSA_PKCS1_PSS_PADDING)
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(options, salt_bytes), 1);
	holds = EVP_DigestVerify(context, (const unsigned char *)buf_text(&signature), signature.len,
				(const unsigned char *)token, (size_t)(dot - token)) == 1;
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	return holds;
}

static void a_token_verifies_as_ps256_with_a_salt_of_32(void **state)
{
	auto_pair pair = make_pair();
	auto_buf token = sign(&pair);

	(void)state;
	assert_true(verifies(&pair, buf_text(&token), RSA_PKCS1_PSS_PADDING, 32));
	assert_false(verifies(&pair, buf_text(&token), RSA_PKCS1_PSS_PADDING, 20));
	assert_false(verifies(&pair, buf_text(&token), RSA_PKCS1_PADDING, 0));
}

static void its_parts_are_the_header_and_the_payload_as_given(void **state)
{
	auto_pair pair = make_pair();
	auto_buf token = sign(&pair), first = BUF_INIT(1000), second = BUF_INIT(1000);
	size_t dot = strcspn(buf_text(&token), "."), len = strcspn(buf_text(&token) + dot + 1, ".");

	(void)state;
	assert_true(text_unbase64url(&first, buf_text(&token), dot));
	assert_string_equal(buf_text(&first), "{\"alg\":\"PS256\",\"typ\":\"JWT\"}");
	assert_true(text_unbase64url(&second, buf_text(&token) + dot + 1, len));
	assert_string_equal(buf_text(&second), said);
}

static void another_text_or_another_key_does_not_verify(void **state)
{
	auto_pair pair = make_pair(), other = make_pair();
	auto_buf token = sign(&pair);

	(void)state;
	assert_false(verifies(&other, buf_text(&token), RSA_PKCS1_PSS_PADDING, 32));
	token.data[0] = token.data[0] == 'f' ? 'e' : 'f';
	assert_false(verifies(&pair, buf_text(&token), RSA_PKCS1_PSS_PADDING, 32));
}

static void a_pair_has_2048_bits_and_is_never_made_twice(void **state)
{
	auto_pair pair = make_pair(), other = make_pair();
	EVP_PKEY *key = read_public(&pair);

	(void)state;
	assert_int_equal(EVP_PKEY_get_bits(key), 2048);
	assert_string_not_equal(buf_text(&pair.public_pem), buf_text(&other.public_pem));
	assert_null(strstr(buf_text(&pair.public_pem), "PRIVATE"));
	EVP_PKEY_free(key);
}

static void what_is_no_key_signs_nothing(void **state)
{
	auto_pair pair = make_pair();
	auto_buf token = BUF_INIT(JWT_BYTES_MAX), payload = BUF_INIT(JWT_BYTES_MAX);

	(void)state;
	buf_puts(&payload, said);
	assert_false(jwt_sign(&token, "", &payload));
	assert_false(jwt_sign(&token, buf_text(&pair.public_pem), &payload));
	assert_int_equal(token.len, 0);
}

static void a_payload_that_does_not_fit_is_not_signed(void **state)
{
	auto_pair pair = make_pair();
	auto_buf token = BUF_INIT(JWT_BYTES_MAX), payload = BUF_INIT(JWT_BYTES_MAX);

	(void)state;
	while (payload.len < JWT_BYTES_MAX)
		buf_putc(&payload, 'x');
	assert_false(jwt_sign(&token, buf_text(&pair.private_pem), &payload));
	assert_int_equal(token.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_verifies_as_ps256_with_a_salt_of_32),
		cmocka_unit_test(its_parts_are_the_header_and_the_payload_as_given),
		cmocka_unit_test(another_text_or_another_key_does_not_verify),
		cmocka_unit_test(a_pair_has_2048_bits_and_is_never_made_twice),
		cmocka_unit_test(what_is_no_key_signs_nothing),
		cmocka_unit_test(a_payload_that_does_not_fit_is_not_signed),
	};

	return UNIT_RUN(tests);
}
