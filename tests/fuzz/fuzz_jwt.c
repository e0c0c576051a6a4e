/* RegisterUsage's signature: any text for one, any header, any payload that is signed well; and the
 * answer that it comes in. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "aws/jwt.h"
#include "aws/metering_answer.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct jwt_claims about = { "prod", 1, "nonce-1" };
static EVP_PKEY *pkey;
static struct jwt_key key;

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void make_key(void)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char pem[2000] = "";
	struct err err;

	pkey = EVP_RSA_gen(1024); /* the fastest that is taken */
	check(bio && pkey && PEM_write_bio_PUBKEY(bio, pkey) == 1);
	check(BIO_read(bio, pem, sizeof pem - 1) > 0);
	check(jwt_key_load(pem, &key, &err) == OK);
	BIO_free(bio);
}

static enum status verify(const char *token)
{
	struct err err = { "" };
	enum status rc = jwt_verify(&key, token, &about, &err);

	check(rc == OK || (rc == ERR_REMOTE && *err.text));
	return rc;
}

static void sign(struct buf *token)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how = NULL;
	unsigned char signature[128];
	size_t len = sizeof signature;

	check(context && EVP_DigestSignInit(context, &how, EVP_sha256(), NULL, pkey) == 1 &&
		EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) == 1 &&
		EVP_DigestSign(context, signature, &len, (const unsigned char *)token->data,
			token->len) == 1);
	EVP_MD_CTX_free(context);
	buf_putc(token, '.');
	text_base64url(token, signature, len);
}

static void verify_text(const char *text)
{
	check(verify(text) == ERR_REMOTE);
}

static void verify_header(const char *header, size_t len)
{
	auto_buf token = BUF_INIT(64 * 1024 * 1024);

	text_base64url(&token, header, len);
	buf_puts(&token, ".e30.e30");
	check(verify(buf_text(&token)) == ERR_REMOTE);
}

static void verify_payload(const char *payload, size_t len)
{
	static const char header[] = "{\"alg\":\"PS256\"}";
	auto_buf token = BUF_INIT(64 * 1024 * 1024);

	text_base64url(&token, header, strlen(header));
	buf_putc(&token, '.');
	text_base64url(&token, payload, len);
	sign(&token);
	if (verify(buf_text(&token)) == OK)
		check(memmem(payload, len, "nonce-1", 7) || memchr(payload, '\\', len));
}

static void read_answer(const char *body, size_t len)
{
	auto_buf signature = BUF_INIT(64 * 1024 * 1024);
	int64_t rotation_s = -1;
	struct err err = { "" };
	enum status rc = metering_parse_registration(body, len, &signature, &rotation_s, &err);

	check(rc == OK || (rc == ERR_RETRY && *err.text));
	if (rc)
		return;
	check(signature.len > 0 && text_is_utf8(signature.data, signature.len) && rotation_s >= 0);
	verify_text(signature.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	check(text != NULL);
	if (!pkey)
		make_key();
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	verify_text(text);
	verify_header(text, size);
	verify_payload(text, size);
	read_answer(text, size);
	free(text);
	return 0;
}
