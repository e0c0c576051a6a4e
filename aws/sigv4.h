/* AWS Signature Version 4, in stages that can be called apart: canonical request, string to sign,
 * key, signature. The client signs with it and the sandbox verifies with it. */
#ifndef AWS_SIGV4_H
#define AWS_SIGV4_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct sigv4_header {
	const char *name;  /* lower case */
	const char *value; /* as sent; folded and trimmed here */
};

struct sigv4_request {
	const char *method;
	const char *path;                   /* canonical already: "/" for this service */
	const char *query;                  /* canonical already; "" for this service */
	const struct sigv4_header *headers; /* those that are signed, sorted by name; values of one
	                                     * name follow each other, in the order of sending */
	size_t n_headers;
	const void *body;
	size_t body_len;
};

struct sigv4_scope {
	const char *time;    /* YYYYMMDDTHHMMSSZ; the date is its first eight characters */
	const char *region;
	const char *service; /* aws-marketplace */
};

struct sigv4_key {
	unsigned char bytes[32];
	struct hash_key *ready; /* the same, for whoever keeps it and signs often; or NULL */
};

/* The canonical form of a path as it stands in the request line: without empty and dot segments,
 * and with all but unreserved characters and '/' encoded, the '%' of those that are encoded already
 * among them, as every service but S3 has it. */
void sigv4_canonical_path(struct buf *out, const char *path);

/* The canonical form of a query string as it stands in the request line: each spelling of a name or
 * value becomes the same one, sorted by name, then by value. '+' is a plus. */
void sigv4_canonical_query(struct buf *out, const char *query);

void sigv4_canonical_request(struct buf *out, const struct sigv4_request *request);
void sigv4_string_to_sign(struct buf *out, const struct sigv4_scope *scope, const char *canonical,
	size_t len);

/* The key of one day, region and service; worth keeping for the day. Wipe it when done. What is
 * `ready` in it is the caller's to make and free. */
void sigv4_signing_key(const char *secret, const struct sigv4_scope *scope,
	struct sigv4_key *ret_key);

/* 64 lower-case hex digits and NUL. */
void sigv4_signature(const struct sigv4_key *key, const char *string_to_sign, size_t len,
	char ret_hex[65]);

/* The names of the signed headers, joined by ';'. */
void sigv4_signed_headers(struct buf *out, const struct sigv4_request *request);

/* The value of the Authorization header. Never log it. */
void sigv4_authorization(struct buf *out, const struct sigv4_request *request,
	const struct sigv4_scope *scope, const char *access_key_id, const struct sigv4_key *key);

#endif
