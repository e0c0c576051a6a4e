#include "aws/retry.h"

/* The SDKs' reference guide, "Retry behavior", standard mode. */
enum {
	COST = 5,
	COST_TIMED_OUT = 10,
	EARNED = 1, /* by a success at the first try */
	BASE_MS = 1000,
	DELAY_MAX_MS = 20000,
	HINT_MAX_MS = 5000, /* what a server may add to it */
	DOUBLINGS_MAX = 5, /* 32 s is over the maximum already; also keeps the shift in range */
};

static int64_t backoff_ms(int n_failed, double random)
{
	int doublings = n_failed - 1 < DOUBLINGS_MAX ? n_failed - 1 : DOUBLINGS_MAX;
	int64_t most_ms = (int64_t)BASE_MS << doublings;

	return (int64_t)(random * (double)(most_ms < DELAY_MAX_MS ? most_ms : DELAY_MAX_MS));
}

/* Within reason: a call is not given up for what a server, or a proxy, asks for. */
static int64_t follow_hint_ms(int64_t delay_ms, int64_t hint_ms)
{
	if (hint_ms <= delay_ms)
		return delay_ms;
	return hint_ms < delay_ms + HINT_MAX_MS ? hint_ms : delay_ms + HINT_MAX_MS;
}

bool retry_next(struct retry *retry, struct retry_bucket *bucket, int attempts_max,
	const struct retry_failure *failure, int64_t *ret_delay_ms)
{
	int cost = failure->timed_out ? COST_TIMED_OUT : COST;
	int64_t delay_ms;

	retry->n_failed++;
	if (retry->n_failed >= attempts_max || bucket->tokens < cost)
		return false;
	delay_ms = follow_hint_ms(
		backoff_ms(retry->n_failed, failure->random), failure->hint_ms);
	if (delay_ms >= failure->deadline_ms - failure->now_ms)
		return false;
	bucket->tokens -= cost;
	retry->paid = cost;
	*ret_delay_ms = delay_ms;
	return true;
}

void retry_succeeded(const struct retry *retry, struct retry_bucket *bucket)
{
	bucket->tokens += retry->paid ? retry->paid : EARNED;
	if (bucket->tokens > RETRY_BUCKET)
		bucket->tokens = RETRY_BUCKET;
}
