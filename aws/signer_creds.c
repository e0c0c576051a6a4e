#include "aws/signer_creds.h"

#include "base/text.h"

enum {
	/* How long credentials outlive their file: while someone writes it anew, it may be empty. */
	FAILING_MAX_MS = 60 * 1000,
	/* For as long the thread leaves such a file to be finished, before it looks elsewhere. */
	SETTLE_MS = 5 * 1000,
};

int64_t signer_epoch_ms(const struct signer *signer, struct signer_now now)
{
	return now.epoch_ms + signer->clock_off_ms;
}

static bool is_expired(const struct signer *signer, struct signer_now now)
{
	return signer->creds.expires_s &&
		signer->creds.expires_s * 1000 <= signer_epoch_ms(signer, now);
}

static void note_trouble(struct signer *signer, struct signer_now now, enum status status,
	const struct err *err)
{
	signer->trouble = *err;
	signer->trouble_status = status;
	if (!signer->failing_since_ms)
		signer->failing_since_ms = now.monotonic_ms;
}

/* Takes over what was read. */
static void take_fresh(struct signer *signer, struct signer_now now)
{
	if (!signer->generation || !creds_equal(&signer->fresh, &signer->creds)) {
		signer->generation++;
		signer->key.date[0] = '\0';
	}
	signer->creds = signer->fresh;
	signer->by_thread = signer->fresh.background;
	renewal_succeeded(&signer->renewal, signer_epoch_ms(signer, now), signer->creds.expires_s);
	signer->trouble.text[0] = '\0';
	signer->failing_since_ms = 0;
}

/* From now on it is the thread that reads. */
static void hand_over(struct signer *signer, struct signer_now now, int64_t delay_ms)
{
	struct err err;

	signer->by_thread = true;
	signer->renewal = (struct renewal){ 0 };
	if (delay_ms)
		renewal_put_off(&signer->renewal, now.monotonic_ms, delay_ms);
	if (signer_thread_start(signer, &err))
		note_trouble(signer, now, ERR_LOCAL, &err);
	pthread_cond_signal(&signer->wake);
}

/* Reads what can be read without waiting. What is in use stays so if that fails. */
static enum status read_at_once(struct signer *signer, struct signer_now now, struct err *err)
{
	enum status rc = creds_chain_get(signer->sources, NULL, &signer->fresh, err);

	signer->read_ms = now.monotonic_ms;
	if (!rc)
		take_fresh(signer, now);
	else if (rc != ERR_RETRY)
		note_trouble(signer, now, rc, err);
	creds_wipe(&signer->fresh);
	return rc;
}

/* Whether the caller is to look whether there are any, or others, to be had without waiting: also
 * while the thread asks for some, as a file may be back by now. */
static bool must_read(const struct signer *signer, struct signer_now now)
{
	int64_t reread_ms = (int64_t)signer->creds.reread_s * 1000;

	if (signer->reading)
		return false;
	return !signer->generation || is_expired(signer, now) ||
		(reread_ms && now.monotonic_ms - signer->read_ms >= reread_ms);
}

static enum status check_usable(const struct signer *signer, struct signer_now now,
	struct err *err)
{
	bool expired = is_expired(signer, now);
	bool lost = signer->creds.reread_s && signer->failing_since_ms &&
		now.monotonic_ms - signer->failing_since_ms >= FAILING_MAX_MS;

	if (signer->generation && !expired && !lost)
		return OK;
	if (*signer->trouble.text) {
		*err = signer->trouble;
		if (expired)
			err_wrap(err, signer->trouble_status, "the credentials of %s are out of date",
				signer->creds.origin);
		return signer->trouble_status;
	}
	if (!expired)
		return err_set(err, ERR_RETRY, "the credentials are not there yet");
	if (signer->by_thread)
		return err_set(err, ERR_RETRY, "the credentials of %s are out of date; new ones are "
			"being asked for", signer->creds.origin);
	return err_set(err, ERR_INPUT, "the credentials of %s are out of date; renew them",
		signer->creds.origin);
}

enum status signer_creds_use(struct signer *signer, struct signer_now now, struct err *err)
{
	struct err ignored; /* it stays in signer->trouble */

	if (must_read(signer, now) && read_at_once(signer, now, &ignored) == ERR_RETRY &&
		!signer->by_thread)
		hand_over(signer, now, signer->generation ? SETTLE_MS : 0);
	if (signer->by_thread && !signer->reading && signer_creds_are_due(signer, now))
		pthread_cond_signal(&signer->wake);
	return check_usable(signer, now, err);
}

void signer_creds_force(struct signer *signer, struct signer_now now)
{
	struct err ignored; /* it stays in signer->trouble */

	if (!signer->by_thread) {
		if (read_at_once(signer, now, &ignored) == ERR_RETRY)
			hand_over(signer, now, SETTLE_MS);
	} else if (!signer->reading) {
		hand_over(signer, now, 0);
	}
}

bool signer_creds_are_due(const struct signer *signer, struct signer_now now)
{
	return signer->reading || !renewal_wait_ms(&signer->renewal, signer_epoch_ms(signer, now),
		now.monotonic_ms);
}

/* Takes in what the sources said to who waited for them. */
static enum status settle(struct signer *signer, struct signer_now now, enum status rc,
	struct err *err)
{
	signer->read_ms = now.monotonic_ms;
	if (!rc && signer->fresh.background && signer->fresh.expires_s &&
		signer->fresh.expires_s * 1000 <= signer_epoch_ms(signer, now))
		rc = err_set(err, ERR_RETRY, "what came from %s is out of date already",
			signer->fresh.origin);
	/* Who gave some before is set up, and merely away. */
	if (rc == ERR_MISSING && signer->creds.background)
		rc = ERR_RETRY;
	if (rc) {
		note_trouble(signer, now, rc, err);
		renewal_failed(&signer->renewal, now.monotonic_ms, text_random_fraction());
	} else {
		take_fresh(signer, now);
	}
	creds_wipe(&signer->fresh);
	return rc;
}

void signer_creds_renew(struct signer *signer, struct signer_now now)
{
	struct err err = { "" };
	enum status rc;

	signer->reading = true;
	pthread_mutex_unlock(&signer->lock);
	rc = creds_chain_get(signer->sources, signer->http, &signer->fresh, &err);
	pthread_mutex_lock(&signer->lock);
	signer->reading = false;
	(void)settle(signer, signer->now ? signer->now(signer->self) : now, rc, &err);
	pthread_cond_broadcast(&signer->was_read);
}

enum status signer_creds_first(struct signer *signer, struct signer_now now, struct err *err)
{
	enum status rc;

	pthread_mutex_lock(&signer->lock);
	rc = settle(signer, now, creds_chain_get(signer->sources, signer->http, &signer->fresh, err),
		err);
	signer->by_thread |= rc == ERR_RETRY;
	rc = signer->by_thread ? signer_thread_start(signer, err) : check_usable(signer, now, err);
	pthread_mutex_unlock(&signer->lock);
	return rc;
}
