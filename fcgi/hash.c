#include "fcgi/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdlib.h>

#include "base/text.h"

void hash_sha256(const void *data, size_t len, unsigned char ret_hash[HASH_BYTES])
{
	if (!SHA256(data, len, ret_hash))
		abort(); /* only a broken libcrypto: nothing that we could sign or store would be right */
}

void hash_sha256_hex(const void *data, size_t len, char ret_hex[HASH_HEX_SIZE])
{
	unsigned char hash[HASH_BYTES];

	hash_sha256(data, len, hash);
	text_hex(hash, sizeof hash, ret_hex);
}

void hash_hmac(const unsigned char key[HASH_BYTES], const void *data, size_t len,
	unsigned char ret_mac[HASH_BYTES])
{
	unsigned int mac_len = HASH_BYTES;

	if (!HMAC(EVP_sha256(), key, HASH_BYTES, data, len, ret_mac, &mac_len))
		abort();
}

bool hash_equal(const unsigned char *a, const unsigned char *b)
{
	return !CRYPTO_memcmp(a, b, HASH_BYTES);
}
