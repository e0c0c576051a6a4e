#include "aws/signer.h"

#include <string.h>
#include <time.h>

#include "aws/limits.h"

enum {
	FORCED_EVERY_MS = 60 * 1000,
	/* How long credentials outlive their file: while someone writes it anew, it may be empty. */
	FAILING_MAX_MS = 60 * 1000,
	/* AWS allows 15 minutes; where the clocks agree better than this, something else is wrong. */
	CLOCKS_AGREE_S = 4 * 60,
	TIME_CHARS = sizeof "20260131T120000Z",
	AUTHORIZATION_MAX = 1024,
};

static int64_t epoch_ms(const struct signer *signer, struct signer_now now)
{
	return now.epoch_ms + signer->clock_off_ms;
}

/* Asks the sources. What is in use stays so if they fail. */
static enum status read_creds(struct signer *signer, struct signer_now now, struct err *err)
{
	enum status rc;

	signer->read_ms = now.monotonic_ms;
	rc = creds_chain_get(signer->sources, signer->http, &signer->fresh, err);
	if (rc) {
		signer->trouble = *err;
		if (!signer->failing_since_ms)
			signer->failing_since_ms = now.monotonic_ms;
	} else {
		if (!signer->generation || !creds_equal(&signer->fresh, &signer->creds)) {
			signer->generation++;
			signer->key_date[0] = '\0';
		}
		signer->creds = signer->fresh;
		signer->trouble.text[0] = '\0';
		signer->failing_since_ms = 0;
	}
	creds_wipe(&signer->fresh);
	return rc;
}

static bool is_expired(const struct signer *signer, struct signer_now now)
{
	return signer->creds.expires_s && signer->creds.expires_s * 1000 <= epoch_ms(signer, now);
}

static enum status keep_fresh(struct signer *signer, struct signer_now now, struct err *err)
{
	int64_t age_ms = now.monotonic_ms - signer->read_ms;
	int64_t reread_ms = (int64_t)signer->creds.reread_s * 1000;
	enum status rc = OK;

	if (!signer->generation || is_expired(signer, now) || (reread_ms && age_ms >= reread_ms))
		rc = read_creds(signer, now, err);
	if (rc && signer->generation && !is_expired(signer, now) &&
		now.monotonic_ms - signer->failing_since_ms < FAILING_MAX_MS)
		rc = OK;
	if (!rc && is_expired(signer, now))
		rc = err_set(err, ERR_INPUT, "the credentials of %s are out of date; renew them",
			signer->creds.origin);
	return rc;
}

enum status signer_init(struct signer *signer, struct signer_now now, struct err *err)
{
	pthread_mutex_init(&signer->lock, NULL);
	return keep_fresh(signer, now, err);
}

void signer_done(struct signer *signer)
{
	creds_wipe(&signer->creds);
	creds_wipe(&signer->fresh);
	explicit_bzero(&signer->key, sizeof signer->key);
	pthread_mutex_destroy(&signer->lock);
}

static void use_key_of_day(struct signer *signer, const struct sigv4_scope *scope)
{
	size_t len = sizeof signer->key_date - 1;

	if (!strncmp(signer->key_date, scope->time, len))
		return;
	sigv4_signing_key(signer->creds.secret_access_key, scope, &signer->key);
	memcpy(signer->key_date, scope->time, len);
	signer->key_date[len] = '\0';
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

static void add_signed_headers(const struct signer *signer, const char *time, const char *target,
	struct signature *signature)
{
	/* Sorted by name, as they are signed. */
	add_header(signature, "content-type", LIMITS_CONTENT_TYPE);
	add_header(signature, "host", signer->host);
	add_header(signature, "x-amz-date", time);
	if (*signature->session_token)
		add_header(signature, "x-amz-security-token", signature->session_token);
	add_header(signature, "x-amz-target", target);
}

static void sign(struct signer *signer, const char *target, const struct buf *body,
	struct signature *signature)
{
	char now[TIME_CHARS];
	__attribute__((cleanup(buf_wipe))) struct buf authorization = BUF_INIT(AUTHORIZATION_MAX);
	struct sigv4_request request = { .method = "POST", .path = "/", .query = "" };
	struct sigv4_scope scope = { now, signer->region, LIMITS_SIGNING_NAME };

	format_time(signature->signed_s, now);
	use_key_of_day(signer, &scope);
	buf_reserve(&signature->text, signature->text.max);
	signature->session_token = keep(&signature->text, signer->creds.session_token);
	add_signed_headers(signer, keep(&signature->text, now), keep(&signature->text, target),
		signature);
	request.headers = signature->headers;
	request.n_headers = signature->n_headers;
	request.body = buf_text(body);
	request.body_len = body->len;
	sigv4_authorization(&authorization, &request, &scope, signer->creds.access_key_id,
		&signer->key);
	add_header(signature, "authorization", keep(&signature->text, buf_text(&authorization)));
	signature->text.failed |= authorization.failed;
}

enum status signer_sign(struct signer *signer, struct signer_now now, const char *target,
	const struct buf *body, struct signature *ret_signature, struct err *err)
{
	struct signature signature = { .session_token = "" };
	enum status rc;

	pthread_mutex_lock(&signer->lock);
	rc = keep_fresh(signer, now, err);
	if (!rc) {
		signature.text.max = strlen(signer->creds.session_token) + TIME_CHARS + strlen(target) +
			AUTHORIZATION_MAX + SIGNER_HEADERS;
		signature.generation = signer->generation;
		signature.signed_s = epoch_ms(signer, now) / 1000;
		sign(signer, target, body, &signature);
	}
	pthread_mutex_unlock(&signer->lock);
	if (!rc && signature.text.failed)
		rc = err_set(err, ERR_LOCAL, "no memory to sign a request");
	if (rc)
		signature_done(&signature);
	else
		*ret_signature = signature;
	return rc;
}

void signature_done(struct signature *signature)
{
	buf_wipe(&signature->text);
	*signature = (struct signature){ .session_token = "" };
}

bool signer_renew(struct signer *signer, struct signer_now now, unsigned generation,
	struct err *ret_trouble)
{
	struct err err;
	bool other;

	pthread_mutex_lock(&signer->lock);
	if (signer->generation == generation &&
		(!signer->forced_ms || now.monotonic_ms - signer->forced_ms >= FORCED_EVERY_MS)) {
		signer->forced_ms = now.monotonic_ms;
		read_creds(signer, now, &err); /* what goes wrong stays in signer->trouble */
	}
	other = signer->generation != generation;
	*ret_trouble = signer->trouble;
	pthread_mutex_unlock(&signer->lock);
	return other;
}

bool signer_set_clock(struct signer *signer, struct signer_now now, int64_t signed_s,
	int64_t date_s)
{
	int64_t apart_s = date_s - signed_s;

	if (!date_s || (apart_s <= CLOCKS_AGREE_S && apart_s >= -CLOCKS_AGREE_S))
		return false;
	pthread_mutex_lock(&signer->lock);
	signer->clock_off_ms = date_s * 1000 - now.epoch_ms;
	pthread_mutex_unlock(&signer->lock);
	return true;
}
