#include "aws/jwt.h"

#include <stdbool.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "aws/json.h"
#include "base/buf.h"
#include "base/text.h"

enum { KEY_BITS_MIN = 1024 }; /* as long as AWS's sample's; shorter ones can be broken */

/* The three parts as they stand, and decoded. */
struct parts {
	const char *signed_text; /* header and payload, and the dot between them */
	size_t signed_len;
	struct buf header, payload, signature;
};

/* OpenSSL would ask at the terminal. */
static int refuse_passphrase(char *to, int size, int writing, void *self)
{
	(void)to;
	(void)size;
	(void)writing;
	(void)self;
	return -1;
}

static EVP_PKEY *read_pem(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *pkey = bio ? PEM_read_bio_PUBKEY(bio, NULL, refuse_passphrase, NULL) : NULL;

	BIO_free(bio);
	ERR_clear_error(); /* or it would be taken for a later connection's */
	return pkey;
}

enum status jwt_key_load(const char *pem, struct jwt_key *ret_key, struct err *err)
{
	struct jwt_key key = { read_pem(pem) };
	enum status rc = OK;

	if (!key.pkey)
		return err_set(err, ERR_INPUT, "the public key is not PEM; allowed is what begins with "
			"-----BEGIN PUBLIC KEY-----");
	if (EVP_PKEY_get_base_id(key.pkey) != EVP_PKEY_RSA)
		rc = err_set(err, ERR_INPUT, "the public key is not an RSA key");
	else if (EVP_PKEY_get_bits(key.pkey) < KEY_BITS_MIN)
		rc = err_set(err, ERR_INPUT, "the public key has %d bits; allowed are %d or more",
			EVP_PKEY_get_bits(key.pkey), KEY_BITS_MIN);
	if (rc)
		jwt_key_done(&key);
	else
		*ret_key = key;
	return rc;
}

void jwt_key_done(struct jwt_key *key)
{
	EVP_PKEY_free(key->pkey);
	key->pkey = NULL;
}

static void parts_done(struct parts *parts)
{
	buf_done(&parts->header);
	buf_done(&parts->payload);
	buf_done(&parts->signature);
}

static enum status decode(const char *part, size_t len, const char *what, struct buf *ret_bytes,
	struct err *err)
{
	*ret_bytes = BUF_INIT(len); /* it decodes to less */
	if (!len)
		return err_set(err, ERR_REMOTE, "the signature's %s is empty", what);
	if (text_unbase64url(ret_bytes, part, len))
		return OK;
	if (ret_bytes->failed)
		return err_set(err, ERR_LOCAL, "no memory for the signature's %s", what);
	return err_set(err, ERR_REMOTE, "the signature's %s is not base64url", what);
}

static enum status split(const char *token, struct parts *parts, struct err *err)
{
	const char *first = strchr(token, '.'), *second = first ? strchr(first + 1, '.') : NULL;
	enum status rc;

	if (!second || strchr(second + 1, '.'))
		return err_set(err, ERR_REMOTE, "the signature is not a JWT: it does not have three parts");
	parts->signed_text = token;
	parts->signed_len = (size_t)(second - token);
	rc = decode(token, (size_t)(first - token), "header", &parts->header, err);
	if (!rc)
		rc = decode(first + 1, (size_t)(second - first - 1), "payload", &parts->payload, err);
	if (!rc)
		rc = decode(second + 1, strlen(second + 1), "last part", &parts->signature, err);
	return rc;
}

static enum status parse(const struct buf *bytes, const char *what, struct cJSON **ret_json,
	struct err *err)
{
	enum status rc = json_parse(buf_text(bytes), bytes->len, ret_json, err);

	return rc ? err_wrap(err, ERR_REMOTE, "the signature's %s", what) : OK;
}

/* The members of that name; more than one is for the caller to refuse. */
static size_t find(const struct cJSON *object, const char *name, const struct cJSON **ret_last)
{
	size_t n = 0;

	for (const struct cJSON *child = object->child; child; child = child->next) {
		if (strcmp(child->string, name) != 0)
			continue;
		*ret_last = child;
		n++;
	}
	return n;
}

static enum status check_header(const struct buf *header, struct err *err)
{
	const struct cJSON *alg = NULL, *critical = NULL;
	struct cJSON *json = NULL;
	enum status rc = parse(header, "header", &json, err);

