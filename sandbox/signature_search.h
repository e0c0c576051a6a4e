/* Inside of sandbox/signature_stage: the search for the mistake behind a wrong signature. */
#ifndef SANDBOX_SIGNATURE_SEARCH_H
#define SANDBOX_SIGNATURE_SEARCH_H

#include "sandbox/signature_recipe.h"
#include "sandbox/signature_stage.h"

enum {
	SEARCH_HASH_BYTES = 32,
	SEARCH_HASH_SIZE = 2 * SEARCH_HASH_BYTES + 1,
	SEARCH_SCOPE_SIZE = 200,
	SEARCH_TEXT_MAX = 1200 * 1024, /* a body of a megabyte may have been signed as it is */
};

/* Texts that are signed hold session tokens. */
#define secret_buf __attribute__((cleanup(buf_wipe))) struct buf

/* The lines of a string to sign after the first, and what may stand behind them. */
struct search_lines {
	const char *time, *scope, *hash, *end;
};

struct search {
	const struct stage_input *in;
	struct stage_finding *finding;
	struct recipe recipe;                       /* the right one */
	char body_hash[SEARCH_HASH_SIZE];
	struct buf canonical, to_sign;              /* the right ones */
	char scope[SEARCH_SCOPE_SIZE];
	struct search_lines lines;                  /* the right ones */
	struct sigv4_key key;                       /* the right one */
};

/* Whether that text, signed with that key, has the signature that was sent. */
bool search_signs(const struct search *search, const struct buf *text, const void *key,
	size_t key_len);

/* Notes what was found, the detail with the name behind it, and returns true. */
bool search_found(struct search *search, const char *stage, const char *detail,
	const char *name);

void search_hmac(const void *key, size_t key_len, const void *text, size_t len,
	unsigned char ret_mac[SEARCH_HASH_BYTES]);
void search_hash(const void *data, size_t len, char ret_hex[SEARCH_HASH_SIZE]);
void search_upper(const char *hex, char ret_hex[SEARCH_HASH_SIZE]);

/* DATE/REGION/SERVICE/aws4_request */
void search_format_scope(const struct sigv4_scope *scope, char ret_text[SEARCH_SCOPE_SIZE]);

/* A string to sign of these lines. */
void search_add_lines(struct buf *out, const struct search_lines *lines);

/* Each tries the mistakes of one stage; true once found. */
bool search_canonical_request(struct search *search);
bool search_string_to_sign(struct search *search);
bool search_signing_key(struct search *search);

#endif
