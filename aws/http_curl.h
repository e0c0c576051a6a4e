/* HTTP by libcurl: warm connections in a pool, TLS verified, bounded in time and size.
 * Thread-safe. */
#ifndef AWS_HTTP_CURL_H
#define AWS_HTTP_CURL_H

#include "aws/http.h"

struct http_curl;

/* connections: how many are kept for the next call, at least 1.  ca_bundle: a file, or a folder
 * as c_rehash makes it, with the authorities to trust instead of the system's; NULL for those.
 * ERR_INPUT: the bundle cannot be read.  ERR_LOCAL: no memory, or a libcurl without OpenSSL. */
MUST_CHECK enum status http_curl_new(long connections, const char *ca_bundle,
	struct http_curl **ret_pool, struct err *err);

/* No call may be under way. Accepts NULL. */
void http_curl_free(struct http_curl *pool);

/* The pool as the seam; good for as long as the pool. */
struct http http_curl_http(struct http_curl *pool);

#endif
