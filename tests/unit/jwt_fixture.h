/* For tests: keys, and tokens signed with them, right or wrong in one part. */
#ifndef TESTS_UNIT_JWT_FIXTURE_H
#define TESTS_UNIT_JWT_FIXTURE_H

#include "tests/unit/unit.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/buf.h"
#include "base/text.h"

#define JWT_HEADER "{\"alg\":\"PS256\",\"typ\":\"JWT\"}"
#define JWT_PAYLOAD "{\"ProductCode\":\"prod\",\"PublicKeyVersion\":1,\"Nonce\":\"nonce-1\"," \
	"\"PublicKeyRotationTimestamp\":null}"

/* Made once for all tests of a program: RSA takes its time. */
static EVP_PKEY *jwt_pkey;
static char jwt_pem[2000];

static inline void jwt_write_pem(EVP_PKEY *pkey, char *ret_pem, size_t size)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int len;

	assert_int_equal(PEM_write_bio_PUBKEY(bio, pkey), 1);
	len = BIO_read(bio, ret_pem, (int)size - 1);
	assert_true(len > 0);
	ret_pem[len] = '\0';
	BIO_free(bio);
}

static inline int jwt_make_key(void **state)
{
	(void)state;
	jwt_pkey = EVP_RSA_gen(2048);
	if (!jwt_pkey)
		return -1;
	jwt_write_pem(jwt_pkey, jwt_pem, sizeof jwt_pem);
	return 0;
}

static inline int jwt_free_key(void **state)
{
	(void)state;
	EVP_PKEY_free(jwt_pkey);
	return 0;
}

struct jwt_way {
	EVP_PKEY *pkey;
	int padding, salt_len;
	const EVP_MD *digest, *mgf1;
};

static inline struct jwt_way jwt_ps256(void)
{
	return (struct jwt_way){ jwt_pkey, RSA_PKCS1_PSS_PADDING, 32, EVP_sha256(), EVP_sha256() };
}

/* header.payload, each encoded. */
static inline void jwt_begin(struct buf *ret_token, const char *header, const char *payload)
{
	*ret_token = BUF_INIT(100000);
	text_base64url(ret_token, header, strlen(header));
	buf_putc(ret_token, '.');
	text_base64url(ret_token, payload, strlen(payload));
}

static inline void jwt_end(struct buf *token, const void *signature, size_t len)
{
	buf_putc(token, '.');
	text_base64url(token, signature, len);
	assert_false(token->failed);
}

static inline void jwt_sign(struct buf *ret_token, const char *header, const char *payload,
	struct jwt_way way)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how = NULL;
	unsigned char signature[1024];
	size_t len = sizeof signature;

	jwt_begin(ret_token, header, payload);
	assert_int_equal(EVP_DigestSignInit(context, &how, way.digest, NULL, way.pkey), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(how, way.padding), 1);
	if (way.padding == RSA_PKCS1_PSS_PADDING) {
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(how, way.salt_len), 1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(how, way.mgf1), 1);
	}
	assert_int_equal(EVP_DigestSign(context, signature, &len,
		(const unsigned char *)ret_token->data, ret_token->len), 1);
	EVP_MD_CTX_free(context);
	jwt_end(ret_token, signature, len);
}

#endif
