/* The keys that sign what browsers hold: derived, one a use, from a key file with two generations.
 */
#ifndef FCGI_KEYS_H
#define FCGI_KEYS_H

#include <stdbool.h>

#include "base/err.h"
#include "aws/hash.h"

enum key_use { KEY_COOKIE, KEY_CSRF, N_KEY_USES };
enum { KEY_GENERATIONS = 2 };

struct keys {
	size_t n; /* generations there are; the first signs, all verify */
	struct hash_key *derived[KEY_GENERATIONS][N_KEY_USES];
};

/* Reads the file: one or two lines of 64 hex digits, the key in use and the one before it. With
 * make_if_missing, an absent file is made with a random key, mode 0600; of several processes that
 * start at once, one makes it. ERR_INPUT: missing, malformed, or readable by everybody; the text
 * says what to do. */
MUST_CHECK enum status keys_load(
	const char *path, bool make_if_missing, struct keys *ret_keys, struct err *err);
void keys_wipe(struct keys *keys); /* leaves it empty */

void keys_sign(const struct keys *keys, enum key_use use, const void *data, size_t len,
	unsigned char ret_mac[HASH_BYTES]);

/* True if any generation made this MAC. */
bool keys_verify(const struct keys *keys, enum key_use use, const void *data, size_t len,
	const unsigned char mac[HASH_BYTES]);

#endif
