#include "meter/judge.h"

static const struct {
	const char *said;
	enum judge_next next;
} outcomes[] = {
	[METERING_UNNAMED] = { "unnamed", JUDGE_AGAIN },
	[METERING_SUCCESS] = { "success", JUDGE_DONE },
	[METERING_CUSTOMER_NOT_SUBSCRIBED] = { "not_subscribed", JUDGE_DONE },
	[METERING_DUPLICATE_RECORD] = { "duplicate", JUDGE_DONE },
	[METERING_UNPROCESSED] = { "unprocessed", JUDGE_AGAIN },
	/* Whether it was honoured, nobody can tell; it stays open, and is listed with its status. */
	[METERING_OTHER] = { "unnamed", JUDGE_DONE },
};

const char *judge_said(const struct call *call, size_t i)
{
	return call->rc ? "failed" : outcomes[call->results[i].outcome].said;
}

const char *judge_code(const struct call *call, size_t i)
{
	return call->rc ? call->answer.code : call->results[i].status;
}

enum judge_next judge_call(const struct call *call)
{
	if (!call->rc)
		return JUDGE_DONE;
	switch (call->answer.class) {
	case ERROR_THROTTLED:
	case ERROR_TRANSIENT:
		return JUDGE_AGAIN;
	case ERROR_BUYER:
	case ERROR_RECORD:
	case ERROR_UNKNOWN:
		return call->n > 1 ? JUDGE_HALVE : JUDGE_ALONE;
	case ERROR_NONE:
	case ERROR_AUTH:
	case ERROR_SETTING:
		break;
	}
	return call->rc == ERR_RETRY ? JUDGE_AGAIN : JUDGE_STOP;
}

enum judge_next judge_record(const struct call *call, size_t i)
{
	return outcomes[call->results[i].outcome].next;
}
