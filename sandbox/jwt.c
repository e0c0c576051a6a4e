#include "sandbox/jwt.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/text.h"

enum {
	KEY_BITS = 2048, /* AWS's own sample has 1024, which no current policy allows */
	SIGNATURE_BYTES_MAX = KEY_BITS / 8,
};

static const char header[] = "{\"alg\":\"PS256\",\"typ\":\"JWT\"}";

static void done_key(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}
#define auto_key __attribute__((cleanup(done_key))) EVP_PKEY

static void done_bio(BIO **bio)
{
	BIO_free(*bio); /* which wipes its memory */
}
#define auto_bio __attribute__((cleanup(done_bio))) BIO

static void done_digest(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}
#define auto_digest __attribute__((cleanup(done_digest))) EVP_MD_CTX

/* The thread serves others after this call, and OpenSSL keeps its errors for the thread. */
static bool forget_errors(bool done)
{
	ERR_clear_error();
	return done;
}

static bool take_pem(struct buf *out, BIO *bio)
{
	char *text;
	long len = BIO_get_mem_data(bio, &text);

	if (len <= 0)
		return false;
	buf_add(out, text, (size_t)len);
	return !out->failed;
}

bool jwt_make_pair(struct buf *ret_private_pem, struct buf *ret_public_pem)
{
	auto_key *key = EVP_RSA_gen(KEY_BITS);
	auto_bio *private_bio = BIO_new(BIO_s_mem());
	auto_bio *public_bio = BIO_new(BIO_s_mem());

	return forget_errors(key && private_bio && public_bio &&
		PEM_write_bio_PrivateKey(private_bio, key, NULL, NULL, 0, NULL, NULL) == 1 &&
		PEM_write_bio_PUBKEY(public_bio, key) == 1 && take_pem(ret_private_pem, private_bio) &&
		take_pem(ret_public_pem, public_bio));
}

/* Appends the signature of `text`. */
static bool put_signature(struct buf *out, EVP_PKEY *key, const struct buf *text)
{
	auto_digest *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *options; /* the context's own */
	unsigned char signature[SIGNATURE_BYTES_MAX];
	size_t len = sizeof signature;

	if (!context || EVP_DigestSignInit(context, &options, EVP_sha256(), NULL, key) != 1 ||
		EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) != 1 ||
		EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) != 1 ||
		EVP_DigestSign(
			context, signature, &len, (const unsigned char *)buf_text(text), text->len) != 1)
		return false;
	text_base64url(out, signature, len);
	return true;
}

bool jwt_sign(struct buf *out, const char *private_pem, const struct buf *payload)
{
	auto_bio *bio = BIO_new_mem_buf(private_pem, -1);
	auto_key *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
	auto_buf text = BUF_INIT(JWT_BYTES_MAX), signature = BUF_INIT(JWT_BYTES_MAX);

	text_base64url(&text, header, strlen(header));
	buf_putc(&text, '.');
	text_base64url(&text, buf_text(payload), payload->len);
	if (!forget_errors(
			key && !payload->failed && !text.failed && put_signature(&signature, key, &text)))
		return false;
	buf_printf(out, "%s.%s", buf_text(&text), buf_text(&signature));
	return !signature.failed && !out->failed;
}
