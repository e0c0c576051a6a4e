/* SHA-256 and HMAC-SHA-256. Thread-safe. A libcrypto that fails ends the program: nothing that it
 * would sign or store could be right. */
#ifndef AWS_HASH_H
#define AWS_HASH_H

#include <stdbool.h>
#include <stddef.h>

enum { HASH_BYTES = 32, HASH_HEX_SIZE = 2 * HASH_BYTES + 1 };

void hash_sha256(const void *data, size_t len, unsigned char ret_hash[HASH_BYTES]);
void hash_sha256_hex(const void *data, size_t len, char ret_hex[HASH_HEX_SIZE]);
/* The result may take the key's place. */
void hash_hmac(const void *key, size_t key_len, const void *data, size_t len,
	unsigned char ret_mac[HASH_BYTES]);

/* A key that is made ready once, which takes as long as to hash with it, for one who uses it often.
 * hash_key_free wipes it, and accepts NULL. */
struct hash_key;
struct hash_key *hash_key_new(const void *key, size_t len);
void hash_key_free(struct hash_key *key);
void hash_key_hmac(struct hash_key *key, const void *data, size_t len,
	unsigned char ret_mac[HASH_BYTES]);

/* Equality in a time that does not depend on where they differ. */
bool hash_equal(const unsigned char *a, const unsigned char *b);

#endif
