#include "aws/renewal.h"

enum {
	/* The SDKs try from 15 minutes before the end on and insist from ten on; our thread tries on
	 * through both, and nobody waits for it. Servers of roles hand out new ones earlier than that
	 * (STS) or five minutes before the end (EC2): what comes back unchanged is asked for again when
	 * three quarters of the rest are over. */
	EARLY_MS = 15 * 60 * 1000,
	EARLY_PART = 4,
	PAUSE_MS = 1000, /* between two that last no longer than they take */
	BACKOFF_MS = 1000,
	BACKOFF_MAX_MS = 60 * 1000,
	DOUBLINGS_MAX = 6, /* 64 s is over the maximum; also keeps the shift in range */
};

void renewal_succeeded(struct renewal *renewal, int64_t epoch_ms, int64_t expires_s)
{
	int64_t life_ms = expires_s * 1000 - epoch_ms;
	int64_t early_ms = life_ms / EARLY_PART < EARLY_MS ? life_ms / EARLY_PART : EARLY_MS;
	int64_t after_ms = life_ms - early_ms > PAUSE_MS ? life_ms - early_ms : PAUSE_MS;

	*renewal = (struct renewal){ .at_ms = expires_s ? epoch_ms + after_ms : RENEWAL_NEVER };
}

void renewal_failed(struct renewal *renewal, int64_t monotonic_ms, double random)
{
	int doublings = renewal->n_failed < DOUBLINGS_MAX ? renewal->n_failed : DOUBLINGS_MAX;
	int64_t most_ms = (int64_t)BACKOFF_MS << doublings;

	if (most_ms > BACKOFF_MAX_MS)
		most_ms = BACKOFF_MAX_MS;
	/* Between half of it and all of it, so that many machines do not ask at once. */
	renewal_put_off(renewal, monotonic_ms, (int64_t)((0.5 + random / 2) * (double)most_ms));
}

void renewal_put_off(struct renewal *renewal, int64_t monotonic_ms, int64_t delay_ms)
{
	renewal->n_failed++;
	renewal->retry_ms = monotonic_ms + delay_ms;
}

int64_t renewal_wait_ms(const struct renewal *renewal, int64_t epoch_ms, int64_t monotonic_ms)
{
	int64_t wait_ms;

	if (renewal->n_failed)
		wait_ms = renewal->retry_ms - monotonic_ms;
	else if (renewal->at_ms == RENEWAL_NEVER)
		return RENEWAL_NEVER;
	else
		wait_ms = renewal->at_ms - epoch_ms;
	return wait_ms > 0 ? wait_ms : 0;
}
