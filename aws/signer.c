#include "aws/signer.h"

#include <string.h>

#include "aws/limits.h"
#include "aws/signer_creds.h"

enum {
	FORCED_EVERY_MS = 60 * 1000,
	/* AWS allows five minutes; where the clocks agree better than this, something else is wrong. */
	CLOCKS_AGREE_S = 4 * 60,
};

static void init_locks(struct signer *signer)
{
	pthread_mutex_init(&signer->lock, NULL);
	pthread_cond_init(&signer->wake, NULL);
	pthread_cond_init(&signer->was_read, NULL);
}

enum status signer_init(struct signer *signer, struct signer_now now, struct err *err)
{
	init_locks(signer);
	return signer_creds_first(signer, now, err);
}

enum status signer_init_later(struct signer *signer, struct signer_now now, struct err *err)
{
	enum status rc;

	init_locks(signer);
	pthread_mutex_lock(&signer->lock);
	rc = signer_creds_use(signer, now, err);
	/* Whoever wants to sign is told what is wrong, as long as it may become right. */
	rc = rc && signer->by_thread ? signer_thread_start(signer, err) : OK;
	pthread_mutex_unlock(&signer->lock);
	return rc;
}

void signer_done(struct signer *signer)
{
	signer_thread_stop(signer);
	creds_wipe(&signer->creds);
	creds_wipe(&signer->fresh);
	signature_key_done(&signer->key);
	pthread_cond_destroy(&signer->wake);
	pthread_cond_destroy(&signer->was_read);
	pthread_mutex_destroy(&signer->lock);
}

enum status signer_sign(struct signer *signer, struct signer_now now, const char *target,
	const struct buf *body, struct signature *ret_signature, struct err *err)
{
	struct signature_request request = { signer->host, LIMITS_CONTENT_TYPE, target,
		signer->region, LIMITS_SIGNING_NAME, body, 0 };
	enum status rc;

	pthread_mutex_lock(&signer->lock);
	rc = signer_creds_use(signer, now, err);
	request.epoch_s = signer_epoch_ms(signer, now) / 1000;
	if (!rc)
		rc = signature_make(&request, &signer->creds, &signer->key, ret_signature, err);
	if (!rc)
		ret_signature->generation = signer->generation;
	pthread_mutex_unlock(&signer->lock);
	return rc;
}

enum status signer_copy_creds(struct signer *signer, struct signer_now now,
	struct creds *ret_creds, unsigned *ret_generation, struct err *err)
{
	enum status rc;

	pthread_mutex_lock(&signer->lock);
	rc = signer_creds_use(signer, now, err);
	if (!rc) {
		*ret_creds = signer->creds;
		*ret_generation = signer->generation;
	}
	pthread_mutex_unlock(&signer->lock);
	return rc;
}

enum status signer_origin(struct signer *signer, struct signer_now now,
	char ret_origin[CREDS_ORIGIN_MAX + 1], struct err *err)
{
	enum status rc;

	pthread_mutex_lock(&signer->lock);
	rc = signer_creds_use(signer, now, err);
	if (!rc)
		memcpy(ret_origin, signer->creds.origin, sizeof signer->creds.origin);
	pthread_mutex_unlock(&signer->lock);
	return rc;
}

enum signer_renewal signer_renew(struct signer *signer, struct signer_now now,
	unsigned generation, struct err *ret_trouble)
{
	enum signer_renewal renewal = SIGNER_SAME;

	pthread_mutex_lock(&signer->lock);
	if (signer->generation == generation &&
		(!signer->forced_ms || now.monotonic_ms - signer->forced_ms >= FORCED_EVERY_MS)) {
		signer->forced_ms = now.monotonic_ms;
		signer_creds_force(signer, now);
	}
	if (signer->generation != generation)
		renewal = SIGNER_OTHER;
	else if (signer->by_thread && signer_creds_are_due(signer, now))
		renewal = SIGNER_UNDER_WAY;
	*ret_trouble = signer->trouble;
	pthread_mutex_unlock(&signer->lock);
	return renewal;
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