	if (rc)
		return rc;
	/* Neither "none", nor an algorithm that takes the public key for a shared secret. */
	if (find(json, "alg", &alg) != 1 || !cJSON_IsString(alg) || strcmp(alg->valuestring, "PS256"))
		rc = err_set(err, ERR_REMOTE, "the signature's algorithm is not PS256");
	else if (find(json, "crit", &critical)) /* RFC 7515 §4.1.11 */
		rc = err_set(err, ERR_REMOTE, "the signature's header asks for what nobody here knows");
	cJSON_Delete(json);
	return rc;
}

/* 1: it holds, 0: it does not, less: no memory. */
static int verify_pss(EVP_MD_CTX *context, EVP_PKEY *pkey, const struct parts *parts)
{
	EVP_PKEY_CTX *how = NULL; /* the context's */

	/* PS256's salt has 32 bytes. AWS does not say that its own has: whatever length is in the
	 * signature is taken, which makes none easier to forge. */
	if (!context || EVP_DigestVerifyInit(context, &how, EVP_sha256(), NULL, pkey) != 1 ||
		EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) != 1 ||
		EVP_PKEY_CTX_set_rsa_mgf1_md(how, EVP_sha256()) != 1 ||
		EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_AUTO) != 1)
		return -1;
	return EVP_DigestVerify(context, (const unsigned char *)buf_text(&parts->signature),
			parts->signature.len, (const unsigned char *)parts->signed_text,
			parts->signed_len) == 1;
}

static enum status check_signature(const struct jwt_key *key, const struct parts *parts,
	struct err *err)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int verified = verify_pss(context, key->pkey, parts);

	EVP_MD_CTX_free(context);
	ERR_clear_error();
	if (verified < 0)
		return err_set(err, ERR_LOCAL, "no memory to verify the signature");
	return verified ? OK
					: err_set(err, ERR_REMOTE, "the signature was not made with the private key "
						"that belongs to this public key, or was changed on its way");
}

static bool is_product(const struct cJSON *claim, const struct jwt_claims *expected)
{
	return cJSON_IsString(claim) && !strcmp(claim->valuestring, expected->product_code);
}

static bool is_version(const struct cJSON *claim, const struct jwt_claims *expected)
{
	/* Exact: a version has at most 31 bits. */
	return cJSON_IsNumber(claim) && !(claim->valuedouble < (double)expected->public_key_version) &&
		!(claim->valuedouble > (double)expected->public_key_version);
}

static bool is_nonce(const struct cJSON *claim, const struct jwt_claims *expected)
{
	if (cJSON_IsNull(claim))
		return !*expected->nonce;
	return cJSON_IsString(claim) && !strcmp(claim->valuestring, expected->nonce);
}

static const struct claim {
	const char *names[2]; /* the reference's, and the sample's */
	bool (*holds)(const struct cJSON *claim, const struct jwt_claims *expected);
	const char *what;
} claims[] = {
	{ { "ProductCode", "productCode" }, is_product, "product code" },
	{ { "PublicKeyVersion", "publicKeyVersion" }, is_version, "public key version" },
	{ { "Nonce", "nonce" }, is_nonce, "nonce" },
};

enum { N_CLAIMS = sizeof claims / sizeof claims[0] };

static enum status check_claim(const struct cJSON *payload, const struct claim *claim,
	const struct jwt_claims *expected, struct err *err)
{
	bool needed = claim->holds != is_nonce || *expected->nonce, found = false;

	for (size_t i = 0; i < 2; i++) {
		const struct cJSON *value = NULL;
		size_t n = find(payload, claim->names[i], &value);

		if (n > 1)
			return err_set(err, ERR_REMOTE, "the signature names the %s twice", claim->what);
		if (n && !claim->holds(value, expected))
			return err_set(err, ERR_REMOTE, "the signature is about another %s", claim->what);
		found |= n > 0;
	}
	if (needed && !found)
		return err_set(err, ERR_REMOTE, "the signature does not say about which %s it is",
			claim->what);
	return OK;
}

static enum status check_payload(const struct buf *payload, const struct jwt_claims *expected,
	struct err *err)
{
	struct cJSON *json = NULL;
	enum status rc = parse(payload, "payload", &json, err);

	for (size_t i = 0; i < N_CLAIMS && !rc; i++)
		rc = check_claim(json, &claims[i], expected, err);
	cJSON_Delete(json);
	return rc;
}

enum status jwt_verify(const struct jwt_key *key, const char *token,
	const struct jwt_claims *expected, struct err *err)
{
	struct parts parts = { 0 };
	enum status rc = split(token, &parts, err);

	if (!rc)
		rc = check_header(&parts.header, err);
	if (!rc)
		rc = check_signature(key, &parts, err);
	if (!rc)
		rc = check_payload(&parts.payload, expected, err);
	parts_done(&parts);
	return rc;
}
