/* One visit of one browser: a signed cookie and nothing on the server, so it works while the
 * database is away. It names the customer by AWS's identities and holds no token and no contact
 * data. */
#ifndef FCGI_SESSION_H
#define FCGI_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/metering.h"
#include "base/buf.h"
#include "fcgi/keys.h"
#include "fcgi/reply.h"
#include "fcgi/request.h"

enum { SESSION_S = 2 * 60 * 60, SESSION_ID_BYTES = 16 };

struct session {
	unsigned char id[SESSION_ID_BYTES];
	int64_t expires_s; /* epoch */
	struct metering_customer who;
};

/* A new session with an id that was never used: what a browser held before is worth nothing
 * (fixation). */
void session_start(const struct metering_customer *who, int64_t now_s, struct session *ret_session);

/* The cookie's value: payload and MAC in base64url. */
void session_seal(const struct keys *keys, const struct session *session, struct buf *out);

/* False: not ours, changed, or expired. */
bool session_open(const struct keys *keys, const char *cookie, size_t len, int64_t now_s,
	struct session *ret_session);

/* Over HTTP, by this machine's clock; session_give begins one for who is here now. `secure`: the
 * public URL is https, so the cookie is __Host- and Secure. */
void session_give(const struct keys *keys, const struct metering_customer *who, bool secure,
	struct reply *reply);
bool session_of(const struct keys *keys, const struct request *request, bool secure,
	struct session *ret_session);
void session_forget(bool secure, struct reply *reply);

/* The token that this session's forms must bring back, and whether it did. */
void session_csrf(const struct keys *keys, const struct session *session, struct buf *out);
bool session_csrf_ok(const struct keys *keys, const struct session *session, const char *token);

/* What tables know the session by. */
void session_hash_hex(const struct session *session, char ret_hex[HASH_HEX_SIZE]);

#endif
