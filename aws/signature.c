#include "aws/signature.h"

#include <string.h>
#include <time.h>

#include "aws/hash.h"

enum { TIME_CHARS = sizeof "20260131T120000Z", AUTHORIZATION_MAX = 1024 };

static void use_key_of_day(const struct creds *creds, const struct sigv4_scope *scope,
	struct signature_key *key)
{
	size_t len = sizeof key->date - 1;

	if (!strncmp(key->date, scope->time, len))
		return;
	signature_key_done(key);
	sigv4_signing_key(creds->secret_access_key, scope, &key->key);
	key->key.ready = hash_key_new(key->key.bytes, sizeof key->key.bytes);
	memcpy(key->date, scope->time, len);
	key->date[len] = '\0';
}

/* Adds a text to keep; the buffer has room for it, so that those before do not move. */
static const char *keep(struct buf *text, const char *value)
{
	size_t at = text->len;

	buf_add(text, value, strlen(value) + 1);
	return text->failed ? "" : text->data + at;
}

static void format_time(int64_t epoch_s, char ret_time[TIME_CHARS])
{
	time_t t = epoch_s;
	struct tm utc;

	gmtime_r(&t, &utc);
	strftime(ret_time, TIME_CHARS, "%Y%m%dT%H%M%SZ", &utc);
}

static void add_header(struct signature *signature, const char *name, const char *value)
{
	signature->headers[signature->n_headers++] = (struct sigv4_header){ name, value };
}

static void add_signed_headers(const struct signature_request *request, const char *time,
	struct signature *signature)
{
	/* Sorted by name, as they are signed. */
	add_header(signature, "content-type", request->content_type);
	add_header(signature, "host", request->host);
	add_header(signature, "x-amz-date", time);
	if (*signature->session_token)
		add_header(signature, "x-amz-security-token", signature->session_token);
	if (request->target)
		add_header(signature, "x-amz-target", keep(&signature->text, request->target));
}

enum status signature_make(const struct signature_request *request, const struct creds *creds,
	struct signature_key *key, struct signature *ret_signature, struct err *err)
{
	char now[TIME_CHARS];
	char room[AUTHORIZATION_MAX] = "";
	__attribute__((cleanup(buf_wipe))) struct buf authorization = BUF_ON(room, sizeof room - 1);
	struct sigv4_scope scope = { now, request->region, request->service };
	struct sigv4_request sent = { .method = "POST", .path = "/", .query = "",
		.body = buf_text(request->body), .body_len = request->body->len };
	struct signature signature = { .signed_s = request->epoch_s };

	format_time(request->epoch_s, now);
	use_key_of_day(creds, &scope, key);
	signature.text.max = strlen(creds->session_token) + TIME_CHARS +
		(request->target ? strlen(request->target) : 0) + AUTHORIZATION_MAX + SIGNATURE_HEADERS;
	buf_reserve(&signature.text, signature.text.max);
	signature.session_token = keep(&signature.text, creds->session_token);
	add_signed_headers(request, keep(&signature.text, now), &signature);
	sent.headers = signature.headers;
	sent.n_headers = signature.n_headers;
	sigv4_authorization(&authorization, &sent, &scope, creds->access_key_id, &key->key);
	add_header(&signature, "authorization", keep(&signature.text, buf_text(&authorization)));
	if (signature.text.failed || authorization.failed) {
		signature_done(&signature);
		return err_set(err, ERR_LOCAL, "no memory to sign a request");
	}
	*ret_signature = signature;
	return OK;
}

void signature_done(struct signature *signature)
{
	buf_wipe(&signature->text);
	*signature = (struct signature){ .session_token = "" };
}

void signature_key_done(struct signature_key *key)
{
	hash_key_free(key->key.ready);
	explicit_bzero(key, sizeof *key);
}
