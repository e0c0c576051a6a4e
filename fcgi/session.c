#include "fcgi/session.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"

enum {
	FORMAT = 1,
	COOKIE_BYTES_MAX = 2400, /* the longest identities fit, and 3200 characters are under the 4096
								that browsers keep */
	CSRF_TEXT_MAX = 64,
};

void session_start(const struct metering_customer *who, int64_t now_s, struct session *ret_session)
{
	text_random(ret_session->id, sizeof ret_session->id);
	ret_session->expires_s = now_s + SESSION_S;
	ret_session->who = *who;
}

/* Format, id, expiry, four texts each behind its length in two bytes. */
static void put_text(struct buf *out, const char *text)
{
	size_t len = strlen(text);

	buf_putc(out, (char)(len >> 8));
	buf_putc(out, (char)(len & 0xff));
	buf_add(out, text, len);
}

void session_seal(const struct keys *keys, const struct session *session, struct buf *out)
{
	char room[512] = "";
	auto_buf payload = BUF_ON(room, COOKIE_BYTES_MAX);
	unsigned char mac[HASH_BYTES];

	buf_putc(&payload, FORMAT);
	buf_add(&payload, session->id, sizeof session->id);
	for (int shift = 56; shift >= 0; shift -= 8)
		buf_putc(&payload, (char)(session->expires_s >> shift & 0xff));
	put_text(&payload, session->who.product_code);
	put_text(&payload, session->who.customer_identifier);
	put_text(&payload, session->who.customer_aws_account_id);
	put_text(&payload, session->who.license_arn);
	keys_sign(keys, KEY_COOKIE, buf_text(&payload), payload.len, mac);
	buf_add(&payload, mac, sizeof mac);
	text_base64url(out, buf_text(&payload), payload.len);
	out->failed |= payload.failed;
}

static bool take(const unsigned char **at, const unsigned char *end, void *to, size_t len)
{
	if ((size_t)(end - *at) < len)
		return false;
	memcpy(to, *at, len);
	*at += len;
	return true;
}

static bool take_text(const unsigned char **at, const unsigned char *end, char *to, size_t size)
{
	unsigned char len[2];
	size_t n;

	if (!take(at, end, len, sizeof len))
		return false;
	n = (size_t)len[0] << 8 | len[1];
	if (n >= size || !take(at, end, to, n))
		return false;
	to[n] = '\0';
	return true;
}

static bool parse(const unsigned char *at, const unsigned char *end, struct session *session)
{
	unsigned char format, expires[8];
	struct metering_customer *who = &session->who;
	uint64_t expires_s = 0;

	if (!take(&at, end, &format, 1) || format != FORMAT ||
		!take(&at, end, session->id, sizeof session->id) ||
		!take(&at, end, expires, sizeof expires))
		return false;
	for (size_t i = 0; i < sizeof expires; i++)
		expires_s = expires_s << 8 | expires[i];
	session->expires_s = (int64_t)expires_s;
	return take_text(&at, end, who->product_code, sizeof who->product_code) &&
		take_text(&at, end, who->customer_identifier, sizeof who->customer_identifier) &&
		take_text(&at, end, who->customer_aws_account_id, sizeof who->customer_aws_account_id) &&
		take_text(&at, end, who->license_arn, sizeof who->license_arn) && at == end;
}

bool session_open(const struct keys *keys, const char *cookie, size_t len, int64_t now_s,
	struct session *ret_session)
{
	auto_buf sealed = BUF_INIT(COOKIE_BYTES_MAX);
	struct session session = { 0 };
	const unsigned char *bytes;
	size_t payload_len;

	if (!text_unbase64url(&sealed, cookie, len) || sealed.len <= HASH_BYTES)
		return false;
	bytes = (const unsigned char *)sealed.data;
	payload_len = sealed.len - HASH_BYTES;
	/* Nothing is parsed before the MAC is right. */
	if (!keys_verify(keys, KEY_COOKIE, bytes, payload_len, bytes + payload_len) ||
		!parse(bytes, bytes + payload_len, &session) || session.expires_s <= now_s)
		return false;
	*ret_session = session;
	return true;
}

static const char *cookie_name(bool secure)
{
	return secure ? "__Host-tollgate" : "tollgate";
}

void session_give(const struct keys *keys, const struct metering_customer *who, bool secure,
	struct reply *reply)
{
	char room[1024] = "";
	auto_buf cookie = BUF_ON(room, 2 * COOKIE_BYTES_MAX);
	struct session session;

	session_start(who, clock_epoch_ms() / 1000, &session);
	buf_texts(&cookie, cookie_name(secure), "=", NULL);
	session_seal(keys, &session, &cookie);
	buf_puts(&cookie, "; Path=/; Max-Age=");
	buf_number(&cookie, SESSION_S);
	buf_texts(&cookie, "; HttpOnly; SameSite=Lax", secure ? "; Secure" : "", NULL);
	if (cookie.failed)
		reply->headers.failed = true;
	else
		reply_header(reply, "Set-Cookie", buf_text(&cookie));
}

bool session_of(const struct keys *keys, const struct request *request, bool secure,
	struct session *ret_session)
{
	size_t len = 0;
	const char *cookie = request_cookie(request, cookie_name(secure), &len);

	return cookie && session_open(keys, cookie, len, clock_epoch_ms() / 1000, ret_session);
}

void session_forget(bool secure, struct reply *reply)
{
	auto_buf cookie = BUF_INIT(200);

	buf_printf(&cookie, "%s=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax%s", cookie_name(secure),
		secure ? "; Secure" : "");
	reply_header(reply, "Set-Cookie", buf_text(&cookie));
}

void session_csrf(const struct keys *keys, const struct session *session, struct buf *out)
{
	unsigned char mac[HASH_BYTES];

	keys_sign(keys, KEY_CSRF, session->id, sizeof session->id, mac);
	text_base64url(out, mac, sizeof mac);
}

bool session_csrf_ok(const struct keys *keys, const struct session *session, const char *token)
{
	auto_buf mac = BUF_INIT(HASH_BYTES);
	size_t len = token ? strlen(token) : 0;

	return len && len < CSRF_TEXT_MAX && text_unbase64url(&mac, token, len) &&
		mac.len == HASH_BYTES &&
		keys_verify(
			keys, KEY_CSRF, session->id, sizeof session->id, (const unsigned char *)mac.data);
}

void session_hash_hex(const struct session *session, char ret_hex[HASH_HEX_SIZE])
{
	hash_sha256_hex(session->id, sizeof session->id, ret_hex);
}
