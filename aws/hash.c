/* SHA256() and HMAC() look their algorithm up by its name each time, which takes longer than to
 * hash a few hundred bytes. Here that is done once. */
#include "aws/hash.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/text.h"

static EVP_MD *sha256;
static EVP_MAC_CTX *hmac; /* copied for each use; its own key is none */

static void look_up(void)
{
	static const unsigned char no_key[HASH_BYTES];
	char digest[] = "SHA256";
	const OSSL_PARAM with[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);

	sha256 = EVP_MD_fetch(NULL, digest, NULL);
	hmac = EVP_MAC_CTX_new(mac);
	EVP_MAC_free(mac); /* the context holds it */
	if (!sha256 || !hmac || !EVP_MAC_init(hmac, no_key, sizeof no_key, with))
		abort();
}

static void look_up_once(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, look_up);
}

void hash_sha256(const void *data, size_t len, unsigned char ret_hash[HASH_BYTES])
{
	look_up_once();
	if (!EVP_Digest(data, len, ret_hash, NULL, sha256, NULL))
		abort();
}

void hash_sha256_hex(const void *data, size_t len, char ret_hex[HASH_HEX_SIZE])
{
	unsigned char hash[HASH_BYTES];

	hash_sha256(data, len, hash);
	text_hex(hash, sizeof hash, ret_hex);
}

static EVP_MAC_CTX *make_ready(const void *key, size_t len)
{
	EVP_MAC_CTX *mac;

	look_up_once();
	mac = EVP_MAC_CTX_dup(hmac);
	if (!mac || !EVP_MAC_init(mac, key, len, NULL))
		abort();
	return mac;
}

static void finish(EVP_MAC_CTX *mac, const void *data, size_t len,
	unsigned char ret_mac[HASH_BYTES])
{
	size_t mac_len;

	if (!EVP_MAC_update(mac, data, len) || !EVP_MAC_final(mac, ret_mac, &mac_len, HASH_BYTES))
		abort();
}

void hash_hmac(const void *key, size_t key_len, const void *data, size_t len,
	unsigned char ret_mac[HASH_BYTES])
{
	EVP_MAC_CTX *mac = make_ready(key, key_len);

	finish(mac, data, len, ret_mac);
	EVP_MAC_CTX_free(mac);
}

/* Used by one thread at a time: a copy for each use would take longer than to hash. */
struct hash_key {
	pthread_mutex_t lock;
	EVP_MAC_CTX *mac;
};

struct hash_key *hash_key_new(const void *key, size_t len)
{
	struct hash_key *made = malloc(sizeof *made);

	if (!made)
		abort();
	made->mac = make_ready(key, len);
	pthread_mutex_init(&made->lock, NULL);
	return made;
}

void hash_key_free(struct hash_key *key)
{
	if (!key)
		return;
	EVP_MAC_CTX_free(key->mac); /* wipes it */
	pthread_mutex_destroy(&key->lock);
	free(key);
}

void hash_key_hmac(struct hash_key *key, const void *data, size_t len,
	unsigned char ret_mac[HASH_BYTES])
{
	pthread_mutex_lock(&key->lock);
	if (!EVP_MAC_init(key->mac, NULL, 0, NULL)) /* the same key again */
		abort();
	finish(key->mac, data, len, ret_mac);
	pthread_mutex_unlock(&key->lock);
}

bool hash_equal(const unsigned char *a, const unsigned char *b)
{
	return !CRYPTO_memcmp(a, b, HASH_BYTES);
}
